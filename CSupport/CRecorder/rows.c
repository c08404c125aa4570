/// From a code address to the row of .eh_frame that holds there: the part of it that a walk needs (DWARF 5, section 6.4;
/// System V ABI for x86-64, section 3.7; LSB, "Exception Frames").

#include "recorder.h"

#include <string.h>

#if defined(__x86_64__)

enum { RETURN_ADDRESS = 16 };

// MARK: reading

typedef struct reader {
  const uint8_t *at;
  const uint8_t *end;
  bool failed;
} reader;

static uint64_t fixed(reader *r, unsigned bytes) {
  uint64_t value = 0;
  if (r->failed || (size_t)(r->end - r->at) < bytes) {
    r->failed = true;
    return 0;
  }
  memcpy(&value, r->at, bytes);
  r->at += bytes;
  return value;
}

static int64_t fixed_signed(reader *r, unsigned bytes) {
  unsigned unused = 64 - 8 * bytes;
  return (int64_t)(fixed(r, bytes) << unused) >> unused;
}

static uint64_t leb(reader *r) {
  uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    uint64_t byte = fixed(r, 1);
    value |= (byte & 0x7f) << shift;
    if ((byte & 0x80) == 0) return value;
  }
  r->failed = true;
  return 0;
}

static int64_t leb_signed(reader *r) {
  uint64_t value = 0;
  for (unsigned shift = 0; shift < 64;) {
    uint64_t byte = fixed(r, 1);
    value |= (byte & 0x7f) << shift;
    shift += 7;
    if ((byte & 0x80) == 0) {
      if (shift < 64 && (byte & 0x40) != 0) value |= ~UINT64_C(0) << shift;
      return (int64_t)value;
    }
  }
  r->failed = true;
  return 0;
}

/// A pointer as DW_EH_PE_… encodes it: absolute or relative to its own place, other bases are not used for code.
static uint64_t encoded(reader *r, uint8_t encoding) {
  uint64_t place = (uint64_t)(uintptr_t)r->at, value = 0;
  switch (encoding & 0x0f) {
  case 0x00: case 0x04: case 0x0c: value = fixed(r, 8); break;
  case 0x01: value = leb(r); break;
  case 0x02: value = fixed(r, 2); break;
  case 0x03: value = fixed(r, 4); break;
  case 0x09: value = (uint64_t)leb_signed(r); break;
  case 0x0a: value = (uint64_t)fixed_signed(r, 2); break;
  case 0x0b: value = (uint64_t)fixed_signed(r, 4); break;
  default: r->failed = true;
  }
  switch (encoding & 0xf0) {
  case 0x00: return value;
  case 0x10: return value + place;
  default: r->failed = true; return 0;
  }
}

// MARK: one function's rows

typedef struct common {
  uint64_t code_alignment;
  int64_t data_alignment;
  uint8_t pointer_encoding;
  bool augmented;
  bool signal;
  reader instructions;
} common;

static void set_register(wsr_row *row, uint64_t which, enum wsr_form form, int64_t offset) {
  if (which == WSR_RBP) {
    row->rbp = form;
    row->rbp_offset = offset;
  } else if (which == RETURN_ADDRESS) {
    row->return_address = form;
    row->return_address_offset = offset;
  } else if (which == WSR_RSP && form != WSR_UNCHANGED) {
    row->cfa_unusual = true;
  }
}

/// `breg6 offset; deref` as a CFA, as realigned functions have it; anything else is unusual.
static void set_cfa_expression(wsr_row *row, reader *r) {
  uint64_t bytes = leb(r);
  reader e = {.at = r->at, .end = r->at + bytes, .failed = r->failed || bytes > (uint64_t)(r->end - r->at)};
  if (!e.failed) r->at += bytes; else { r->failed = true; return; }
  row->cfa_unusual = true;
  if (fixed(&e, 1) != 0x70 + WSR_RBP) return;
  int64_t offset = leb_signed(&e);
  if (fixed(&e, 1) != 0x06 || e.failed || e.at != e.end) return;
  row->cfa_unusual = false;
  row->cfa_saved = true;
  row->cfa_offset = offset;
}

/// `breg6 0`: the register was saved where rbp points; anything else is unusual.
static void set_register_expression(wsr_row *row, reader *r) {
  uint64_t which = leb(r), bytes = leb(r);
  if (r->failed || bytes > (uint64_t)(r->end - r->at)) {
    r->failed = true;
    return;
  }
  bool simple = which == WSR_RBP && bytes == 2 && r->at[0] == 0x70 + WSR_RBP && r->at[1] == 0;
  r->at += bytes;
  set_register(row, which, simple ? WSR_AT_FRAME_POINTER : WSR_ELSEWHERE, 0);
}

