#include "CZoo.h"

#include <stdlib.h>

static struct zoo_handler *registered;
static const void *slots[16];
static _Thread_local void *thread_slot;

struct zoo_handler *zoo_handler_create(zoo_callback call, void *context) {
  struct zoo_handler *handler = malloc(sizeof *handler);
  if (handler == NULL) {
    abort();
  }
  handler->call = call;
  handler->context = context;
  handler->next = NULL;
  return handler;
}

void zoo_handler_free(struct zoo_handler *handler) { free(handler); }

void zoo_register(zoo_callback call, void *context) {
  struct zoo_handler *handler = zoo_handler_create(call, context);
  handler->next = registered;
  registered = handler;
}

void zoo_unregister_all(void) {
  while (registered != NULL) {
    struct zoo_handler *next = registered->next;
    free(registered);
    registered = next;
  }
}

void zoo_slot_set(size_t slot, const void *pointer) { slots[slot % 16] = pointer; }

void *zoo_slot(size_t slot) { return (void *)slots[slot % 16]; }

void zoo_slot_spin(size_t slot) {
  const void *volatile *place = &slots[slot % 16];
#if defined(__x86_64__)
  __asm__ volatile("movq (%0), %%xmm7\n\tmovq $0, (%0)\n1:\tpause\n\tjmp 1b" : : "r"(place) : "memory", "xmm7");
#else
  __asm__ volatile("ldr d7, [%0]\n\tstr xzr, [%0]\n1:\tyield\n\tb 1b" : : "r"(place) : "memory", "v7");
#endif
}

void zoo_slot_hold(size_t slot) {
  const void *volatile *place = &slots[slot % 16];
#if defined(__x86_64__)
  __asm__ volatile("movq (%0), %%r12\n\tmovq $0, (%0)\n1:\tpause\n\tjmp 1b" : : "r"(place) : "memory", "r12");
#else
  __asm__ volatile("ldr x21, [%0]\n\tstr xzr, [%0]\n1:\tyield\n\tb 1b" : : "r"(place) : "memory", "x21");
#endif
}

void zoo_thread_slot_set(void *pointer) { thread_slot = pointer; }

void *zoo_thread_slot(void) { return thread_slot; }
