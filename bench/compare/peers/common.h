/* What the C programs of the comparison share. */
#ifndef COMMON_H
#define COMMON_H

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/if_link.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BUFFER (128 * 1024)

static inline void fail(const char *what) {
  perror(what);
  exit(1);
}

static inline int64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* User and system time in microseconds, of this process or of the children that it waited for. */
static inline int64_t cpu(int who) {
  struct rusage u;
  getrusage(who, &u);
  return (int64_t)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000000 + u.ru_utime.tv_usec + u.ru_stime.tv_usec;
}

/* Every peer does half as many rounds again before those that count: caches, allocators, a JIT. */
static inline int warm_up(int rounds) { return rounds < 2 ? 1 : rounds / 2; }

static inline char *read_file(const char *path, size_t *length) {
  FILE *f = fopen(path, "rb");
  if (!f) fail(path);
  fseek(f, 0, SEEK_END);
  *length = (size_t)ftell(f);
  rewind(f);
  char *bytes = malloc(*length);
  if (!bytes || fread(bytes, 1, *length, f) != *length) fail(path);
  fclose(f);
  return bytes;
}

static inline int open_route(void) {
  int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  struct sockaddr_nl self = {.nl_family = AF_NETLINK};
  if (fd < 0 || bind(fd, (struct sockaddr *)&self, sizeof self) < 0) fail("netlink socket");
  return fd;
}

/* Asks for every link as netflags does: no statistics of IPv6, and a kernel that checks the request. */
struct link_request {
  struct nlmsghdr header;
  struct ifinfomsg info;
  struct rtattr attribute;
  uint32_t mask;
};

static inline void request_links(int fd) {
  static const struct link_request request = {
      .header = {.nlmsg_len = sizeof request,
                 .nlmsg_type = RTM_GETLINK,
                 .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
                 .nlmsg_seq = 1},
      .info = {.ifi_family = AF_UNSPEC},
      .attribute = {.rta_len = RTA_LENGTH(4), .rta_type = IFLA_EXT_MASK},
      .mask = RTEXT_FILTER_SKIP_STATS,
  };
  if (send(fd, &request, sizeof request, 0) != sizeof request) fail("send");
}

static inline void check_strictly(int fd) {
  int on = 1;
  setsockopt(fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &on, sizeof on);
}

#endif
