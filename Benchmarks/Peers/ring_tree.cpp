// The ring and the tree of MEASUREMENT.md, section 2, in C++: one sample in one process.
//
//     ring_tree ring|tree2 strong|weak NODES
//
// Builds the graph, drops its root and trims the heap; before that and after each step it prints a
// line of `column=value`, by the names of the report's columns. Exit status: 0, 2 where the process
// cannot be measured, 12 where no memory is left, 64 for other arguments.

#include <fcntl.h>
#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <memory>
#include <new>
#include <utility>

namespace {

// The model's own counters.
std::int64_t created = 0;
std::int64_t deinited = 0;

/// A node of the ring. `Back` is std::shared_ptr or std::weak_ptr.
template <template <typename> class Back>
struct ChainNode {
  std::shared_ptr<ChainNode> next;
  Back<ChainNode> back;
  std::int64_t value;

  explicit ChainNode(std::int64_t value) : value(value) { ++created; }
  ChainNode(const ChainNode &) = delete;
  ChainNode &operator=(const ChainNode &) = delete;

  /// Takes the chain of owners apart link by link, as far as nothing else owns them. Left to the
  /// members' destructors it would recurse, a few frames for each node, and overflow the stack.
  ~ChainNode() {
    ++deinited;
    auto node = std::move(next);
    while (node.use_count() == 1) {
      auto rest = std::move(node->next);
      node = std::move(rest);
    }
  }

  static std::shared_ptr<ChainNode> build(std::int64_t nodes) {
    auto first = std::make_shared<ChainNode>(0);
    auto last = first;
    for (std::int64_t value = 1; value < nodes; ++value) {
      auto node = std::make_shared<ChainNode>(value);
      node->back = last;
      last->next = node;
      last = std::move(node);
    }
    first->back = last;
    return first;
  }
};

/// A node of the binary tree, which is as deep as its logarithm: its release may recurse.
template <template <typename> class Back>
struct TreeNode {
  std::shared_ptr<TreeNode> left;
  std::shared_ptr<TreeNode> right;
  Back<TreeNode> parent;
  std::int64_t value;

  explicit TreeNode(std::int64_t value) : value(value) { ++created; }
  TreeNode(const TreeNode &) = delete;
  TreeNode &operator=(const TreeNode &) = delete;
  ~TreeNode() { ++deinited; }

