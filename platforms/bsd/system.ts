import { type InterfaceStatus, NO_ADDRESSES } from "../contract/status.ts";
import type { System } from "../contract/system.ts";
import { BsdBackend, bsdCapabilities } from "./backend.ts";
import { decodeRoute } from "./wire/decode.ts";
import type { SystemNumbers } from "./systems/layout.ts";
import { MediaWords } from "./systems/media.ts";
import { isPhysical } from "./wire/physical.ts";
import { bsdFacts } from "./wire/status.ts";

/** A new interface's flags: BROADCAST, SIMPLEX and MULTICAST. */
const BORN = 0x8802;

/** The registry's entry for a BSD. All of it follows from the system's table of numbers. */
export function bsdSystem(numbers: SystemNumbers, decoders: System["decoders"] = {}): System {
  const { platform, flags } = numbers;
  const words = new MediaWords(numbers.mediaWords);
  const decode = (bytes: Uint8Array) => decodeRoute(bytes, platform);
  return {
    platform,
    flags,
    olderFlags: (numbers.older ?? []).flatMap(({ flags }) => flags ?? []),
    capabilities: bsdCapabilities(numbers),
    decoders: { message: decode, dump: decode, ...decoders },
    backend: () => new BsdBackend(numbers),
    complete(fields): InterfaceStatus {
      const facts = bsdFacts(numbers, {
        type: "ether",
        mtu: 1500,
        hardwareAddress: "02:00:00:00:00:01",
        ...fields,
        media: fields.media && { ...fields.media, text: words.text(fields.media.active) },
        wireless: numbers.wireless && fields.wireless,
        flags: ((fields.flags ?? BORN) & (numbers.flagsHigh ? -1 : 0xffff)) >>> 0,
        linkState: numbers.layouts[0]!.linkStates.length === 0 ? undefined : fields.linkState ?? "unknown",
      });
      facts.addresses = fields.addresses ?? NO_ADDRESSES;
      return facts;
    },
    isPhysical,
  };
}
