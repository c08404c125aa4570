/// Makes the memory of a recording: a sparse memfd or file, mapped whole.

#define _GNU_SOURCE
#include "recorder.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/// How much address space a recording takes; next to none of it is ever touched.
typedef struct plan {
  uint64_t stacks_bytes;
  uint32_t region_capacity;
  uint32_t image_capacity;
} plan;

static const plan plans[] = {
  {UINT64_C(1) << 30, 32768, 4096}, // 513 GiB: the shadow of 2 TiB of heap
  {UINT64_C(1) << 28, 256, 1024},   // 4.3 GiB: of 16 GiB
  {UINT64_C(1) << 26, 8, 512},      // 208 MiB: of 512 MiB
};

static const uint64_t region_bytes = UINT64_C(8) << (WSR_HEAP_SHIFT - WSR_GRANULE_SHIFT);

static uint64_t lay_out(wsr_header *header, const plan *plan) {
  uint64_t at = 4096;
  header->images_offset = at;
  header->image_capacity = plan->image_capacity;
  header->image_bytes = sizeof(wsr_image);
  at += (uint64_t)plan->image_capacity * sizeof(wsr_image);
  header->bases_offset = at;
  header->region_capacity = plan->region_capacity;
  at += ((uint64_t)plan->region_capacity * 8 + 4095) & ~UINT64_C(4095);
  header->directory_offset = at;
  at += UINT64_C(4) << (WSR_ADDRESS_BITS - WSR_HEAP_SHIFT);
  header->buckets_offset = at;
  at += UINT64_C(4) * WSR_STACK_BUCKETS;
  header->stacks_offset = at;
  header->stacks_bytes = plan->stacks_bytes;
  at += plan->stacks_bytes;
  header->regions_offset = at;
  header->region_bytes = region_bytes;
  return at + region_bytes * plan->region_capacity;
}

/// A descriptor far above those that a program gets, so that its own keep their numbers.
static int move_up(int descriptor) {
  struct rlimit limit;
  int lowest = 1000;
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur <= 1000) lowest = (int)limit.rlim_cur - 1;
  int moved = fcntl(descriptor, F_DUPFD_CLOEXEC, lowest);
  if (moved < 0) return descriptor;
  close(descriptor);
  return moved;
}

/// A new file at `path`, in the place of an older one: whoever has that one mapped keeps it.
static int make_file(const char *path) {
  for (int attempt = 0; attempt < 2; attempt++) {
    int descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    struct stat status;
    if (descriptor >= 0 || errno != EEXIST || lstat(path, &status) != 0) return descriptor;
    if (!S_ISREG(status.st_mode)) {
      errno = EEXIST;
      return -1;
    }
    if (unlink(path) != 0) return -1;
  }
  return -1;
}

static bool is_ours(int descriptor, const wsr_recording *recording) {
  struct stat status;
  return fstat(descriptor, &status) == 0 && (uint64_t)status.st_dev == recording->device
    && (uint64_t)status.st_ino == recording->inode;
}

/// fallocate, whatever signals come.
static bool allocate(int descriptor, uint64_t offset, uint64_t bytes) {
  int result;
  do {
    result = fallocate(descriptor, 0, (off_t)offset, (off_t)bytes);
  } while (result != 0 && errno == EINTR);
  return result == 0;
}

