/// 20 rounds of 25 threads that allocate, move, free and hand over blocks; forks meanwhile. At its end the program writes its own
/// list of live blocks, "ADDRESS SIZE" a line, to the file of its first argument. With a second one it then says that it is ready, and
/// waits for the end of its input.

#define _GNU_SOURCE
#include <malloc.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ROUNDS = 20, THREADS = 25, STEPS = 4000, SHARED = 20000 };

typedef struct block {
  void *start;
  size_t size;
} block;

static block shared[SHARED];
static pthread_mutex_t locks[SHARED];

static uint64_t next(uint64_t *state) {
  *state ^= *state << 13;
  *state ^= *state >> 7;
  *state ^= *state << 17;
  return *state;
}

static size_t size_of(uint64_t random) {
  switch (random % 16) {
  case 0: return random >> 8 & 0xffff;
  case 1: return random % 1000 == 1 ? 200000 + (random >> 20) % 400000 : 5000; // some in mappings of their own
  case 2: return 0;
  default: return random >> 8 & 0x1ff;
  }
}

static block allocate(uint64_t random) {
  block made = {.size = size_of(random)};
  switch (random >> 56 & 7) {
  case 0: made.start = calloc(1, made.size); break;
  case 1: made.start = aligned_alloc(64, made.size = made.size & ~(size_t)63); break;
  case 2: if (posix_memalign(&made.start, 4096, made.size) != 0) abort(); break;
  case 3: made.start = memalign(32, made.size); break;
  case 4: made.start = reallocarray(NULL, made.size, 1); break;
  case 5: made.start = made.size % 64 == 0 ? valloc(made.size) : malloc(made.size); break;
  default: made.start = malloc(made.size); break;
  }
  if (made.start == NULL) abort();
  return made;
}

static void *work(void *argument) {
  uint64_t state = (uint64_t)(uintptr_t)argument * UINT64_C(0x9e3779b97f4a7c15) + 1;
  for (int step = 0; step < STEPS; step++) {
    uint64_t random = next(&state);
    size_t place = random % SHARED;
    pthread_mutex_lock(&locks[place]);
    block *one = &shared[place];
    if (one->start == NULL) {
      *one = allocate(next(&state));
    } else if (random >> 60 < 6) {
      size_t size = size_of(next(&state)) + 1;
      void *moved = realloc(one->start, size);
      if (moved == NULL) abort();
      *one = (block){moved, size};
    } else {
      free(one->start);
      one->start = NULL;
    }
    pthread_mutex_unlock(&locks[place]);
    if (random >> 40 % 4096 == 0) free(malloc(100));
  }
  return NULL;
}

int main(int count, char **arguments) {
  for (int i = 0; i < SHARED; i++) pthread_mutex_init(&locks[i], NULL);
  for (uintptr_t round = 0; round < ROUNDS; round++) {
    pthread_t threads[THREADS];
    for (uintptr_t i = 0; i < THREADS; i++) {
      if (pthread_create(&threads[i], NULL, work, (void *)(round * THREADS + i + 1)) != 0) abort();
    }
    pid_t child = fork();
    if (child == 0) {
      // Blocks of the parent's are freed here, and new ones made: none of it concerns the parent's recording.
      for (int i = 0; i < SHARED; i += 7) {
        if (pthread_mutex_trylock(&locks[i]) == 0) free(shared[i].start);
      }
      for (int i = 0; i < 1000; i++) if (malloc(64) == NULL) abort();
      _exit(0);
    }
    for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
    int status;
    if (waitpid(child, &status, 0) != child || status != 0) abort();
  }
  FILE *list = fopen(count > 1 ? arguments[1] : "/dev/null", "w");
  if (list == NULL) abort();
  for (int i = 0; i < SHARED; i++) {
    if (shared[i].start != NULL) fprintf(list, "%lx %lx\n", (long)(uintptr_t)shared[i].start, (long)shared[i].size);
  }
  if (fclose(list) != 0) abort();
  if (count > 2) {
    char byte;
    dprintf(STDOUT_FILENO, "ready %d\n", (int)getpid());
    while (read(STDIN_FILENO, &byte, 1) > 0) {}
  }
  _exit(0); // without the destructors: nothing is freed any more
}
