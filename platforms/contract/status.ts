import type { DefaultRoutes } from "./route.ts";

/**
 * RFC 2863 ifOperStatus as Linux spells it (`IF_OPER_*` in include/uapi/linux/if.h), in lower case.
 *
 * @example
 * ```ts
 * import { FakeSystem, type OperState } from "@netflags/netflags/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const states: OperState[] = ["down", "dormant", "up"]; // what a Wi-Fi station goes through
 * using system = new FakeSystem();
 * const works = states.map((operState) => system.set({ name: "wlan0", operState }).connected);
 * assertEquals(works, [false, false, true]);
 * ```
 */
export type OperState =
  | "unknown"
  | "notpresent"
  | "down"
  | "lowerlayerdown"
  | "testing"
  | "dormant"
  | "up";

/**
 * Linux's link mode (`IF_LINK_MODE_*`): whether a carrier alone makes the interface operational.
 *
 * @example
 * ```ts
 * import { setLinkMode } from "@netflags/netflags/linux";
 * import { FakeSystem, type LinkMode } from "@netflags/netflags/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const mode: LinkMode = "dormant"; // a supplicant decides, not the carrier alone
 * using system = new FakeSystem();
 * system.set({ name: "eth0" });
 * assertEquals(setLinkMode("eth0", mode).linkMode, "dormant");
 * ```
 */
export type LinkMode = "default" | "dormant" | "testing";

/**
 * The BSDs' `ifi_link_state`.
 *
 * @example
 * ```ts
 * import { FakeSystem, type LinkState } from "@netflags/netflags/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const states: LinkState[] = ["down", "unknown", "up"]; // a driver that never reports the link says "unknown"
 * using system = new FakeSystem({ platform: "netbsd" });
 * system.add("wm0");
 * system.up("wm0");
 * const works = states.map((linkState) => system.set({ name: "wm0", linkState }).connected);
 * assertEquals(works, [false, true, true]);
 * ```
 */
export type LinkState = "unknown" | "down" | "up";

/**
 * An address of an interface.
 *
 * @example
 * ```ts
 * import { get } from "@netflags/netflags";
 * import { FakeSystem, type InterfaceAddress } from "@netflags/netflags/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const address: InterfaceAddress = {
 *   family: "inet6",
 *   address: "2001:db8::1",
 *   prefixLength: 64,
 *   scope: "global",
 *   peer: undefined,
 *   broadcast: undefined,
 *   label: undefined,
 *   flags: ["permanent"],
 * };
 * using system = new FakeSystem();
 * system.set({ name: "eth0", addresses: [address] });
 * assertEquals(get("eth0")?.addresses?.map((one) => `${one.address}/${one.prefixLength}`), ["2001:db8::1/64"]);
 * ```
 */
export interface InterfaceAddress {
  /** The address family, spelled as `ip` and `ifconfig` do. */
  readonly family: "inet" | "inet6";
  /** The interface's own address, in its usual text form (RFC 5952 for IPv6). */
  readonly address: string;
  /** The length of the network's prefix in bits, 0 to 32 or 0 to 128. */
  readonly prefixLength: number;
  /** How far the address is valid: `"global"`, `"site"`, `"link"`, `"host"`, `"nowhere"`, or the kernel's number. */
  readonly scope: string | undefined;
  /** The other end's address on a point-to-point link, if it differs. */
  readonly peer: string | undefined;
  /** The broadcast address, IPv4 only. */
  readonly broadcast: string | undefined;
  /**
   * The address's label (Linux, IPv4), if it differs from the interface's name. A decoded message shows the label that
   * it has, because it does not say that name.
   */
  readonly label: string | undefined;
  /**
   * The names of the address's flags, in lower case, as the system calls them: `"tentative"`, `"permanent"`,
   * `"detached"`, ... Empty if the system does not report them: of the BSDs, NetBSD 8 and later alone do for IPv4.
   */
  readonly flags: readonly string[];
}

