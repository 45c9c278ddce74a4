/** The messages of the Linux kernel in memory, for tests that say what a socket receives. */
export {
  attribute,
  datagram,
  doneMessage,
  errorMessage,
  ETHTOOL_FAMILY,
  FAMILY,
  GROUPS,
  nest,
} from "../../../src/fake/linux/messages.ts";
