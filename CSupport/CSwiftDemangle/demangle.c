#include "CSwiftDemangle.h"

/// Exported by libswiftCore, whose headers are not installed.
extern char *_swift_backtrace_demangle(const char *name, size_t length, char *buffer, size_t *size);

char *weakspot_demangle(const char *name, size_t length) {
  return _swift_backtrace_demangle(name, length, NULL, NULL);
}
