// Throws from a depth a thousand times, and prints whose unwinder is in use.

#include <cstdio>
#include <dlfcn.h>
#include <stdexcept>

static int deep(int levels) {
  int *block = new int(levels);
  if (levels == 0) throw std::runtime_error("bottom");
  int result = deep(levels - 1) + *block;
  delete block;
  return result;
}

int main() {
  int caught = 0;
  for (int i = 0; i < 1000; i++) {
    try {
      deep(20);
    } catch (const std::exception &) {
      caught++;
    }
  }
  Dl_info object;
  dladdr(dlsym(RTLD_DEFAULT, "_Unwind_RaiseException"), &object);
  std::printf("%d %s\n", caught, object.dli_fname);
}
