/// Allocates in places where a recorder could stumble, and prints what came of it: threads with the smallest stacks, destructors,
/// handlers on stacks of their own, coroutines whose stacks are gone, jumps out of handlers, cancelled threads, children of all
/// kinds, locked memory. With the recorder it must print the same.

#define _GNU_SOURCE
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

extern char **environ;

static void *volatile kept[8];
static pthread_key_t key;

static void say(const char *what, int number) {
  printf("%s: %d\n", what, number);
  fflush(stdout);
}

static void allocate(size_t size) {
  void *block = malloc(size);
  if (block == NULL) abort();
  block = realloc(block, size * 3 + 1);
  __asm__ volatile("" ::"r"(block) : "memory");
  free(block);
}

__attribute__((constructor)) static void before_main(void) { kept[0] = malloc(11); }

static void at_exit(void) {
  free(kept[0]);
  allocate(12);
}

static void at_thread_end(void *block) {
  free(block);
  kept[1] = malloc(13);
}

static void *with_small_stack(void *unused) {
  pthread_setspecific(key, malloc(14));
  for (size_t size = 0; size < 100; size++) allocate(size * 7);
  return unused;
}

static int small_stacks(void) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  if (pthread_attr_setstacksize(&attributes, PTHREAD_STACK_MIN) != 0) return -1;
  for (int i = 0; i < 200; i++) {
    pthread_t thread;
    if (pthread_create(&thread, &attributes, with_small_stack, NULL) != 0) return -1;
    pthread_join(thread, NULL);
  }
  return 200;
}

static int handled;

/// With a frame pointer, so that its frame on the alternate stack is the same each time.
static void on_signal(int number) {
  kept[2] = __builtin_frame_address(0);
  void *block = malloc((size_t)number);
  __asm__ volatile("" ::"r"(block) : "memory");
  free(block);
  handled++;
}

__attribute__((noinline)) static void raise_from(int depth) {
  if (depth > 0) raise_from(depth - 1);
  else raise(SIGUSR1);
  __asm__ volatile("");
}

static void in_coroutine(void) { raise_from(5); }

/// A handler on the alternate stack first interrupts a coroutine, then, when that one's stack is gone, this.
static int coroutines(void) {
  static ucontext_t caller, coroutine;
  const size_t bytes = 1 << 16;
  stack_t alternate = {.ss_size = bytes, .ss_sp = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)};
  sigaltstack(&alternate, NULL);
  struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_ONSTACK};
  sigaction(SIGUSR1, &action, NULL);
  for (int i = 0; i < 50; i++) {
    char *stack = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    getcontext(&coroutine);
    coroutine.uc_stack = (stack_t){.ss_sp = stack, .ss_size = bytes};
    coroutine.uc_link = &caller;
    makecontext(&coroutine, in_coroutine, 0);
    swapcontext(&caller, &coroutine);
    munmap(stack, bytes);
    raise_from(5);
  }
  return handled;
}

static sigjmp_buf out_of_handler;

static void jump(int number) {
  kept[3] = malloc((size_t)number);
  free(kept[3]);
  siglongjmp(out_of_handler, 1);
}

static int jumps(void) {
  struct sigaction action = {.sa_handler = jump, .sa_flags = SA_ONSTACK};
  sigaction(SIGUSR2, &action, NULL);
  volatile int jumped = 0;
  while (jumped < 50) {
    if (sigsetjmp(out_of_handler, 1) != 0) jumped++;
    else raise(SIGUSR2);
  }
  allocate(15);
  return jumped;
}

static void *until_cancelled(void *unused) {
  void *block = malloc(16);
  pthread_cleanup_push(free, block);
  for (;;) {
    allocate(17);
    pthread_testcancel();
  }
  pthread_cleanup_pop(1);
  return unused;
}

static int cancelled(void) {
  int count = 0;
  for (int i = 0; i < 50; i++) {
    pthread_t thread;
    void *result;
    pthread_create(&thread, NULL, until_cancelled, NULL);
    usleep(100);
    pthread_cancel(thread);
    pthread_join(thread, &result);
    count += result == PTHREAD_CANCELED;
  }
  return count;
}

__attribute__((noinline)) static void deeper(long levels) {
  if (levels > 0) deeper(levels - 1);
  else for (size_t size = 0; size < 100; size++) allocate(size);
  __asm__ volatile("");
}

static void *at_depths(void *first) {
  for (long i = 0; i < 40; i++) deeper(((long)first + i) % 40);
  return NULL;
}

/// More threads than the recorder has rooms for at first, beside the one that forked.
static void in_child(void) {
  pthread_t threads[100];
  allocate(18);
  for (int round = 0; round < 3; round++) {
    for (long i = 0; i < 100; i++) {
      if (pthread_create(&threads[i], NULL, at_depths, (void *)i) != 0) _exit(1);
    }
    at_depths((void *)30);
    for (int i = 0; i < 100; i++) pthread_join(threads[i], NULL);
  }
}

static volatile int ends;

static void *until_end(void *unused) {
  while (!ends) allocate(19);
  return unused;
}

static int status_of(pid_t child) {
  int status = -1;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

/// Children that allocate, of a program whose other threads are in the middle of it.
static int forks(void) {
  pthread_t threads[3];
  int sum = 0;
  for (int i = 0; i < 3; i++) pthread_create(&threads[i], NULL, until_end, NULL);
  for (int i = 0; i < 20; i++) {
    pid_t child = fork();
    if (child == 0) {
      if (i % 10 == 0) in_child();
      for (size_t size = 0; size < 1000; size++) allocate(size);
      _exit(7);
    }
    sum += status_of(child);
  }
  ends = 1;
  for (int i = 0; i < 3; i++) pthread_join(threads[i], NULL);
  return sum;
}

static int in_clone(void *unused) {
  allocate(20);
  _exit(unused == NULL ? 5 : 6);
}

static int cloned(void) {
  char *stack = mmap(NULL, 1 << 16, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return status_of(clone(in_clone, stack + (1 << 16), SIGCHLD, NULL));
}

static int vforked(void) {
  pid_t child = vfork();
  if (child == 0) {
    execlp("sh", "sh", "-c", "exit 8", (char *)NULL);
    _exit(9);
  }
  return status_of(child);
}

static int spawned(void) {
  char *arguments[] = {"sh", "-c", "exit 10", NULL};
  pid_t child;
  return posix_spawnp(&child, "sh", NULL, NULL, arguments, environ) == 0 ? status_of(child) : -1;
}

/// Are all pages there, as mlockall promises? Under a limit of locked memory (ulimit -l) the recording's address space counts, so that
/// a recorded program may be refused.
static int locked(void) {
  enum { PAGES = 1024 };
  unsigned char resident[PAGES];
  size_t bytes = (size_t)PAGES * 4096, there = 0;
  void *before = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mlockall(MCL_CURRENT | MCL_FUTURE) != 0) return 2 * PAGES;
  void *after = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  mincore(before, bytes, resident);
  for (int i = 0; i < PAGES; i++) there += resident[i] & 1;
  mincore(after, bytes, resident);
  for (int i = 0; i < PAGES; i++) there += resident[i] & 1;
  munlockall();
  return (int)there;
}

int main(void) {
  atexit(at_exit);
  pthread_key_create(&key, at_thread_end);
  say("threads with small stacks", small_stacks());
  say("handlers beside coroutines", coroutines());
  say("jumps out of handlers", jumps());
  say("cancelled threads", cancelled());
  say("forks", forks());
  say("clone", cloned());
  say("vfork", vforked());
  say("posix_spawn", spawned());
  say("pages locked", locked());
  return 3;
}
