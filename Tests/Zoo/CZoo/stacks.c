#define _GNU_SOURCE
#include "CZoo.h"

#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

enum { coroutine_stack_size = 64 * 1024, scrubbed_size = 256 * 1024 };

static ucontext_t starter;
static ucontext_t coroutine;
static void *coroutine_stack;
static zoo_callback coroutine_body;
static void *coroutine_argument;

static void coroutine_entry(void) { coroutine_body(coroutine_argument); }

int zoo_coroutine_start(zoo_callback body, void *context) {
  coroutine_stack = malloc(coroutine_stack_size);
  if (coroutine_stack == NULL || getcontext(&coroutine) != 0) {
    return -1;
  }
  coroutine.uc_stack.ss_sp = coroutine_stack;
  coroutine.uc_stack.ss_size = coroutine_stack_size;
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

void zoo_use(const void *address) { __asm__ volatile("" : : "r"(address) : "memory"); }

__attribute__((noinline)) void zoo_scrub_stack(void) {
  char words[scrubbed_size];
  memset(words, 0, sizeof words);
  zoo_use(words);
}
