/// Whether this process records: what the environment asks for, what stands behind us, and what children do.
///
///     WEAKSPOT_RECORD_SAMPLE    mean bytes between samples; without it every block is recorded
///     WEAKSPOT_RECORD_OUTPUT    the recording's file; without it a memfd
///     WEAKSPOT_RECORD_CHILDREN  1: children are recorded as well, each on its own (FILE.PID)
///     WEAKSPOT_RECORD_UNWINDER  libunwind: walk no stack ourselves
///
/// Unless children are recorded, these and our own part of LD_PRELOAD are taken out of the environment.

#define _GNU_SOURCE
#include "recorder.h"

#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

extern void *__libc_malloc(size_t);
extern void *__libc_memalign(size_t, size_t);
extern void *__libc_valloc(size_t);
extern void *__libc_pvalloc(size_t);
extern void *__libc_stack_end;
extern int _dl_find_object(void *address, struct dl_find_object *result) __attribute__((weak));

static const char library_name[] = "libweakspot-recorder.so";

union wsr_switch_page wsr_switch_page __attribute__((aligned(4096)));
wsr_recording wsr_now;
wsr_configuration wsr_asked;
wsr_functions wsr_next;

// MARK: text without stdio, which allocates

typedef struct text {
  char bytes[512];
  size_t length;
} text;

static void append(text *text, const char *more) {
  size_t length = strlen(more), room = sizeof text->bytes - text->length;
  if (length > room) length = room;
  memcpy(text->bytes + text->length, more, length);
  text->length += length;
}

/// One line to stderr: the parts, up to a NULL.
static void say(const char *const parts[]) {
  text line = {.length = 0};
  append(&line, "weakspot: ");
  for (; *parts != NULL; parts++) append(&line, *parts);
  line.bytes[line.length < sizeof line.bytes ? line.length++ : sizeof line.bytes - 1] = '\n';
  ssize_t written = write(STDERR_FILENO, line.bytes, line.length);
  (void)written; // where there is no stderr, nobody can be told
}

static void say_not_recorded(const char *fact, const char *cause) {
  const char *parts[] = {"this program is not recorded: ", fact, cause != NULL ? ": " : NULL, cause, NULL};
  say(parts);
}

// MARK: the environment

/// The process's environment, also before the C library has set `environ`: behind the arguments on the first stack.
static char **environment(void) {
  if (environ != NULL) return environ;
  uint64_t *stack = __libc_stack_end;
  if (stack == NULL) return NULL;
  return (char **)(stack + 1 + stack[0] + 1);
}

static const char *value_of(const char *entry, const char *name) {
  size_t length = strlen(name);
  return strncmp(entry, name, length) == 0 && entry[length] == '=' ? entry + length + 1 : NULL;
}

static bool read_configuration(char **entries, wsr_configuration *asked, const char **fault) {
  for (; *entries != NULL; entries++) {
    const char *value;
    if ((value = value_of(*entries, "WEAKSPOT_RECORD_SAMPLE")) != NULL) {
      uint64_t mean = 0;
      const char *digit = value;
      for (; *digit >= '0' && *digit <= '9' && mean <= WSR_LARGEST_MEAN; digit++) mean = mean * 10 + (uint64_t)(*digit - '0');
      if (*digit != '\0' || mean == 0 || mean > WSR_LARGEST_MEAN) {
        *fault = "WEAKSPOT_RECORD_SAMPLE is not a number of bytes";
        return false;
      }
      asked->sample_mean = mean;
    } else if ((value = value_of(*entries, "WEAKSPOT_RECORD_OUTPUT")) != NULL) {
      if (strlen(value) >= sizeof asked->output - 16) {
        *fault = "WEAKSPOT_RECORD_OUTPUT is too long";
        return false;
      }
      strcpy(asked->output, value);
    } else if ((value = value_of(*entries, "WEAKSPOT_RECORD_CHILDREN")) != NULL) {
      asked->children = strcmp(value, "1") == 0;
    } else if ((value = value_of(*entries, "WEAKSPOT_RECORD_UNWINDER")) != NULL) {
      asked->libunwind_only = strcmp(value, "libunwind") == 0;
    }
  }
  return true;
}

