#define _GNU_SOURCE
#include "CZoo.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

enum { coroutine_stack_size = 64 * 1024, scrubbed_size = 256 * 1024 };

static ucontext_t starter;
static ucontext_t coroutine;
static zoo_callback coroutine_body;
static void *coroutine_argument;

static void coroutine_entry(void) { coroutine_body(coroutine_argument); }

int zoo_coroutine_start(zoo_callback body, void *context) {
  void *stack = malloc(coroutine_stack_size);
  return stack == NULL ? -1 : zoo_coroutine_start_on(stack, coroutine_stack_size, body, context);
}

int zoo_coroutine_start_on(void *stack, size_t size, zoo_callback body, void *context) {
  if (getcontext(&coroutine) != 0) {
    return -1;
  }
  coroutine.uc_stack.ss_sp = stack;
  coroutine.uc_stack.ss_size = size;
  coroutine.uc_link = &starter;
  coroutine_body = body;
  coroutine_argument = context;
  makecontext(&coroutine, coroutine_entry, 0);
  int status = swapcontext(&starter, &coroutine);
  // The coroutine's own block holds its object from here on.
  coroutine_argument = NULL;
  return status;
}

void zoo_coroutine_yield(void) { (void)swapcontext(&coroutine, &starter); }

static zoo_callback thread_body;

static void *thread_entry(void *context) {
  thread_body(context);
  return NULL;
}

int zoo_thread_start_on(void *stack, size_t size, zoo_callback body) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  int status = pthread_attr_setstack(&attributes, stack, size);
  if (status != 0) {
    return status;
  }
  thread_body = body;
  pthread_t thread;
  return pthread_create(&thread, &attributes, thread_entry, NULL);
}

void zoo_use(const void *address) { __asm__ volatile("" : : "r"(address) : "memory"); }

__attribute__((noinline)) void zoo_scrub_stack(void) {
  char words[scrubbed_size];
  memset(words, 0, sizeof words);
  zoo_use(words);
}
