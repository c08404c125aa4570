/// Leaves blocks of many sizes behind, as many of each as make about the same bytes, from two threads, freeing every
/// second one, and prints how many blocks of each size are left. Argument: MiB of each size and thread.

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static size_t bytes;

static void *allocate(void *unused) {
  (void)unused;
  for (size_t size = 16; size <= 1 << 20; size *= 4) {
    for (size_t i = 0; i < bytes / size; i++) {
      char *block = malloc(size), *other = malloc(size);
      if (block == NULL || other == NULL) abort();
      free(i % 2 == 0 ? other : block);
    }
  }
  return NULL;
}

int main(int count, char **arguments) {
  if (count < 2) return 64;
  bytes = (size_t)atoi(arguments[1]) << 20;
  pthread_t other;
  pthread_create(&other, NULL, allocate, NULL);
  allocate(NULL);
  pthread_join(other, NULL);
  for (size_t size = 16; size <= 1 << 20; size *= 4) printf("%zu %zu\n", size, 2 * (bytes / size));
  fflush(stdout);
  _exit(0);
}
