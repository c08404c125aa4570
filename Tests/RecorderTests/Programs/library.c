/// A library that allocates, to be loaded and unloaded. NAME says what its function is called.

#include <stdlib.h>

void *NAME(size_t size);

__attribute__((noinline)) void *NAME(size_t size) {
  void *block = malloc(size);
  __asm__ volatile("" ::"r"(block) : "memory");
  return block;
}
