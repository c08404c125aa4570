/// Prints what the allocation functions answer in ordinary and unusual cases. With the recorder it must print the same.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern char **environ;

/// Of the usable size only that it suffices: a chunk may be a word larger, as it happens to lie.
static void say(const char *what, const void *block, size_t size) {
  int error = errno;
  size_t usable = malloc_usable_size((void *)block);
  printf("%s: %s, errno %d, usable %d\n", what, block == NULL ? "null" : "a block", error,
         usable >= size && usable <= size + 64 + 4096 * (size > 100000));
  errno = 0;
}

int main(void) {
  volatile size_t huge = SIZE_MAX / 2;
  errno = 0;
  say("malloc(0)", malloc(0), 0);
  say("malloc(huge)", malloc(huge), 0);
  say("calloc", calloc(3, 7), 21);
  say("calloc overflow", calloc(huge, 4), 0);
  char *block = malloc(10);
  strcpy(block, "weak");
  char *moved = realloc(block, 10000);
  printf("moved: %s\n", moved);
  say("realloc", moved, 10000);
  char *kept = realloc(moved, huge);
  say("realloc huge", kept, 0);
  printf("kept: %s\n", moved);
  say("realloc 0", realloc(moved, 0), 0);
  say("reallocarray overflow", reallocarray(NULL, huge, 4), 0);
  say("memalign", memalign(256, 10), 10);
  say("aligned_alloc", aligned_alloc(64, 640), 640);
  void *aligned = NULL;
  printf("posix_memalign: %d\n", posix_memalign(&aligned, 128, 100));
  printf("aligned: %d\n", (int)((uintptr_t)aligned % 128));
  printf("posix_memalign wrong: %d\n", posix_memalign(&aligned, 3, 100));
  printf("posix_memalign huge: %d\n", posix_memalign(&aligned, 128, huge));
  say("valloc", valloc(10), 10);
  say("pvalloc", pvalloc(10), 4096);
  errno = 77;
  free(aligned);
  free(NULL);
  printf("errno after free: %d\n", errno);
  errno = 78;
  for (int i = 0; i < 100000; i++) free(malloc((size_t)i % 1000));
  printf("errno after many: %d\n", errno);
  // The lowest free descriptor, and what stands in the environment.
  printf("descriptor %d\n", open("/dev/null", O_RDONLY));
  for (char **entry = environ; *entry != NULL; entry++) {
    if (strstr(*entry, "WEAKSPOT") != NULL || strncmp(*entry, "LD_", 3) == 0) puts(*entry);
  }
  return 42;
}
