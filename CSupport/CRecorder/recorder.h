#ifndef WEAKSPOT_RECORDER_H
#define WEAKSPOT_RECORDER_H

/// What the parts of the preloaded library share. Flow of one allocation:
///
///     interpose.c (malloc …) → blocks.c (is it recorded? the shadow word)
///                                → walk.c (the frames; rules.c: how to leave each) or fallback.c (libunwind)
///                                  with what threads.c keeps for each thread
///                                → stacks.c (its number; images.c: the objects it leads through)
///     lock.c keeps mlockall off the recording.
///     start.c makes the recording (recording.c) at the first allocation, and decides for children.
///
/// Nothing here allocates, takes a lock, or calls into ld.so, except where a comment says so: an allocation may come from
/// a signal handler, from inside dlopen, or from a thread that is just being made or ended.

#include "CRecorder.h"

#include <stdbool.h>

#define WSR_HIDDEN __attribute__((visibility("hidden")))
#define WSR_EXPORT __attribute__((visibility("default")))
#define WSR_NOINLINE __attribute__((noinline))
#define WSR_ALIGNED __attribute__((aligned(64)))
#define WSR_LIKELY(condition) __builtin_expect(!!(condition), 1)
#define WSR_UNLIKELY(condition) __builtin_expect(!!(condition), 0)

/// Does this process record? The word lies alone in a page that a fork child gets filled with zeros (MADV_WIPEONFORK),
/// so that the child is undecided until its first allocation, however it was forked.
enum wsr_state {
  WSR_UNDECIDED = 0,
  WSR_OFF,
  WSR_FOREIGN, ///< another library than the C library serves malloc: hand everything on to it
  WSR_FULL,
  WSR_SAMPLED,
};

typedef struct wsr_switch {
  uint32_t state;       ///< enum wsr_state
  uint32_t filter_mask; ///< while sampling, all of the filter; else 0, so that each block is looked at
} wsr_switch;

extern WSR_HIDDEN union wsr_switch_page {
  wsr_switch now;
  char page[4096];
} wsr_switch_page;

static inline enum wsr_state wsr_state_now(void) {
  return (enum wsr_state)__atomic_load_n(&wsr_switch_page.now.state, __ATOMIC_RELAXED);
}

/// What the environment asks for.
typedef struct wsr_configuration {
  uint64_t sample_mean; ///< 0: full
  bool children;
  bool libunwind_only;  ///< walk no stack ourselves: for tests and measuring
  char output[1024];    ///< empty: a memfd
} wsr_configuration;

/// The recording of this process, as mapped. Set once before the switch is turned on.
typedef struct wsr_recording {
  wsr_header *header;
  wsr_image *images;
  uint64_t *bases;
  uint32_t *directory;
  uint32_t *buckets;
  char *stacks;
  char *regions;
  uint64_t region_bytes;
  uint32_t region_capacity;
  uint64_t stacks_bytes;
  uint64_t stacks_reserved; ///< bytes of the stacks that the disk has room for; grows
  int descriptor;
  uint64_t device, inode;
  bool is_file;             ///< on a disk, which may become full: nothing is touched that was not reserved
  bool is_full;             ///< the disk had no room for more
  char path[1040];          ///< of the file
} wsr_recording;

extern WSR_HIDDEN wsr_recording wsr_now;
extern WSR_HIDDEN wsr_configuration wsr_asked;

/// One frame of a remembered walk, besides its address: the state in which the walk reached it.
typedef struct wsr_step {
  uintptr_t sp;
  uintptr_t bp;
  /// Where the next frame's rbp was read from; our own copy of it where the rule leaves rbp alone.
  const uint64_t *bp_place;
  uint32_t number; ///< of the part that begins here; set where a whole one does
  uint32_t hash;   ///< of that part and all further out
} wsr_step;

