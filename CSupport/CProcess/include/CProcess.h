#ifndef WEAKSPOT_CPROCESS_H
#define WEAKSPOT_CPROCESS_H

/// CProcess: stopping another process, its registers, and reading its memory.
///
/// Everything here is C because Swift cannot import it: `ptrace` and `ioctl` are variadic, `process_vm_readv` and
/// `openat2` hide behind feature macros or have no function in glibc, wait statuses are taken apart by macros, and
/// `fork` is unavailable. Each function is one system call or a short fixed sequence of them: no policy, no printing,
/// no allocation, no state. What fails returns -1 and leaves the reason in errno unless it says otherwise.
/// All functions are thread-safe; but those that take a thread's number act for the thread that seized it (ptrace(2)).

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__clang__)
#pragma clang assume_nonnull begin
#endif

/// A thread's general registers, as the kernel keeps them: `struct user_regs_struct` of <sys/user.h>, or
/// `struct user_pt_regs` of <asm/ptrace.h> on aarch64.
#if defined(__x86_64__)
typedef struct wsp_registers {
  uint64_t r15, r14, r13, r12, rbp, rbx, r11, r10, r9, r8, rax, rcx, rdx, rsi, rdi;
  uint64_t orig_rax, rip, cs, eflags, rsp, ss, fs_base, gs_base, ds, es, fs, gs;
} wsp_registers;
#else
typedef struct wsp_registers {
  uint64_t x[31];
  uint64_t sp, pc, pstate;
} wsp_registers;
#endif

/// What a wait has told of one thread (wait(2), "Stopped states" of ptrace(2)).
typedef enum wsp_change {
  wsp_change_none = 0,     ///< nothing yet (with `wsp_wait_no_hang`)
  wsp_change_exited = 1,   ///< ended; `value` is its exit status
  wsp_change_signaled = 2, ///< ended by the signal `value`
  wsp_change_stopped = 3,  ///< stopped; `value` is the signal, `event` the PTRACE_EVENT or 0
} wsp_change;

typedef struct wsp_wait_result {
  int32_t id;     ///< the thread
  int32_t change; ///< a `wsp_change`
  int32_t value;
  int32_t event;
} wsp_wait_result;

/// PTRACE_EVENT_STOP and its like (<sys/ptrace.h>, an enumeration that glibc and the kernel both declare).
enum {
  wsp_event_fork = 1,
  wsp_event_vfork = 2,
  wsp_event_clone = 3,
  wsp_event_exec = 4,
  wsp_event_exit = 6,
  wsp_event_stop = 128,
};

/// PTRACE_O_ options for `wsp_seize` and `wsp_set_options`.
enum {
  wsp_option_trace_fork = 1 << wsp_event_fork,
  wsp_option_trace_clone = 1 << wsp_event_clone,
  wsp_option_trace_exec = 1 << wsp_event_exec,
  wsp_option_trace_exit = 1 << wsp_event_exit,
  wsp_option_exit_kill = 1 << 20,
};

/// PTRACE_SEIZE: makes the calling thread the tracer of `thread`, without stopping it.
int wsp_seize(int thread, unsigned options);
/// PTRACE_SETOPTIONS, for a stopped thread.
int wsp_set_options(int thread, unsigned options);
/// PTRACE_INTERRUPT: asks a seized thread to stop; the stop is reported by `wsp_wait`.
int wsp_interrupt(int thread);
/// PTRACE_DETACH: lets a stopped thread run on, untraced, delivering `signal` unless 0.
int wsp_detach(int thread, int signal);
/// PTRACE_CONT: lets a stopped thread run on, traced, delivering `signal` unless 0.
int wsp_continue(int thread, int signal);
/// PTRACE_SINGLESTEP: lets a stopped thread execute one instruction; it stops with SIGTRAP behind it.
int wsp_step(int thread);
/// PTRACE_LISTEN: leaves a thread in its group-stop, and reports when that ends.
int wsp_listen(int thread);
/// PTRACE_GETEVENTMSG: the number that belongs to the event a thread has stopped with.
int wsp_event_message(int thread, uint64_t *message);
/// PTRACE_GETREGS and PTRACE_SETREGS (NT_PRSTATUS register sets on aarch64), for a stopped thread.
int wsp_get_registers(int thread, wsp_registers *registers);
int wsp_set_registers(int thread, const wsp_registers *registers);

/// The most that a processor's vector state takes on x86-64: 11,008 bytes with AMX.
enum { wsp_vector_state_limit = 16384 };