/// Runs call frame instructions until `address`, which lies `start`-relative in the function. `initial` is the row that
/// DW_CFA_restore goes back to.
static bool run(reader r, const common *common, uint64_t start, uint64_t address, const wsr_row *initial, wsr_row *row_out) {
  enum { DEEPEST = 8 };
  wsr_row current = *row_out, kept[DEEPEST];
  int depth = 0;
  uint64_t location = start;
  while (r.at < r.end && !r.failed) {
    uint8_t instruction = (uint8_t)fixed(&r, 1);
    uint64_t low = instruction & 0x3f, which;
    uint64_t advance = 0;
    bool advances = false;
    switch (instruction >> 6) {
    case 1: // DW_CFA_advance_loc
      advance = low;
      advances = true;
      break;
    case 2: // DW_CFA_offset
      set_register(&current, low, WSR_IN_FRAME, (int64_t)leb(&r) * common->data_alignment);
      break;
    case 3: // DW_CFA_restore
      if (low == WSR_RBP) set_register(&current, WSR_RBP, initial->rbp, initial->rbp_offset);
      if (low == RETURN_ADDRESS) {
        set_register(&current, RETURN_ADDRESS, initial->return_address, initial->return_address_offset);
      }
      break;
    default:
      switch (instruction) {
      case 0x00: break; // DW_CFA_nop
      case 0x01: { // DW_CFA_set_loc
        uint64_t to = encoded(&r, common->pointer_encoding);
        if (to > address) goto done;
        location = to;
        break;
      }
      case 0x02: advance = fixed(&r, 1); advances = true; break; // DW_CFA_advance_loc1, 2, 4
      case 0x03: advance = fixed(&r, 2); advances = true; break;
      case 0x04: advance = fixed(&r, 4); advances = true; break;
      case 0x05: // DW_CFA_offset_extended
        which = leb(&r);
        set_register(&current, which, WSR_IN_FRAME, (int64_t)leb(&r) * common->data_alignment);
        break;
      case 0x06: // DW_CFA_restore_extended
        which = leb(&r);
        if (which == WSR_RBP) set_register(&current, WSR_RBP, initial->rbp, initial->rbp_offset);
        if (which == RETURN_ADDRESS) {
          set_register(&current, RETURN_ADDRESS, initial->return_address, initial->return_address_offset);
        }
        break;
      case 0x07: set_register(&current, leb(&r), WSR_UNDEFINED, 0); break; // DW_CFA_undefined
      case 0x08: set_register(&current, leb(&r), WSR_UNCHANGED, 0); break; // DW_CFA_same_value
      case 0x09: // DW_CFA_register
        which = leb(&r);
        (void)leb(&r);
        set_register(&current, which, WSR_ELSEWHERE, 0);
        break;
      case 0x0a: // DW_CFA_remember_state
        if (depth == DEEPEST) return false;
        kept[depth++] = current;
        break;
      case 0x0b: // DW_CFA_restore_state
        if (depth == 0) return false;
        current = kept[--depth];
        break;
      case 0x0c: case 0x12: // DW_CFA_def_cfa, DW_CFA_def_cfa_sf
        current.cfa_register = leb(&r);
        current.cfa_offset = instruction == 0x0c ? (int64_t)leb(&r) : leb_signed(&r) * common->data_alignment;
        current.cfa_saved = current.cfa_unusual = false;
        break;
      case 0x0d: // DW_CFA_def_cfa_register
        current.cfa_register = leb(&r);
        current.cfa_saved = false;
        break;
      case 0x0e: case 0x13: // DW_CFA_def_cfa_offset, DW_CFA_def_cfa_offset_sf
        current.cfa_offset = instruction == 0x0e ? (int64_t)leb(&r) : leb_signed(&r) * common->data_alignment;
        break;
      case 0x0f: set_cfa_expression(&current, &r); break;      // DW_CFA_def_cfa_expression
      case 0x10: set_register_expression(&current, &r); break; // DW_CFA_expression
      case 0x11: // DW_CFA_offset_extended_sf
        which = leb(&r);
        set_register(&current, which, WSR_IN_FRAME, leb_signed(&r) * common->data_alignment);
        break;
      case 0x14: case 0x15: // DW_CFA_val_offset, DW_CFA_val_offset_sf
        which = leb(&r);
        (void)leb(&r);
        set_register(&current, which, WSR_ELSEWHERE, 0);
        break;
      case 0x16: { // DW_CFA_val_expression
        which = leb(&r);
        uint64_t bytes = leb(&r);
        if (r.failed || bytes > (uint64_t)(r.end - r.at)) return false;
        r.at += bytes;
        set_register(&current, which, WSR_ELSEWHERE, 0);
        break;
      }
      case 0x2e: (void)leb(&r); break; // DW_CFA_GNU_args_size
      default: return false;
      }
    }
    if (advances) {
      location += advance * common->code_alignment;
      if (location > address) break;
    }
  }
done:
  if (r.failed) return false;
  *row_out = current;
  return true;
}