/// Takes our own parts out of a list of libraries, in place. Returns whether any other are left.
static bool strip_preload(char *list) {
  char *out = list;
  for (char *part = list; *part != '\0';) {
    size_t length = strcspn(part, ": "), name = sizeof library_name - 1;
    bool ours = length >= name && memcmp(part + length - name, library_name, name) == 0;
    if (length > 0 && !ours) {
      if (out != list) *out++ = ':';
      memmove(out, part, length);
      out += length;
    }
    part += length;
    if (*part != '\0') part++;
  }
  *out = '\0';
  return out != list;
}

static void strip_environment(char **entries) {
  char **kept = entries;
  for (; *entries != NULL; entries++) {
    if (strncmp(*entries, "WEAKSPOT_RECORD_", 16) == 0 || value_of(*entries, "LD_PRELOAD") != NULL) wsr_exec_keep(*entries);
    if (strncmp(*entries, "WEAKSPOT_RECORD_", 16) == 0) continue;
    char *list = (char *)value_of(*entries, "LD_PRELOAD");
    if (list != NULL && strstr(list, library_name) != NULL && !strip_preload(list)) continue;
    *kept++ = *entries;
  }
  *kept = NULL;
}

// MARK: what stands behind us

/// Finds the next functions. Returns the path of the library that serves malloc if that is not the C library.
static const char *find_next(void) {
  wsr_next = (wsr_functions){
    .malloc = dlsym(RTLD_NEXT, "malloc"),
    .calloc = dlsym(RTLD_NEXT, "calloc"),
    .realloc = dlsym(RTLD_NEXT, "realloc"),
    .free = dlsym(RTLD_NEXT, "free"),
    .memalign = dlsym(RTLD_NEXT, "memalign"),
    .aligned_alloc = dlsym(RTLD_NEXT, "aligned_alloc"),
    .posix_memalign = dlsym(RTLD_NEXT, "posix_memalign"),
    .valloc = dlsym(RTLD_NEXT, "valloc"),
    .pvalloc = dlsym(RTLD_NEXT, "pvalloc"),
    .dlclose = dlsym(RTLD_NEXT, "dlclose"),
    .mlockall = dlsym(RTLD_NEXT, "mlockall"),
    .execve = dlsym(RTLD_NEXT, "execve"),
    .execvpe = dlsym(RTLD_NEXT, "execvpe"),
    .fexecve = dlsym(RTLD_NEXT, "fexecve"),
  };
  Dl_info object;
  if (wsr_next.malloc == __libc_malloc || wsr_next.malloc == NULL) return NULL;
  return dladdr((void *)(uintptr_t)wsr_next.malloc, &object) != 0 ? object.dli_fname : "another library";
}

/// The program's own malloc, linked into it, stands in front of ours, which gets what that one hands on, if anything.
static void tell_of_malloc_in_front(void) {
  Dl_info first, ours;
  void *function = dlsym(RTLD_DEFAULT, "malloc");
  if (function == NULL || dladdr(function, &first) == 0 || dladdr(&wsr_now, &ours) == 0) return;
  if (first.dli_fbase == ours.dli_fbase) return;
  const char *parts[] = {
    "malloc is served by ", first.dli_fname, ": only what it hands on to the C library's is recorded", NULL};
  say(parts);
}

// MARK: deciding

static void turn(enum wsr_state state) {
  __atomic_store_n(&wsr_switch_page.now.state, (uint32_t)state, __ATOMIC_RELEASE);
  if (state == WSR_SAMPLED) __atomic_store_n(&wsr_switch_page.now.filter_mask, WSR_FILTER_MASK, __ATOMIC_RELEASE);
}

