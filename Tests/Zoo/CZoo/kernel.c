#define _GNU_SOURCE
#include "CZoo.h"

#include <stdio.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

int zoo_epoll_hold(void *pointer) {
  int queue = epoll_create1(EPOLL_CLOEXEC);
  int event = eventfd(0, EFD_CLOEXEC);
  struct epoll_event registration = {.events = EPOLLIN, .data = {.ptr = pointer}};
  if (queue < 0 || event < 0) {
    return -1;
  }
  return epoll_ctl(queue, EPOLL_CTL_ADD, event, &registration);
}

static ssize_t write_nothing(void *cookie, const char *text, size_t size) {
  (void)text;
  zoo_use(cookie);
  return (ssize_t)size;
}

void *zoo_open_cookie(void *cookie) {
  cookie_io_functions_t functions = {.write = write_nothing};
  return fopencookie(cookie, "w", functions);
}
