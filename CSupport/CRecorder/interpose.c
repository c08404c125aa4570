/// The functions of the C library that stand in front of it: the program's allocations pass through here.
///
/// The frequent ones call `__libc_malloc` and its like, which the linker binds to the C library; the others what wsr_start
/// has found to stand behind us. What a caller sees is the C library's: result, errno, alignment.

#define _GNU_SOURCE
#include "recorder.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void __libc_free(void *);

/// This function's frame: the saved frame pointer, then the return address. To ask for it makes the compiler set one up.
#define OWN_FRAME ((void *const *)__builtin_frame_address(0))

/// While sampling, nearly every allocation passes: the next sample lies further on. A block counts one byte more than its size,
/// here and in the reader, so that blocks of no bytes can be samples too.
///
/// Only while sampling is there anything to count down from, so that nothing else needs to be asked. A child of fork goes on
/// with its parent's count, which is as good as a fresh one (a Poisson process has no memory), and is decided where it ends.
static inline bool passes(size_t size) {
  uint64_t left;
  // left − size − 1, as a sum with the complement: it overflows where there are more bytes left than `size`.
  if (WSR_UNLIKELY(!__builtin_add_overflow(wsr_this_thread.bytes_to_sample, ~(uint64_t)size, &left))) return false;
  wsr_this_thread.bytes_to_sample = left;
  return true;
}

static inline void allocated(enum wsr_state state, void *block, size_t size, void *const *frame) {
  if (block == NULL) return;
  if (WSR_LIKELY(state == WSR_FULL)) wsr_block_allocated(block, size, frame);
  else if (state == WSR_SAMPLED && !passes(size)) wsr_block_sampled(block, size, frame);
}

// The frequent functions do next to nothing where nothing is recorded, and jump on: to the C library, or to their slow
// halves, which then have the very frames that the callers made. Each in one line of the processor's cache.

static WSR_NOINLINE void *malloc_slowly(size_t size) {
  enum wsr_state state = wsr_begin();
  if (WSR_UNLIKELY(state == WSR_FOREIGN)) return wsr_next.malloc(size);
  void *block = __libc_malloc(size);
  allocated(state, block, size, OWN_FRAME);
  return block;
}

WSR_EXPORT WSR_ALIGNED void *malloc(size_t size) {
  if (WSR_LIKELY(passes(size))) return __libc_malloc(size);
  return malloc_slowly(size);
}

static WSR_NOINLINE void *calloc_slowly(size_t count, size_t size) {
  enum wsr_state state = wsr_begin();
  if (WSR_UNLIKELY(state == WSR_FOREIGN)) return wsr_next.calloc(count, size);
  void *block = __libc_calloc(count, size);
  allocated(state, block, count * size, OWN_FRAME); // it would have failed if this overflowed
  return block;
}

WSR_EXPORT WSR_ALIGNED void *calloc(size_t count, size_t size) {
  size_t bytes;
  if (WSR_LIKELY(!__builtin_mul_overflow(count, size, &bytes) && passes(bytes))) return __libc_calloc(count, size);
  return calloc_slowly(count, size);
}

static WSR_NOINLINE void free_slowly(void *block) {
  if (block == NULL) return;
  enum wsr_state state = wsr_begin();
  if (WSR_UNLIKELY(state == WSR_FOREIGN)) {
    wsr_next.free(block);
    return;
  }
  // Forget it first: as soon as it is free, another thread may get it.
  if (state >= WSR_FULL) wsr_block_freed(block);
  __libc_free(block);
}

WSR_EXPORT WSR_ALIGNED void free(void *block) {
  if (WSR_LIKELY(wsr_filter_passes(block))) {
    __libc_free(block);
  } else {
    free_slowly(block);
  }
}

static inline void *reallocated(void *old, size_t size, void *const *frame) {
  enum wsr_state state = wsr_begin();
  if (WSR_UNLIKELY(state == WSR_FOREIGN)) return wsr_next.realloc(old, size);
  uint64_t word = state >= WSR_FULL && old != NULL && !wsr_filter_passes(old) ? wsr_block_freed(old) : 0;
  void *block = __libc_realloc(old, size);
  if (block != NULL) {
    allocated(state, block, size, frame);
  } else if (word != 0 && size != 0) {
    wsr_block_kept(old, word);
  }
  return block;
}

WSR_EXPORT void *realloc(void *old, size_t size) {
  return reallocated(old, size, OWN_FRAME);
}

WSR_EXPORT void *reallocarray(void *old, size_t count, size_t size) {
  size_t bytes;
  if (__builtin_mul_overflow(count, size, &bytes)) {
    errno = ENOMEM;
    return NULL;
  }
  return reallocated(old, bytes, OWN_FRAME);
}

WSR_EXPORT void *memalign(size_t alignment, size_t size) {
  enum wsr_state state = wsr_begin();
  void *block = wsr_next.memalign(alignment, size);
  allocated(state, block, size, OWN_FRAME);
  return block;
}

/// From glibc 2.38 on it refuses some alignments that memalign takes.
WSR_EXPORT void *aligned_alloc(size_t alignment, size_t size) {
  enum wsr_state state = wsr_begin();
  void *block = wsr_next.aligned_alloc(alignment, size);
  allocated(state, block, size, OWN_FRAME);
  return block;
}

WSR_EXPORT int posix_memalign(void **result, size_t alignment, size_t size) {
  enum wsr_state state = wsr_begin();
  int failed = wsr_next.posix_memalign(result, alignment, size);
  if (failed == 0) allocated(state, *result, size, OWN_FRAME);
  return failed;
}

WSR_EXPORT void *valloc(size_t size) {
  enum wsr_state state = wsr_begin();
  void *block = wsr_next.valloc(size);
  allocated(state, block, size, OWN_FRAME);
  return block;
}

WSR_EXPORT void *pvalloc(size_t size) {
  enum wsr_state state = wsr_begin();
  void *block = wsr_next.pvalloc(size);
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  allocated(state, block, (size + page - 1) & ~(page - 1), OWN_FRAME);
  return block;
}

/// Unloading makes what we remember of code addresses stale. Unlike dlopen, dlclose does not ask who called it, so that
/// it can be stood in front of. Another thread that loads something to the same place before the rules are forgotten
/// walks its stacks by the old ones for that long: wrong frames at worst, since a walk never leaves the readable stack.
WSR_EXPORT int dlclose(void *handle) {
  enum wsr_state state = wsr_begin();
  int failed = wsr_next.dlclose(handle);
  if (state >= WSR_FULL) wsr_images_check();
  return failed;
}
