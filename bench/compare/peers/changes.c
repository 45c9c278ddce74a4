/*
 * Changes of an interface, and who hears of them.
 *
 *   changes flip NAME COUNT INTERVAL_NS   changes the mtu so often; when each change began, a line each
 *   changes spread PREFIX LINKS COUNT INTERVAL_NS   the same, in turn of PREFIX1 to PREFIXn; prints nothing
 *   changes hear NAME COUNT SILENCE_MS    receives rtnetlink's events
 *   changes filtered NAME COUNT SILENCE_MS   the same, and lets the kernel drop those of other interfaces
 *   changes lines NAME COUNT SILENCE_MS COMMAND...   reads the text of a command such as `ip -o monitor link`
 *
 * A hearer prints "ready" when it listens, and at the end a line `MTU NS` for each change that it heard of, then the CPU
 * time that it used since "ready": `cpu self US` and `cpu children US`. It ends after COUNT changes, or after that
 * silence, as changes may be lost or merged on the way.
 *
 * Each change sets a value of its own, which the event carries: so an event is joined to the change that made it.
 */
#include "common.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/wait.h>

#ifndef SO_RCVBUFFORCE
#define SO_RCVBUFFORCE 33
#endif

struct heard {
  int count, limit, last;
  int *mtu;
  int64_t *at;
  int64_t cpu;
};

static struct heard begin(int limit) {
  struct heard heard = {.limit = limit, .last = -1};
  heard.mtu = calloc((size_t)limit, sizeof *heard.mtu);
  heard.at = calloc((size_t)limit, sizeof *heard.at);
  if (!heard.mtu || !heard.at) fail("memory");
  heard.cpu = cpu(RUSAGE_SELF);
  printf("ready\n");
  fflush(stdout);
  return heard;
}

static void take(struct heard *heard, int mtu, int64_t at) {
  if (mtu == heard->last || heard->count == heard->limit) return;
  heard->last = mtu;
  heard->mtu[heard->count] = mtu;
  heard->at[heard->count++] = at;
}

static void report(const struct heard *heard, int64_t used) {
  for (int i = 0; i < heard->count; i++) printf("%d %lld\n", heard->mtu[i], (long long)heard->at[i]);
  printf("cpu self %lld\ncpu children %lld\n", (long long)used, (long long)cpu(RUSAGE_CHILDREN));
}

static void flip(const char *name, int count, int64_t interval) {
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  int64_t *began = calloc((size_t)count, sizeof *began);
  struct ifreq request = {0};
  if (fd < 0 || !began) fail("socket");
  strncpy(request.ifr_name, name, IFNAMSIZ - 1);
  int64_t slot = now();
  for (int i = 0; i < count; i++) {
    slot += interval;
    if (interval >= 200000) {
      struct timespec until = {.tv_sec = slot / 1000000000, .tv_nsec = slot % 1000000000};
      while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) != 0) continue;
    } else {
      while (now() < slot) continue; /* the scheduler cannot sleep so shortly */
    }
    request.ifr_mtu = 1000 + i % 4000;
    began[i] = now();
    if (ioctl(fd, SIOCSIFMTU, &request) < 0) fail("SIOCSIFMTU");
  }
  for (int i = 0; i < count; i++) printf("%lld\n", (long long)began[i]);
}

static void spread(const char *prefix, int links, int count, int64_t interval) {
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) fail("socket");
  int64_t slot = now();
  for (int i = 0; i < count; i++) {
    struct ifreq request = {.ifr_mtu = 1000 + i / links % 4000};
    snprintf(request.ifr_name, sizeof request.ifr_name, "%s%d", prefix, 1 + i % links);
    slot += interval;
    while (now() < slot) continue;
    if (ioctl(fd, SIOCSIFMTU, &request) < 0) fail("SIOCSIFMTU");
  }
}

/* Lets messages about this interface through, and drops the rest. A filter reads words as the network orders them. */
static void filter(int fd, int index) {
  struct sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, NLMSG_HDRLEN + offsetof(struct ifinfomsg, ifi_index)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htonl((uint32_t)index), 0, 1),
      BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
      BPF_STMT(BPF_RET | BPF_K, 0),
  };
  struct sock_fprog program = {.len = sizeof code / sizeof *code, .filter = code};
  if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) < 0) fail("SO_ATTACH_FILTER");
}

