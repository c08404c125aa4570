/// The distinct stacks, in parts: an append-only section of the recording, and buckets of the numbers with equal hashes.
///
/// Tried: each stack as one record. swift-format's parser, which recurses, then wrote 67 MB for 370 kB of source, and most of
/// recording's time went into fresh pages and compares.

#include "recorder.h"

#include <string.h>

typedef struct part {
  uint32_t parent;
  uint32_t hash;
  uint16_t count;
  uint16_t end;
  const uint64_t *frames;
} part;

static inline wsr_stack *stack_at(uint64_t number) {
  return (wsr_stack *)(wsr_now.stacks + number * 8);
}

/// Looks through a bucket's chain from `number` to `last`, which was looked at before.
static inline uint32_t find(uint32_t number, uint32_t last, const part *part) {
  while (number != last) {
    const wsr_stack *stack = stack_at(number);
    if (__atomic_load_n(&stack->hash, __ATOMIC_RELAXED) == part->hash && stack->parent == part->parent
        && stack->count == part->count && stack->end == part->end) {
      const uint64_t *frames = (const uint64_t *)(stack + 1);
      uint64_t difference = 0;
      for (uint32_t i = 0; i < part->count; i++) difference |= frames[i] ^ part->frames[i];
      if (difference == 0) return number;
    }
    number = stack->next;
  }
  return 0;
}

/// Makes sure that the first `bytes` of the section can be written to.
static WSR_NOINLINE bool reserve(uint64_t bytes) {
  enum { STEP = 1 << 20 };
  uint64_t start = __atomic_load_n(&wsr_now.stacks_reserved, __ATOMIC_ACQUIRE);
  if (bytes <= start) return true;
  uint64_t end = (bytes + STEP - 1) / STEP * STEP;
  if (end > wsr_now.stacks_bytes || !wsr_recording_reserve(wsr_now.header->stacks_offset + start, end - start)) return false;
  // Another thread may have reserved more by now.
  while (start < end
         && !__atomic_compare_exchange_n(&wsr_now.stacks_reserved, &start, end, false, __ATOMIC_RELEASE, __ATOMIC_ACQUIRE)) {}
  return true;
}

static WSR_NOINLINE uint32_t insert(const part *part, uint32_t generation, uint32_t *bucket, uint32_t seen) {
  uint64_t bytes = sizeof(wsr_stack) + part->count * sizeof(uint64_t);
  uint64_t *used = &wsr_now.header->stacks_used;
  uint64_t offset = __atomic_load_n(used, __ATOMIC_RELAXED);
  do {
    if (WSR_UNLIKELY(offset + bytes > __atomic_load_n(&wsr_now.stacks_reserved, __ATOMIC_ACQUIRE)) && !reserve(offset + bytes)) {
      __atomic_fetch_add(&wsr_now.header->lost_stacks, 1, __ATOMIC_RELAXED);
      return WSR_NO_STACK_FULL;
    }
  } while (!__atomic_compare_exchange_n(used, &offset, offset + bytes, true, __ATOMIC_RELAXED, __ATOMIC_RELAXED));
  uint32_t number = (uint32_t)(offset / 8);
  wsr_stack *stack = stack_at(number);
  stack->hash = part->hash;
  stack->parent = part->parent;
  stack->generation = generation;
  stack->count = part->count;
  stack->end = part->end;
  memcpy(stack + 1, part->frames, part->count * sizeof(uint64_t));
  // Before anybody can find the part: whoever does stores its number, and a reader may look for its images at once.
  for (uint32_t i = 0; i < part->count; i++) wsr_image_note(part->frames[i] - 1);
  uint32_t head = seen;
  while (true) {
    stack->next = head;
    if (__atomic_compare_exchange_n(bucket, &head, number, false, __ATOMIC_RELEASE, __ATOMIC_ACQUIRE)) break;
    // Another thread was first, perhaps with this very part: then our copy stays unused.
    uint32_t other = find(head, seen, part);
    if (other != 0) return other;
    seen = head;
  }
  return number;
}

static inline uint64_t hash_of(uint32_t further_out, const uint64_t *frames, uint32_t count) {
  uint64_t hash = (uint64_t)further_out + count;
  for (uint32_t i = 0; i < count; i++) hash = wsr_mix(hash, frames[i]);
  return hash;
}

static inline uint32_t *bucket_of(uint64_t hash) {
  return &wsr_now.buckets[(hash >> 32) & (WSR_STACK_BUCKETS - 1)];
}

static inline uint32_t smaller(uint32_t a, uint32_t b) {
  return a < b ? a : b;
}

uint32_t wsr_stack_number(
    const uint64_t *frames, wsr_step *steps, uint32_t count, const wsr_step *outer, uint32_t end, uint32_t generation) {
  uint64_t hashes[WSR_MAX_FRAMES / WSR_PART_FRAMES];
  uint32_t parts = count == 0 ? 1 : (count + WSR_PART_FRAMES - 1) / WSR_PART_FRAMES;
  // Hashes come from frames, not from the numbers of parts, so that the places of all parts can be fetched at once.
  uint32_t hash = outer != NULL ? outer->hash : end + 1;
  for (uint32_t i = 0, at = count; i < parts; i++) {
    uint32_t held = smaller(at, WSR_PART_FRAMES);
    at -= held;
    hashes[i] = hash_of(hash, frames + at, held);
    hash = (uint32_t)hashes[i];
    __builtin_prefetch(bucket_of(hashes[i]));
  }
  if (parts > 1) {
    for (uint32_t i = 0; i < parts; i++) {
      __builtin_prefetch(stack_at(__atomic_load_n(bucket_of(hashes[i]), __ATOMIC_RELAXED)));
    }
  }
  uint32_t number = outer != NULL ? outer->number : 0;
  for (uint32_t i = 0, at = count; i < parts; i++) {
    uint32_t held = smaller(at, WSR_PART_FRAMES);
    at -= held;
    part part = {
      .parent = number, .hash = (uint32_t)hashes[i], .count = (uint16_t)held, .end = (uint16_t)(number == 0 ? end : 0),
      .frames = frames + at};
    uint32_t *bucket = bucket_of(hashes[i]);
    uint32_t head = __atomic_load_n(bucket, __ATOMIC_ACQUIRE);
    number = find(head, 0, &part);
    if (WSR_UNLIKELY(number == 0)) number = insert(&part, generation, bucket, head);
    if (WSR_UNLIKELY(number < WSR_FIRST_STACK)) break;
    if (steps != NULL) {
      steps[at].number = number;
      steps[at].hash = part.hash;
    }
  }
  return number;
}

void wsr_stacks_end(uint64_t start, uint64_t end) {
  for (uint32_t bucket = 0; bucket < WSR_STACK_BUCKETS; bucket++) {
    uint32_t number = __atomic_load_n(&wsr_now.buckets[bucket], __ATOMIC_ACQUIRE);
    while (number != 0) {
      wsr_stack *stack = stack_at(number);
      const uint64_t *frames = (const uint64_t *)(stack + 1);
      for (uint32_t i = 0; i < stack->count; i++) {
        if (frames[i] - 1 < start || frames[i] - 1 >= end) continue;
        // Never found again, and with it none that goes on with it.
        __atomic_store_n(&stack->hash, ~stack->hash, __ATOMIC_RELAXED);
        break;
      }
      number = stack->next;
    }
  }
}
