/// The objects that stacks lead through: found through the addresses of each new stack, so that neither dlopen nor the
/// lists of ld.so have to be watched; ended when dlclose took them away.

#define _GNU_SOURCE
#include "recorder.h"

#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <link.h>
#include <string.h>
#include <sys/auxv.h>
#include <time.h>

extern int _dl_find_object(void *address, struct dl_find_object *result) __attribute__((weak));

static bool object_at(uint64_t address, struct dl_find_object *object) {
  return _dl_find_object != NULL && _dl_find_object((void *)(uintptr_t)address, object) == 0;
}

/// The object's build-id, from its program headers in memory.
static uint32_t build_id(const char *start, const char *end, uint64_t bias, uint8_t out[32]) {
  const ElfW(Ehdr) *header = (const ElfW(Ehdr) *)start;
  if ((size_t)(end - start) < sizeof *header || memcmp(header->e_ident, ELFMAG, SELFMAG) != 0) return 0;
  if (header->e_phentsize != sizeof(ElfW(Phdr))) return 0;
  if (header->e_phoff + (uint64_t)header->e_phnum * sizeof(ElfW(Phdr)) > 4096) return 0;
  const ElfW(Phdr) *segments = (const ElfW(Phdr) *)(start + header->e_phoff);
  for (int i = 0; i < header->e_phnum; i++) {
    if (segments[i].p_type != PT_NOTE) continue;
    const char *note = (const char *)(uintptr_t)(bias + segments[i].p_vaddr), *last = note + segments[i].p_memsz;
    if (note < start || last > end) continue;
    while ((size_t)(last - note) >= sizeof(ElfW(Nhdr))) {
      const ElfW(Nhdr) *head = (const ElfW(Nhdr) *)note;
      uint64_t name = (head->n_namesz + 3ull) & ~3ull, bytes = (head->n_descsz + 3ull) & ~3ull;
      if (sizeof *head + name + bytes > (size_t)(last - note)) break;
      const char *content = note + sizeof *head + name;
      if (head->n_type == NT_GNU_BUILD_ID && head->n_namesz == 4 && memcmp(note + sizeof *head, "GNU", 4) == 0) {
        uint32_t length = head->n_descsz <= 32 ? head->n_descsz : 32;
        memcpy(out, content, length);
        return length;
      }
      note = content + bytes;
    }
  }
  return 0;
}

typedef struct path_wanted {
  uint64_t address;
  char *out;
  size_t capacity;
  uint32_t bytes;
} path_wanted;

static bool copy_path(uint64_t from, uint64_t to, const char *path, void *context) {
  path_wanted *wanted = context;
  if (wanted->address < from || wanted->address >= to) return true;
  size_t length = strlen(path);
  if (length <= wanted->capacity) {
    memcpy(wanted->out, path, length);
    wanted->bytes = (uint32_t)length;
  }
  return false;
}

/// The path of an object, as /proc/self/maps names it: absolute, where ld.so may only know the name that dlopen was given.
/// ld.so's name will do where there is no /proc. Returns its length; 0 if it cannot be told.
static uint32_t path_of(const struct dl_find_object *object, char *out, size_t capacity) {
  uint64_t start = (uint64_t)(uintptr_t)object->dlfo_map_start;
  path_wanted wanted = {.address = start, .out = out, .capacity = capacity};
  wsr_mappings(copy_path, &wanted);
  const char *name = object->dlfo_link_map->l_name;
  if (name[0] == '\0' && getauxval(AT_PHDR) - start < 4096) name = (const char *)getauxval(AT_EXECFN);
  if (wanted.bytes == 0 && name != NULL && name[0] == '/') (void)copy_path(start, start + 1, name, &wanted);
  return wanted.bytes;
}

static uint32_t live_images(void) {
  uint32_t count = __atomic_load_n(&wsr_now.header->image_count, __ATOMIC_ACQUIRE);
  return count < wsr_now.header->image_capacity ? count : wsr_now.header->image_capacity;
}

