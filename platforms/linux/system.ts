import type { System } from "../contract/system.ts";
import type { WirelessMessage } from "../contract/wireless.ts";
import { LINUX_CAPABILITIES } from "./libc/capabilities.ts";
import { type DecodedMessage, decodeNetlink } from "./wire/decode.ts";
import { decodeNl80211 } from "./wire/nl80211.ts";
import { nlmonDecoder, type PacketMessage } from "./wire/nlmon.ts";
import * as N from "./wire/numbers.ts";

/** Linux, for the registry. */
export const LINUX: System<DecodedMessage | WirelessMessage, PacketMessage> = {
  platform: "linux",
  capabilities: LINUX_CAPABILITIES,
  decoders: { message: decodeNetlink, dump: decodeNetlink, netlink: decodeNetlink, nl80211: decodeNl80211 },
  packets: (kind) => nlmonDecoder(decodeNetlink, kind === "nl80211" ? N.NL80211_GENL_NAME : undefined),
};
