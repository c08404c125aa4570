/// The distinct stacks: an append-only section of the recording, and buckets of the numbers with equal hashes.

#include "recorder.h"

#include <string.h>

static inline wsr_stack *stack_at(uint64_t number) {
  return (wsr_stack *)(wsr_now.stacks + number * 8);
}

/// Looks through a bucket's chain from `number` to `last`, which was looked at before.
static inline uint64_t find(uint32_t number, uint32_t last, wsr_walked walked) {
  uint32_t hash = (uint32_t)walked.hash;
  while (number != last) {
    const wsr_stack *stack = stack_at(number);
    if (__atomic_load_n(&stack->hash, __ATOMIC_RELAXED) == hash && stack->count == walked.count && stack->end == walked.end
        && memcmp(stack + 1, walked.frames, walked.count * sizeof(uint64_t)) == 0) {
      return number;
    }
    number = stack->next;
  }
  return 0;
}

static WSR_NOINLINE uint64_t insert(wsr_walked walked, uint32_t generation, uint32_t *bucket, uint32_t seen) {
  uint64_t bytes = sizeof(wsr_stack) + walked.count * sizeof(uint64_t);
  uint64_t *used = &wsr_now.header->stacks_used;
  uint64_t offset = __atomic_load_n(used, __ATOMIC_RELAXED);
  do {
    if (offset + bytes > wsr_now.stacks_bytes) {
      __atomic_fetch_add(&wsr_now.header->lost_stacks, 1, __ATOMIC_RELAXED);
      return WSR_NO_STACK_FULL;
    }
  } while (!__atomic_compare_exchange_n(used, &offset, offset + bytes, true, __ATOMIC_RELAXED, __ATOMIC_RELAXED));
  uint64_t number = offset / 8;
  wsr_stack *stack = stack_at(number);
  stack->hash = (uint32_t)walked.hash;
  stack->generation = generation;
  stack->count = (uint16_t)walked.count;
  stack->end = (uint16_t)walked.end;
  memcpy(stack + 1, walked.frames, walked.count * sizeof(uint64_t));
  uint32_t head = seen;
  do {
    stack->next = head;
    if (__atomic_compare_exchange_n(bucket, &head, (uint32_t)number, false, __ATOMIC_RELEASE, __ATOMIC_ACQUIRE)) break;
    // Another thread was first, perhaps with this very stack: then our copy stays unused.
    uint64_t other = find(head, seen, walked);
    if (other != 0) return other;
    seen = head;
  } while (true);
  for (uint32_t i = 0; i < walked.count; i++) wsr_image_note(walked.frames[i] - 1);
  return number;
}

uint64_t wsr_stack_number(wsr_walked walked, uint32_t generation) {
  uint32_t *bucket = &wsr_now.buckets[(walked.hash >> 32) & (WSR_STACK_BUCKETS - 1)];
  uint32_t head = __atomic_load_n(bucket, __ATOMIC_ACQUIRE);
  uint64_t number = find(head, 0, walked);
  if (WSR_LIKELY(number != 0)) return number;
  return insert(walked, generation, bucket, head);
}

void wsr_stacks_end(uint64_t start, uint64_t end) {
  for (uint32_t bucket = 0; bucket < WSR_STACK_BUCKETS; bucket++) {
    uint32_t number = __atomic_load_n(&wsr_now.buckets[bucket], __ATOMIC_ACQUIRE);
    while (number != 0) {
      wsr_stack *stack = stack_at(number);
      const uint64_t *frames = (const uint64_t *)(stack + 1);
      for (uint32_t i = 0; i < stack->count; i++) {
        if (frames[i] - 1 < start || frames[i] - 1 >= end) continue;
        __atomic_store_n(&stack->hash, ~stack->hash, __ATOMIC_RELAXED); // never found again
        break;
      }
      number = stack->next;
    }
  }
}
