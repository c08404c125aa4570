#ifndef WEAKSPOT_CRECORDER_H
#define WEAKSPOT_CRECORDER_H

/// The layout of a recording: what the preloaded recorder writes and `Sources/Recording` reads.
///
/// C because writer and reader must see one definition. A recording is one sparse file (a memfd or a file on disk) of
/// the sections below, each at the offset that the header names; what was never written reads as zeros. All numbers have
/// the byte order of the machine that wrote them.
///
///     header | images | region bases | directory | buckets | stacks | regions
///
/// Written without locks, read while it is written: whatever is referred to is complete before the reference to it is
/// stored (a stack before the shadow words that name it, a region's base before its words). So read the shadow words
/// first, then the stacks, then the images. Every field is stored as one aligned word.

#include <stddef.h>
#include <stdint.h>

/// The first eight bytes; stored last when a recording is made.
#define WSR_MAGIC 0x3152636552537357ULL // "WsSRecR1"

enum {
  WSR_VERSION = 1,            ///< another version is another layout
  WSR_BYTE_ORDER = 0x01020304,
  WSR_HEAP_SHIFT = 26,        ///< a region shadows 2^26 bytes of address space, as large as a heap of glibc's
  WSR_GRANULE_SHIFT = 5,      ///< one word for 32 bytes: no two blocks of glibc begin nearer to each other
  WSR_ADDRESS_BITS = 47,      ///< a higher address is in no process (x86-64, aarch64 with 48 bits uses the lower half)
  WSR_MAX_FRAMES = 256,       ///< deeper stacks keep their innermost frames
  WSR_PART_FRAMES = 8,
  WSR_STACK_BUCKETS = 1 << 18,
};

/// A shadow word: size (36 bits) | stack number (27 bits) | half (1 bit: the block begins 16 bytes into its granule).
/// 0: no block begins here. A size that does not fit is stored as WSR_LARGEST_SIZE.
enum { WSR_STACK_SHIFT = 1, WSR_SIZE_SHIFT = 28 };
#define WSR_STACK_MASK 0x7ffffffULL
#define WSR_LARGEST_SIZE 0xfffffffffULL

/// Bytes between two samples, at most.
#define WSR_LARGEST_MEAN (1ULL << 40)

/// Stack numbers count units of 8 bytes from the beginning of the stacks. The first ones stand for no stack.
enum {
  WSR_NO_STACK_INTERRUPTED = 1, ///< allocated by a signal handler that interrupted the recorder
  WSR_NO_STACK_FULL = 2,        ///< the section of the stacks was full
  WSR_FIRST_STACK = 8,
};

/// Why a stack ends where it does: a value, and flags.
enum {
  WSR_END_OUTERMOST = 0,  ///< the thread's first function
  WSR_END_DEPTH = 1,      ///< WSR_MAX_FRAMES
  WSR_END_NO_TABLES = 2,  ///< code without unwind tables, and no frame pointer that leads on
  WSR_END_UNREADABLE = 3, ///< the next frame does not lie on the stack
  WSR_END_VALUES = 0xff,
  WSR_END_GUESSED = 0x100, ///< at least one frame was found by its frame pointer alone: its caller may be missing
};

/// A part of a stack: this, then `count` return addresses, innermost first; further out it goes on with `parent`. Parts hold
/// WSR_PART_FRAMES frames, counted from the outermost, so that stacks with a common beginning share it; only the innermost
/// part may hold fewer. A stack's number is that of its innermost part.
///
/// Where a signal interrupted a function, the address is that of the next instruction plus one: `address - 1` is in the
/// calling or interrupted instruction in every case.
typedef struct wsr_stack {
  uint32_t next; ///< the recorder's own: next part of the same bucket
  uint32_t hash; ///< the recorder's own
  uint32_t parent;     ///< number of the part further out, always a smaller number; 0: none
  uint32_t generation; ///< how many times libraries were unloaded before it was first taken: says which images it goes with
  uint16_t count;
  uint16_t end; ///< of the whole stack, WSR_END_…; stored in the outermost part
  uint32_t reserved;
} wsr_stack;

/// A loaded object that some stack leads through. `generation` of a stack lies in [first, last].
typedef struct wsr_image {
  uint64_t start;            ///< the mapped range
  uint64_t end;              ///< stored last: 0 means not yet complete
  uint64_t bias;             ///< address in memory less address in the file
  uint64_t time_ns;          ///< when it was first seen, after the recording's start
  uint32_t first_generation;
  uint32_t last_generation;  ///< UINT32_MAX while it is loaded
  uint32_t build_id_bytes;   ///< 0: it has none
  uint32_t path_bytes;       ///< 0: unknown or too long
  uint8_t build_id[32];
  char path[944];
} wsr_image;

/// What fields from `image_count` on say grows while the program runs; the rest is constant.
typedef struct wsr_header {
  uint64_t magic;
  uint32_t version;
  uint32_t byte_order;
  uint32_t header_bytes;
  uint32_t pid;
  uint64_t start_time_ns;    ///< CLOCK_REALTIME
  uint64_t sample_mean;      ///< 0: every block is recorded; else mean bytes between two samples
  uint64_t images_offset;
  uint64_t bases_offset;     ///< u64 a region: the address that its first word stands for; 0: unused
  uint64_t directory_offset; ///< the recorder's own: u32 for each 2^26 bytes of address space
  uint64_t buckets_offset;   ///< the recorder's own: u32 a bucket
  uint64_t stacks_offset;
  uint64_t stacks_bytes;
  uint64_t regions_offset;
  uint64_t region_bytes;
  uint32_t image_capacity;
  uint32_t image_bytes;
  uint32_t region_capacity;
  uint32_t reserved;
  uint32_t image_count;
  uint32_t region_count;
  uint32_t generation;
  uint32_t ended;            ///< 1: the program ended by exit
  uint64_t stacks_used;      ///< bytes, from the beginning of the section
  uint64_t lost_blocks;      ///< blocks that no region had room for
  uint64_t lost_stacks;      ///< stacks that had no room
  uint64_t lost_images;
  uint64_t fallback_walks;   ///< stacks that libunwind walked
  uint64_t walkers_start;    ///< private memory of the recorder's in the program, a mapping of its own
  uint64_t walkers_end;
} wsr_header;

#endif
