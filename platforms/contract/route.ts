/**
 * The way that a packet would take: the result of {@linkcode route}.
 *
 * @example
 * ```ts
 * import { type Route, route } from "@netflags/netflags";
 *
 * const inWords = ({ family, name, gateway, connected }: Route): string =>
 *   `${family} leaves by ${name}${gateway === undefined ? "" : ` and ${gateway}`}${connected === false ? ", which is dead" : ""}`;
 * try {
 *   console.log(route().map(inWords));
 * } catch {
 *   console.log("this system does not tell");
 * }
 * ```
 */
export interface Route {
  /** The address family. */
  readonly family: "inet" | "inet6";
  /** The address that was asked about; undefined for the default. */
  readonly destination: string | undefined;
  /**
   * `"unicast"`: to another machine; `"local"`: to this machine itself; `"broadcast"`, `"multicast"`, `"anycast"`; the
   * kernel's number if it has no name.
   */
  readonly type: string;
  /** The index of the interface that the packet would leave by. */
  readonly index: number;
  /** That interface's name. */
  readonly name: string;
  /** The router; undefined if the destination is on the interface's own link. It may be of the other family. */
  readonly gateway: string | undefined;
  /** The packet's source address, if its program chooses none. */
  readonly source: string | undefined;
  /**
   * The number of the routing table: 254 is Linux's main one, and 0 OpenBSD's. undefined elsewhere: FreeBSD does not say
   * which of its tables (FIB) it is, and the others have one.
   */
  readonly table: number | undefined;
  /**
   * Whether that interface works ({@linkcode InterfaceStatus.connected}). A kernel goes on naming an interface that has
   * lost its carrier: the packet would be lost there.
   */
  readonly connected: boolean | undefined;
}

/** By which interface the default traffic of each family leaves, by index; undefined if it leaves by none. */
export interface DefaultRoutes {
  readonly inet: number | undefined;
  readonly inet6: number | undefined;
}

/** An IP address, read. */
export interface IpAddress {
  readonly family: "inet" | "inet6";
  /** 4 or 16 bytes. */
  readonly bytes: Uint8Array;
  /** The same as text, without a zone. */
  readonly text: string;
  /** The interface that the address belongs to (RFC 4007): the name or the index after "%". */
  readonly zone: string | undefined;
}
