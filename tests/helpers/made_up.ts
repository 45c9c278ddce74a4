/** Values that several tests make up. */
import { flagNames, type InterfaceAddress, type InterfaceStatus } from "../../mod.ts";
import type { Sink } from "../../platforms/contract/backend.ts";
import { linuxConnected } from "../../platforms/linux/wire/link.ts";
import * as N from "../../platforms/linux/wire/numbers.ts";
import { fakeStatus } from "../../src/testing.ts";

/** An IPv4 address of an interface. */
export const ADDRESS: InterfaceAddress = {
  family: "inet",
  address: "10.0.0.1",
  prefixLength: 24,
  scope: "global",
  peer: undefined,
  broadcast: undefined,
  label: undefined,
  flags: ["permanent"],
};

/**
 * A status of Linux as it would be read from a message with these values, whether or not a kernel can have them at the
 * same time: for what must hold of every message.
 */
export function anyStatus(fields: Partial<InterfaceStatus> & Pick<InterfaceStatus, "name">): InterfaceStatus {
  const status = { ...fakeStatus({ name: "eth0" }), ...fields };
  const has = (bit: number): boolean => (status.flags & bit) !== 0;
  return {
    ...status,
    flagNames: flagNames(status.flags, "linux"),
    up: has(N.IFF_UP),
    running: has(N.IFF_RUNNING),
    lowerUp: has(N.IFF_LOWER_UP),
    dormant: has(N.IFF_DORMANT),
    connected: linuxConnected(status.operState, status.flags, status.carrier, undefined, status.kind),
  };
}

/** A sink that knows nothing and keeps nothing. */
export const NO_SINK: Sink = {
  get: () => undefined,
  wants: () => true,
  passOver: () => {},
  apply: () => {},
  route: () => {},
  started: () => {},
  remove: () => {},
  orphans: () => [],
};
