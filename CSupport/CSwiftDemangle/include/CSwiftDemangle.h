#ifndef WEAKSPOT_CSWIFTDEMANGLE_H
#define WEAKSPOT_CSWIFTDEMANGLE_H

#include <stddef.h>

/// A symbol of Swift or C++ as its language writes it, in the short form of backtraces: `closure #1 in Model.bind()`.
///
/// It is `_swift_backtrace_demangle` of our own libswiftCore (stdlib/public/runtime/Backtrace.cpp), which no header declares: that
/// is why it stands in C.
///
/// - Parameters:
///   - name: The mangled name; need not end in a zero byte.
///   - length: Its bytes.
/// - Returns: A zero-terminated string, which the caller frees with `free`; NULL if the name is neither Swift's nor C++'s, or
///   there is no memory. Thread-safe.
char *_Nullable weakspot_demangle(const char *_Nonnull name, size_t length);

#endif
