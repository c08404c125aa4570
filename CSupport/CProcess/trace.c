// ptrace(2) and wait(2).
#define _GNU_SOURCE
#include "CProcess.h"

#include <errno.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>

#if defined(__x86_64__)
_Static_assert(sizeof(wsp_registers) == sizeof(struct user_regs_struct), "general registers");
_Static_assert(offsetof(wsp_registers, orig_rax) == offsetof(struct user_regs_struct, orig_rax), "orig_rax");
_Static_assert(offsetof(wsp_registers, rsp) == offsetof(struct user_regs_struct, rsp), "rsp");
_Static_assert(offsetof(wsp_registers, fs_base) == offsetof(struct user_regs_struct, fs_base), "fs_base");
#else
_Static_assert(sizeof(wsp_registers) == sizeof(struct user_regs_struct), "general registers");
#endif
_Static_assert(wsp_event_stop == PTRACE_EVENT_STOP && wsp_event_exit == PTRACE_EVENT_EXIT, "events");
_Static_assert(wsp_option_exit_kill == PTRACE_O_EXITKILL, "options");
_Static_assert(wsp_option_trace_exit == PTRACE_O_TRACEEXIT && wsp_option_trace_clone == PTRACE_O_TRACECLONE, "options");

static int request(int number, int thread, uintptr_t address, uintptr_t data) {
  return ptrace(number, thread, (void *)address, (void *)data) == -1 ? -1 : 0;
}

int wsp_seize(int thread, unsigned options) { return request(PTRACE_SEIZE, thread, 0, options); }
int wsp_set_options(int thread, unsigned options) { return request(PTRACE_SETOPTIONS, thread, 0, options); }
int wsp_interrupt(int thread) { return request(PTRACE_INTERRUPT, thread, 0, 0); }
int wsp_detach(int thread, int signal) { return request(PTRACE_DETACH, thread, 0, (uintptr_t)signal); }
int wsp_continue(int thread, int signal) { return request(PTRACE_CONT, thread, 0, (uintptr_t)signal); }
int wsp_step(int thread) { return request(PTRACE_SINGLESTEP, thread, 0, 0); }
int wsp_listen(int thread) { return request(PTRACE_LISTEN, thread, 0, 0); }

int wsp_event_message(int thread, uint64_t *message) {
  unsigned long value = 0;
  if (request(PTRACE_GETEVENTMSG, thread, 0, (uintptr_t)&value) == -1) return -1;
  *message = value;
  return 0;
}

enum { general_registers = 1, floating_registers = 2, extended_state = 0x202 }; // NT_ of <elf.h>

int wsp_get_registers(int thread, wsp_registers *registers) {
  struct iovec vector = {.iov_base = registers, .iov_len = sizeof *registers};
  return request(PTRACE_GETREGSET, thread, general_registers, (uintptr_t)&vector);
}

int wsp_set_registers(int thread, const wsp_registers *registers) {
  struct iovec vector = {.iov_base = (void *)registers, .iov_len = sizeof *registers};
  return request(PTRACE_SETREGSET, thread, general_registers, (uintptr_t)&vector);
}

ptrdiff_t wsp_get_vector_state(int thread, void *state, size_t size) {
  struct iovec vector = {.iov_base = state, .iov_len = size};
#if defined(__x86_64__)
  if (request(PTRACE_GETREGSET, thread, extended_state, (uintptr_t)&vector) == 0) return (ptrdiff_t)vector.iov_len;
  vector.iov_len = size;
#endif
  if (request(PTRACE_GETREGSET, thread, floating_registers, (uintptr_t)&vector) == -1) return -1;
  return (ptrdiff_t)vector.iov_len;
}

int wsp_allow_tracers(void) { return prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0); }

int wsp_set_timer_slack(unsigned nanoseconds) { return prctl(PR_SET_TIMERSLACK, (unsigned long)nanoseconds, 0, 0, 0); }

int wsp_wait(int id, int flags, wsp_wait_result *result) {
  int status = 0;
  pid_t found;
  do {
    found = waitpid(id, &status, __WALL | (id == -1 ? __WNOTHREAD : 0) | (flags & wsp_wait_no_hang ? WNOHANG : 0));
  } while (found == -1 && errno == EINTR);
  if (found == -1) return -1;
  *result = (wsp_wait_result){.id = found, .change = wsp_change_none, .value = 0, .event = 0};
  if (found == 0) return 0;
  if (WIFEXITED(status)) {
    result->change = wsp_change_exited;
    result->value = WEXITSTATUS(status);
  } else if (WIFSIGNALED(status)) {
    result->change = wsp_change_signaled;
    result->value = WTERMSIG(status);
  } else if (WIFSTOPPED(status)) {
    result->change = wsp_change_stopped;
    result->value = WSTOPSIG(status);
    result->event = (status >> 16) & 0xff;
  }
  return 0;
}
