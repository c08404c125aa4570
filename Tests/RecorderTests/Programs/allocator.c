/// Another allocator, as far as the recorder can tell: malloc from its own memory, free that does nothing. A library, or with
/// PROGRAM a program that has it linked in.

#include <stddef.h>
#include <string.h>

static char memory[64 << 20] __attribute__((aligned(16)));
static size_t used;

void *malloc(size_t size) {
  size_t start = __atomic_fetch_add(&used, (size + 31) & ~(size_t)15, __ATOMIC_RELAXED);
  *(size_t *)(void *)(memory + start) = size;
  return memory + start + 16;
}

void *calloc(size_t count, size_t size) { return malloc(count * size); }
void free(void *block) { (void)block; }

void *realloc(void *block, size_t size) {
  void *moved = malloc(size);
  if (block == NULL) return moved;
  size_t old = *(size_t *)(void *)((char *)block - 16);
  return memcpy(moved, block, old < size ? old : size);
}

#ifdef PROGRAM
#include <stdio.h>

int main(void) {
  char *text = malloc(100);
  puts(strcpy(text, "its own"));
  free(text);
  return 0;
}
#endif
