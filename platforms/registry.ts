import type { DecodedRouteMessage } from "./bsd/wire/decode.ts";
import { bsdSystem } from "./bsd/system.ts";
import { SYSTEMS } from "./bsd/systems/systems.ts";
import { checkWord } from "./common/options.ts";
import { type Platform, PLATFORMS } from "./contract/platform.ts";
import type { System } from "./contract/system.ts";
import type { WirelessMessage } from "./contract/wireless.ts";
import { decodeFreebsdNetlink } from "./freebsd_netlink.ts";
import type { DecodedMessage } from "./linux/wire/decode.ts";
import { nlmonDecoder, type PacketMessage } from "./linux/wire/nlmon.ts";
import { LINUX } from "./linux/system.ts";

export type { Direction, FamilyMessage, ForeignMessage, PacketMessage } from "./linux/wire/nlmon.ts";

/** What the bytes from a system's socket, or from one of its lists, decode to. */
export type SocketMessage = DecodedMessage | WirelessMessage | DecodedRouteMessage;

/** Every system that netflags knows. */
export const REGISTRY: Readonly<Record<Platform, System<SocketMessage, PacketMessage>>> = {
  linux: LINUX,
  netbsd: bsdSystem(SYSTEMS.netbsd),
  freebsd: bsdSystem(SYSTEMS.freebsd, {
    decoders: { netlink: decodeFreebsdNetlink },
    packets: () => nlmonDecoder(decodeFreebsdNetlink),
  }),
  openbsd: bsdSystem(SYSTEMS.openbsd),
  dragonfly: bsdSystem(SYSTEMS.dragonfly),
  darwin: bsdSystem(SYSTEMS.darwin),
};

/**
 * The system that a caller names.
 *
 * @throws {InvalidInputError} There is no such platform.
 */
export function systemOf(platform: Platform): System {
  return REGISTRY[checkWord("platform", platform, PLATFORMS)];
}
