/// The C allocator's counters and services. glibc is the one that is measured; elsewhere the calls fail with ENOSYS.

#define _GNU_SOURCE
#include "CAllocator.h"

#include <dlfcn.h>
#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__GLIBC__)
#include <gnu/libc-version.h>
#define WSA_GLIBC_AT_LEAST(major, minor) __GLIBC_PREREQ(major, minor)
#else
#define WSA_GLIBC_AT_LEAST(major, minor) 0
#endif

size_t wsa_usable_size(const void *block) {
  return malloc_usable_size((void *)block);
}

int wsa_read_heap_counters(wsa_heap_counters *counters) {
#if WSA_GLIBC_AT_LEAST(2, 33)
  struct mallinfo2 info = mallinfo2();
  *counters = (wsa_heap_counters){
      .arena_bytes = info.arena,
      .mmap_bytes = info.hblkhd,
      .in_use_bytes = info.uordblks,
      .free_bytes = info.fordblks,
      .fastbin_bytes = info.fsmblks,
      .trimmable_bytes = info.keepcost,
      .free_chunks_count = info.ordblks,
      .fastbin_chunks_count = info.smblks,
      .mmap_blocks_count = info.hblks,
  };
  return 0;
#else
  (void)counters;
  errno = ENOSYS;
  return -1;
#endif
}

int wsa_trim(size_t keep_bytes) {
#if defined(__GLIBC__)
  return malloc_trim(keep_bytes);
#else
  (void)keep_bytes;
  errno = ENOSYS;
  return -1;
#endif
}

ptrdiff_t wsa_allocator_report(char *buffer, size_t capacity) {
#if defined(__GLIBC__)
  char *text = NULL;
  size_t length = 0;
  FILE *stream = open_memstream(&text, &length);
  if (stream == NULL) return -1;
  int failed = malloc_info(0, stream);
  if (fclose(stream) != 0 || failed != 0) {
    free(text);
    return -1;
  }
  if (buffer != NULL && capacity > 0) {
    size_t copied = length < capacity ? length : capacity - 1;
    memcpy(buffer, text, copied);
    buffer[copied] = '\0';
  }
  free(text);
  return (ptrdiff_t)length;
#else
  (void)buffer;
  (void)capacity;
  errno = ENOSYS;
  return -1;
#endif
}

const char *wsa_glibc_version(void) {
#if defined(__GLIBC__)
  return gnu_get_libc_version();
#else
  return NULL;
#endif
}

int wsa_malloc_provider(char *buffer, size_t capacity) {
  if (capacity > 0) buffer[0] = '\0';
  // The addresses that calls are bound to: dlsym would look for the default version of the symbol only, and miss
  // glibc's own debugging allocator, which has older ones. Nothing has a reason to interpose `abort`.
  Dl_info malloc_object, libc_object;
  if (dladdr((void *)(uintptr_t)&malloc, &malloc_object) == 0) return -1;
  if (dladdr((void *)(uintptr_t)&abort, &libc_object) == 0) return -1;
  if (malloc_object.dli_fname != NULL) {
    int length = snprintf(buffer, capacity, "%s", malloc_object.dli_fname);
    if (length < 0) return -1;
  }
  return malloc_object.dli_fbase == libc_object.dli_fbase;
}
