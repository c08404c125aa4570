/// One thread loads and unloads a library that allocates, two throw all kinds of allocations about, and a timer interrupts them
/// with a handler that allocates. Arguments: the library, seconds. Ends with 0 unless it hangs.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <link.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

static atomic_bool ends;
static atomic_ulong handled, allocated_in_handler, unloaded;
static uintptr_t safe_start[2], safe_end[2];

/// An allocation inside of the C library's allocator would deadlock without any recorder. So the handler allocates only
/// where it interrupted the recorder, or this program itself.
static void on_alarm(int signal, siginfo_t *information, void *context) {
  (void)signal;
  (void)information;
  uintptr_t at = (uintptr_t)((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP];
  atomic_fetch_add(&handled, 1);
  for (int i = 0; i < 2; i++) {
    if (at < safe_start[i] || at >= safe_end[i]) continue;
    void *block = malloc(123);
    __asm__ volatile("" ::"r"(block) : "memory");
    free(block);
    atomic_fetch_add(&allocated_in_handler, 1);
  }
}

static int find_safe(struct dl_phdr_info *object, size_t size, void *data) {
  (void)size;
  (void)data;
  bool own = object->dlpi_name[0] == '\0', recorder = strstr(object->dlpi_name, "libweakspot-recorder.so") != NULL;
  if (!own && !recorder) return 0;
  for (int i = 0; i < object->dlpi_phnum; i++) {
    if (object->dlpi_phdr[i].p_type != PT_LOAD || (object->dlpi_phdr[i].p_flags & PF_X) == 0) continue;
    safe_start[recorder] = object->dlpi_addr + object->dlpi_phdr[i].p_vaddr;
    safe_end[recorder] = safe_start[recorder] + object->dlpi_phdr[i].p_memsz;
  }
  return 0;
}

__attribute__((noinline)) static void deep(int levels) {
  void *block = levels % 3 == 0 ? malloc((size_t)levels * 8) : NULL;
  if (levels > 0) deep(levels - 1);
  __asm__ volatile("" ::"r"(block) : "memory");
  free(block);
}

static void *allocate(void *unused) {
  (void)unused;
  while (!atomic_load(&ends)) deep(60);
  return NULL;
}

static void *load(void *path) {
  while (!atomic_load(&ends)) {
    void *library = dlopen(path, RTLD_NOW);
    if (library == NULL) abort();
    void *(*function)(size_t);
    *(void **)&function = dlsym(library, "first");
    for (int i = 0; i < 10; i++) free(function(40));
    if (dlclose(library) != 0) abort();
    atomic_fetch_add(&unloaded, 1);
  }
  return NULL;
}

static void *short_lived(void *unused) {
  free(malloc(10));
  return unused;
}

int main(int count, char **arguments) {
  if (count < 3) return 64;
  dl_iterate_phdr(find_safe, NULL);
  struct sigaction action = {.sa_sigaction = on_alarm, .sa_flags = SA_SIGINFO | SA_RESTART};
  sigaction(SIGPROF, &action, NULL);
  struct itimerval every = {.it_interval.tv_usec = 1000, .it_value.tv_usec = 1000};
  setitimer(ITIMER_PROF, &every, NULL);
  pthread_t threads[3];
  for (int i = 0; i < 2; i++) pthread_create(&threads[i], NULL, allocate, NULL);
  pthread_create(&threads[2], NULL, load, arguments[1]);
  time_t end = time(NULL) + atoi(arguments[2]);
  while (time(NULL) < end) {
    pthread_t one;
    pthread_create(&one, NULL, short_lived, NULL);
    pthread_join(one, NULL);
  }
  atomic_store(&ends, true);
  for (int i = 0; i < 3; i++) pthread_join(threads[i], NULL);
  printf("%lu signals, %lu of them allocated, %lu times unloaded\n", handled, allocated_in_handler, unloaded);
  return 0;
}