/// What a thread needs to walk its stack: a slot of a pool (threads.c), since it is too much for static TLS, which is
/// taken from each thread's stack.
typedef struct wsr_walker {
  uint32_t thread;          ///< its owner's tid; 0: free
  uint32_t generation;      ///< of the remembered walk
  uint32_t first;           ///< where the remembered walk begins in `frames` and `steps`; it reaches to their ends
  uint32_t end;             ///< WSR_END_… and flags, as its outermost part has it
  bool complete;            ///< it reached the outermost frame, by rules that the remembered words suffice for
  uint32_t number;          ///< its stack number
  uintptr_t readable_start; ///< a range of this thread's stack that was found readable
  uintptr_t readable_end;
  uint64_t frames[WSR_MAX_FRAMES];
  wsr_step steps[WSR_MAX_FRAMES];
  uint64_t new_frames[WSR_MAX_FRAMES];
  wsr_step new_steps[WSR_MAX_FRAMES];
} wsr_walker;

/// A thread's own state. In static TLS (initial-exec), so that to reach it never allocates.
typedef struct wsr_thread {
  bool busy; ///< a handler that allocates now has interrupted the recorder
  bool drawn;
  uint64_t bytes_to_sample; ///< 0: not yet drawn, or reached
  uint64_t random;
  wsr_walker *walker;
} wsr_thread;

extern WSR_HIDDEN __thread wsr_thread wsr_this_thread __attribute__((tls_model("initial-exec")));

// start.c

/// Decides whether this process records, at its first allocation or in the constructor. Keeps errno.
WSR_HIDDEN void wsr_start(void);

/// The functions that stand behind ours; set by wsr_start.
typedef struct wsr_functions {
  void *(*malloc)(size_t);
  void *(*calloc)(size_t, size_t);
  void *(*realloc)(void *, size_t);
  void (*free)(void *);
  void *(*memalign)(size_t, size_t);
  void *(*aligned_alloc)(size_t, size_t);
  int (*posix_memalign)(void **, size_t, size_t);
  void *(*valloc)(size_t);
  void *(*pvalloc)(size_t);
  int (*dlclose)(void *);
  int (*mlockall)(int);
  int (*execve)(const char *, char *const[], char *const[]);
  int (*execvpe)(const char *, char *const[], char *const[]);
  int (*fexecve)(int, char *const[], char *const[]);
} wsr_functions;
extern WSR_HIDDEN wsr_functions wsr_next;

/// The state; decides it first if need be.
static inline enum wsr_state wsr_begin(void) {
  enum wsr_state state = wsr_state_now();
  if (WSR_UNLIKELY(state == WSR_UNDECIDED)) {
    wsr_start();
    state = wsr_state_now();
  }
  return state;
}

// exec.c

/// Keeps an entry of the environment for a program that this one may become by exec.
WSR_HIDDEN void wsr_exec_keep(const char *entry);

// recording.c

/// Makes the memory of a recording and fills in its header. Returns NULL, or what failed, with errno or with 0 there.
WSR_HIDDEN const char *wsr_recording_make(wsr_recording *recording, const wsr_configuration *asked);
/// Makes sure that `bytes` from `offset` on can be written to: a page of a mapped file for which the disk has no room would
/// be a SIGBUS. Returns false if there is no room, now or earlier. Keeps errno.
WSR_HIDDEN bool wsr_recording_reserve(uint64_t offset, uint64_t bytes);

// blocks.c

/// Notes that `block` of `size` bytes was allocated by the function whose frame is `frame` (saved frame pointer and
/// return address). The block is not yet known to any other thread.
WSR_HIDDEN void wsr_block_allocated(void *block, size_t size, void *const *frame);
/// As above, while sampling: decides whether the block is a sample.
WSR_HIDDEN void wsr_block_sampled(void *block, size_t size, void *const *frame);
/// Forgets `block`, which is about to be freed, and returns its shadow word; 0 if it had none.
WSR_HIDDEN uint64_t wsr_block_freed(void *block);
/// Takes back a wsr_block_freed: the block lives on.
WSR_HIDDEN void wsr_block_kept(void *block, uint64_t word);

// threads.c