  /// Position i of the level order has the children 2i + 1 and 2i + 2.
  static std::shared_ptr<TreeNode> build(std::int64_t nodes, std::int64_t position = 0) {
    auto node = std::make_shared<TreeNode>(position);
    if (2 * position + 1 < nodes) {
      node->left = build(nodes, 2 * position + 1);
      node->left->parent = node;
    }
    if (2 * position + 2 < nodes) {
      node->right = build(nodes, 2 * position + 2);
      node->right->parent = node;
    }
    return node;
  }
};

[[noreturn]] void fail(const char *what) {
  std::fprintf(stderr, "ring_tree: %s: %s\n", what, std::strerror(errno));
  std::exit(2);
}

/// Reads a file of /proc into `buffer`, without a FILE: that would move the heap.
void read_file(const char *path, char (&buffer)[4096]) {
  int descriptor = open(path, O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) fail(path);
  std::size_t count = 0;
  while (count < sizeof buffer - 1) {
    ssize_t got = read(descriptor, buffer + count, sizeof buffer - 1 - count);
    if (got < 0) fail(path);
    if (got == 0) break;
    count += static_cast<std::size_t>(got);
  }
  buffer[count] = '\0';
  close(descriptor);
}

/// Bytes of the line `NAME:  123 kB`; `name` begins with a line feed and ends with the colon.
unsigned long long kilobyte_field(const char *name, const char *text) {
  const char *line = std::strstr(text, name);
  if (line == nullptr) {
    errno = ENODATA;
    fail(name + 1);
  }
  return std::strtoull(line + std::strlen(name), nullptr, 10) * 1024;
}

void reset_peak() {
  const char *path = "/proc/self/clear_refs";
  int descriptor = open(path, O_WRONLY | O_CLOEXEC);
  if (descriptor < 0 || write(descriptor, "5", 1) != 1) fail(path);
  close(descriptor);
}

std::int64_t nanoseconds_now() {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * std::int64_t{1'000'000'000} + time.tv_nsec;
}

/// Prints a line to `output`. `nanoseconds` of the step that led here, -1 if there was none.
void print_checkpoint(int output, const char *phase, std::int64_t nanoseconds) {
  struct mallinfo2 heap = mallinfo2();
  char rollup[4096];
  char status[4096];
  read_file("/proc/self/smaps_rollup", rollup);
  read_file("/proc/self/status", status);
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  char time[40] = "";
  if (nanoseconds >= 0) {
    std::snprintf(time, sizeof time, " phase_ns=%lld", static_cast<long long>(nanoseconds));
  }
  char line[1024];
  int length = std::snprintf(
      line, sizeof line,
      "phase=%s rss_bytes=%llu pss_bytes=%llu private_dirty_bytes=%llu anon_huge_bytes=%llu "
      "peak_rss_bytes=%llu heap_in_use_bytes=%zu heap_free_bytes=%zu heap_arena_bytes=%zu "
      "heap_mmap_bytes=%zu heap_trimmable_bytes=%zu live_objects_count=%lld deinit_count=%lld "
      "minor_faults_count=%ld%s\n",
      phase, kilobyte_field("\nRss:", rollup), kilobyte_field("\nPss:", rollup),
      kilobyte_field("\nPrivate_Dirty:", rollup), kilobyte_field("\nAnonHugePages:", rollup),
      kilobyte_field("\nVmHWM:", status), heap.uordblks + heap.hblkhd, heap.fordblks, heap.arena,
      heap.hblkhd, heap.keepcost, static_cast<long long>(created - deinited),
      static_cast<long long>(deinited), usage.ru_minflt, time);
  if (write(output, line, static_cast<std::size_t>(length)) != length) fail("write");
}

template <typename Node>
void measure(std::int64_t nodes, int output) {
  created = deinited = 0;
  malloc_trim(0);
  reset_peak();
  print_checkpoint(output, "before", -1);

  auto start = nanoseconds_now();
  auto root = Node::build(nodes);
  auto nanoseconds = nanoseconds_now() - start;
  print_checkpoint(output, "built", nanoseconds);

  start = nanoseconds_now();
  root = nullptr;
  nanoseconds = nanoseconds_now() - start;
  print_checkpoint(output, "released", nanoseconds);

  start = nanoseconds_now();
  malloc_trim(0);
  nanoseconds = nanoseconds_now() - start;
  print_checkpoint(output, "trimmed", nanoseconds);
}

/// Plays the whole sample with a few nodes first, so that what the C library sets up and the code
/// that is read from the file are not counted as the graph's.
template <typename Node>
int run(std::int64_t nodes) {
  int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
  if (nowhere < 0) fail("/dev/null");
  try {
    measure<Node>(nodes < 3 ? nodes : 3, nowhere);
    measure<Node>(nodes, STDOUT_FILENO);
  } catch (const std::bad_alloc &) {
    std::fputs("ring_tree: no memory was left\n", stderr);
    return 12;
  }
  return 0;
}

}  // namespace

int main(int argc, char **argv) {
  if (argc == 4) {
    char *end = nullptr;
    errno = 0;
    std::int64_t nodes = std::strtoll(argv[3], &end, 10);
    bool ring = std::strcmp(argv[1], "ring") == 0;
    bool weak = std::strcmp(argv[2], "weak") == 0;
    if (errno == 0 && *end == '\0' && nodes > 0 && (ring || std::strcmp(argv[1], "tree2") == 0) &&
        (weak || std::strcmp(argv[2], "strong") == 0)) {
      if (ring && weak) return run<ChainNode<std::weak_ptr>>(nodes);
      if (ring) return run<ChainNode<std::shared_ptr>>(nodes);
      if (weak) return run<TreeNode<std::weak_ptr>>(nodes);
      return run<TreeNode<std::shared_ptr>>(nodes);
    }
  }
  std::fputs("use: ring_tree ring|tree2 strong|weak NODES\n", stderr);
  return 64;
}
