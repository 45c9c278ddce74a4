/** The messages of the Linux kernel in memory, for tests that say what a socket receives. */
import { buildRequest, type RequestAttribute } from "../../../platforms/linux/wire/netlink.ts";
import * as N from "../../../platforms/linux/wire/numbers.ts";

export {
  attribute,
  datagram,
  doneMessage,
  errorMessage,
  ETHTOOL_FAMILY,
  FAMILY,
  GROUPS,
} from "../../../src/fake/linux/messages.ts";

/** Nested attributes: a request without a header is what stands in a nest. */
export function nest(...attributes: RequestAttribute[]): Uint8Array {
  return buildRequest(0, 0, 0, new Uint8Array(0), attributes).subarray(N.NLMSG_HDRLEN);
}