/**
 * Everything that the kernel reports about one interface. A field that a platform or a kernel cannot report is
 * `undefined`, never a guess.
 *
 * A status is a snapshot: it never changes after it was returned. It is frozen, with all that is in it, because everybody
 * who is told of a state is given the same object. Writing to it is an error in strict code, and does nothing in sloppy
 * code. Copy it (`{ ...status }`) to have one that can be changed.
 *
 * @example
 * ```ts
 * import { get, type InterfaceStatus } from "@netflags/netflags";
 * import { FakeSystem } from "@netflags/netflags/testing";
 * import { assertEquals } from "@std/assert";
 *
 * // "up" is what somebody wants; "connected" is what works.
 * function inWords({ name, up, connected }: InterfaceStatus): string {
 *   return connected === true ? `${name} works` : `${name} is ${up ? "up, and has no link" : "down"}`;
 * }
 * using system = new FakeSystem(); // leave this out to ask the real system
 * system.add("eth0");
 * system.up("eth0");
 * assertEquals(inWords(get("eth0")!), "eth0 is up, and has no link");
 * ```
 */
export interface InterfaceStatus {
  /** The kernel's index (`ifi_index`, `ifm_index`). It is reused after an interface is gone. */
  readonly index: number;
  /**
   * The interface's name. A kernel accepts nearly any bytes. A byte that is not UTF-8 becomes a lone surrogate, U+DC80
   * to U+DCFF, as in Python's PEP 383. So different names stay different, and each can be turned back into its bytes.
   * The command line prints such a byte as `\xff`, and in JSON as the escape of the surrogate.
   */
  readonly name: string;
  /** Linux's alternative names (`IFLA_ALT_IFNAME`). */
  readonly altNames: readonly string[];
  /** The hardware type: `"ether"`, `"loopback"`, `"none"`, ...; the kernel's number if it has no usual name. */
  readonly type: string | undefined;
  /** The kind of a virtual interface (`IFLA_INFO_KIND`): `"veth"`, `"bridge"`, ... undefined for hardware and lo. */
  readonly kind: string | undefined;
  /** The flag word, unsigned: 32 bits on Linux, and as many as the system has otherwise. */
  readonly flags: number;
  /** The names of the bits set in {@linkcode InterfaceStatus.flags}, without `IFF_`. */
  readonly flagNames: readonly string[];
  /** `IFF_UP`: somebody wants the interface up. It does not mean that the interface works. */
  readonly up: boolean;
  /** `IFF_RUNNING`. On Linux: operational (state UP or UNKNOWN); on the BSDs: the driver has its resources. */
  readonly running: boolean;
  /** `IFF_LOWER_UP`: the driver signals a carrier. Linux only. */
  readonly lowerUp: boolean | undefined;
  /** `IFF_DORMANT`: the driver itself waits for something. Linux only. It is not the same as operState "dormant". */
  readonly dormant: boolean | undefined;
  /** RFC 2863 operational state. Linux only. */
  readonly operState: OperState | undefined;
  /** Linux's link mode. */
  readonly linkMode: LinkMode | undefined;
  /** Whether there is a carrier (`IFLA_CARRIER`). It may read true on an interface that was never up. */
  readonly carrier: boolean | undefined;
  /** How often the carrier came or went since the interface was made. */
  readonly carrierChanges: number | undefined;
  /** How often the carrier came. */
  readonly carrierUps: number | undefined;
  /** How often the carrier went. */
  readonly carrierDowns: number | undefined;
  /** The BSDs' link state. */
  readonly linkState: LinkState | undefined;
  /**
   * Whether packets can flow, by the kernel's state of the interface and its platform's rule. On Linux: `IFF_LOWER_UP`,
   * and operational state UP, or UNKNOWN with `IFF_RUNNING` (a driver that never reports a carrier, such as lo, stays
   * UNKNOWN). An unplugged card is UP but not RUNNING and has state DOWN, so it is not connected. Neither is a bridge,
   * bond or team without a port. If a kernel reports no operational state, the carrier decides, or UP, RUNNING and
   * LOWER_UP. On the BSDs: `IFF_UP`, and neither the link state nor a valid status of the medium says that there is no
   * link; if neither says anything, `IFF_RUNNING`, and not Wi-Fi, which has joined no network then. undefined if the
   * kernel reports too little, as macOS does of Ethernet whose medium does not say.
   */
  readonly connected: boolean | undefined;
  /** The largest payload in bytes. */
  readonly mtu: number | undefined;
  /** The hardware address, as colon-separated lower-case hexadecimal; tunnels have an IP address here. */
  readonly hardwareAddress: string | undefined;
  /** The name of the interface's master (bridge, bond, team, VRF). */
  readonly master: string | undefined;
  /** That interface's index. */
  readonly masterIndex: number | undefined;
  /** That interface's kind: `"bridge"`, `"bond"`, `"team"`, `"vrf"`. */
  readonly masterKind: string | undefined;
  /**
   * The name of the interface below this one (`IFLA_LINK`): a VLAN's or macvlan's lower device, a veth's other end;
   * undefined if it is in another network namespace.
   */
  readonly parent: string | undefined;
  /** That interface's index, in its own network namespace. */
  readonly parentIndex: number | undefined;
  /** The id of the parent's network namespace, if it is not this one (`IFLA_LINK_NETNSID`). */
  readonly parentNetnsId: number | undefined;
  /** The addresses, in the order in which the kernel lists them; undefined if they were not asked for. */
  readonly addresses: readonly InterfaceAddress[] | undefined;
  /**
   * For which families the default traffic leaves by this interface, as the kernel decides it now, by all of its rules
   * and tables: `["inet", "inet6"]`, or empty. undefined if it was not asked for (`routes: true`), or if the system does
   * not say.
   *
   * A kernel goes on sending to an interface that has lost its carrier. So this may name a family on an interface that is
   * not {@linkcode InterfaceStatus.connected}, whose traffic is lost. The condition "default-route" asks for both.
   */
  readonly defaultRoute: readonly ("inet" | "inet6")[] | undefined;
  /** The media in use (BSD's SIOCGIFMEDIA). */
  readonly media: InterfaceMedia | undefined;
  /** What a wireless interface is used for, and its network; undefined for other interfaces, and on macOS. */
  readonly wireless: WirelessState | undefined;
}

