/// Becomes what its first argument says:
///   fork     leaves 1003 bytes behind, forks a child that leaves 1004; both wait for the end of stdin
///   exec P A becomes the program P with the argument A
///   leave    leaves 1005 bytes behind and is killed by a signal

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void *volatile left;

static int wait_for_end(void) {
  char byte;
  while (read(STDIN_FILENO, &byte, 1) > 0) {}
  return 0;
}

int main(int count, char **arguments) {
  if (count < 2) return 64;
  if (strcmp(arguments[1], "fork") == 0) {
    left = malloc(1003);
    pid_t child = fork();
    if (child == 0) {
      free(left);
      left = malloc(1004);
      dprintf(STDOUT_FILENO, "child %d\n", (int)getpid());
      _exit(wait_for_end());
    }
    dprintf(STDOUT_FILENO, "parent %d\n", (int)getpid());
    wait_for_end();
    int status = 0;
    waitpid(child, &status, 0);
    _exit(status);
  }
  if (strcmp(arguments[1], "exec") == 0 && count > 3) {
    execlp(arguments[2], arguments[2], arguments[3], (char *)NULL);
    return 127;
  }
  if (strcmp(arguments[1], "leave") == 0) {
    left = malloc(1005);
    raise(SIGSEGV);
  }
  return 64;
}
