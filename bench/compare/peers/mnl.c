/*
 * The same with libmnl, as its example rtnl-link-dump does it: every attribute goes through a callback that checks it
 * and files it in a table; then what an interface's state is made of is read from the table.
 *
 *   mnl scan FILE ROUNDS   ns per message, a line for each round
 *   mnl list ROUNDS        a dump and the same reading: ns, a line for each round
 */
#include "common.h"

#include <libmnl/libmnl.h>

static uint64_t sum; /* printed at the end, so that the compiler cannot leave the work out */
static int links;

static int check(const struct nlattr *attr, enum mnl_attr_data_type type) {
  return mnl_attr_validate(attr, type) < 0 ? MNL_CB_ERROR : MNL_CB_OK;
}

static int take_link(const struct nlattr *attr, void *data) {
  const struct nlattr **tb = data;
  int type = mnl_attr_get_type(attr), result = MNL_CB_OK;
  if (mnl_attr_type_valid(attr, IFLA_MAX) < 0) return MNL_CB_OK; /* newer than the headers */
  switch (type) {
    case IFLA_ADDRESS: result = check(attr, MNL_TYPE_BINARY); break;
    case IFLA_IFNAME: result = check(attr, MNL_TYPE_STRING); break;
    case IFLA_MTU:
    case IFLA_MASTER:
    case IFLA_LINK: result = check(attr, MNL_TYPE_U32); break;
    case IFLA_OPERSTATE:
    case IFLA_LINKMODE:
    case IFLA_CARRIER: result = check(attr, MNL_TYPE_U8); break;
    case IFLA_LINKINFO: result = check(attr, MNL_TYPE_NESTED); break;
  }
  tb[type] = attr;
  return result;
}

static int take_info(const struct nlattr *attr, void *data) {
  const struct nlattr **tb = data;
  if (mnl_attr_type_valid(attr, IFLA_INFO_MAX) < 0) return MNL_CB_OK;
  if (mnl_attr_get_type(attr) == IFLA_INFO_KIND && check(attr, MNL_TYPE_STRING) < 0) return MNL_CB_ERROR;
  tb[mnl_attr_get_type(attr)] = attr;
  return MNL_CB_OK;
}

static int read_link(const struct nlmsghdr *header, void *data) {
  (void)data;
  const struct nlattr *tb[IFLA_MAX + 1] = {0};
  const struct ifinfomsg *info = mnl_nlmsg_get_payload(header);
  if (header->nlmsg_type != RTM_NEWLINK) return MNL_CB_OK;
  if (mnl_attr_parse(header, sizeof *info, take_link, tb) != MNL_CB_OK) return MNL_CB_ERROR;
  links++;
  sum += (uint32_t)info->ifi_index + info->ifi_flags;
  if (tb[IFLA_MTU]) sum += mnl_attr_get_u32(tb[IFLA_MTU]);
  if (tb[IFLA_IFNAME]) sum += strlen(mnl_attr_get_str(tb[IFLA_IFNAME]));
  if (tb[IFLA_MASTER]) sum += mnl_attr_get_u32(tb[IFLA_MASTER]);
  if (tb[IFLA_LINK]) sum += mnl_attr_get_u32(tb[IFLA_LINK]);
  if (tb[IFLA_OPERSTATE]) sum += mnl_attr_get_u8(tb[IFLA_OPERSTATE]);
  if (tb[IFLA_LINKMODE]) sum += mnl_attr_get_u8(tb[IFLA_LINKMODE]);
  if (tb[IFLA_CARRIER]) sum += mnl_attr_get_u8(tb[IFLA_CARRIER]);
  if (tb[IFLA_ADDRESS]) {
    const uint8_t *bytes = mnl_attr_get_payload(tb[IFLA_ADDRESS]);
    for (int i = 0; i < mnl_attr_get_payload_len(tb[IFLA_ADDRESS]); i++) sum += bytes[i];
  }
  if (tb[IFLA_LINKINFO]) {
    const struct nlattr *nested[IFLA_INFO_MAX + 1] = {0};
    if (mnl_attr_parse_nested(tb[IFLA_LINKINFO], take_info, nested) != MNL_CB_OK) return MNL_CB_ERROR;
    if (nested[IFLA_INFO_KIND]) sum += strlen(mnl_attr_get_str(nested[IFLA_INFO_KIND]));
  }
  return MNL_CB_OK;
}

static void scan(const char *path, int rounds) {
  size_t length;
  const char *bytes = read_file(path, &length);
  for (int round = -warm_up(rounds); round < rounds; round++) {
    int left = (int)length;
    links = 0;
    int64_t start = now();
    for (const struct nlmsghdr *m = (const void *)bytes; mnl_nlmsg_ok(m, left); m = mnl_nlmsg_next(m, &left)) {
      if (read_link(m, NULL) != MNL_CB_OK) fail("message");
    }
    int64_t end = now();
    if (round >= 0) printf("%.3f\n", (double)(end - start) / links);
  }
}

static void list(int rounds) {
  static char buffer[BUFFER];
  struct mnl_socket *socket = mnl_socket_open(NETLINK_ROUTE);
  if (!socket || mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0) fail("mnl_socket");
  check_strictly(mnl_socket_get_fd(socket));
  unsigned int port = mnl_socket_get_portid(socket);
  for (int round = -warm_up(rounds); round < rounds; round++) {
    int64_t start = now();
    request_links(mnl_socket_get_fd(socket));
    int result = MNL_CB_OK;
    while (result > MNL_CB_STOP) {
      ssize_t length = mnl_socket_recvfrom(socket, buffer, sizeof buffer);
      if (length < 0) fail("recv");
      result = mnl_cb_run(buffer, (size_t)length, 1, port, read_link, NULL);
    }
    if (result < 0) fail("dump");
    int64_t end = now();
    if (round >= 0) printf("%lld\n", (long long)(end - start));
  }
}

int main(int argc, char **argv) {
  if (argc == 4 && !strcmp(argv[1], "scan")) scan(argv[2], atoi(argv[3]));
  else if (argc == 3 && !strcmp(argv[1], "list")) list(atoi(argv[2]));
  else {
    fprintf(stderr, "mnl scan FILE ROUNDS | list ROUNDS\n");
    return 2;
  }
  fprintf(stderr, "checksum %llu\n", (unsigned long long)sum);
  return 0;
}
