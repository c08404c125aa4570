/// A program that locks its memory means its own, not the half terabyte of a recording, which the kernel would fill with pages.

#define _GNU_SOURCE
#include "recorder.h"

#include <errno.h>
#include <sys/mman.h>

static bool is_ours(uint64_t from, uint64_t to) {
  uint64_t start = (uint64_t)(uintptr_t)wsr_now.header;
  uint64_t end = start + wsr_now.header->regions_offset + wsr_now.region_bytes * wsr_now.region_capacity;
  return (from < end && to > start) || (from < wsr_now.header->walkers_end && to > wsr_now.header->walkers_start);
}

/// Makes a mapping resident, or the recorder's own unlocked again.
static bool lock(uint64_t from, uint64_t to, const char *path, void *context) {
  (void)path;
  (void)context;
  const void *start = (const void *)(uintptr_t)from;
  // As for mlockall, what cannot be made resident (no access, a device) does not matter.
  (void)(is_ours(from, to) ? munlock(start, to - from) : mlock(start, to - from));
  return true;
}

/// What is mapped now is first locked without being touched; then all but ours is.
WSR_EXPORT int mlockall(int flags) {
  enum wsr_state state = wsr_begin();
  if (state < WSR_FULL || (flags & MCL_CURRENT) == 0) return wsr_next.mlockall(flags);
  int result = wsr_next.mlockall(flags | MCL_ONFAULT);
  if (result != 0 || (flags & MCL_ONFAULT) != 0) return result;
  int error = errno;
  if ((flags & MCL_FUTURE) != 0) (void)wsr_next.mlockall(MCL_FUTURE); // what comes is not ours, and locked at once
  wsr_mappings(lock, NULL);
  errno = error;
  return 0;
}
