#define _GNU_SOURCE
#include "CZoo.h"

#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/// Reads a small file of `/proc` whole; returns the number of bytes, 0 if the thread is gone.
static size_t read_file(const char *path, char *text, size_t capacity) {
  int descriptor = open(path, O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) {
    return 0;
  }
  ssize_t count = read(descriptor, text, capacity - 1);
  close(descriptor);
  text[count > 0 ? count : 0] = 0;
  return count > 0 ? (size_t)count : 0;
}

/// Whether the thread sleeps; adds how often it was scheduled to `switches`.
static bool thread_sleeps(const char *tid, unsigned long *switches) {
  char path[64], text[4096];
  snprintf(path, sizeof path, "/proc/self/task/%.20s/status", tid);
  if (read_file(path, text, sizeof text) == 0) {
    return true;
  }
  const char *state = strstr(text, "\nState:\t");
  const char *voluntary = strstr(text, "\nvoluntary_ctxt_switches:\t");
  const char *involuntary = strstr(text, "\nnonvoluntary_ctxt_switches:\t");
  if (state == NULL || voluntary == NULL || involuntary == NULL) {
    return false;
  }
  *switches += strtoul(voluntary + sizeof "\nvoluntary_ctxt_switches:\t" - 1, NULL, 10);
  *switches += strtoul(involuntary + sizeof "\nnonvoluntary_ctxt_switches:\t" - 1, NULL, 10);
  return strchr("SDZX", state[sizeof "\nState:\t" - 1]) != NULL;
}

/// Whether all other threads sleep.
static bool others_sleep(unsigned long *switches) {
  // getdents64 on a buffer of our own: opendir would allocate.
  int descriptor = open("/proc/self/task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) {
    return false;
  }
  char own[24];
  snprintf(own, sizeof own, "%ld", syscall(SYS_gettid));
  bool sleeping = true;
  _Alignas(8) char entries[4096];
  long count;
  while ((count = syscall(SYS_getdents64, descriptor, entries, sizeof entries)) > 0) {
    for (long offset = 0; offset < count;) {
      const struct dirent64 *entry = (const struct dirent64 *)(entries + offset);
      offset += entry->d_reclen;
      if (entry->d_name[0] != '.' && strcmp(entry->d_name, own) != 0) {
        sleeping = thread_sleeps(entry->d_name, switches) && sleeping;
      }
    }
  }
  close(descriptor);
  return sleeping;
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

void zoo_wait_until_quiet(void) {
  double end = now() + 5;
  bool slept = false;
  unsigned long previous = 0;
  do {
    unsigned long switches = 0;
    bool sleeping = others_sleep(&switches);
    if (sleeping && slept && switches == previous) {
      return;
    }
    slept = sleeping;
    previous = switches;
    sched_yield();
  } while (now() < end);
}
