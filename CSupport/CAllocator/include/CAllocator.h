#ifndef WEAKSPOT_CALLOCATOR_H
#define WEAKSPOT_CALLOCATOR_H

/// CAllocator: what the C allocator can say of this process, and the backtrace of the calling thread.
///
/// Everything here is C because Swift cannot import it: the functions of <malloc.h> hide behind feature macros
/// (`mallinfo2` is a glibc extension) and libunwind's interface is made of macros. The functions measure and
/// return: no policy, no printing, no state that a client could see.

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__clang__)
#pragma clang assume_nonnull begin
#endif

/// The allocator's own counters, in bytes unless the name says `_count`; the sum over all arenas.
/// The words in brackets are the fields of glibc's `struct mallinfo2` (mallinfo(3)).
typedef struct wsa_heap_counters {
  uint64_t arena_bytes;          ///< [arena] obtained from the system with brk, and mmap for other arenas
  uint64_t mmap_bytes;           ///< [hblkhd] in blocks that have a mapping of their own
  uint64_t in_use_bytes;         ///< [uordblks] allocated chunks within the arenas, headers and tcache included
  uint64_t free_bytes;           ///< [fordblks] free chunks within the arenas, fastbins and top included
  uint64_t fastbin_bytes;        ///< [fsmblks] the part of free_bytes that sits in fastbins
  uint64_t trimmable_bytes;      ///< [keepcost] top of the main arena, which a trim can give back
  uint64_t free_chunks_count;    ///< [ordblks] free chunks outside the fastbins
  uint64_t fastbin_chunks_count; ///< [smblks] free chunks in fastbins
  uint64_t mmap_blocks_count;    ///< [hblks] blocks that have a mapping of their own
} wsa_heap_counters;

/// Usable bytes of the block that starts at `block`, as malloc_usable_size(3) says; 0 for NULL.
/// `block` must be the start of a live block of this process's allocator: anything else is undefined behaviour.
/// Thread-safe, not async-signal-safe. C because <malloc.h> declares it for glibc alone.
size_t wsa_usable_size(const void *_Nullable block);

/// Reads the allocator's counters into `counters`. Returns 0, or -1 with errno ENOSYS where the C library has no
/// mallinfo2 (glibc before 2.33, musl). Walks every fastbin: milliseconds after many frees, seconds after millions
/// in random order; never call it in a timed section. Thread-safe, not async-signal-safe, allocates nothing.
int wsa_read_heap_counters(wsa_heap_counters *counters);

/// Gives free memory back to the system, as malloc_trim(3): whole free pages of every arena, and the top of the
/// main one but for `keep_bytes`. Returns 1 if memory was given back, 0 if there was none to give, -1 with errno
/// ENOSYS where the C library cannot. Thread-safe, not async-signal-safe.
int wsa_trim(size_t keep_bytes);

/// Writes glibc's XML account of every arena (malloc_info(3)) into `buffer`, cut to `capacity - 1` bytes and
/// NUL-terminated. Returns the length of the whole account, which may exceed `capacity`, or -1 with errno set.
/// The account is collected through a stream, which itself takes some 1.5 KB of heap while the call lasts.
/// Thread-safe, not async-signal-safe. C because it writes to a `FILE *`.
ptrdiff_t wsa_allocator_report(char *_Nullable buffer, size_t capacity);

/// Version of the running C library, "2.36" say, or NULL where it is not glibc. A static string: do not free.
const char *_Nullable wsa_glibc_version(void);

/// Writes the path of the loaded object that serves `malloc` for this process into `buffer`, cut to
/// `capacity - 1` bytes and NUL-terminated, and tells whether it is the C library itself.
/// Returns 1 if it is, 0 if another object (a preloaded allocator, say) serves it, -1 if it cannot be told
/// (a static executable). Thread-safe. C because `dladdr` needs _GNU_SOURCE.
int wsa_malloc_provider(char *buffer, size_t capacity);

/// Captures the return addresses of the calling thread's stack, innermost first, through libunwind
/// (unw_step(3)), leaving out this function's own frame and `skip` more. Writes at most `capacity` addresses
/// to `frames` and returns how many; 0 if the stack cannot be unwound. No heap allocation after the thread's
/// first call. Thread-safe; async-signal-safe as far as libunwind's local unwinding is.
size_t wsa_backtrace(uint64_t *frames, size_t capacity, size_t skip);

#if defined(__clang__)
#pragma clang assume_nonnull end
#endif

#ifdef __cplusplus
}
#endif

#endif