bool wsr_recording_reserve(uint64_t offset, uint64_t bytes) {
  if (!wsr_now.is_file) return true;
  if (__atomic_load_n(&wsr_now.is_full, __ATOMIC_RELAXED)) return false;
  int error = errno;
  bool done = false;
  if (is_ours(wsr_now.descriptor, &wsr_now)) {
    done = allocate(wsr_now.descriptor, offset, bytes);
  } else {
    // The program has closed all descriptors, as daemons do, and the number may be another file's by now.
    int descriptor = open(wsr_now.path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (descriptor >= 0) {
      done = is_ours(descriptor, &wsr_now) && allocate(descriptor, offset, bytes);
      close(descriptor);
    }
  }
  if (!done) __atomic_store_n(&wsr_now.is_full, true, __ATOMIC_RELAXED);
  errno = error;
  return done;
}

const char *wsr_recording_make(wsr_recording *recording, const wsr_configuration *asked) {
  struct rlimit space, file;
  if (getrlimit(RLIMIT_AS, &space) != 0 || getrlimit(RLIMIT_FSIZE, &file) != 0) return "its limits cannot be read";
  bool is_file = asked->output[0] != '\0';
  int descriptor = is_file ? make_file(asked->output) : memfd_create("weakspot-recording", MFD_CLOEXEC);
  if (descriptor < 0) return is_file ? "the output file cannot be made" : "no memfd can be made";
  descriptor = move_up(descriptor);

  const char *failed = NULL;
  wsr_header header = {0};
  char *memory = MAP_FAILED;
  uint64_t bytes = 0;
  for (size_t i = 0; i < sizeof plans / sizeof *plans && memory == MAP_FAILED; i++) {
    bytes = lay_out(&header, &plans[i]);
    // Of a limited address space the program keeps three quarters; and beyond a file's limit the kernel sends SIGXFSZ.
    errno = 0;
    if (space.rlim_cur != RLIM_INFINITY && bytes > space.rlim_cur / 4) {
      failed = "the limit of its address space (ulimit -v) leaves no room for the recording";
      continue;
    }
    if (file.rlim_cur != RLIM_INFINITY && bytes > file.rlim_cur) {
      failed = "the limit of its files (ulimit -f) leaves no room for the recording";
      continue;
    }
    if (ftruncate(descriptor, (off_t)bytes) != 0) {
      failed = "the recording cannot be made as large as needed";
      continue;
    }
    memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, descriptor, 0);
    failed = memory == MAP_FAILED ? "the recording cannot be mapped" : NULL;
  }
  struct stat status;
  if (failed == NULL && fstat(descriptor, &status) != 0) failed = "the recording cannot be looked at";
  if (failed == NULL && is_file && !allocate(descriptor, 0, header.stacks_offset)) {
    failed = "the output's file system has no room for the recording";
  }
  if (failed != NULL) {
    int error = errno;
    if (memory != MAP_FAILED) munmap(memory, bytes);
    close(descriptor);
    if (is_file) unlink(asked->output);
    errno = error;
    return failed;
  }
  madvise(memory, bytes, MADV_DONTDUMP); // a core of half a terabyte would help nobody

  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  header.version = WSR_VERSION;
  header.byte_order = WSR_BYTE_ORDER;
  header.header_bytes = sizeof header;
  header.pid = (uint32_t)getpid();
  header.start_time_ns = (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
  header.sample_mean = asked->sample_mean;
  header.stacks_used = WSR_FIRST_STACK * 8;
  memcpy(memory, &header, sizeof header);
  *recording = (wsr_recording){
    .header = (wsr_header *)memory,
    .images = (wsr_image *)(memory + header.images_offset),
    .bases = (uint64_t *)(memory + header.bases_offset),
    .directory = (uint32_t *)(memory + header.directory_offset),
    .buckets = (uint32_t *)(memory + header.buckets_offset),
    .stacks = memory + header.stacks_offset,
    .regions = memory + header.regions_offset,
    .region_bytes = region_bytes,
    .region_capacity = header.region_capacity,
    .stacks_bytes = header.stacks_bytes,
    .stacks_reserved = is_file ? 0 : header.stacks_bytes,
    .is_file = is_file,
    .descriptor = descriptor,
    .device = (uint64_t)status.st_dev,
    .inode = (uint64_t)status.st_ino,
  };
  if (is_file) strcpy(recording->path, asked->output);
  __atomic_store_n(&recording->header->magic, WSR_MAGIC, __ATOMIC_RELEASE);
  return NULL;
}
