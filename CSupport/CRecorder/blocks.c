/// Live blocks: a shadow word for each 32 bytes of heap, and the choice of samples.
///
/// Words are stored by whoever owns the block at that moment: after the allocator gave it out, before it gets it back.
/// So there is one writer at a time, and no lock.

#include "recorder.h"

#include <errno.h>
#include <time.h>

__thread wsr_thread wsr_this_thread __attribute__((tls_model("initial-exec")));

// MARK: the shadow

uint8_t wsr_filter[1 << WSR_FILTER_BITS];

static void filter_change(const void *block, int change) {
  uint8_t *count = &wsr_filter[(uintptr_t)block >> 12 & WSR_FILTER_MASK];
  uint8_t old = __atomic_load_n(count, __ATOMIC_RELAXED);
  do {
    if (old == UINT8_MAX) return;
  } while (!__atomic_compare_exchange_n(count, &old, (uint8_t)(old + change), true, __ATOMIC_RELAXED, __ATOMIC_RELAXED));
}

/// The region for 2^26 bytes of address space, made now. 0 if there is no room for one.
static WSR_NOINLINE uint32_t make_region(uint64_t index) {
  uint32_t *entry = &wsr_now.directory[index];
  if (__atomic_load_n(&wsr_now.header->region_count, __ATOMIC_RELAXED) >= wsr_now.region_capacity) return 0;
  if (__atomic_load_n(&wsr_now.is_full, __ATOMIC_RELAXED)) return 0;
  uint32_t number = __atomic_fetch_add(&wsr_now.header->region_count, 1, __ATOMIC_RELAXED);
  if (number >= wsr_now.region_capacity) {
    __atomic_fetch_sub(&wsr_now.header->region_count, 1, __ATOMIC_RELAXED);
    return 0;
  }
  uint64_t offset = wsr_now.header->regions_offset + number * wsr_now.region_bytes;
  if (!wsr_recording_reserve(offset, wsr_now.region_bytes)) return 0;
  __atomic_store_n(&wsr_now.bases[number], index << WSR_HEAP_SHIFT, __ATOMIC_RELEASE);
  uint32_t expected = 0;
  if (!__atomic_compare_exchange_n(entry, &expected, number + 1, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
    // Another thread made one at the same time; ours stays unused, which costs no memory. Its base may be 0 as well.
    __atomic_store_n(&wsr_now.bases[number], 0, __ATOMIC_RELEASE);
    return expected;
  }
  return number + 1;
}

/// The shadow word of the granule where `block` begins; NULL if there is none (and `make` is false, or no room).
static inline uint64_t *shadow(const void *block, bool make) {
  uint64_t address = (uint64_t)(uintptr_t)block;
  uint64_t index = address >> WSR_HEAP_SHIFT;
  if (WSR_UNLIKELY(address >> WSR_ADDRESS_BITS != 0)) return NULL;
  uint32_t region = __atomic_load_n(&wsr_now.directory[index], __ATOMIC_ACQUIRE);
  if (WSR_UNLIKELY(region == 0)) {
    if (!make || (region = make_region(index)) == 0) return NULL;
  }
  uint64_t granule = (address & ((UINT64_C(1) << WSR_HEAP_SHIFT) - 1)) >> WSR_GRANULE_SHIFT;
  return (uint64_t *)(wsr_now.regions + (region - 1) * wsr_now.region_bytes) + granule;
}

static inline void store(void *block, size_t size, uint64_t stack) {
  uint64_t *word = shadow(block, true);
  if (WSR_UNLIKELY(word == NULL)) {
    __atomic_fetch_add(&wsr_now.header->lost_blocks, 1, __ATOMIC_RELAXED);
    return;
  }
  uint64_t half = ((uintptr_t)block >> (WSR_GRANULE_SHIFT - 1)) & 1;
  uint64_t stored = size < WSR_LARGEST_SIZE ? size : WSR_LARGEST_SIZE;
  __atomic_store_n(word, stored << WSR_SIZE_SHIFT | stack << WSR_STACK_SHIFT | half, __ATOMIC_RELEASE);
}

void wsr_block_allocated(void *block, size_t size, void *const *frame) {
  wsr_thread *thread = &wsr_this_thread;
  uint64_t stack = WSR_NO_STACK_INTERRUPTED;
  if (WSR_LIKELY(!thread->busy)) {
    thread->busy = true;
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
    wsr_walker *walker = thread->walker;
    if (WSR_UNLIKELY(walker == NULL)) walker = thread->walker = wsr_walker_take();
    stack = WSR_LIKELY(walker != NULL) ? wsr_walk(walker, frame) : WSR_NO_STACK_FULL;
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
    thread->busy = false;
  }
  store(block, size, stack);
}

uint64_t wsr_block_freed(void *block) {
  uint64_t *word = shadow(block, false);
  if (word == NULL) return 0;
  uint64_t value = __atomic_load_n(word, __ATOMIC_RELAXED);
  // The word may belong to the neighbour that begins in the granule's other half.
  if (value == 0 || (value & 1) != (((uintptr_t)block >> (WSR_GRANULE_SHIFT - 1)) & 1)) return 0;
  __atomic_store_n(word, 0, __ATOMIC_RELEASE);
  if (wsr_state_now() == WSR_SAMPLED) filter_change(block, -1);
  return value;
}

void wsr_block_kept(void *block, uint64_t value) {
  uint64_t *word = shadow(block, true);
  if (word == NULL) return;
  if (wsr_state_now() == WSR_SAMPLED) filter_change(block, +1);
  __atomic_store_n(word, value, __ATOMIC_RELEASE);
}

// MARK: sampling

/// A number in (0, 1], by xorshift64*.
static double draw_uniform(wsr_thread *thread) {
  uint64_t bits = thread->random;
  bits ^= bits >> 12;
  bits ^= bits << 25;
  bits ^= bits >> 27;
  thread->random = bits;
  return (double)(((bits * UINT64_C(0x2545f4914f6cdd1d)) >> 11) + 1) * 0x1p-53;
}

/// -ln(u) for u in (0, 1], within 1e-7: our own, since libm is not otherwise needed by every program.
static double minus_logarithm(double u) {
  union { double value; uint64_t bits; } parts = {.value = u};
  int exponent = (int)(parts.bits >> 52) - 1023;
  parts.bits = (parts.bits & ((UINT64_C(1) << 52) - 1)) | UINT64_C(1023) << 52;
  double t = (parts.value - 1) / (parts.value + 1); // ln m = 2 artanh t, m in [1, 2)
  double t2 = t * t;
  double sum = 1 + t2 * (1.0 / 3 + t2 * (1.0 / 5 + t2 * (1.0 / 7 + t2 * (1.0 / 9 + t2 * (1.0 / 11 + t2 / 13)))));
  return -(exponent * 0.69314718055994530942 + 2 * t * sum);
}

/// Bytes to the next point of a Poisson process with the asked mean.
static uint64_t draw_distance(wsr_thread *thread) {
  return (uint64_t)(minus_logarithm(draw_uniform(thread)) * (double)wsr_asked.sample_mean) + 1;
}

void wsr_block_sampled(void *block, size_t size, void *const *frame) {
  wsr_thread *thread = &wsr_this_thread;
  if (thread->busy) return;
  int error = errno;
  if (!thread->drawn) {
    // The thread's first allocation: the counter was 0, not a drawn distance.
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    thread->drawn = true;
    thread->random = ((uint64_t)(uintptr_t)thread ^ (uint64_t)now.tv_nsec << 32 ^ (uint64_t)now.tv_sec) | 1;
    for (int i = 0; i < 8; i++) draw_uniform(thread);
    thread->bytes_to_sample = draw_distance(thread);
  }
  if (thread->bytes_to_sample > size) {
    thread->bytes_to_sample -= size + 1;
  } else {
    // The process has no memory: where the block ends is as good a place as any to draw the next point from.
    thread->bytes_to_sample = draw_distance(thread);
    filter_change(block, +1);
    wsr_block_allocated(block, size, frame);
  }
  errno = error;
}
