import type { Extras, NameStart } from "../../platforms/contract/backend.ts";
import type { NetnsOptions } from "../../platforms/contract/netns.ts";
import type { Platform } from "../../platforms/contract/platform.ts";
import type { InterfaceStatus, StatusField } from "../../platforms/contract/status.ts";
import { NETNS, type OptionKinds, TEXTS, YES_NO } from "../../platforms/common/options.ts";
import { isPhysical } from "../../platforms/physical.ts";
import { Patterns } from "./glob.ts";

/**
 * Selects interfaces: those that match all given options. The options look at what an interface is (its names, kind and
 * type, and the kind of its master), never at its state.
 *
 * A name may be a glob: `*` matches any text, `?` one character, `[abc]` and `[a-z]` one of these characters, and
 * `[!abc]` one that is none of these. Upper and lower case differ. If a name itself contains such characters, its exact
 * text matches too. `[*]` matches only a star. Kinds and types may be globs as well.
 */
export interface ListOptions extends NetnsOptions {
  /**
   * Only interfaces with this name, or one of these names, also as an alternative name. The interface need not exist.
   *
   * @default {undefined} Every interface.
   */
  names?: string | readonly string[] | undefined;
  /**
   * Leaves out interfaces with this name, or one of these names, also as an alternative name.
   *
   * @default {undefined} None is left out.
   */
  exclude?: string | readonly string[] | undefined;
  /**
   * Only those of this {@linkcode InterfaceStatus.kind}, or one of these: `"veth"`, `"bridge"`. Most hardware has none,
   * and the BSDs report none.
   *
   * @default {undefined} Any kind, or none.
   */
  kinds?: string | readonly string[] | undefined;
  /**
   * Leaves out those of this kind, or one of these: with `["bridge", "veth", "tun"]`, what remains is hardware and the
   * virtual interfaces of other kinds. An interface without a kind is not left out.
   *
   * @default {undefined} None is left out.
   */
  excludeKinds?: string | readonly string[] | undefined;
  /**
   * Only ports whose master is of this kind, or one of these ({@linkcode InterfaceStatus.masterKind}): `"bridge"`,
   * `"bond"`, `"team"`, `"vrf"`. Linux only.
   *
   * @default {undefined} Any interface, with or without a master.
   */
  masterKinds?: string | readonly string[] | undefined;
  /**
   * Leaves out ports whose master is of this kind, or one of these. `"*"` leaves out every port.
   *
   * @default {undefined} None is left out.
   */
  excludeMasterKinds?: string | readonly string[] | undefined;
  /**
   * Only those of this {@linkcode InterfaceStatus.type}, or one of these: `"ether"`, `"loopback"`, `"none"`.
   *
   * @default {undefined} Any type.
   */
  types?: string | readonly string[] | undefined;
  /**
   * Only interfaces that stand for a device (true), or only the others (false). No kernel says this directly, so
   * netflags concludes it from the messages:
   *
   * - Linux: an interface without a kind that is not of type loopback, and those of the kinds that drivers of hardware
   *   have: can, dsa (a switch's port), ipoib, wwan. The few virtual interfaces without a kind (bnep, hwsim, teql,
   *   SLIP) count as hardware. In a container, its veth is not physical.
   * - the BSDs and macOS: an interface of type ether, ieee80211, ieee1394, InfiniBand or cellular, unless its name is
   *   that of a driver without a device: tap, epair, vether, vxlan, feth, bridge and their like. FreeBSD can rename an
   *   interface; a renamed one counts as hardware.
   *
   * @default {undefined} Both.
   */
  physical?: boolean | undefined;
  /**
   * Only loopback interfaces (true), or only the others (false): those of type loopback.
   *
   * @default {undefined} Both.
   */
  loopback?: boolean | undefined;
  /**
   * Whether a status has its addresses, and a watcher reports their changes. If false, `addresses` is undefined.
   *
   * The default is the same in every call, so that a status has the same fields wherever it comes from. A program that
   * looks at links alone gives false: then nothing is asked or told about addresses.
   *
   * @default {true}
   */
  addresses?: boolean | undefined;
  /**
   * Whether a status says for which families the default traffic leaves by the interface
   * ({@linkcode InterfaceStatus.defaultRoute}), and a watcher reports when it moves: as an event of both interfaces. If
   * not, `defaultRoute` is undefined, and nothing is asked or told about routes.
   *
   * @default {false}
   */
  routes?: boolean | undefined;
}

export type InterfaceSelection = Omit<ListOptions, "addresses" | "routes" | "netns">;

export const SELECTION_KINDS: OptionKinds<InterfaceSelection> = {
  names: TEXTS,
  exclude: TEXTS,
  kinds: TEXTS,
  excludeKinds: TEXTS,
  masterKinds: TEXTS,
  excludeMasterKinds: TEXTS,
  types: TEXTS,
  physical: YES_NO,
  loopback: YES_NO,
};