/// Makes room for the walkers. Returns false if there is no address space for them.
WSR_HIDDEN bool wsr_walkers_make(void);
/// Says in the header where they are: their words are none of the program's.
WSR_HIDDEN void wsr_walkers_tell(wsr_header *header);
/// A walker for the calling thread; NULL if there are too many threads.
WSR_HIDDEN wsr_walker *wsr_walker_take(void);
/// Forgets the remembered walk.
WSR_HIDDEN void wsr_walker_forget(wsr_walker *walker);
/// Makes the walker of the thread that forked that of the child's only thread: its tid is another one, and the remembered walk
/// has a number in the parent's recording.
WSR_HIDDEN void wsr_walker_inherit(wsr_walker *walker);

/// While sampling, most blocks that are freed have no word, and to look would make the kernel allocate the page. The
/// filter counts the samples that begin in a page of the heap, or in another that is a multiple of 4 GiB away; a count that reached
/// 255 stays. The first is never 0: all blocks are taken for that page's where the mask is 0.
enum { WSR_FILTER_BITS = 20, WSR_FILTER_MASK = (1 << WSR_FILTER_BITS) - 1 };
extern WSR_HIDDEN uint8_t wsr_filter[1 << WSR_FILTER_BITS];

/// Is it certain that `block` has no word?
static inline bool wsr_filter_passes(const void *block) {
  uint32_t mask = __atomic_load_n(&wsr_switch_page.now.filter_mask, __ATOMIC_RELAXED);
  return __atomic_load_n(&wsr_filter[(uint32_t)((uintptr_t)block >> 12) & mask], __ATOMIC_RELAXED) == 0;
}

// walk.c

/// The number of this thread's stack, from the caller of the function whose frame is `frame` outwards.
WSR_HIDDEN uint32_t wsr_walk(wsr_walker *walker, void *const *frame);
/// Mixes a frame into a hash.
static inline uint64_t wsr_mix(uint64_t hash, uint64_t address) {
  hash = (hash ^ address) * UINT64_C(0x9e3779b97f4a7c15);
  return hash ^ (hash >> 29);
}

// rules.c

/// How to get from a frame to its caller's, for one code address, in 32 bits:
/// kind (3) | offset of the canonical frame address in words, signed (17) | where the caller's rbp is (12).
enum wsr_rule_kind {
  WSR_RULE_MISSING = 0,
  WSR_RULE_STACK_POINTER, ///< CFA = rsp + offset
  WSR_RULE_FRAME_POINTER, ///< CFA = rbp + offset
  WSR_RULE_SAVED_ADDRESS, ///< CFA = the word at rbp + offset (functions that realign their stack)
  WSR_RULE_SIGNAL,        ///< rsp points at the ucontext that the kernel saved
  WSR_RULE_OUTERMOST,     ///< the thread's first function
  WSR_RULE_NO_TABLES,     ///< no unwind information
  WSR_RULE_UNUSUAL,       ///< for libunwind
};
enum { WSR_RULE_OFFSET_SHIFT = 3, WSR_RULE_OFFSET_BITS = 17, WSR_RULE_SAVED_SHIFT = 20 };
enum { WSR_SAVED_NOWHERE = 0, WSR_SAVED_AT_FRAME_POINTER = 4095 }; ///< else: CFA - 8 × value

/// A cache of all threads: one word an address, its upper bits as a tag (32), and the rule (32). A word is stored whole,
/// so that no lock is needed. Index and tag together are the address, so that no two addresses are confused.
enum { WSR_RULE_CACHE_BITS = WSR_ADDRESS_BITS - 32 };
extern WSR_HIDDEN uint64_t wsr_rule_cache[1 << WSR_RULE_CACHE_BITS];

static inline uint64_t *wsr_rule_place(uint64_t address) {
  return &wsr_rule_cache[(address ^ address >> WSR_RULE_CACHE_BITS) & ((1 << WSR_RULE_CACHE_BITS) - 1)];
}

/// Computes the rule for `address` from the .eh_frame of the object that holds it, and keeps it in the cache.
/// Signal-safe, takes no lock.
WSR_HIDDEN uint32_t wsr_rule_compute(uint64_t address);

// rows.c

