// Another process's memory, pages and files.
#define _GNU_SOURCE
#include "CProcess.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <unistd.h>

ptrdiff_t wsp_read_memory(int process, const wsp_transfer *transfers, size_t count) {
  struct iovec local[wsp_transfer_limit], remote[wsp_transfer_limit];
  if (count > wsp_transfer_limit) {
    errno = EINVAL;
    return -1;
  }
  for (size_t index = 0; index < count; index++) {
    local[index] = (struct iovec){transfers[index].local, transfers[index].length};
    remote[index] = (struct iovec){(void *)(uintptr_t)transfers[index].remote, transfers[index].length};
  }
  return process_vm_readv(process, local, count, remote, count, 0);
}

// <linux/fs.h> of Linux 6.7; older headers lack it.
struct page_region {
  uint64_t start, end, categories;
};

struct pm_scan_arg {
  uint64_t size, flags, start, end, walk_end, vec, vec_len, max_pages;
  uint64_t category_inverted, category_mask, category_anyof_mask, return_mask;
};

_Static_assert(sizeof(struct page_region) == sizeof(wsp_page_range), "a page range");

enum { PAGE_IS_FILE = 1 << 2, PAGE_IS_PRESENT = 1 << 3, PAGE_IS_SWAPPED = 1 << 4, PAGE_IS_PFNZERO = 1 << 5 };
_Static_assert(PAGE_IS_FILE == wsp_page_file << 2 && PAGE_IS_PFNZERO == wsp_page_zero << 2, "categories are shifted");

ptrdiff_t wsp_scan_pages(int pagemap, uint64_t start, uint64_t end, wsp_page_range *ranges, size_t capacity) {
  struct pm_scan_arg scan = {
      .size = sizeof scan,
      .start = start,
      .end = end,
      .vec = (uintptr_t)ranges,
      .vec_len = capacity,
      .category_anyof_mask = PAGE_IS_PRESENT | PAGE_IS_SWAPPED,
      .return_mask = PAGE_IS_FILE | PAGE_IS_PRESENT | PAGE_IS_SWAPPED | PAGE_IS_PFNZERO,
  };
  int count = ioctl(pagemap, _IOWR('f', 16, struct pm_scan_arg), &scan);
  if (count < 0) return -1;
  for (int index = 0; index < count; index++) ranges[index].flags >>= 2;
  return count;
}

int wsp_open_folder(const char *path) { return open(path, O_PATH | O_DIRECTORY | O_CLOEXEC); }

int wsp_open_in_root(int root, const char *path) {
  struct open_how how = {
      .flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
      .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
  };
  return (int)syscall(SYS_openat2, root, path, &how, sizeof how);
}

int wsp_identify(int descriptor, wsp_file_identity *identity) {
  struct stat status;
  if (fstat(descriptor, &status) == -1) return -1;
  identity->device = (uint64_t)major(status.st_dev) << 32 | minor(status.st_dev);
  identity->inode = status.st_ino;
  return 0;
}
