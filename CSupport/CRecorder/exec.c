/// A recorded program that becomes another one by exec stays recorded: it gets back what wsr_start took out of the
/// environment. Its children do not: in a fork child the switch is off, and a vfork child has another pid.
///
/// Nothing here allocates, since exec may be called from a signal handler or a vfork child.

#define _GNU_SOURCE
#include "recorder.h"

#include <alloca.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char settings[5][1200];
static int settings_count;
static char preload[1200];

/// Keeps a setting for exec. Called once, before the environment is stripped.
void wsr_exec_keep(const char *entry) {
  if (strlen(entry) >= sizeof settings[0]) return;
  if (strncmp(entry, "LD_PRELOAD=", 11) == 0) {
    strcpy(preload, entry + 11);
  } else if (settings_count < 5) {
    strcpy(settings[settings_count++], entry);
  }
}

static bool carries_on(void) {
  return wsr_state_now() >= WSR_FULL && !wsr_asked.children && preload[0] != '\0'
    && (uint32_t)getpid() == wsr_now.header->pid;
}

static size_t count_of(char *const entries[]) {
  size_t count = 0;
  while (entries != NULL && entries[count] != NULL) count++;
  return count;
}

/// `entries` with our settings, and with our libraries in front of what the program itself preloads by now.
/// `out` has room for the entries, the settings, LD_PRELOAD and the end; `list` for both lists.
static void compose(char *const entries[], char **out, char *list) {
  strcpy(list, "LD_PRELOAD=");
  strcat(list, preload);
  for (size_t i = 0; entries != NULL && entries[i] != NULL; i++) {
    if (strncmp(entries[i], "LD_PRELOAD=", 11) == 0) {
      // What stood there when we started is in `preload` already.
      if (strstr(preload, entries[i] + 11) == NULL) {
        strcat(list, ":");
        strcat(list, entries[i] + 11);
      }
    } else {
      *out++ = entries[i];
    }
  }
  for (int i = 0; i < settings_count; i++) *out++ = settings[i];
  *out++ = list;
  *out = NULL;
}

static size_t list_bytes(char *const entries[]) {
  size_t bytes = sizeof preload + 16;
  for (size_t i = 0; entries != NULL && entries[i] != NULL; i++) {
    if (strncmp(entries[i], "LD_PRELOAD=", 11) == 0) bytes += strlen(entries[i]) + 1;
  }
  return bytes;
}

/// The environment to hand on: on this function's caller's stack.
#define CARRIED_ON(entries)                                                           \
  ({                                                                                  \
    char **all = (char **)(entries);                                                  \
    if (carries_on()) {                                                               \
      char **room = alloca((count_of(entries) + sizeof settings / sizeof *settings + 2) * sizeof(char *)); \
      compose(entries, room, alloca(list_bytes(entries)));                            \
      all = room;                                                                     \
    }                                                                                 \
    all;                                                                              \
  })

static int without(void) {
  errno = ENOSYS;
  return -1;
}

WSR_EXPORT int execve(const char *path, char *const arguments[], char *const entries[]) {
  return wsr_begin() == WSR_UNDECIDED || wsr_next.execve == NULL ? without()
                                                                 : wsr_next.execve(path, arguments, CARRIED_ON(entries));
}

WSR_EXPORT int execv(const char *path, char *const arguments[]) {
  return execve(path, arguments, environ);
}

WSR_EXPORT int execvpe(const char *file, char *const arguments[], char *const entries[]) {
  return wsr_begin() == WSR_UNDECIDED || wsr_next.execvpe == NULL ? without()
                                                                  : wsr_next.execvpe(file, arguments, CARRIED_ON(entries));
}

WSR_EXPORT int execvp(const char *file, char *const arguments[]) {
  return execvpe(file, arguments, environ);
}

WSR_EXPORT int fexecve(int descriptor, char *const arguments[], char *const entries[]) {
  return wsr_begin() == WSR_UNDECIDED || wsr_next.fexecve == NULL
    ? without()
    : wsr_next.fexecve(descriptor, arguments, CARRIED_ON(entries));
}

/// The arguments of a variadic call, as an array on the caller's stack; `list` is left behind their NULL.
#define COLLECT(list, first, array)                                                   \
  do {                                                                                \
    va_list counting;                                                                 \
    size_t count = 1;                                                                 \
    va_copy(counting, list);                                                          \
    while (va_arg(counting, char *) != NULL) count++;                                 \
    va_end(counting);                                                                 \
    array = alloca((count + 1) * sizeof(char *));                                     \
    array[0] = (char *)(first);                                                       \
    for (size_t i = 1; i <= count; i++) array[i] = va_arg(list, char *); \
  } while (false)

WSR_EXPORT int execl(const char *path, const char *first, ...) {
  va_list list;
  char **arguments;
  va_start(list, first);
  COLLECT(list, first, arguments);
  va_end(list);
  return execve(path, arguments, environ);
}

WSR_EXPORT int execlp(const char *file, const char *first, ...) {
  va_list list;
  char **arguments;
  va_start(list, first);
  COLLECT(list, first, arguments);
  va_end(list);
  return execvpe(file, arguments, environ);
}

WSR_EXPORT int execle(const char *path, const char *first, ...) {
  va_list list;
  char **arguments;
  va_start(list, first);
  COLLECT(list, first, arguments);
  char *const *entries = va_arg(list, char *const *);
  va_end(list);
  return execve(path, arguments, entries);
}