/**
 * What nl80211 or a BSD's driver reports about a wireless interface.
 *
 * @example
 * ```ts
 * import { FakeSystem, type WirelessState } from "@netflags/netflags/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const wireless: WirelessState = { type: "ap", ssid: "foo", ssidHex: "666f6f", frequency: 2412 };
 * using system = new FakeSystem();
 * assertEquals(system.set({ name: "wlan0", wireless }).wireless?.ssid, "foo");
 * ```
 */
export interface WirelessState {
  /** What it is used for: `"station"`, `"ap"`, `"monitor"`, ... (`NL80211_IFTYPE_*`, also for the BSDs' media options). */
  readonly type: string | undefined;
  /** The network that it runs or is connected to, as text; undefined if there is none. */
  readonly ssid: string | undefined;
  /**
   * The SSID's bytes in hexadecimal.
   *
   * @pattern ^([0-9a-f]{2}){0,32}$
   */
  readonly ssidHex: string | undefined;
  /** The channel's frequency in MHz. Linux only. A multi-link device has one for each link. */
  readonly frequency: number | undefined;
  /** The links of a multi-link device (Wi-Fi 7), by id; undefined for others. Linux only. */
  readonly links?: readonly WirelessLink[] | undefined;
}

/**
 * One link of a wireless multi-link device (Wi-Fi 7).
 *
 * @example
 * ```ts
 * import { type WirelessLink, type WirelessState } from "@netflags/netflags";
 *
 * function channels({ frequency, links = [] }: WirelessState): (number | undefined)[] {
 *   return links.length > 0 ? links.map((link: WirelessLink) => link.frequency) : [frequency];
 * }
 * console.log(channels({ type: "station", ssid: undefined, ssidHex: undefined, frequency: 2412 }));
 * ```
 */
