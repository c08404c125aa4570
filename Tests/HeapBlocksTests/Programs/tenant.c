// Allocates by a random plan, from threads that come and go, and knows every live block of its process: its own malloc and
// friends are in front of the C library's, and record what they hand out, from the first call of the loader on.
//
// Usage: tenant LIST SEED THREADS ROUNDS OPERATIONS [foreign] [blocked] [lookalike] [large]
// Then it says "ready" and obeys lines on standard input: "list" writes the live blocks to LIST, as triples of 64-bit numbers
// (address, bytes asked for, usable bytes); "trim" calls malloc_trim(0); "damage" overwrites the header of a live chunk and
// says where; "resume" and "pause" let the threads work and hold; the end of input ends it. It answers each with a line.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#ifdef STATIC  // Linked with --wrap: a static C library cannot be interposed by definition.
#define OURS(name) __wrap_##name
#define REAL(name) __real_##name
#else
#define OURS(name) name
#define REAL(name) __libc_##name
#endif

void *REAL(malloc)(size_t);
void *REAL(calloc)(size_t, size_t);
void *REAL(realloc)(void *, size_t);
void *REAL(memalign)(size_t, size_t);
void REAL(free)(void *);

// The record: open addressing, deleted entries stay as 1.
enum { record_bits = 18, record_size = 1 << record_bits };
static struct { uint64_t address, asked; } record[record_size];
static atomic_flag record_lock = ATOMIC_FLAG_INIT;

static void lock(void) { while (atomic_flag_test_and_set(&record_lock)) sched_yield(); }
static void unlock(void) { atomic_flag_clear(&record_lock); }

static void note(void *block, size_t asked) {
  if (block == NULL) return;
  uint64_t slot = ((uint64_t)block * 0x9E3779B97F4A7C15u) >> (64 - record_bits);
  lock();
  while (record[slot].address > 1) slot = (slot + 1) % record_size;
  record[slot].address = (uint64_t)block;
  record[slot].asked = asked;
  unlock();
}

static size_t forget(void *block) {
  if (block == NULL) return 0;
  uint64_t slot = ((uint64_t)block * 0x9E3779B97F4A7C15u) >> (64 - record_bits);
  lock();
  while (record[slot].address != (uint64_t)block) {
    if (record[slot].address == 0) abort();
    slot = (slot + 1) % record_size;
  }
  record[slot].address = 1;
  size_t asked = record[slot].asked;
  unlock();
  return asked;
}

void *OURS(malloc)(size_t size) {
  void *block = REAL(malloc)(size);
  note(block, size);
  return block;
}
void *OURS(calloc)(size_t count, size_t size) {
  void *block = REAL(calloc)(count, size);
  note(block, count * size);
  return block;
}
// Forgotten before it is free: from then on another thread may get it.
void OURS(free)(void *block) {
  forget(block);
  REAL(free)(block);
}
void *OURS(realloc)(void *block, size_t size) {
  size_t asked = forget(block);
  void *moved = REAL(realloc)(block, size);
  if (moved != NULL) note(moved, size);
  else if (size != 0) note(block, asked);
  return moved;
}
void *OURS(memalign)(size_t alignment, size_t size) {
  void *block = REAL(memalign)(alignment, size);
  note(block, size);
  return block;
}
void *OURS(aligned_alloc)(size_t alignment, size_t size) { return OURS(memalign)(alignment, size); }
int OURS(posix_memalign)(void **result, size_t alignment, size_t size) {
  *result = OURS(memalign)(alignment, size);
  return *result == NULL ? ENOMEM : 0;
}

