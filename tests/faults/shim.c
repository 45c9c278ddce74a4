/*
 * The functions of the C library that netflags calls on Linux, each of which fails where a test says so: at its next
 * call, at its fifth, or always. A library of its own, to be opened in the C library's place; not for LD_PRELOAD.
 *
 * close fails as Linux's does: the descriptor is closed all the same.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <linux/netlink.h>
#include <poll.h>
#include <sched.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/types.h>

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif

#ifndef SOL_NETLINK
#define SOL_NETLINK 270
#endif

/* What can be made to fail: NAMES of shim.ts has the same order. */
enum call {
  SOCKET, SOCKET_GENERIC, SOCKET_INET, BIND, JOIN, OPTION, BUFFER, SEND, RECVFROM, CLOSE, IOCTL, POLL, OPEN, EVENTFD,
  WRITE, READ, IO_SETUP, IO_SUBMIT, IO_CANCEL, IO_GETEVENTS, IO_DESTROY, SETNS, FSTAT, PIDFD_OPEN, INOTIFY_INIT,
  INOTIFY_ADD, RING_SETUP, RING_ENTER, RING_REGISTER, MMAP, RECVMMSG, CALLS
};

struct fault {
  atomic_int error;  /* what to fail with; 0: nothing */
  atomic_int at;     /* the call to fail, counted from 1; 0: every one; negative: that one and all behind it */
  atomic_int calls;  /* since the fault was armed, or disarmed */
  atomic_int failed;
};

static struct fault faults[CALLS];

/* A call that failed so often is called without end: the fault ends, so that whoever calls it comes to an end too. */
static atomic_int limit = 1 << 30;

void fault_arm(int call, int error, int at) {
  struct fault *fault = &faults[call];
  fault->error = 0;
  fault->calls = 0;
  fault->failed = 0;
  fault->at = at;
  fault->error = error;
}

void fault_limit(int failures) { limit = failures; }

int fault_calls(int call) { return faults[call].calls; }

int fault_failed(int call) { return faults[call].failed; }

/* The contexts of asynchronous I/O: a system has room for some thousand, and netflags leaves its own to the end. */
static atomic_ulong contexts[64];

static void keep_context(unsigned long context) {
  for (int i = 0; i < 64; i++) {
    unsigned long none = 0;
    if (atomic_compare_exchange_strong(&contexts[i], &none, context)) return;
  }
}

/* Gives back those that are there now, which takes the kernel a while: new ones may come meanwhile. */
void fault_end(void) {
  unsigned long ended[64];
  for (int i = 0; i < 64; i++) ended[i] = atomic_exchange(&contexts[i], 0);
  for (int i = 0; i < 64; i++) {
    if (ended[i] != 0) ((long (*)(long, ...))dlsym(RTLD_DEFAULT, "syscall"))(SYS_io_destroy, ended[i]);
  }
}

/* The error number that this call is to fail with, or 0. */
static int failing(enum call call) {
  struct fault *fault = &faults[call];
  int number = ++fault->calls, error = fault->error, at = fault->at;
  if (error == 0 || (at > 0 && number != at) || number < -at || fault->failed >= limit) return 0;
  fault->failed++;
  return error;
}

/* Deno opens this library for itself alone, so that the C library's own functions are still the usual ones. */
#define REAL(name) ((__typeof__(name) *)dlsym(RTLD_DEFAULT, #name))

#define FAIL(call)                 \
  do {                             \
    int error = failing(call);     \
    if (error != 0) {              \
      errno = error;               \
      return -1;                   \
    }                              \
  } while (0)

int socket(int domain, int type, int protocol) {
  FAIL(domain != AF_NETLINK ? SOCKET_INET : protocol == NETLINK_GENERIC ? SOCKET_GENERIC : SOCKET);
  return REAL(socket)(domain, type, protocol);
}

int bind(int fd, const struct sockaddr *address, socklen_t length) {
  FAIL(BIND);
  return REAL(bind)(fd, address, length);
}

int setsockopt(int fd, int level, int name, const void *value, socklen_t length) {
  FAIL(level != SOL_NETLINK ? BUFFER : name == NETLINK_ADD_MEMBERSHIP ? JOIN : OPTION);
  return REAL(setsockopt)(fd, level, name, value, length);
}

