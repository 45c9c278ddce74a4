import type { Decoded, System } from "../contract/system.ts";
import { type DecodedRouteMessage, decodeRoute } from "./wire/decode.ts";
import { bsdCapabilities } from "./systems/capabilities.ts";
import type { SystemNumbers } from "./systems/layout.ts";

/** The registry's entry for a BSD. All of it follows from the system's table of numbers. */
export function bsdSystem<M extends Decoded = never, P extends Decoded = never>(
  numbers: SystemNumbers,
  more: Pick<System<M, P>, "decoders" | "packets"> = { decoders: {} },
): System<DecodedRouteMessage | M, P> {
  const { platform } = numbers;
  const decode = (bytes: Uint8Array) => decodeRoute(bytes, platform);
  return {
    platform,
    capabilities: bsdCapabilities(numbers),
    ...more,
    decoders: { message: decode, dump: decode, ...more.decoders },
  };
}