static uint64_t next_random(uint64_t *state) {
  uint64_t z = (*state += 0x9E3779B97F4A7C15u);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

enum { slot_count = 20000 };
static _Atomic(void *) slots[slot_count];
static int operations, foreign_breaks, large_blocks;
static atomic_int working, paused;

static size_t random_size(uint64_t *random) {
  uint64_t kind = next_random(random) % 1000, value = next_random(random);
  if (kind < 700) return value % 256;
  if (kind < 920) return value % 4096;
  if (kind < 995) return value % 65536;
  return value % (large_blocks ? 8u << 20 : 1u << 20);
}

// What a block holds must not matter: random words, and what looks like headers and links of chunks.
static void fill(void *block, size_t size, uint64_t *random) {
  uint64_t *words = block, kind = next_random(random) % 8;
  size_t count = size / 8 < 64 ? size / 8 : 64;
  for (size_t i = 0; i < count; i++) {
    switch (kind) {
    case 0: words[i] = 0; break;
    case 1: words[i] = (next_random(random) % 4096 & ~15u) | 1; break;
    case 2: words[i] = (uint64_t)(words + i) + 16; break;
    case 3: words[i] = i % 2 == 0 ? 0 : 0x21002; break;
    case 4: words[i] = 0x291; break;
    default: words[i] = next_random(random);
    }
  }
}

static void *allocate(uint64_t *random) {
  size_t size = random_size(random);
  uint64_t kind = next_random(random) % 16;
  void *block = NULL;
  switch (kind) {
  case 0: block = calloc(1 + size / 16, 16); size = size / 16 * 16; break;
  case 1: block = aligned_alloc((size_t)16 << next_random(random) % 9, size); break;
  case 2: if (posix_memalign(&block, (size_t)8 << next_random(random) % 14, size) != 0) abort(); break;
  case 3: block = realloc(malloc(size / 2 + 1), size + 1); break;
  default: block = malloc(size);
  }
  if (block == NULL) abort();
  fill(block, size, random);
  return block;
}

static void work(uint64_t *random, int count) {
  for (int i = 0; i < count; i++) {
    _Atomic(void *) *slot = &slots[next_random(random) % slot_count];
    void *block = atomic_exchange(slot, NULL);
    uint64_t choice = next_random(random);
    if (block == NULL) {
      block = allocate(random);
    } else if (choice % 4 == 0) {
      size_t size = random_size(random) + 1;
      block = realloc(block, size);
      fill(block, size, random);
    } else {
      free(block);
      block = NULL;
    }
    if (block != NULL) {
      void *other = atomic_exchange(slot, block);
      free(other);
    }
  }
}

// Moves the program break between the main arena's pieces. No thread may allocate meanwhile: sbrk is not safe against malloc's.
static void work_around_breaks(uint64_t *random) {
  for (int i = 0; i < 4; i++) {
    work(random, operations / 4);
    sbrk((intptr_t)(next_random(random) % 20000));
  }
}

static int stays(uint64_t seed) { return seed % 2 == 1; }

// Works once, and ends, or stays with what it has cached; after "resume" those that stayed work on.
static void *thread(void *argument) {
  uint64_t random = (uint64_t)argument;
  int staying = stays(random);
  work(&random, operations);
  atomic_fetch_sub(&working, 1);
  while (staying) {
    usleep(1000);
    atomic_fetch_add(&working, 1);
    while (!atomic_load(&paused)) work(&random, 100);
    atomic_fetch_sub(&working, 1);
  }
  return NULL;
}

// Memory of our own whose pages look like mapped chunks, and a mapped block whose inner pages do.
static void plant_lookalikes(void) {
  static uint64_t *pages;
  size_t size = 16 * 4096;
  pages = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED) abort();
  for (size_t page = 0; page < 16; page += 3) {
    pages[page * 512] = 0;
    pages[page * 512 + 1] = 0x2002;
  }
  uint64_t *block = malloc(1 << 20);
  for (size_t i = 510; i + 1 < (1 << 20) / 8; i += 512) {
    block[i] = 0;
    block[i + 1] = 0x3002;
  }
  slots[0] = block;
}

