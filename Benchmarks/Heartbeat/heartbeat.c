// A process that feels its own pauses: OBJECTS blocks of BYTES and BYTES + 16 bytes in turn on its heap, and a thread that
// asks for the time without rest and keeps the longest gap between two answers. Lines on stdin: `reset`; `gap` prints the
// longest gap since then, in nanoseconds.
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static _Atomic uint64_t longest;
static _Atomic uint64_t beats;

static uint64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

static void *beat(void *unused) {
  (void)unused;
  uint64_t last = now();
  for (;;) {
    uint64_t time = now();
    if (time - last > atomic_load_explicit(&longest, memory_order_relaxed))
      atomic_store_explicit(&longest, time - last, memory_order_relaxed);
    last = time;
    atomic_fetch_add(&beats, 1);
  }
  return NULL;
}

// A gap that has not ended yet is not known yet.
static void wait_for_beats(void) {
  uint64_t seen = atomic_load(&beats);
  while (atomic_load(&beats) < seen + 2) sched_yield();
}

int main(int count, char **arguments) {
  size_t objects = count > 2 ? strtoull(arguments[1], NULL, 10) : 0;
  size_t bytes = count > 2 ? strtoull(arguments[2], NULL, 10) : 0;
  if (objects == 0 || bytes < 8) {
    fprintf(stderr, "usage: %s OBJECTS BYTES\n", arguments[0]);
    return 64;
  }
  void **previous = NULL;
  for (size_t index = 0; index < objects; index++) {
    void **object = malloc(bytes + index % 2 * 16);
    if (object == NULL) return 1;
    *object = previous;
    previous = object;
  }
  pthread_t thread;
  if (pthread_create(&thread, NULL, beat, NULL) != 0) return 1;
  setvbuf(stdout, NULL, _IOLBF, 0);
  printf("ready %p\n", (void *)previous);
  char line[64];
  while (fgets(line, sizeof line, stdin) != NULL) {
    wait_for_beats();
    if (strncmp(line, "reset", 5) == 0) {
      atomic_store(&longest, 0);
      printf("reset\n");
    } else {
      printf("%lu\n", (unsigned long)longest);
    }
  }
  return 0;
}
