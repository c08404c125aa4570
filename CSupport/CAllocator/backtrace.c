/// The calling thread's backtrace, through libunwind's local unwinder. The only file that sees <libunwind.h>.

#define UNW_LOCAL_ONLY
#include "CAllocator.h"

#include <libunwind.h>

__attribute__((noinline)) size_t wsa_backtrace(uint64_t *frames, size_t capacity, size_t skip) {
  unw_context_t context;
  unw_cursor_t cursor;
  if (unw_getcontext(&context) != 0 || unw_init_local(&cursor, &context) != 0) return 0;
  size_t count = 0;
  // The cursor starts in this function's own frame; each step goes to the caller's.
  while (count < capacity && unw_step(&cursor) > 0) {
    unw_word_t address = 0;
    if (unw_get_reg(&cursor, UNW_REG_IP, &address) != 0 || address == 0) break;
    if (skip > 0) {
      skip--;
    } else {
      frames[count++] = (uint64_t)address;
    }
  }
  return count;
}