static bool is_live(const wsr_image *image) {
  return __atomic_load_n(&image->end, __ATOMIC_ACQUIRE) != 0
    && __atomic_load_n(&image->last_generation, __ATOMIC_RELAXED) == UINT32_MAX;
}

/// The same library at the same place again is the same image, unless another one lay there in the meantime.
static bool revive(const wsr_image *new, uint32_t count) {
  for (uint32_t i = count; i > 0; i--) {
    wsr_image *old = &wsr_now.images[i - 1];
    if (__atomic_load_n(&old->end, __ATOMIC_ACQUIRE) == 0 || old->start >= new->end || new->start >= old->end) continue;
    if (old->start != new->start || old->end != new->end || old->bias != new->bias
        || old->build_id_bytes != new->build_id_bytes || memcmp(old->build_id, new->build_id, new->build_id_bytes) != 0
        || old->path_bytes != new->path_bytes || memcmp(old->path, new->path, new->path_bytes) != 0) {
      return false;
    }
    __atomic_store_n(&old->last_generation, UINT32_MAX, __ATOMIC_RELEASE);
    return true;
  }
  return false;
}

static void enter(uint64_t address, uint32_t count) {
  struct dl_find_object object;
  if (!object_at(address, &object)) return;
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  uint64_t end = (uint64_t)(uintptr_t)object.dlfo_map_end;
  wsr_image image = {
    .start = (uint64_t)(uintptr_t)object.dlfo_map_start,
    .end = end,
    .bias = object.dlfo_link_map->l_addr,
    .time_ns = (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec - wsr_now.header->start_time_ns,
    .first_generation = __atomic_load_n(&wsr_now.header->generation, __ATOMIC_RELAXED),
    .last_generation = UINT32_MAX,
  };
  image.build_id_bytes = build_id(object.dlfo_map_start, object.dlfo_map_end, image.bias, image.build_id);
  image.path_bytes = path_of(&object, image.path, sizeof image.path);
  if (revive(&image, count)) return;
  uint32_t number = __atomic_fetch_add(&wsr_now.header->image_count, 1, __ATOMIC_RELAXED);
  if (number >= wsr_now.header->image_capacity) {
    __atomic_fetch_sub(&wsr_now.header->image_count, 1, __ATOMIC_RELAXED);
    __atomic_fetch_add(&wsr_now.header->lost_images, 1, __ATOMIC_RELAXED);
    return;
  }
  // Two threads may have found it at once: then it stands here twice, which does no harm.
  image.end = 0;
  wsr_now.images[number] = image;
  __atomic_store_n(&wsr_now.images[number].end, end, __ATOMIC_RELEASE);
}

void wsr_image_note(uint64_t address) {
  uint32_t count = live_images();
  for (uint32_t i = 0; i < count; i++) {
    const wsr_image *image = &wsr_now.images[i];
    if (image->start <= address && address < image->end && is_live(image)) return;
  }
  int error = errno;
  enter(address, count);
  errno = error;
}

void wsr_images_check(void) {
  uint32_t count = live_images(), generation = __atomic_load_n(&wsr_now.header->generation, __ATOMIC_RELAXED);
  bool gone = false;
  for (uint32_t i = 0; i < count; i++) {
    wsr_image *image = &wsr_now.images[i];
    struct dl_find_object object;
    if (!is_live(image)) continue;
    uint8_t id[32];
    if (object_at(image->start, &object) && (uint64_t)(uintptr_t)object.dlfo_map_start == image->start
        && (uint64_t)(uintptr_t)object.dlfo_map_end == image->end
        && build_id(object.dlfo_map_start, object.dlfo_map_end, image->bias, id) == image->build_id_bytes
        && memcmp(id, image->build_id, image->build_id_bytes) == 0) {
      continue;
    }
    __atomic_store_n(&image->last_generation, generation, __ATOMIC_RELEASE);
    if (!gone) __atomic_fetch_add(&wsr_now.header->generation, 1, __ATOMIC_ACQ_REL);
    gone = true;
    wsr_stacks_end(image->start, image->end);
  }
  if (!gone) return;
  wsr_rules_forget();
  wsr_fallback_forget();
}
