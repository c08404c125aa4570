/// Walks this thread's stack by the rules that the compiler left in .eh_frame (rules.c), and remembers the walk.
///
/// Tried: to follow frame pointers costs about 2 ns a frame, but the C library and most C++ keep none, and a walk that
/// trusts them there loses callers in silence. The rules are right in all of these, at about 8 ns a frame (libunwind
/// with its own cache: 10), most of it waiting: where a frame lies is known only when the one before has been read.
///
/// So the last walk of each thread is remembered. Where a walk reaches the same address with the same registers (pc, rsp,
/// rbp) as the last one did, each further step depends on nothing but the words that the last one read, and these words
/// lie at known places: if they are unchanged, so is the rest of the stack. To compare them takes a nanosecond a frame,
/// since the processor reads them all at once.

#define _GNU_SOURCE
#include "recorder.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#if defined(__x86_64__)

extern void *__libc_stack_end;

enum { PAGE = 4096, FARTHEST = 4 << 20 };

/// Can the page be read? The kernel reads the signal set before it refuses what is to be done with it.
static bool page_readable(uintptr_t page) {
  long result = syscall(SYS_rt_sigprocmask, ~0, (void *)page, NULL, 8);
  return !(result == -1 && errno == EFAULT);
}

/// Makes [from, to) part of the thread's readable range, page by page; or starts a new range at `from`, when the thread
/// runs on another stack than before.
static WSR_NOINLINE bool extend_readable(wsr_walker *walker, uintptr_t from, uintptr_t to) {
  int error = errno;
  uintptr_t first = from & ~(uintptr_t)(PAGE - 1), last = (to - 1) & ~(uintptr_t)(PAGE - 1);
  uintptr_t start = walker->readable_start, end = walker->readable_end;
  bool readable = last - first <= FARTHEST;
  if (readable && (first > end || last + PAGE < start || first + FARTHEST < start)) {
    start = first;
    end = first;
  }
  while (readable && start > first) {
    readable = page_readable(start - PAGE);
    if (readable) start -= PAGE;
  }
  while (readable && end <= last) {
    readable = page_readable(end);
    if (readable) end += PAGE;
  }
  if (readable) {
    walker->readable_start = start;
    walker->readable_end = end;
  }
  errno = error;
  return readable;
}

static inline bool readable(wsr_walker *walker, uintptr_t low, uintptr_t high) {
  return WSR_LIKELY(low >= walker->readable_start && high <= walker->readable_end)
    || extend_readable(walker, low, high);
}

static inline uint64_t word_at(uintptr_t address) {
  return *(const uint64_t *)address;
}

/// Swift marks the frame pointers that async functions save by bit 60. No frame pointer without the mark has the bit.
static const uint64_t async_mark = UINT64_C(1) << 60;

static inline uintptr_t frame_pointer(uint64_t saved) {
  return saved & ~async_mark;
}

/// A place for `bp_place` that never agrees: the step depends on more than the remembered words.
static const uint64_t never = ~UINT64_C(0);

/// How many remembered frames from `from` on are still true: the index of the last of them. Beyond a step that never agrees there
/// may be another stack, which may be gone by now: nothing is read there.
static inline uint32_t still_true(const wsr_walker *walker, uint32_t from) {
  const wsr_step *steps = walker->steps;
  uint32_t i = from;
  for (; i + 1 < WSR_MAX_FRAMES; i++) {
    const uint64_t *place = steps[i].bp_place;
    if (place == &never || frame_pointer(*place) != steps[i + 1].bp) break;
    if (word_at(steps[i + 1].sp - 8) != walker->frames[i + 1]) break;
  }
  return i;
}

typedef struct state {
  uint64_t lookup; ///< the address whose rule applies: in the instruction that called, or that was interrupted
  uintptr_t sp;
  uintptr_t bp;
} state;

enum result {
  STEPPED,
  STEPPED_BY_GUESS, ///< by a frame pointer that may belong to a frame further out
  STEPPED_BY_MORE,  ///< by more than the words that a remembered walk compares
  OUTERMOST,        ///< there is no caller: the rule says so
  ENDED,
  UNUSUAL,
};

