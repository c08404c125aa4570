/// Functions without unwind tables, as the Swift compiler leaves some: does this one keep a frame pointer?
///
/// It does if `push %rbp; mov %rsp, %rbp` stands between its beginning and the address. Where it begins is not written
/// down, so that its code is searched backwards, until an address that is a multiple of 16, as functions begin at, has the end
/// of another function and padding before it. Misses functions whose code so far is longer than 64 KiB; takes the
/// prologue of the function before for this one's where no end is seen between them.

#include "recorder.h"

#include <string.h>

#if defined(__x86_64__)

/// The length of the no-operation at `at` as compilers pad with (Intel SDM, volume 2, NOP); 0 if it is none.
static size_t nop_bytes(const uint8_t *at, size_t available) {
  size_t prefix = 0;
  while (prefix < available && (at[prefix] == 0x66 || at[prefix] == 0x2e)) prefix++;
  if (prefix < available && at[prefix] == 0x90) return prefix + 1;
  if (available - prefix < 3 || at[prefix] != 0x0f || at[prefix + 1] != 0x1f) return 0;
  switch (at[prefix + 2]) {
  case 0x00: return prefix + 3;
  case 0x40: return prefix + 4;
  case 0x44: return prefix + 5;
  case 0x80: return prefix + 7;
  case 0x84: return prefix + 8;
  default: return 0;
  }
}

/// Does a function begin at `at`, as far as the 16 bytes before it tell?
static bool follows_a_function(const uint8_t *at) {
  const uint8_t ret = 0xc3, trap = 0xcc;
  if (at[-1] == trap || at[-1] == ret) return true;
  for (const uint8_t *end = at - 16; end < at - 1; end++) {
    if (*end != ret && !(end[0] == 0x0f && end[1] == 0x0b)) continue;
    const uint8_t *padding = end + (*end == ret ? 1 : 2);
    size_t bytes = 1;
    while (padding < at && bytes > 0) {
      bytes = nop_bytes(padding, (size_t)(at - padding));
      padding += bytes;
    }
    if (padding == at) return true;
  }
  return false;
}

bool wsr_keeps_frame_pointer(uint64_t address, uint64_t text) {
  static const uint8_t prologue[] = {0x55, 0x48, 0x89, 0xe5};
  const uint64_t farthest = 64 << 10;
  uint64_t lowest = address - text > farthest ? address - farthest : text + 16;
  for (uint64_t at = address - sizeof prologue; at >= lowest; at--) {
    const uint8_t *code = (const uint8_t *)(uintptr_t)at;
    if (memcmp(code, prologue, sizeof prologue) == 0) return true;
    if (at % 16 == 0 && follows_a_function(code)) return false;
  }
  return false;
}

#endif
