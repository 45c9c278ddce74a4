import type { System } from "../contract/system.ts";
import { BsdBackend, bsdCapabilities } from "./backend.ts";
import { decodeRoute } from "./wire/decode.ts";
import type { SystemNumbers } from "./systems/layout.ts";
import { isPhysical } from "./wire/physical.ts";

/** The registry's entry for a BSD. All of it follows from the system's table of numbers. */
export function bsdSystem(numbers: SystemNumbers, decoders: System["decoders"] = {}): System {
  const { platform, flags } = numbers;
  const decode = (bytes: Uint8Array) => decodeRoute(bytes, platform);
  return {
    platform,
    flags,
    capabilities: bsdCapabilities(numbers),
    decoders: { message: decode, dump: decode, ...decoders },
    backend: () => new BsdBackend(numbers),
    isPhysical,
  };
}
