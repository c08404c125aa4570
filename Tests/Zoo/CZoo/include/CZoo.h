#ifndef CZOO_H
#define CZOO_H

#include <stddef.h>

// The C libraries of the zoo's programs: what a C library does with the contexts that a Swift program hands to it.

/// Called with the context that was registered.
typedef void (*zoo_callback)(void *_Nullable context);

/// A handler as C libraries keep them: a block of its own, with the function and its context.
struct zoo_handler {
  zoo_callback _Nonnull call;
  void *_Nullable context;
  struct zoo_handler *_Nullable next;
};

/// A new handler, which the caller frees with `zoo_handler_free`. Ends the process if there is no memory.
struct zoo_handler *_Nonnull zoo_handler_create(zoo_callback _Nonnull call, void *_Nullable context);
/// Frees the handler, and leaves its context alone.
void zoo_handler_free(struct zoo_handler *_Nullable handler);

/// Appends a handler to the library's own list, which a static variable holds.
void zoo_register(zoo_callback _Nonnull call, void *_Nullable context);
/// Frees the list of handlers, and leaves the contexts alone: a library that is shut down.
void zoo_unregister_all(void);

/// 16 static words, for a library that keeps pointers in a table.
void zoo_slot_set(size_t slot, const void *_Nullable pointer);
void *_Nullable zoo_slot(size_t slot);

/// Takes the pointer out of a slot into a vector register, and never returns. C because no Swift code has a register to itself.
void zoo_slot_spin(size_t slot);
/// The same, into a general register.
void zoo_slot_hold(size_t slot);

/// A thread-local word of the calling thread. C because Swift has no `_Thread_local`.
void zoo_thread_slot_set(void *_Nullable pointer);
void *_Nullable zoo_thread_slot(void);

/// Gives the pointer to the kernel alone, as the data of an epoll registration. C because Swift's module of the C library
/// leaves `sys/epoll.h` out. Returns 0, or -1 with `errno`.
int zoo_epoll_hold(void *_Nullable pointer);

/// A stream whose cookie is the pointer, which the caller never closes; NULL if it could not be made. C because
/// `fopencookie` is a GNU extension.
void *_Nullable zoo_open_cookie(void *_Nullable cookie);

/// Runs `body` on a stack of its own, in malloc's memory, until it calls `zoo_coroutine_yield`; the coroutine then waits
/// there for good. C because Swift does not import `ucontext`. Returns 0, or -1 if the stack could not be made.
int zoo_coroutine_start(zoo_callback _Nonnull body, void *_Nullable context);
void zoo_coroutine_yield(void);
/// The same on a stack that is the caller's.
int zoo_coroutine_start_on(void *_Nonnull stack, size_t size, zoo_callback _Nonnull body, void *_Nullable context);

/// Starts a thread on a stack that is the caller's. C because Swift has no initial value of `pthread_attr_t`. Returns 0 or the errno.
int zoo_thread_start_on(void *_Nonnull stack, size_t size, zoo_callback _Nonnull body);

/// Does nothing with the address, which no optimiser can know.
void zoo_use(const void *_Nullable address);

/// Overwrites 256 KiB of stack below the caller. C because a Swift frame's layout is the compiler's.
void zoo_scrub_stack(void);

/// Returns once every other thread of the process sleeps, twice in a row without having run in between; after five
/// seconds in any case. Allocates nothing. C because Swift does not import `struct dirent`'s name as text without a copy
/// on the heap.
void zoo_wait_until_quiet(void);

#endif