ssize_t send(int fd, const void *bytes, size_t length, int flags) {
  FAIL(SEND);
  return REAL(send)(fd, bytes, length, flags);
}

ssize_t recvfrom(int fd, void *bytes, size_t size, int flags, struct sockaddr *sender, socklen_t *length) {
  FAIL(RECVFROM);
  return REAL(recvfrom)(fd, bytes, size, flags, sender, length);
}

int recvmmsg(int fd, struct mmsghdr *messages, unsigned int count, int flags, struct timespec *timeout) {
  FAIL(RECVMMSG);
  return REAL(recvmmsg)(fd, messages, count, flags, timeout);
}

int close(int fd) {
  int error = failing(CLOSE), result = REAL(close)(fd);
  if (error == 0) return result;
  errno = error;
  return -1;
}

int ioctl(int fd, unsigned long request, ...) {
  va_list rest;
  va_start(rest, request);
  void *value = va_arg(rest, void *);
  va_end(rest);
  FAIL(IOCTL);
  return REAL(ioctl)(fd, request, value);
}

int poll(struct pollfd *fds, nfds_t count, int timeout) {
  FAIL(POLL);
  return REAL(poll)(fds, count, timeout);
}

int open(const char *path, int flags, ...) {
  FAIL(OPEN);
  return ((int (*)(const char *, int, ...))dlsym(RTLD_DEFAULT, "open"))(path, flags);
}

int eventfd(unsigned int value, int flags) {
  FAIL(EVENTFD);
  return ((int (*)(unsigned int, int))dlsym(RTLD_DEFAULT, "eventfd"))(value, flags);
}

ssize_t write(int fd, const void *bytes, size_t length) {
  FAIL(WRITE);
  return ((ssize_t(*)(int, const void *, size_t))dlsym(RTLD_DEFAULT, "write"))(fd, bytes, length);
}

ssize_t read(int fd, void *bytes, size_t size) {
  FAIL(READ);
  return ((ssize_t(*)(int, void *, size_t))dlsym(RTLD_DEFAULT, "read"))(fd, bytes, size);
}

long syscall(long number, ...) {
  long a[6];
  va_list rest;
  va_start(rest, number);
  for (int i = 0; i < 6; i++) a[i] = va_arg(rest, long);
  va_end(rest);
  switch (number) {
    case SYS_io_setup: FAIL(IO_SETUP); break;
    case SYS_io_submit: FAIL(IO_SUBMIT); break;
    case SYS_io_cancel: FAIL(IO_CANCEL); break;
    case SYS_io_getevents: FAIL(IO_GETEVENTS); break;
    case SYS_io_destroy: FAIL(IO_DESTROY); break;
    case SYS_fstat: FAIL(FSTAT); break;
    case SYS_pidfd_open: FAIL(PIDFD_OPEN); break;
    case SYS_io_uring_setup: FAIL(RING_SETUP); break;
    case SYS_io_uring_enter: FAIL(RING_ENTER); break;
    case SYS_io_uring_register: FAIL(RING_REGISTER); break;
  }
  long result = ((long (*)(long, ...))dlsym(RTLD_DEFAULT, "syscall"))(number, a[0], a[1], a[2], a[3], a[4], a[5]);
  if (number == SYS_io_setup && result == 0) keep_context(*(unsigned long *)a[1]);
  return result;
}

int setns(int fd, int type) {
  FAIL(SETNS);
  return REAL(setns)(fd, type);
}

int inotify_init1(int flags) {
  FAIL(INOTIFY_INIT);
  return REAL(inotify_init1)(flags);
}

int inotify_add_watch(int fd, const char *path, uint32_t mask) {
  FAIL(INOTIFY_ADD);
  return REAL(inotify_add_watch)(fd, path, mask);
}

void *mmap(void *at, size_t length, int protection, int flags, int fd, off_t offset) {
  int error = failing(MMAP);
  if (error == 0) return REAL(mmap)(at, length, protection, flags, fd, offset);
  errno = error;
  return MAP_FAILED;
}

int munmap(void *at, size_t length) { return REAL(munmap)(at, length); }

char *strerror(int error) { return REAL(strerror)(error); }

int *__errno_location(void) { return REAL(__errno_location)(); }
