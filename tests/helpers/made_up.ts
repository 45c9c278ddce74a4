/** Values that several tests make up. */
import type { InterfaceAddress } from "../../mod.ts";
import type { Sink } from "../../platforms/contract/backend.ts";

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

/** A sink that knows nothing and keeps nothing. */
export const NO_SINK: Sink = {
  get: () => undefined,
  wants: () => true,
  passOver: () => {},
  apply: () => {},
  started: () => {},
  remove: () => {},
  orphans: () => [],
};
