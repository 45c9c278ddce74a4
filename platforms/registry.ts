import { DARWIN } from "./bsd/darwin.ts";
import { DRAGONFLY } from "./bsd/dragonfly.ts";
import { FREEBSD } from "./bsd/freebsd.ts";
import { FREEBSD_NETLINK } from "./bsd/freebsd_netlink.ts";
import { NETBSD } from "./bsd/netbsd.ts";
import { OPENBSD } from "./bsd/openbsd.ts";
import { bsdSystem } from "./bsd/system.ts";
import type { Platform } from "./contract/platform.ts";
import type { System } from "./contract/system.ts";
import { decodeDialect } from "./linux/decode.ts";
import { LINUX } from "./linux/system.ts";

/** Every system that netflags knows. FreeBSD speaks netlink beside its routing socket, with numbers of its own. */
export const REGISTRY: Readonly<Record<Platform, System>> = {
  linux: LINUX,
  netbsd: bsdSystem(NETBSD),
  freebsd: bsdSystem(FREEBSD, { netlink: (bytes) => decodeDialect(bytes, FREEBSD_NETLINK) }),
  openbsd: bsdSystem(OPENBSD),
  dragonfly: bsdSystem(DRAGONFLY),
  darwin: bsdSystem(DARWIN),
};
