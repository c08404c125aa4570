// This process's own heap.
#define _GNU_SOURCE
#include "CProcess.h"

#include <limits.h>
#include <malloc.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

size_t wsp_reserve_heap(size_t bytes) {
  enum { huge = 2 << 20, usual_pad = 128 << 10 };
  if (bytes < huge || bytes > INT_MAX) return 0;
  mallopt(M_ARENA_MAX, 1);
  mallopt(M_MMAP_MAX, 0);
  mallopt(M_TRIM_THRESHOLD, INT_MAX);
  mallopt(M_TOP_PAD, (int)bytes);
  char *before = sbrk(0);
  // More than the heap's top has: the heap grows by so much, and by the padding.
  // Volatile: compilers drop a malloc whose block is only freed.
  void *volatile block = malloc(1 << 20);
  mallopt(M_TOP_PAD, usual_pad);
  free(block);
  char *after = sbrk(0);
  if (block == NULL || after == (char *)-1 || after <= before) return 0;
  uintptr_t start = ((uintptr_t)before + huge - 1) & ~(uintptr_t)(huge - 1);
  if ((uintptr_t)after > start) madvise((void *)start, (uintptr_t)after - start, MADV_HUGEPAGE);
  return (size_t)(after - before);
}
