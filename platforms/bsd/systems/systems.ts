import { DARWIN } from "./darwin.ts";
import { DRAGONFLY } from "./dragonfly.ts";
import { FREEBSD } from "./freebsd.ts";
import type { BsdPlatform } from "../../contract/platform.ts";
import type { SystemNumbers } from "./layout.ts";
import { NETBSD } from "./netbsd.ts";
import { OPENBSD } from "./openbsd.ts";

/** Whether a text names a system with a routing socket. */
export function isBsdPlatform(text: string): text is BsdPlatform {
  return Object.hasOwn(SYSTEMS, text);
}

/** The numbers of every system with a routing socket. */
export const SYSTEMS: Readonly<Record<BsdPlatform, SystemNumbers>> = {
  netbsd: NETBSD,
  freebsd: FREEBSD,
  openbsd: OPENBSD,
  dragonfly: DRAGONFLY,
  darwin: DARWIN,
};