static bool parse_common(const uint8_t *entry, common *common) {
  reader r = {.at = entry, .end = entry + 4};
  uint64_t length = fixed(&r, 4);
  if (length == 0 || length >= 0xfffffff0) return false;
  r.end = r.at + length;
  if (fixed(&r, 4) != 0) return false;
  uint64_t version = fixed(&r, 1);
  if (version != 1 && version != 3) return false;
  const char *augmentation = (const char *)r.at;
  while (fixed(&r, 1) != 0) {}
  common->code_alignment = leb(&r);
  common->data_alignment = leb_signed(&r);
  uint64_t return_address = version == 1 ? fixed(&r, 1) : leb(&r);
  if (r.failed || return_address != RETURN_ADDRESS) return false;
  common->pointer_encoding = 0;
  common->signal = false;
  common->augmented = augmentation[0] == 'z';
  if (common->augmented) {
    uint64_t bytes = leb(&r);
    if (r.failed || bytes > (uint64_t)(r.end - r.at)) return false;
    const uint8_t *instructions = r.at + bytes;
    for (const char *letter = augmentation + 1; *letter != '\0'; letter++) {
      if (*letter == 'R') {
        common->pointer_encoding = (uint8_t)fixed(&r, 1);
      } else if (*letter == 'L') {
        (void)fixed(&r, 1);
      } else if (*letter == 'P') {
        // Only its length matters: as if it were relative to its place, whatever it is relative to.
        uint8_t encoding = (uint8_t)fixed(&r, 1);
        (void)encoded(&r, encoding & 0x0f);
      } else if (*letter == 'S') {
        common->signal = true;
      } else if (*letter != 'B') {
        return false;
      }
    }
    if (r.failed) return false;
    r.at = instructions;
  } else if (augmentation[0] != '\0') {
    return false;
  }
  common->instructions = r;
  return true;
}

// MARK: the table of functions

/// The table of functions of an object (LSB, ".eh_frame_hdr"): pairs of 32-bit distances from the table, sorted.
static const uint8_t *find_entry(const uint8_t *header, uint64_t address, bool *unusual) {
  *unusual = false;
  if (header[0] != 1 || header[2] != 0x03 || header[3] != 0x3b) {
    *unusual = header[3] != 0xff;
    return NULL;
  }
  reader r = {.at = header + 4, .end = header + 16};
  (void)encoded(&r, header[1] & 0x0f);
  uint64_t count = fixed(&r, 4);
  if (r.failed || count == 0) return NULL;
  const int32_t (*table)[2] = (const int32_t (*)[2])r.at;
  int64_t distance = (int64_t)(address - (uint64_t)(uintptr_t)header);
  uint64_t low = 0, high = count;
  while (low < high) {
    uint64_t middle = low + (high - low) / 2;
    if (table[middle][0] <= distance) low = middle + 1; else high = middle;
  }
  return low == 0 ? NULL : header + table[low - 1][1];
}

enum wsr_row_found wsr_row_find(const uint8_t *header, uint64_t address, wsr_row *found) {
  bool unusual;
  const uint8_t *entry = find_entry(header, address, &unusual);
  if (entry == NULL) return unusual ? WSR_ROW_UNUSUAL : WSR_ROW_NONE;

  reader r = {.at = entry, .end = entry + 4};
  uint64_t length = fixed(&r, 4);
  if (length == 0 || length >= 0xfffffff0) return WSR_ROW_UNUSUAL;
  r.end = r.at + length;
  const uint8_t *place = r.at;
  common common;
  if (!parse_common(place - fixed(&r, 4), &common)) return WSR_ROW_UNUSUAL;
  uint64_t start = encoded(&r, common.pointer_encoding);
  uint64_t bytes = encoded(&r, common.pointer_encoding & 0x0f);
  if (r.failed) return WSR_ROW_UNUSUAL;
  if (address - start >= bytes) return WSR_ROW_NONE; // between two functions that have them
  if (common.augmented) {
    uint64_t skipped = leb(&r);
    if (r.failed || skipped > (uint64_t)(r.end - r.at)) return WSR_ROW_UNUSUAL;
    r.at += skipped;
  }
  wsr_row initial = {.cfa_unusual = true, .rbp = WSR_UNCHANGED, .return_address = WSR_ELSEWHERE, .signal = common.signal};
  wsr_row row = initial;
  if (!run(common.instructions, &common, 0, UINT64_MAX, &initial, &row)) return WSR_ROW_UNUSUAL;
  initial = row;
  if (!run(r, &common, start, address, &initial, &row)) return WSR_ROW_UNUSUAL;
  *found = row;
  return WSR_ROW_FOUND;
}

#endif
