import type { System } from "../contract/system.ts";
import type { WirelessMessage } from "../contract/wireless.ts";
import { LinuxBackend } from "./backend.ts";
import { LINUX_CAPABILITIES } from "./libc/capabilities.ts";
import { type DecodedMessage, decodeNetlink } from "./wire/decode.ts";
import { LINUX_FLAGS } from "./wire/flags.ts";
import { decodeNl80211 } from "./wire/nl80211.ts";
import { nlmonDecoder, type PacketMessage } from "./wire/nlmon.ts";
import * as N from "./wire/numbers.ts";

/**
 * Kinds of interfaces with hardware drivers (struct rtnl_link_ops): drivers/net/can/dev/netlink.c, net/dsa/netlink.c,
 * drivers/infiniband/ulp/ipoib/ipoib_netlink.c, drivers/net/wwan/wwan_core.c.
 */
const HARDWARE_KINDS: readonly string[] = ["can", "dsa", "ipoib", "wwan"];

/** Linux, for the registry. */
export const LINUX: System<DecodedMessage | WirelessMessage, PacketMessage> = {
  platform: "linux",
  flags: LINUX_FLAGS,
  olderFlags: [],
  capabilities: LINUX_CAPABILITIES,
  decoders: { message: decodeNetlink, dump: decodeNetlink, netlink: decodeNetlink, nl80211: decodeNl80211 },
  packets: (kind) => nlmonDecoder(decodeNetlink, kind === "nl80211" ? N.NL80211_GENL_NAME : undefined),
  backend: () => new LinuxBackend(),
  isPhysical: ({ kind, type }) => kind === undefined ? type !== "loopback" : HARDWARE_KINDS.includes(kind),
};