export interface WirelessLink {
  /** Which link (`NL80211_ATTR_MLO_LINK_ID`). */
  readonly mloLinkId: number;
  /** The link's network as text; bytes that are not UTF-8 become U+FFFD. */
  readonly ssid: string | undefined;
  /**
   * The SSID's bytes in hexadecimal.
   *
   * @pattern ^([0-9a-f]{2}){0,32}$
   */
  readonly ssidHex: string | undefined;
  /** The channel's frequency in MHz, if the link has a channel. */
  readonly frequency: number | undefined;
  /** The link's own hardware address: of an access point, its BSSID. */
  readonly hardwareAddress: string | undefined;
}

/**
 * What a BSD driver reports about its medium (`SIOCGIFMEDIA`).
 *
 * @example
 * ```ts
 * import { FakeSystem, type InterfaceMedia } from "@netflags/netflags/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const inWords = ({ text, link }: InterfaceMedia): string => link === false ? `${text}, no cable` : text;
 * using system = new FakeSystem({ platform: "freebsd" });
 * const media = { active: 0x20, link: false }; // IFM_ETHER: the other fields follow from it
 * system.add("vtnet0");
 * system.up("vtnet0");
 * const card = system.set({ name: "vtnet0", linkState: "up", media });
 * // Of the medium and the link state, the one that says "no" is right.
 * assertEquals([card.connected, inWords(card.media!)], [false, `${card.media?.text}, no cable`]);
 * ```
 */
export interface InterfaceMedia {
  /**
   * The raw word of the medium in use (`ifm_active`). OpenBSD's has 64 bits. This is the lower 53 without the instance
   * (`IFM_IMASK`), which {@linkcode InterfaceMedia.text} has.
   */
  readonly active: number;
  /** Whether there is a link; undefined if the driver does not say (`IFM_AVALID` is clear). */
  readonly link: boolean | undefined;
  /**
   * The medium in words, as the system's own ifconfig(8) spells subtype, mode and options: `"1000baseT full-duplex"`,
   * `"autoselect"`, `"IEEE802.11 OFDM54 mode 11g hostap"`. A value without a name there is given as its number:
   * `"subtype 25"`, `"options 0x800"`.
   */
  readonly text: string;
}

/** The name of a field of {@linkcode InterfaceStatus}. */
export type StatusField = keyof InterfaceStatus;

/**
 * The destination of an interface that was moved to another network namespace (Linux).
 *
 * @example
 * ```ts
 * import { watch } from "@netflags/netflags";
 * import { FakeSystem, type InterfaceMove } from "@netflags/netflags/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const move: InterfaceMove = { netnsId: 0, index: 7 };
 * using system = new FakeSystem();
 * system.set({ name: "veth0" });
 * await using watcher = watch();
 * system.remove("veth0", move);
 * const { value } = await watcher.next();
 * if (value?.type === "removed") assertEquals(value.moved, move);
 * ```
 */
export interface InterfaceMove {
  /** The id of the other namespace in this one (`ip netns list-id`). */
  readonly netnsId: number;
  /** The interface's index there, if the kernel reports it. */
  readonly index: number | undefined;
}

/**
 * Everything that a kernel's message says about a link: a status that is not complete yet. `master` and `parent` are
 * names of other interfaces, and `addresses` and `wireless` come from other sources. If they are undefined, the code
 * that joins the sources fills them in. It fills them in place, because copying the thirty fields costs as much as
 * decoding them.
 */
export type LinkFacts = { -readonly [field in keyof InterfaceStatus]: InterfaceStatus[field] };

