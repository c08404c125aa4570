// Starting a traced program.
#define _GNU_SOURCE
#include "CProcess.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

// In the child: waits for the word that it is traced, which is the end of the pipe's other side if the tracer died.
static _Noreturn void execute(char *const *arguments, int go, int failure) {
  char word;
  ssize_t got;
  do {
    got = read(go, &word, 1);
  } while (got == -1 && errno == EINTR);
  if (got != 1) _exit(127);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  execvp(arguments[0], arguments);
  int reason = errno;
  (void)!write(failure, &reason, sizeof reason);
  _exit(127);
}

static void close_keeping_errno(int descriptor) {
  int saved = errno;
  close(descriptor);
  errno = saved;
}

int wsp_start(char *const *arguments, unsigned options, int *child, int *failure) {
  int go[2], reason[2];
  if (pipe2(go, O_CLOEXEC) == -1) return -1;
  if (pipe2(reason, O_CLOEXEC | O_NONBLOCK) == -1) {
    close_keeping_errno(go[0]);
    close_keeping_errno(go[1]);
    return -1;
  }
  pid_t started = fork();
  if (started == 0) {
    close(go[1]);
    close(reason[0]);
    execute(arguments, go[0], reason[1]);
  }
  close_keeping_errno(go[0]);
  close_keeping_errno(reason[1]);
  // The child is writing nothing yet: this pipe is not broken.
  int result = started == -1 ? -1 : wsp_seize(started, options);
  if (result == 0 && write(go[1], "", 1) != 1) result = -1;
  close_keeping_errno(go[1]);
  if (result == -1) {
    close_keeping_errno(reason[0]);
    if (started > 0) {
      int saved = errno;
      while (waitpid(started, NULL, 0) == -1 && errno == EINTR) {}
      errno = saved;
    }
    return -1;
  }
  *child = started;
  *failure = reason[0];
  return 0;
}
