/// Stacks that the rules cannot walk, through libunwind. The only file that knows it.
///
/// libunwind.so.8 exports `_Unwind_…`, the functions by which C++ throws. If the recorder were linked with it, the
/// program's exceptions might go through them; so it is opened on its own, and its functions are found by name.

#define _GNU_SOURCE
#define UNW_LOCAL_ONLY
#include "recorder.h"

#include <dlfcn.h>
#include <errno.h>
#include <libunwind.h>

#define TEXT_OF(name) #name
#define TEXT(name) TEXT_OF(name)

static int (*backtrace_of_thread)(void **, int);
static void (*flush_cache)(unw_addr_space_t, unw_word_t, unw_word_t);
static int (*set_policy)(unw_addr_space_t, unw_caching_policy_t);
static unw_addr_space_t *space;
static bool opened, prepared;

void wsr_fallback_open(void) {
  void *library = dlopen("libunwind.so.8", RTLD_NOW | RTLD_LOCAL);
  if (library == NULL) return;
  space = dlsym(library, TEXT(UNW_OBJ(local_addr_space)));
  *(void **)&set_policy = dlsym(library, TEXT(unw_set_caching_policy));
  *(void **)&backtrace_of_thread = dlsym(library, "unw_backtrace");
  *(void **)&flush_cache = dlsym(library, TEXT(unw_flush_cache));
  if (space == NULL || set_policy == NULL || backtrace_of_thread == NULL || flush_cache == NULL) return;
  __atomic_store_n(&opened, true, __ATOMIC_RELEASE);
}

/// Only when a stack needs it: libunwind's first call opens a pipe, and the program's own descriptors are to keep their
/// numbers as long as that can be had.
static bool prepare(void) {
  if (!__atomic_load_n(&opened, __ATOMIC_ACQUIRE)) return false;
  if (!__atomic_load_n(&prepared, __ATOMIC_ACQUIRE)) {
    // Each thread has a cache of its own: no lock that a thread inside dlopen could wait for.
    set_policy(*space, UNW_CACHE_PER_THREAD);
    __atomic_store_n(&prepared, true, __ATOMIC_RELEASE);
  }
  return true;
}

WSR_NOINLINE uint32_t wsr_fallback_walk(wsr_walker *walker, void *const *frame, uint32_t *end) {
  int error = errno;
  *end = WSR_END_NO_TABLES;
  if (!prepare()) return 0;
  uint64_t *frames = walker->new_frames;
  uint32_t count = 0;
  int total = backtrace_of_thread((void **)frames, WSR_MAX_FRAMES), own = 0;
  errno = error;
  __atomic_fetch_add(&wsr_now.header->fallback_walks, 1, __ATOMIC_RELAXED);
  // Our own frames come first, up to the caller of the function that the program called.
  while (own < total && frames[own] != (uint64_t)(uintptr_t)frame[1]) own++;
  for (int i = own; i < total; i++) frames[count++] = frames[i];
  if (total == WSR_MAX_FRAMES) {
    *end = WSR_END_DEPTH;
  } else if (count > 0 && wsr_is_outermost(frames[count - 1] - 1)) {
    *end = WSR_END_OUTERMOST;
  }
  return count;
}

void wsr_fallback_forget(void) {
  if (__atomic_load_n(&prepared, __ATOMIC_ACQUIRE)) flush_cache(*space, 0, 0);
}