/**
 * Whether a new address stands before another one of its interface, in the order in which its kernel lists them. Without
 * such a rule it stands behind all of them.
 */
export type StandsBefore = (address: InterfaceAddress, other: InterfaceAddress) => boolean;

/** The interfaces that an interface refers to: its master and its parent. */
export type Relations = Pick<InterfaceStatus, "masterIndex" | "parentIndex" | "parentNetnsId">;

/** What one source says about an interface. */
export type Facts =
  | LinkFacts
  | { readonly relations: Relations }
  | { readonly address: InterfaceAddress; readonly gone: boolean; readonly standsBefore?: StandsBefore }
  | { readonly addresses: readonly InterfaceAddress[] }
  | { readonly wireless: WirelessState | undefined };

/** The addresses of an interface that has none. */
export const NO_ADDRESSES: readonly InterfaceAddress[] = Object.freeze([]);
/** An address of an interface with this name: a label that only repeats the name is left out. */
export function onInterface(address: InterfaceAddress, name: string | undefined): InterfaceAddress {
  return address.label === undefined || address.label !== name ? address : { ...address, label: undefined };
}

/** The alternative names of an interface that has none. */
export const NO_NAMES: readonly string[] = Object.freeze([]);

/** An interface that a status refers to, as far as it is known. */
export type Related = (index: number) => Pick<InterfaceStatus, "name" | "kind"> | undefined;

/**
 * Fills in what a status says about the interfaces that it refers to by index, because the kernel reports indexes. A
 * parent's index in another network namespace is not an index of this namespace.
 */
export function nameRelations(link: LinkFacts, related: Related): void {
  const { masterIndex, parentIndex, parentNetnsId } = link;
  const master = masterIndex === undefined ? undefined : related(masterIndex);
  link.master = master?.name;
  link.masterKind = master?.kind;
  link.parent = parentIndex === undefined || parentNetnsId !== undefined ? undefined : related(parentIndex)?.name;
}

/** Families, as a status has them. */
type Families = readonly ("inet" | "inet6")[];

const NONE: Families = Object.freeze([]);
const INET: Families = Object.freeze(["inet"] as const);
const INET6: Families = Object.freeze(["inet6"] as const);
const BOTH: Families = Object.freeze(["inet", "inet6"] as const);

/**
 * The families whose default traffic leaves by an interface; undefined if nobody has said. There are four such lists, so
 * that two of them can be compared by what they are.
 */
export function familiesBy(routes: DefaultRoutes | undefined, index: number): Families | undefined {
  if (routes === undefined) return undefined;
  if (routes.inet === index) return routes.inet6 === index ? BOTH : INET;
  return routes.inet6 === index ? INET6 : NONE;
}

/** Freezes an object and all that is in it. What is frozen already is so with all that is in it. */
export function freezeAll(value: unknown): void {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return;
  for (const inner of Object.values(value)) freezeAll(inner);
  Object.freeze(value);
}

/** The same for addresses. They come and go often, and naming what they hold is faster. */
function freezeAddresses(addresses: readonly InterfaceAddress[]): void {
  if (Object.isFrozen(addresses)) return;
  for (const address of addresses) {
    Object.freeze(address.flags);
    Object.freeze(address);
  }
  Object.freeze(addresses);
}

/**
 * A complete status, with all that is in it, as it is handed out: nobody can write to it any more, in strict code or in
 * sloppy code. The table, its events and every watcher share this one object.
 */
export function frozen(status: InterfaceStatus): InterfaceStatus {
  const { altNames, addresses, media, wireless } = status; // flagNames is frozen by the table of flags
  if (altNames !== NO_NAMES) Object.freeze(altNames);
  if (addresses !== undefined && addresses !== NO_ADDRESSES) freezeAddresses(addresses);
  if (media !== undefined) freezeAll(media);
  if (wireless !== undefined) freezeAll(wireless);
  return Object.freeze(status);
}