/// Where a register's value of the caller is.
enum wsr_form { WSR_UNCHANGED, WSR_IN_FRAME, WSR_AT_FRAME_POINTER, WSR_UNDEFINED, WSR_ELSEWHERE };

/// DWARF's numbers of registers.
enum { WSR_RBP = 6, WSR_RSP = 7 };

/// One row of a function's table: how to leave it from a range of its addresses.
typedef struct wsr_row {
  uint64_t cfa_register;
  int64_t cfa_offset;
  bool cfa_saved;   ///< the CFA is the word at rbp + cfa_offset
  bool cfa_unusual;
  bool signal;      ///< the frame is the kernel's
  enum wsr_form rbp;
  int64_t rbp_offset;
  enum wsr_form return_address;
  int64_t return_address_offset;
} wsr_row;

enum wsr_row_found { WSR_ROW_FOUND, WSR_ROW_NONE, WSR_ROW_UNUSUAL };

/// Finds the row for `address` in the tables of the object that holds it, whose .eh_frame_hdr is `header`. WSR_ROW_NONE: the tables
/// have no function there; WSR_ROW_UNUSUAL: they are of a form that is not read here. Signal-safe, allocates nothing.
WSR_HIDDEN enum wsr_row_found wsr_row_find(const uint8_t *header, uint64_t address, wsr_row *found);

// prologue.c

/// Does the function that holds `address`, and has no unwind tables, begin by setting up a frame pointer? Reads the code between `text` and
/// `address`.
WSR_HIDDEN bool wsr_keeps_frame_pointer(uint64_t address, uint64_t text);

static inline uint32_t wsr_rule_find(uint64_t address) {
  uint64_t word = __atomic_load_n(wsr_rule_place(address), __ATOMIC_RELAXED);
  if (WSR_LIKELY(word >> 32 == address >> WSR_RULE_CACHE_BITS && (uint32_t)word != WSR_RULE_MISSING)) return (uint32_t)word;
  return wsr_rule_compute(address);
}

/// Is this an address of a thread's first function, as far as can be told?
static inline bool wsr_is_outermost(uint64_t address) {
#if defined(__x86_64__)
  return (wsr_rule_find(address) & 7) == WSR_RULE_OUTERMOST;
#else
  (void)address;
  return true;
#endif
}

/// Forgets every rule: a library was unloaded.
WSR_HIDDEN void wsr_rules_forget(void);

// stacks.c

/// The number of a stack: of an equal one, or of a new copy.
/// - frames, count: Its innermost frames; what is further out, if anything, is `outer`, whose number is known.
/// - steps: Gets number and hash of each part, where it begins; or NULL.
WSR_HIDDEN uint32_t wsr_stack_number(
  const uint64_t *frames, wsr_step *steps, uint32_t count, const wsr_step *outer, uint32_t end, uint32_t generation);
/// Gives no number any more that was given to a part with frames in [start, end): an image there was unloaded. Equal addresses
/// will be other functions.
WSR_HIDDEN void wsr_stacks_end(uint64_t start, uint64_t end);

// images.c

/// Makes sure that the image which holds `address` is in the recording.
WSR_HIDDEN void wsr_image_note(uint64_t address);
/// After dlclose: ends the images that are gone, and begins a new generation if there are any.
WSR_HIDDEN void wsr_images_check(void);

// mappings.c

/// Calls `visit` for each mapping of the process, until it returns false: its addresses, and its path, or "".
WSR_HIDDEN void wsr_mappings(bool (*visit)(uint64_t from, uint64_t to, const char *path, void *context), void *context);

// fallback.c: libunwind

/// Opens libunwind, privately. Calls dlopen: from the constructor only.
WSR_HIDDEN void wsr_fallback_open(void);
/// Captures the stack into the walker's `new_frames` through libunwind, without what lies below `frame`. Returns how many
/// frames there are; 0, and nothing is changed, if it cannot. `end` gets why it ended.
WSR_HIDDEN uint32_t wsr_fallback_walk(wsr_walker *walker, void *const *frame, uint32_t *end);
WSR_HIDDEN void wsr_fallback_forget(void);

#endif