/// Goes to the caller's frame by the rule of this one.
/// - Parameter bp_place: where the caller's rbp was read; NULL if it is unchanged.
static inline enum result step(wsr_walker *walker, state *at, const uint64_t **bp_place, uint32_t *end) {
  enum result result = STEPPED;
  uint32_t rule = wsr_rule_find(at->lookup);
  int32_t offset = (int32_t)(rule << (32 - WSR_RULE_SAVED_SHIFT)) >> (32 - WSR_RULE_OFFSET_BITS);
  uint32_t saved = rule >> WSR_RULE_SAVED_SHIFT;
  uint32_t kind = rule & 7;
  uintptr_t cfa;
  if (WSR_LIKELY(kind <= WSR_RULE_FRAME_POINTER)) {
    cfa = (kind == WSR_RULE_STACK_POINTER ? at->sp : at->bp) + (intptr_t)offset * 8;
  } else if (kind == WSR_RULE_OUTERMOST) {
    *end = WSR_END_OUTERMOST;
    return OUTERMOST;
  } else if (kind == WSR_RULE_SAVED_ADDRESS) {
    uintptr_t place = at->bp + (intptr_t)offset * 8;
    *end = WSR_END_UNREADABLE;
    if (place % 8 != 0 || place < at->sp || !readable(walker, place, place + 8)) return ENDED;
    cfa = word_at(place);
    result = STEPPED_BY_MORE;
  } else if (kind == WSR_RULE_SIGNAL) {
    const ucontext_t *context = (const ucontext_t *)at->sp;
    *end = WSR_END_UNREADABLE;
    if (!readable(walker, at->sp, at->sp + sizeof *context)) return ENDED;
    // The interrupted function may run on another stack, below or above: the order of addresses begins anew.
    at->lookup = (uint64_t)context->uc_mcontext.gregs[REG_RIP];
    at->bp = frame_pointer((uint64_t)context->uc_mcontext.gregs[REG_RBP]);
    at->sp = (uintptr_t)context->uc_mcontext.gregs[REG_RSP];
    return at->sp % 8 == 0 && readable(walker, at->sp, at->sp + 8) ? STEPPED_BY_MORE : ENDED;
  } else if (kind == WSR_RULE_NO_TABLES) {
    // ld.so's own beginning, which calls the initialisers, has no tables.
    *end = WSR_END_OUTERMOST;
    uintptr_t bottom = (uintptr_t)__libc_stack_end;
    if (at->sp <= bottom && bottom - at->sp <= 64) return OUTERMOST;
    // Follow the frame pointer if it leads to what could be a frame. If this function keeps none, its caller is missed.
    *end = WSR_END_NO_TABLES;
    if (at->bp % 8 != 0 || at->bp < at->sp || !readable(walker, at->bp, at->bp + 16)) return ENDED;
    if ((wsr_rule_find(word_at(at->bp + 8) - 1) & 7) == WSR_RULE_NO_TABLES) return ENDED;
    cfa = at->bp + 16;
    saved = 2;
    result = STEPPED_BY_GUESS;
  } else {
    return UNUSUAL;
  }
  *end = WSR_END_UNREADABLE;
  if (WSR_UNLIKELY(cfa <= at->sp || cfa % 8 != 0)) return ENDED;
  const uint64_t *place = NULL;
  if (saved == WSR_SAVED_AT_FRAME_POINTER) {
    if (at->bp % 8 != 0 || !readable(walker, at->bp, at->bp + 8)) return ENDED;
    place = (const uint64_t *)at->bp;
  } else if (saved != WSR_SAVED_NOWHERE) {
    place = (const uint64_t *)(cfa - 8 * (uintptr_t)saved);
  }
  uintptr_t lowest = place != NULL && (uintptr_t)place < cfa - 8 ? (uintptr_t)place : cfa - 8;
  if (WSR_UNLIKELY(!readable(walker, lowest, cfa))) return ENDED;
  uint64_t pc = word_at(cfa - 8);
  *end = WSR_END_OUTERMOST;
  if (WSR_UNLIKELY(pc == 0)) return ENDED;
  if (place != NULL) at->bp = frame_pointer(*place);
  *bp_place = place;
  at->sp = cfa;
  at->lookup = pc - 1;
  return result;
}

/// Puts the new frames in front of the remembered ones from `keep` on, and numbers the whole.
static uint32_t remember(wsr_walker *walker, uint32_t count, uint32_t keep, uint32_t end, uint32_t generation) {
  uint32_t first = keep - count;
  memcpy(walker->frames + first, walker->new_frames, count * sizeof(uint64_t));
  memcpy(walker->steps + first, walker->new_steps, count * sizeof(wsr_step));
  for (uint32_t i = keep; i > first; i--) {
    wsr_step *step = &walker->steps[i - 1];
    if (step->bp_place == NULL) step->bp_place = i < WSR_MAX_FRAMES ? &walker->steps[i].bp : &never;
  }
  // The whole parts that are kept have their numbers; unless the stack ends otherwise, which is in its outermost part.
  uint32_t at = WSR_MAX_FRAMES;
  if (end == walker->end) at -= (WSR_MAX_FRAMES - keep) / WSR_PART_FRAMES * WSR_PART_FRAMES;
  const wsr_step *outer = at < WSR_MAX_FRAMES ? &walker->steps[at] : NULL;
  walker->first = first;
  walker->end = end;
  walker->generation = generation;
  uint32_t number =
    wsr_stack_number(walker->frames + first, walker->steps + first, at - first, outer, end, generation);
  if (WSR_UNLIKELY(number < WSR_FIRST_STACK)) wsr_walker_forget(walker);
  return walker->number = number;
}