static void hear(const char *name, int count, int silence_ms, int filtered) {
  static char buffer[BUFFER];
  int index = (int)if_nametoindex(name), room = 8 * 1024 * 1024, group = RTNLGRP_LINK;
  struct timeval silence = {.tv_sec = silence_ms / 1000, .tv_usec = silence_ms % 1000 * 1000};
  int fd = open_route();
  /* As much as root may have; where that is not allowed, as much as anyone may. */
  if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room) < 0)
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &silence, sizeof silence);
  if (filtered) filter(fd, index);
  if (index == 0 || setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof group) < 0) fail(name);
  struct heard heard = begin(count);
  while (heard.count < count) {
    ssize_t length = recv(fd, buffer, sizeof buffer, 0);
    if (length < 0 && errno == ENOBUFS) continue; /* the queue overflowed: what was lost is counted by the reader */
    if (length < 0) break;
    for (struct nlmsghdr *m = (struct nlmsghdr *)buffer; NLMSG_OK(m, length); m = NLMSG_NEXT(m, length)) {
      struct ifinfomsg *info = NLMSG_DATA(m);
      int rest = (int)IFLA_PAYLOAD(m);
      if (m->nlmsg_type != RTM_NEWLINK || info->ifi_index != index) continue;
      for (struct rtattr *a = IFLA_RTA(info); RTA_OK(a, rest); a = RTA_NEXT(a, rest)) {
        if (a->rta_type == IFLA_MTU) take(&heard, *(int *)RTA_DATA(a), now());
      }
    }
  }
  report(&heard, cpu(RUSAGE_SELF) - heard.cpu);
}

/* The command is started here and not by a shell, so that the CPU time that it used can be asked for. */
static void lines(const char *name, int count, int silence_ms, char **command) {
  int ends[2];
  if (pipe(ends) < 0) fail("pipe");
  pid_t pid = fork();
  if (pid == 0) {
    dup2(ends[1], 1);
    close(ends[0]);
    close(ends[1]);
    execvp(command[0], command);
    _exit(127);
  }
  close(ends[1]);
  usleep(500000); /* it says nothing when it listens */

  char label[IFNAMSIZ + 4];
  snprintf(label, sizeof label, " %s: ", name);
  static char buffer[BUFFER];
  size_t kept = 0;
  struct pollfd input = {.fd = ends[0], .events = POLLIN};
  struct heard heard = begin(count);
  while (heard.count < count && poll(&input, 1, silence_ms) > 0) {
    ssize_t length = read(ends[0], buffer + kept, sizeof buffer - 1 - kept);
    if (length <= 0) break;
    kept += (size_t)length;
    buffer[kept] = 0;
    char *line = buffer;
    for (char *end; (end = strchr(line, '\n')); line = end + 1) {
      *end = 0;
      const char *mtu = strstr(line, " mtu ");
      if (mtu && strstr(line, label)) take(&heard, atoi(mtu + 5), now());
    }
    kept -= (size_t)(line - buffer);
    memmove(buffer, line, kept);
  }
  int64_t used = cpu(RUSAGE_SELF) - heard.cpu;
  kill(pid, SIGTERM);
  waitpid(pid, NULL, 0);
  report(&heard, used);
}

int main(int argc, char **argv) {
  const char *what = argc > 1 ? argv[1] : "";
  if (!strcmp(what, "flip") && argc == 5) flip(argv[2], atoi(argv[3]), atoll(argv[4]));
  else if (!strcmp(what, "spread") && argc == 6) spread(argv[2], atoi(argv[3]), atoi(argv[4]), atoll(argv[5]));
  else if (!strcmp(what, "hear") && argc == 5) hear(argv[2], atoi(argv[3]), atoi(argv[4]), 0);
  else if (!strcmp(what, "filtered") && argc == 5) hear(argv[2], atoi(argv[3]), atoi(argv[4]), 1);
  else if (!strcmp(what, "lines") && argc > 5) lines(argv[2], atoi(argv[3]), atoi(argv[4]), argv + 5);
  else {
    fprintf(stderr, "changes flip NAME COUNT INTERVAL_NS | hear | filtered NAME COUNT SILENCE_MS | lines NAME COUNT SILENCE_MS COMMAND...\n");
    return 2;
  }
  return 0;
}
