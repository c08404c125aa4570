/// The threads' walkers: slots of a pool, given back when their thread is found to be gone.
///
/// Not by a destructor of pthread's: other destructors run after it, and allocate.

#define _GNU_SOURCE
#include "recorder.h"

#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { MOST = 8192, MOST_IF_LIMITED = 256, FIRST_LIMIT = 64 };

static wsr_walker *walkers;
static size_t walkers_bytes;
static uint32_t capacity;
static uint32_t taken;               ///< slots that were ever in use
static uint32_t cursor;
static uint32_t limit = FIRST_LIMIT; ///< so many, before ended threads are looked for

bool wsr_walkers_make(void) {
  if (walkers != NULL) return true; // a child of fork has the memory already
  struct rlimit space, data;
  bool limited = getrlimit(RLIMIT_AS, &space) != 0 || space.rlim_cur != RLIM_INFINITY
    || getrlimit(RLIMIT_DATA, &data) != 0 || data.rlim_cur != RLIM_INFINITY;
  capacity = limited ? MOST_IF_LIMITED : MOST;
  // A page of no access on either side keeps the mapping apart from the program's.
  size_t page = 4096, bytes = (capacity * sizeof(wsr_walker) + page - 1) & ~(page - 1);
  char *memory = mmap(NULL, bytes + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) return false;
  if (mprotect(memory + page, bytes, PROT_READ | PROT_WRITE) != 0) {
    int error = errno;
    munmap(memory, bytes + 2 * page);
    errno = error;
    return false;
  }
  walkers = (wsr_walker *)(memory + page);
  walkers_bytes = bytes;
  return true;
}

void wsr_walkers_tell(wsr_header *header) {
  header->walkers_start = (uint64_t)(uintptr_t)walkers;
  header->walkers_end = header->walkers_start + walkers_bytes;
}

void wsr_walker_forget(wsr_walker *walker) {
  walker->first = WSR_MAX_FRAMES;
  walker->complete = false;
  walker->readable_start = walker->readable_end = 0;
}

void wsr_walker_inherit(wsr_walker *walker) {
  wsr_walker_forget(walker);
  __atomic_store_n(&walker->thread, (uint32_t)syscall(SYS_gettid), __ATOMIC_RELEASE);
}

/// Looks for a slot whose thread has ended, from where the last search stopped.
static wsr_walker *reclaim(uint32_t own, uint32_t end) {
  pid_t process = getpid();
  wsr_walker *found = NULL;
  for (uint32_t tried = 0; tried < end && found == NULL; tried++) {
    uint32_t i = __atomic_fetch_add(&cursor, 1, __ATOMIC_RELAXED) % end;
    uint32_t thread = __atomic_load_n(&walkers[i].thread, __ATOMIC_RELAXED);
    bool gone = thread == 0 || (syscall(SYS_tgkill, process, (pid_t)thread, 0) == -1 && errno == ESRCH);
    if (!gone) continue;
    if (__atomic_compare_exchange_n(&walkers[i].thread, &thread, own, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED)) {
      found = &walkers[i];
    }
  }
  return found;
}

wsr_walker *wsr_walker_take(void) {
  int error = errno;
  uint32_t own = (uint32_t)syscall(SYS_gettid);
  wsr_walker *walker = NULL;
  uint32_t now = __atomic_load_n(&taken, __ATOMIC_RELAXED);
  uint32_t bound = __atomic_load_n(&limit, __ATOMIC_RELAXED);
  if (now >= bound) {
    walker = reclaim(own, now < capacity ? now : capacity);
    // All of them are in use: make room for twice as many before the next search.
    if (walker == NULL && bound < capacity) __atomic_store_n(&limit, bound * 2, __ATOMIC_RELAXED);
  }
  if (walker == NULL) {
    uint32_t number = now < capacity ? __atomic_fetch_add(&taken, 1, __ATOMIC_RELAXED) : capacity;
    if (number < capacity) {
      walker = &walkers[number];
      __atomic_store_n(&walker->thread, own, __ATOMIC_RELEASE);
    }
  }
  errno = error;
  if (walker != NULL) wsr_walker_forget(walker);
  return walker;
}
