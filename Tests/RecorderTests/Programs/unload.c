/// Loads one library after the other, so that the second is likely to come to lie where the first one was, and
/// lets each allocate a block that stays: 1001 bytes and 1002.

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void *from(const char *path, const char *name, size_t size) {
  void *library = dlopen(path, RTLD_NOW);
  if (library == NULL) abort();
  void *(*allocate)(size_t);
  *(void **)&allocate = dlsym(library, name);
  void *block = allocate(size);
  if (dlclose(library) != 0) abort();
  return block;
}

int main(int count, char **arguments) {
  if (count < 3) return 64;
  void *first = from(arguments[1], "first", 1001);
  void *second = from(arguments[2], "second", 1002);
  _exit(first != NULL && second != NULL ? 0 : 1);
}
