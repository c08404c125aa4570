/// From a code address to the rule for leaving its frame, and a cache of the results.
///
/// Only three things matter: where the canonical frame address (CFA: the stack pointer before the call) is, where the
/// caller's rbp is, and whether there is a caller. What does not fit the few forms that compilers write is left to libunwind.

#define _GNU_SOURCE
#include "recorder.h"

#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <string.h>

#if defined(__x86_64__)

extern int _dl_find_object(void *address, struct dl_find_object *result) __attribute__((weak));

static uint32_t pack(enum wsr_rule_kind kind, int64_t offset, uint32_t saved) {
  const int64_t limit = INT64_C(1) << (WSR_RULE_OFFSET_BITS - 1);
  if (offset % 8 != 0 || offset / 8 < -limit || offset / 8 >= limit) return WSR_RULE_UNUSUAL;
  uint32_t words = (uint32_t)(offset / 8) & ((1u << WSR_RULE_OFFSET_BITS) - 1);
  return (uint32_t)kind | words << WSR_RULE_OFFSET_SHIFT | saved << WSR_RULE_SAVED_SHIFT;
}

static uint32_t rule_of(const wsr_row *row) {
  if (row->return_address == WSR_UNDEFINED) return WSR_RULE_OUTERMOST;
  // The kernel's frame: the only one of this kind is the C library's return from a handler.
  if (row->signal) return row->cfa_unusual ? WSR_RULE_SIGNAL : WSR_RULE_UNUSUAL;
  if (row->cfa_unusual || row->return_address != WSR_IN_FRAME || row->return_address_offset != -8) return WSR_RULE_UNUSUAL;
  uint32_t saved;
  switch (row->rbp) {
  case WSR_UNCHANGED: saved = WSR_SAVED_NOWHERE; break;
  case WSR_AT_FRAME_POINTER: saved = WSR_SAVED_AT_FRAME_POINTER; break;
  case WSR_IN_FRAME:
    if (row->rbp_offset % 8 != 0 || row->rbp_offset >= 0 || row->rbp_offset / -8 >= WSR_SAVED_AT_FRAME_POINTER) {
      return WSR_RULE_UNUSUAL;
    }
    saved = (uint32_t)(row->rbp_offset / -8);
    break;
  default: return WSR_RULE_UNUSUAL;
  }
  if (row->cfa_saved) return pack(WSR_RULE_SAVED_ADDRESS, row->cfa_offset, saved);
  if (row->cfa_register == WSR_RSP) return pack(WSR_RULE_STACK_POINTER, row->cfa_offset, saved);
  if (row->cfa_register == WSR_RBP) return pack(WSR_RULE_FRAME_POINTER, row->cfa_offset, saved);
  return WSR_RULE_UNUSUAL;
}

static uint32_t without_tables(uint64_t address, const struct dl_find_object *object) {
  // Only code is searched: from the beginning of its segment on, which the program headers at the object's start tell.
  uint64_t start = (uint64_t)(uintptr_t)object->dlfo_map_start;
  const ElfW(Ehdr) *header = object->dlfo_map_start;
  if (memcmp(header->e_ident, ELFMAG, SELFMAG) != 0 || header->e_phentsize != sizeof(ElfW(Phdr))) return WSR_RULE_NO_TABLES;
  if (header->e_phoff + (uint64_t)header->e_phnum * sizeof(ElfW(Phdr)) > 4096) return WSR_RULE_NO_TABLES;
  const ElfW(Phdr) *segments = (const ElfW(Phdr) *)(uintptr_t)(start + header->e_phoff);
  for (int i = 0; i < header->e_phnum; i++) {
    const ElfW(Phdr) *segment = &segments[i];
    uint64_t text = object->dlfo_link_map->l_addr + segment->p_vaddr;
    if (segment->p_type != PT_LOAD || address < text || address - text >= segment->p_memsz) continue;
    if ((segment->p_flags & (PF_X | PF_R)) != (PF_X | PF_R)) return WSR_RULE_NO_TABLES;
    return wsr_keeps_frame_pointer(address, text) ? pack(WSR_RULE_FRAME_POINTER, 16, 2) : WSR_RULE_NO_TABLES;
  }
  return WSR_RULE_NO_TABLES;
}

static uint32_t compute(uint64_t address) {
  struct dl_find_object object;
  if (_dl_find_object == NULL) return WSR_RULE_UNUSUAL;
  if (_dl_find_object((void *)(uintptr_t)address, &object) != 0) return WSR_RULE_NO_TABLES;
  if (object.dlfo_eh_frame == NULL) return without_tables(address, &object);
  wsr_row row;
  switch (wsr_row_find(object.dlfo_eh_frame, address, &row)) {
  case WSR_ROW_FOUND: return rule_of(&row);
  case WSR_ROW_NONE: return without_tables(address, &object);
  case WSR_ROW_UNUSUAL: return WSR_RULE_UNUSUAL;
  }
  return WSR_RULE_UNUSUAL;
}

// MARK: the cache

uint64_t wsr_rule_cache[1 << WSR_RULE_CACHE_BITS];
static uint32_t forgotten; ///< how often the cache was emptied

uint32_t wsr_rule_compute(uint64_t address) {
  if (address >> WSR_ADDRESS_BITS != 0) return WSR_RULE_NO_TABLES;
  uint32_t before = __atomic_load_n(&forgotten, __ATOMIC_ACQUIRE);
  uint32_t rule = compute(address);
  uint64_t *place = wsr_rule_place(address);
  uint64_t word = address >> WSR_RULE_CACHE_BITS << 32 | rule;
  __atomic_store_n(place, word, __ATOMIC_SEQ_CST);
  // Forgotten meanwhile: the rule may be of the library that has gone.
  if (__atomic_load_n(&forgotten, __ATOMIC_SEQ_CST) != before) {
    __atomic_compare_exchange_n(place, &word, 0, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
  }
  return rule;
}

void wsr_rules_forget(void) {
  __atomic_fetch_add(&forgotten, 1, __ATOMIC_SEQ_CST);
  for (size_t i = 0; i < sizeof wsr_rule_cache / sizeof *wsr_rule_cache; i++) {
    __atomic_store_n(&wsr_rule_cache[i], 0, __ATOMIC_RELAXED);
  }
}

#else

void wsr_rules_forget(void) {}

#endif