/// The floating-point and vector registers of a stopped thread, in the form of the kernel's register set (NT_X86_XSTATE, the layout of
/// XSAVE; else NT_PRFPREG): at most `size` bytes into `state`. Returns how many.
ptrdiff_t wsp_get_vector_state(int thread, void *state, size_t size);

/// prctl(2) PR_SET_TIMERSLACK for the calling thread: by how many nanoseconds its sleeps may be late; 0 for the
/// default, 50,000. C because `prctl` is variadic.
int wsp_set_timer_slack(unsigned nanoseconds);

/// prctl(2) PR_SET_PTRACER_ANY for the calling process: where Yama lets only ancestors trace, any process of the same user
/// may. Fails with EINVAL where there is no Yama, and nothing needs allowing. C because `prctl` is variadic.
int wsp_allow_tracers(void);

enum { wsp_wait_no_hang = 1 };

/// wait4(2) with __WALL for `id`: a thread, or -1 for any that the calling thread traces or has started (__WNOTHREAD).
/// `flags` is 0 or `wsp_wait_no_hang`.
int wsp_wait(int id, int flags, wsp_wait_result *result);

/// Starts a program whose first thread is seized by the calling thread, with `options`, before it executes anything:
/// fork(2), then execvp(3) of `arguments[0]` in the child. The child keeps the caller's standard streams and
/// working folder; no signal is blocked in it, since the caller may be a thread of a pool that blocks most. Returns 0 with the child's number in `child` and in `failure` a descriptor, to be closed by the
/// caller, from which four bytes, the errno, can be read after the child has ended if it could not execute the program.
/// C because it needs fork, and only what is async-signal-safe may run in the child.
int wsp_start(char *_Nullable const *_Nonnull arguments, unsigned options, int *child, int *failure);

/// Memory of another process and where its copy goes.
typedef struct wsp_transfer {
  uint64_t remote;
  void *_Nullable local;
  size_t length;
} wsp_transfer;

/// The most transfers of one call (IOV_MAX).
enum { wsp_transfer_limit = 1024 };

/// process_vm_readv(2): copies `count` ranges (at most `wsp_transfer_limit`) of `process`, in order, and returns the
/// bytes copied: fewer than asked for if a page cannot be read, at which it stops. -1 if the first one cannot be.
ptrdiff_t wsp_read_memory(int process, const wsp_transfer *transfers, size_t count);

/// What the kernel knows of a range of pages.
enum {
  wsp_page_file = 1 << 0,      ///< of a file or of shared memory
  wsp_page_present = 1 << 1,   ///< in memory
  wsp_page_swapped = 1 << 2,   ///< in swap
  wsp_page_zero = 1 << 3,      ///< the zero page that all processes share; not counted as resident
};

typedef struct wsp_page_range {
  uint64_t start, end;
  uint64_t flags;
} wsp_page_range;

/// PAGEMAP_SCAN (ioctl(2), Linux 6.7 and later) of the open /proc/PID/pagemap: the pages of [start, end) that are
/// present or swapped, as at most `capacity` ranges of equal flags in rising order. Returns how many: where there are
/// more, `capacity`. -1 with errno set if it fails: ENOTTY on older kernels.
ptrdiff_t wsp_scan_pages(int pagemap, uint64_t start, uint64_t end, wsp_page_range *ranges, size_t capacity);

/// The folder `path` as an O_PATH descriptor, such as /proc/PID or /proc/PID/root.
int wsp_open_folder(const char *path);
/// Opens the regular file `path` for reading as a process would whose root is the folder `root` (openat2(2) with
/// RESOLVE_IN_ROOT), symbolic links included; never blocks, never takes a terminal. The caller closes it.
int wsp_open_in_root(int root, const char *path);

/// What tells a file from all others as long as it is open.
typedef struct wsp_file_identity {
  uint64_t device; ///< major << 32 | minor
  uint64_t inode;
} wsp_file_identity;

/// fstat(2) of an open file. C because `major` and `minor` are macros.
int wsp_identify(int descriptor, wsp_file_identity *identity);

/// Lets malloc keep what this process frees, in one heap of huge pages that is reserved here: memory that is made and dropped
/// again and again, array by array, is then mapped and zeroed once (mallopt(3), madvise(2)). Untouched memory of it costs
/// nothing. Call it before other threads start. Returns the address space that was reserved: 0 if there is none, and malloc
/// goes on in smaller steps. C because <malloc.h> is not imported.
size_t wsp_reserve_heap(size_t bytes);

#if defined(__clang__)
#pragma clang assume_nonnull end
#endif

#ifdef __cplusplus
}
#endif

#endif