/** The kinds of all options of a list. */
export const LIST_KINDS: OptionKinds<ListOptions> = {
  ...SELECTION_KINDS,
  addresses: YES_NO,
  routes: YES_NO,
  netns: NETNS,
};

/** What is asked beside links, where nothing else is said. */
export function extrasOf({ addresses = true, routes = false }: ListOptions): Extras {
  return { addresses, routes };
}

/** Whether an interface answers to a name: its own or an alternative one. */
export function hasName(status: InterfaceStatus, name: string): boolean {
  return status.name === name || status.altNames.includes(name);
}

/** Compares the names of an interface with patterns. */
export function hasNameLike({ name, altNames }: InterfaceStatus, patterns: Patterns): boolean {
  if (patterns.match(name)) return true;
  for (const other of altNames) if (patterns.match(other)) return true;
  return false;
}

/**
 * Whether changed fields may bring an interface into a selection, or out of it. A change of a state alone has none of
 * these fields. Every event passes here, often with ten fields: comparing each with constant texts takes a tenth of the
 * time of looking it up in a list.
 */
export function mayDecide(changed: readonly StatusField[]): boolean {
  for (const field of changed) {
    switch (field) {
      case "name":
      case "altNames":
      case "type":
      case "kind":
      case "masterKind":
        return true;
    }
  }
  return false;
}

/** One text or several, as patterns; if undefined, everything matches. */
function patternsOf(texts: string | readonly string[] | undefined): Patterns | undefined {
  return texts === undefined ? undefined : new Patterns(typeof texts === "string" ? [texts] : texts);
}

/** Patterns for a field: those of which one must match, and those of which none may. */
interface Filter {
  readonly only: Patterns | undefined;
  readonly not: Patterns | undefined;
}

/** Whether a filter lets a value pass. One that is undefined matches nothing. */
function passes({ only, not }: Filter, value: string | undefined): boolean {
  if (value === undefined) return only === undefined;
  return (only === undefined || only.match(value)) && (not === undefined || !not.match(value));
}

/** How a name begins that matches a pattern. Of a pattern, only plain characters count. */
function startOf(pattern: string): NameStart {
  const text = /^[!-)+->@-Z\\\]-~]*/.exec(pattern)![0];
  return { text, whole: text === pattern };
}

/** Which interfaces somebody asked for. No other place decides this. */
export class Selection {
  /** Whether every interface matches. */
  readonly all: boolean;
  /**
   * How the names begin without which no interface matches, unless as an alternative name; undefined if one may match
   * with any name.
   */
  readonly starts: readonly NameStart[] | undefined;
  /** Whether it may leave out an interface that has one of the names. */
  readonly filters: boolean;
  readonly #names: Patterns | undefined;
  readonly #exclude: Patterns | undefined;
  readonly #kinds: Filter;
  readonly #masterKinds: Filter;
  readonly #types: Filter;
  readonly #physical: boolean | undefined;
  readonly #loopback: boolean | undefined;
  readonly #platform: Platform;

  /** `platform` decides the rule for `physical`; it is Linux's if the platform is not known. */
  constructor(selection: InterfaceSelection, platform: Platform = "linux") {
    const { names, exclude, kinds, excludeKinds, masterKinds, excludeMasterKinds, types, physical, loopback } =
      selection;
    this.#names = patternsOf(names);
    this.#exclude = patternsOf(exclude);
    this.#kinds = { only: patternsOf(kinds), not: patternsOf(excludeKinds) };
    this.#masterKinds = { only: patternsOf(masterKinds), not: patternsOf(excludeMasterKinds) };
    this.#types = { only: patternsOf(types), not: undefined };
    this.#physical = physical;
    this.#loopback = loopback;
    this.#platform = platform;
    this.filters = [exclude, kinds, excludeKinds, masterKinds, excludeMasterKinds, types, physical, loopback]
      .some((one) => one !== undefined);
    this.all = names === undefined && !this.filters;
    const starts = (typeof names === "string" ? [names] : names)?.map(startOf);
    this.starts = starts?.every(({ text }) => text !== "") ? starts : undefined;
  }

  /** Whether an interface with these properties matches. */
  has(status: InterfaceStatus): boolean {
    if (this.all) return true;
    const { kind, masterKind, type } = status;
    if (this.#names !== undefined && !hasNameLike(status, this.#names)) return false;
    if (this.#exclude !== undefined && hasNameLike(status, this.#exclude)) return false;
    if (!passes(this.#kinds, kind) || !passes(this.#masterKinds, masterKind) || !passes(this.#types, type)) {
      return false;
    }
    if (this.#loopback !== undefined && this.#loopback !== (type === "loopback")) return false;
    return this.#physical === undefined || this.#physical === isPhysical(status, this.#platform);
  }
}
