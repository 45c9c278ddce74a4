/*
 * Runs a command that may not do something, as in a container with a seccomp filter:
 *
 *   refuse groups COMMAND...    no netlink socket may join a multicast group (setsockopt NETLINK_ADD_MEMBERSHIP)
 *   refuse generic COMMAND...   no socket of NETLINK_GENERIC may be opened
 *   refuse queues COMMAND...    neither io_uring nor asynchronous I/O may be set up
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SOL_NETLINK
#define SOL_NETLINK 270
#endif

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define UNLESS(value, skip) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, skip)
#define REFUSE BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM)
#define ALLOW BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

int main(int argc, char **argv) {
  struct sock_filter groups[] = {
      LOAD(nr),      UNLESS(SYS_setsockopt, 5),        LOAD(args[1]), UNLESS(SOL_NETLINK, 3),
      LOAD(args[2]), UNLESS(NETLINK_ADD_MEMBERSHIP, 1), REFUSE,       ALLOW,
  };
  struct sock_filter generic[] = {
      LOAD(nr),      UNLESS(SYS_socket, 5),     LOAD(args[0]), UNLESS(AF_NETLINK, 3),
      LOAD(args[2]), UNLESS(NETLINK_GENERIC, 1), REFUSE,       ALLOW,
  };
  struct sock_filter queues[] = {
      LOAD(nr), UNLESS(SYS_io_uring_setup, 1), REFUSE, UNLESS(SYS_io_setup, 1), REFUSE, ALLOW, ALLOW, ALLOW,
  };
  if (argc < 3) return 2;
  struct sock_fprog program = {.len = 8, .filter = generic};
  if (strcmp(argv[1], "groups") == 0) program.filter = groups;
  if (strcmp(argv[1], "queues") == 0) program.filter = queues;
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return 77;
  if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) return 77;
  execvp(argv[2], argv + 2);
  return 127;
}