static void append_pid(char *path) {
  char digits[12];
  size_t count = 0;
  for (uint32_t pid = (uint32_t)getpid(); pid > 0; pid /= 10) digits[count++] = (char)('0' + pid % 10);
  char *end = path + strlen(path);
  *end++ = '.';
  while (count > 0) *end++ = digits[--count];
  *end = '\0';
}

static void record(void) {
  wsr_configuration asked = wsr_asked;
  if (asked.children && asked.output[0] != '\0') append_pid(asked.output);
  if (_dl_find_object == NULL) {
    say_not_recorded("the C library is older than glibc 2.35", NULL);
    return;
  }
  if (madvise(&wsr_switch_page, sizeof wsr_switch_page, MADV_WIPEONFORK) != 0) {
    say_not_recorded("the kernel has no MADV_WIPEONFORK", strerrordesc_np(errno));
    return;
  }
  if (!wsr_walkers_make()) {
    say_not_recorded("there is no address space for its threads", strerrordesc_np(errno));
    return;
  }
  const char *failed = wsr_recording_make(&wsr_now, &asked);
  if (failed != NULL) {
    say_not_recorded(failed, errno != 0 ? strerrordesc_np(errno) : NULL);
    return;
  }
  wsr_walkers_tell(wsr_now.header);
  turn(asked.sample_mean == 0 ? WSR_FULL : WSR_SAMPLED);
}

/// The first start of this program, or of a child that was forked from it (its switch reads as undecided again).
static enum { NEVER, IN_PROGRAM, IS_FOREIGN } started;

/// The parent's recording is not the child's: nobody shall find it under the child's pid.
static void leave_parents_recording(void) {
  struct stat status;
  if (wsr_this_thread.busy || wsr_now.header == NULL) return;
  if (fstat(wsr_now.descriptor, &status) == 0 && (uint64_t)status.st_dev == wsr_now.device
      && (uint64_t)status.st_ino == wsr_now.inode) {
    close(wsr_now.descriptor);
  }
}

void wsr_start(void) {
  uint32_t undecided = WSR_UNDECIDED;
  if (!__atomic_compare_exchange_n(&wsr_switch_page.now.state, &undecided, WSR_OFF, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED)) {
    return;
  }
  int error = errno;
  wsr_filter[0] = UINT8_MAX;
  if (started == NEVER) {
    started = IN_PROGRAM;
    const char *other = find_next();
    char **entries = environment();
    const char *fault = NULL;
    bool understood = entries == NULL || read_configuration(entries, &wsr_asked, &fault);
    if (entries != NULL && !wsr_asked.children) strip_environment(entries);
    if (other != NULL) {
      started = IS_FOREIGN;
      say_not_recorded("malloc is served by", other);
    } else if (!understood) {
      say_not_recorded(fault, NULL);
    } else {
      record();
      if (wsr_state_now() >= WSR_FULL) tell_of_malloc_in_front();
    }
  } else if (started == IN_PROGRAM) {
    leave_parents_recording();
    if (wsr_this_thread.walker != NULL) wsr_walker_inherit(wsr_this_thread.walker);
    wsr_this_thread.random = (wsr_this_thread.random ^ (uint64_t)getpid() << 16) | 1; // no sample where the parent has one
    if (wsr_asked.children) record();
  }
  if (started == IS_FOREIGN) turn(WSR_FOREIGN);
  errno = error;
}

__attribute__((constructor)) static void loaded(void) {
  if (wsr_state_now() == WSR_UNDECIDED) wsr_start();
  if (wsr_state_now() < WSR_FULL) return;
  wsr_fallback_open();
  wsr_image_note(getauxval(AT_PHDR)); // the executable comes first
}

__attribute__((destructor)) static void unloaded(void) {
  if (wsr_state_now() >= WSR_FULL) __atomic_store_n(&wsr_now.header->ended, 1, __ATOMIC_RELAXED);
}
