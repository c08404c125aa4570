// A process to be captured: several threads under load, memory with a known pattern, and system calls whose results tell
// whether a stop was felt. It obeys lines on stdin; `check` tells whether everything is as it was.
#define _GNU_SOURCE
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { workers = 4, pattern_bytes = 4 << 20, sparse_bytes = 256 << 20, sparse_step = 1 << 20 };

// Found by its name: in data that was written at run time.
struct facts {
  uint64_t magic;
  uint64_t *pattern;
  char *sparse;
  char *shared;
  uint64_t heap_words;
  uint64_t **heap;
} target_facts = {.magic = 0x5745414b53504f54};

// Relocated at start: lies in memory that is read-only afterwards.
const char *const target_relocated[] = {"one", "two", "three"};

static _Atomic uint64_t counters[workers + 2];
static _Atomic uint64_t faults;
static int pipe_ends[2];

static uint64_t mixed(uint64_t value) {
  value ^= value >> 33;
  value *= 0xff51afd7ed558ccd;
  value ^= value >> 33;
  value *= 0xc4ceb9fe1a85ec53;
  return value ^ value >> 33;
}

static void fault(const char *what) {
  fprintf(stderr, "target: %s\n", what);
  atomic_fetch_add(&faults, 1);
}

// Keeps state in registers, general and vector ones, and compares two ways to the same number.
static void *compute(void *argument) {
  size_t index = (size_t)argument;
  for (;;) {
    uint64_t forward = 0, backward = 0;
    double sum = 0;
    for (uint64_t step = 0; step < 4096; step++) {
      forward += mixed(step + index);
      sum += (double)step;
    }
    for (uint64_t step = 4096; step-- > 0;) backward += mixed(step + index);
    if (forward != backward || sum != 4095.0 * 4096.0 / 2) fault("registers were changed");
    atomic_fetch_add_explicit(&counters[index], 1, memory_order_relaxed);
  }
  return NULL;
}

// Sleeps again and again: a system call that the kernel restarts by itself.
static void *sleep_often(void *unused) {
  (void)unused;
  for (;;) {
    struct timespec time = {0, 3000000};
    if (nanosleep(&time, NULL) == -1 && errno != EINTR) fault("nanosleep failed");
    atomic_fetch_add_explicit(&counters[workers], 1, memory_order_relaxed);
  }
  return NULL;
}

// Two ends of a pipe: a read that blocks, which a stop must not end.
static void *read_often(void *unused) {
  (void)unused;
  for (;;) {
    char byte = 0;
    if (read(pipe_ends[0], &byte, 1) != 1 || byte != 'x') fault("a blocking read failed");
    atomic_fetch_add_explicit(&counters[workers + 1], 1, memory_order_relaxed);
  }
  return NULL;
}

static void *write_often(void *unused) {
  (void)unused;
  for (;;) {
    usleep(2000);
    if (write(pipe_ends[1], "x", 1) != 1) fault("a write failed");
  }
  return NULL;
}

// Threads that come and go while others are being stopped.
static void *nothing(void *argument) { return argument; }
static void *start_often(void *unused) {
  (void)unused;
  for (;;) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, nothing, NULL) == 0) pthread_join(thread, NULL);
    usleep(500);
  }
  return NULL;
}

static void fill(void) {
  target_facts.pattern = mmap(NULL, pattern_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  for (size_t index = 0; index < pattern_bytes / 8; index++) target_facts.pattern[index] = mixed(index + 1);
  target_facts.sparse =
      mmap(NULL, sparse_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  for (size_t at = 0; at < sparse_bytes; at += sparse_step) target_facts.sparse[at] = 's';
  target_facts.shared = mmap(NULL, sparse_bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  strcpy(target_facts.shared, "shared");
  strcpy(target_facts.shared + 4096 * 16, "srapsera");
  target_facts.heap_words = 1000;
  target_facts.heap = malloc(target_facts.heap_words * sizeof *target_facts.heap);
  for (size_t index = 0; index < target_facts.heap_words; index++) {
    target_facts.heap[index] = malloc(16 + index % 100 * 16);
    target_facts.heap[index][0] = mixed(index);
  }
}

static int is_unchanged(void) {
  for (size_t index = 0; index < pattern_bytes / 8; index++)
    if (target_facts.pattern[index] != mixed(index + 1)) return 0;
  for (size_t index = 0; index < target_facts.heap_words; index++)
    if (target_facts.heap[index][0] != mixed(index)) return 0;
  return 1;
}

static void *end_in_thread(void *unused) {
  (void)unused;
  usleep(20000);
  exit(9);
}

static void *execute_in_thread(void *unused) {
  (void)unused;
  execlp("sleep", "sleep", "0.05", (char *)NULL);
  return NULL;
}

static void *abort_in_thread(void *unused) {
  (void)unused;
  *(volatile int *)8 = 1;
  return NULL;
}

static void start(void *(*body)(void *), void *argument) {
  pthread_t thread;
  if (pthread_create(&thread, NULL, body, argument) != 0) fault("no thread");
}

static void obey(const char *line) {
  if (strncmp(line, "check", 5) == 0) {
    // A child that nobody has reaped is a stray one.
    int child = waitpid(-1, NULL, __WALL | WNOHANG);
    printf("%s %lu %d", is_unchanged() ? "same" : "changed", (unsigned long)faults, child == -1 && errno == ECHILD);
    for (size_t index = 0; index < workers + 2; index++) printf(" %lu", (unsigned long)counters[index]);
    printf("\n");
    fflush(stdout);
  } else if (strncmp(line, "exit ", 5) == 0) {
    exit(atoi(line + 5));
  } else if (strncmp(line, "_exit", 5) == 0) {
    _exit(8);
  } else if (strncmp(line, "thread-exit", 11) == 0) {
    start(end_in_thread, NULL);
    pthread_exit(NULL);
  } else if (strncmp(line, "thread-exec", 11) == 0) {
    start(execute_in_thread, NULL);
  } else if (strncmp(line, "thread-crash", 12) == 0) {
    start(abort_in_thread, NULL);
  } else if (strncmp(line, "kill", 4) == 0) {
    kill(getpid(), SIGKILL);
  } else if (strncmp(line, "fork-exit", 9) == 0) {
    int child = fork();
    if (child == 0) _exit(3);
    int status = 0;
    waitpid(child, &status, 0);
    exit(WEXITSTATUS(status));
  }
}

// A filter that allows everything: what matters is that there is one.
static void filter(void) {
  struct sock_filter allow = {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW};
  struct sock_fprog program = {1, &allow};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == -1)
    fault("no filter");
}

int main(int count, char **arguments) {
  setvbuf(stdout, NULL, _IOLBF, 0);
  if (pipe(pipe_ends) == -1) return 1;
  fill();
  if (count > 1 && strcmp(arguments[1], "filtered") == 0) filter();
  if (count > 1 && strcmp(arguments[1], "multi") != 0) {
    printf("ready %d\n", getpid());
  } else {
    for (size_t index = 0; index < workers; index++) start(compute, (void *)index);
    start(sleep_often, NULL);
    start(read_often, NULL);
    start(write_often, NULL);
    start(start_often, NULL);
    printf("ready %d\n", getpid());
  }
  // The line to obey at once, for a target that is run rather than talked to.
  if (count > 2) {
    usleep(20000);
    obey(arguments[2]);
    for (;;) pause();
  }
  static char line[256];
  while (fgets(line, sizeof line, stdin) != NULL) obey(line);
  return 0;
}