uint32_t wsr_walk(wsr_walker *walker, void *const *frame) {
  uint32_t generation = __atomic_load_n(&wsr_now.header->generation, __ATOMIC_RELAXED);
  state at = {.lookup = (uint64_t)(uintptr_t)frame[1] - 1, .sp = (uintptr_t)(frame + 2), .bp = frame_pointer((uintptr_t)frame[0])};
  // The next remembered frame that could be the one which the walk has reached.
  uint32_t next = walker->first;
  if (WSR_UNLIKELY(walker->generation != generation || wsr_asked.libunwind_only)) next = WSR_MAX_FRAMES;
  uint32_t count = 0, end = WSR_END_DEPTH, guessed = 0;
  if (WSR_UNLIKELY(wsr_asked.libunwind_only)) goto unusual;
  if (!readable(walker, (uintptr_t)frame, at.sp)) return WSR_NO_STACK_FULL;

  for (;;) {
    while (next < WSR_MAX_FRAMES && walker->steps[next].sp < at.sp) next++;
    if (next < WSR_MAX_FRAMES && walker->steps[next].sp == at.sp && walker->steps[next].bp == at.bp
        && walker->frames[next] == at.lookup + 1) {
      uint32_t last = still_true(walker, next);
      if (WSR_LIKELY(last == WSR_MAX_FRAMES - 1 && walker->complete && count <= next)) {
        if (count == 0 && next == walker->first) return walker->number;
        return remember(walker, count, next, (walker->end & WSR_END_VALUES) | guessed, generation);
      }
      // Known up to `last`, whose own step has to be made anew.
      uint32_t known = last - next;
      if (known > WSR_MAX_FRAMES - count) known = WSR_MAX_FRAMES - count;
      memcpy(walker->new_frames + count, walker->frames + next, known * sizeof(uint64_t));
      memcpy(walker->new_steps + count, walker->steps + next, known * sizeof(wsr_step));
      for (uint32_t i = 0; i < known; i++) {
        // Places in the remembered walk itself will be others in the new one.
        wsr_step *step = &walker->new_steps[count + i];
        if (step->bp_place == &walker->steps[next + i + 1].bp) step->bp_place = NULL;
      }
      count += known;
      at = (state){.lookup = walker->frames[last] - 1, .sp = walker->steps[last].sp, .bp = walker->steps[last].bp};
      next = last + 1;
    }
    if (count == WSR_MAX_FRAMES) break;
    walker->new_frames[count] = at.lookup + 1;
    wsr_step *made = &walker->new_steps[count++];
    *made = (wsr_step){.sp = at.sp, .bp = at.bp, .bp_place = &never};
    enum result result = step(walker, &at, &made->bp_place, &end);
    if (WSR_LIKELY(result == STEPPED)) continue;
    made->bp_place = &never;
    if (result == STEPPED_BY_GUESS) guessed = WSR_END_GUESSED;
    if (result == STEPPED_BY_MORE) next = walker->first;
    if (result == OUTERMOST || result == ENDED) {
      walker->complete = result == OUTERMOST;
      return remember(walker, count, WSR_MAX_FRAMES, end | guessed, generation);
    }
    if (result == UNUSUAL) goto unusual;
  }
  walker->complete = false;
  end = WSR_END_DEPTH;
  return remember(walker, count, WSR_MAX_FRAMES, end | guessed, generation);

unusual:
  wsr_walker_forget(walker);
  count = wsr_fallback_walk(walker, frame, &end);
  return wsr_stack_number(walker->new_frames, NULL, count, NULL, end, generation);
}

#else

uint32_t wsr_walk(wsr_walker *walker, void *const *frame) {
  uint32_t generation = __atomic_load_n(&wsr_now.header->generation, __ATOMIC_RELAXED), end;
  uint32_t count = wsr_fallback_walk(walker, frame, &end);
  return wsr_stack_number(walker->new_frames, NULL, count, NULL, end, generation);
}

#endif
