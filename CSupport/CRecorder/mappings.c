/// The process's own mappings, as /proc/self/maps lists them (proc_pid_maps(5)); read without stdio, which allocates.

#define _GNU_SOURCE
#include "recorder.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static bool parse_hex(const char **at, uint64_t *value) {
  const char *start = *at;
  *value = 0;
  for (;; (*at)++) {
    char c = **at;
    if (c >= '0' && c <= '9') *value = *value << 4 | (uint64_t)(c - '0');
    else if (c >= 'a' && c <= 'f') *value = *value << 4 | (uint64_t)(c - 'a' + 10);
    else return *at != start;
  }
}

void wsr_mappings(bool (*visit)(uint64_t from, uint64_t to, const char *path, void *context), void *context) {
  int file = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
  if (file < 0) return;
  char line[1280];
  size_t held = 0;
  bool goes_on = true;
  while (goes_on) {
    ssize_t got = read(file, line + held, sizeof line - 1 - held);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    held += (size_t)got;
    line[held] = '\0';
    char *begin = line, *newline;
    while (goes_on && (newline = memchr(begin, '\n', held - (size_t)(begin - line))) != NULL) {
      *newline = '\0';
      const char *at = begin;
      uint64_t from, to;
      if (parse_hex(&at, &from) && *at++ == '-' && parse_hex(&at, &to)) {
        const char *path = strchr(at, '/');
        if (path == NULL) path = strchr(at, '[');
        goes_on = visit(from, to, path != NULL ? path : "", context);
      }
      begin = newline + 1;
    }
    held -= (size_t)(begin - line);
    memmove(line, begin, held);
    if (held == sizeof line - 1) held = 0; // a longer path than any that could be stored
  }
  close(file);
}
