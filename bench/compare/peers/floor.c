/*
 * The floor: what the work costs in C without any library.
 *
 *   floor dump FILE             the kernel's answer to one RTM_GETLINK dump, which every peer then decodes
 *   floor scan FILE ROUNDS      index, flags and name of each message: ns per message, a line for each round
 *   floor receive ROUNDS        asks for the same dump and only receives it: ns, a line for each round
 *   floor spawn ROUNDS COMMAND  runs a command with its output to /dev/null: ns from start to exit, a line for each round
 */
#include "common.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>

extern char **environ;

/* Receives one answer; its links go to `file`, if there is one. Returns how many links there were. */
static int receive_links(int fd, char *buffer, FILE *file) {
  int links = 0;
  for (;;) {
    ssize_t length = recv(fd, buffer, BUFFER, 0);
    if (length < 0) fail("recv");
    for (struct nlmsghdr *m = (struct nlmsghdr *)buffer; NLMSG_OK(m, length); m = NLMSG_NEXT(m, length)) {
      if (m->nlmsg_type == NLMSG_DONE) return links;
      if (m->nlmsg_type == NLMSG_ERROR) {
        fprintf(stderr, "the kernel refuses the dump\n");
        exit(1);
      }
      if (m->nlmsg_type != RTM_NEWLINK) continue;
      links++;
      if (file) fwrite(m, 1, NLMSG_ALIGN(m->nlmsg_len), file);
    }
  }
}

static void dump(const char *path) {
  static char buffer[BUFFER];
  FILE *file = fopen(path, "wb");
  if (!file) fail(path);
  int fd = open_route();
  check_strictly(fd);
  request_links(fd);
  int links = receive_links(fd, buffer, file);
  long bytes = ftell(file);
  if (fclose(file)) fail(path);
  printf("{\"links\":%d,\"bytes\":%ld}\n", links, bytes);
}

static void receive(int rounds) {
  static char buffer[BUFFER];
  int fd = open_route();
  check_strictly(fd);
  for (int round = -warm_up(rounds); round < rounds; round++) {
    int64_t start = now();
    request_links(fd);
    receive_links(fd, buffer, NULL);
    int64_t end = now();
    if (round >= 0) printf("%lld\n", (long long)(end - start));
  }
}

/*
 * The name is a pointer into the bytes and a length, as is usual in C. Every bound is checked, and the walk over the
 * attributes ends at the name.
 */
static int scan_round(const char *at, size_t left, uint64_t *sum) {
  int links = 0;
  while (left >= sizeof(struct nlmsghdr)) {
    const struct nlmsghdr *m = (const struct nlmsghdr *)at;
    size_t step = NLMSG_ALIGN(m->nlmsg_len);
    if (m->nlmsg_len < sizeof *m || m->nlmsg_len > left) exit(2);
    if (m->nlmsg_type == RTM_NEWLINK && m->nlmsg_len >= NLMSG_LENGTH(sizeof(struct ifinfomsg))) {
      const struct ifinfomsg *info = NLMSG_DATA(m);
      const char *name = "";
      size_t length = 0;
      int rest = (int)(m->nlmsg_len - NLMSG_LENGTH(sizeof *info));
      for (const struct rtattr *a = IFLA_RTA(info); RTA_OK(a, rest); a = RTA_NEXT(a, rest)) {
        if ((a->rta_type & NLA_TYPE_MASK) != IFLA_IFNAME) continue;
        name = RTA_DATA(a);
        length = strnlen(name, RTA_PAYLOAD(a));
        break;
      }
      *sum += (uint32_t)info->ifi_index + info->ifi_flags + length + (length > 0 ? (unsigned char)name[length - 1] : 0);
      links++;
    }
    if (step >= left) break;
    at += step;
    left -= step;
  }
  return links;
}

static void scan(const char *path, int rounds) {
  size_t length;
  const char *bytes = read_file(path, &length);
  uint64_t sum = 0; /* printed at the end, so that the compiler cannot leave the work out */
  for (int round = -warm_up(rounds); round < rounds; round++) {
    int64_t start = now();
    int links = scan_round(bytes, length, &sum);
    int64_t end = now();
    if (round >= 0) printf("%.3f\n", (double)(end - start) / links);
  }
  fprintf(stderr, "checksum %llu\n", (unsigned long long)sum);
}

static void spawn(int rounds, char **command) {
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0);
  for (int round = -warm_up(rounds); round < rounds; round++) {
    pid_t pid;
    int status;
    int64_t start = now();
    if (posix_spawnp(&pid, command[0], &files, NULL, command, environ) != 0) fail(command[0]);
    waitpid(pid, &status, 0);
    int64_t end = now();
    if (status != 0) exit(1);
    if (round >= 0) printf("%lld\n", (long long)(end - start));
  }
}

int main(int argc, char **argv) {
  const char *what = argc > 1 ? argv[1] : "";
  if (!strcmp(what, "dump") && argc == 3) dump(argv[2]);
  else if (!strcmp(what, "scan") && argc == 4) scan(argv[2], atoi(argv[3]));
  else if (!strcmp(what, "receive") && argc == 3) receive(atoi(argv[2]));
  else if (!strcmp(what, "spawn") && argc > 3) spawn(atoi(argv[2]), argv + 3);
  else {
    fprintf(stderr, "floor dump FILE | scan FILE ROUNDS | receive ROUNDS | spawn ROUNDS COMMAND...\n");
    return 2;
  }
  return 0;
}
