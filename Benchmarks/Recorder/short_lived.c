/// Short-lived blocks, 20 million from two threads at 27 frames: what recording costs a program that allocates and frees.
/// Arguments: blocks. Prints the seconds that it took.

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

__attribute__((noinline)) static void allocate(long count) {
  for (long i = 0; i < count; i++) {
    void *block = malloc(48);
    __asm__ volatile("" ::"r"(block) : "memory");
    free(block);
  }
}

__attribute__((noinline)) static void deeper(int levels, long count) {
  if (levels == 0) allocate(count);
  else deeper(levels - 1, count);
  __asm__ volatile("" ::: "memory");
}

/// allocate, 24 times deeper, work, and two of the C library: 27 frames above malloc.
static void *work(void *count) {
  deeper(22, (long)count);
  return NULL;
}

int main(int arguments, char **values) {
  long count = arguments > 1 ? atol(values[1]) : 20000000;
  struct timespec start, end;
  clock_gettime(CLOCK_MONOTONIC, &start);
  pthread_t threads[2];
  for (int i = 0; i < 2; i++) pthread_create(&threads[i], NULL, work, (void *)(count / 2));
  for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
  clock_gettime(CLOCK_MONOTONIC, &end);
  printf("%.4f\n", (double)(end.tv_sec - start.tv_sec) + (double)(end.tv_nsec - start.tv_nsec) * 1e-9);
}