// Variables whose pages look like mapped chunks of a page, in either layout of their headers, and a true one of that size:
// their number and sizes alone do not tell which is which.
static void plant_variables(void) {
  static _Alignas(4096) volatile uint64_t pages[4][512];
  for (size_t page = 0; page < 4; page++) {
    pages[page][0] = page & 1;
    pages[page][1] = page & 2 ? 0x1002 : 0xff2;
  }
  static void *volatile block;
  block = realloc(malloc(1 << 20), 3000);
  if (block == NULL) abort();
}

static void write_list(const char *path) {
  static uint64_t triples[3 * 1024];
  int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600), used = 0;
  if (file < 0) abort();
  for (int i = 0; i <= record_size; i++) {
    if (i < record_size && record[i].address > 1) {
      triples[used++] = record[i].address;
      triples[used++] = record[i].asked;
      triples[used++] = malloc_usable_size((void *)record[i].address);
    }
    if (used == 3 * 1024 || i == record_size) {
      if (write(file, triples, used * 8) != used * 8) abort();
      used = 0;
    }
  }
  close(file);
}

static void say(const char *words) {
  if (write(1, words, strlen(words)) < 0 || write(1, "\n", 1) < 0) _exit(1);
}

// Overwrites the size of a small block's chunk in the main arena, in the middle of what there is.
static void damage(void) {
  for (int i = slot_count / 2; i < slot_count; i++) {
    uint64_t *block = slots[i];
    if (block != NULL && (block[-1] & 7) == 1 && block[-1] < 4096) {
      char text[64];
      block[-1] = 0x4141414141414141;
      snprintf(text, sizeof text, "%lx", (unsigned long)(block - 2));
      say(text);
      return;
    }
  }
  say("none");
}

static int read_line(char *line, int size) {
  int count = 0;
  while (count < size - 1 && read(0, line + count, 1) == 1 && line[count] != '\n') count++;
  line[count] = 0;
  return count;
}

int main(int count, char **arguments) {
  if (count < 6) return 64;
  uint64_t random = strtoull(arguments[2], NULL, 10);
  int threads = atoi(arguments[3]), rounds = atoi(arguments[4]);
  operations = atoi(arguments[5]);
  atomic_store(&paused, 1);
  plant_variables();
  for (int i = 6; i < count; i++) {
    if (strcmp(arguments[i], "foreign") == 0) foreign_breaks = 1;
    if (strcmp(arguments[i], "large") == 0) large_blocks = 1;
    if (strcmp(arguments[i], "lookalike") == 0) plant_lookalikes();
    if (strcmp(arguments[i], "blocked") == 0) {
      char *end = sbrk(0);
      void *wall = mmap((void *)(((uintptr_t)end + 4095) & ~(uintptr_t)4095), 4096, PROT_NONE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
      if (wall == MAP_FAILED) abort();
    }
  }
  for (int round = 0; round < rounds; round++) {
    static pthread_t ids[256];
    static uint64_t seeds[256];
    if (foreign_breaks) work_around_breaks(&random);
    atomic_fetch_add(&working, threads);
    for (int i = 0; i < threads; i++) {
      seeds[i] = next_random(&random);
      if (pthread_create(&ids[i], NULL, thread, (void *)seeds[i]) != 0) abort();
    }
    work(&random, operations);
    for (int i = 0; i < threads; i++) {
      if (stays(seeds[i])) pthread_detach(ids[i]);
      else pthread_join(ids[i], NULL);
    }
    while (atomic_load(&working) > 0) usleep(500);
  }
  say("ready");
  char line[64];
  while (read_line(line, sizeof line) > 0) {
    if (strcmp(line, "list") == 0) {
      write_list(arguments[1]);
      say("listed");
    } else if (strcmp(line, "trim") == 0) {
      malloc_trim(0);
      say("trimmed");
    } else if (strcmp(line, "damage") == 0) {
      damage();
    } else if (strcmp(line, "resume") == 0) {
      atomic_store(&paused, 0);
      say("resumed");
    } else if (strcmp(line, "pause") == 0) {
      atomic_store(&paused, 1);
      while (atomic_load(&working) > 0) usleep(500);
      say("paused");
    } else {
      say("unknown");
    }
  }
  _exit(0);
}
