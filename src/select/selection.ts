import type { NetnsOptions } from "../../platforms/contract/netns.ts";
import type { Platform } from "../../platforms/contract/platform.ts";
import type { InterfaceStatus, StatusField } from "../../platforms/contract/status.ts";
import { NETNS, type OptionKinds, TEXTS, YES_NO } from "../../platforms/common/options.ts";
import { REGISTRY } from "../../platforms/registry.ts";
import { Patterns } from "./glob.ts";

/**
 * Selects interfaces: those that match all given options. The options look at what an interface is (its names, kind and
 * type), never at its state.
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
   * Whether to read the addresses too. If false, `addresses` is undefined.
   *
   * @default {true}
   */
  addresses?: boolean | undefined;
}

/** The options that select interfaces. */
export type InterfaceSelection = Omit<ListOptions, "addresses" | "netns">;

/** The kinds of the options that select interfaces. */
export const SELECTION_KINDS: OptionKinds<InterfaceSelection> = {
  names: TEXTS,
  exclude: TEXTS,
  kinds: TEXTS,
  types: TEXTS,
  physical: YES_NO,
  loopback: YES_NO,
};

/** The kinds of all options of a list. */
export const LIST_KINDS: OptionKinds<ListOptions> = { ...SELECTION_KINDS, addresses: YES_NO, netns: NETNS };

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

/** The fields that decide, in the order of the list of all fields. A message about a state alone has none of them. */
export const DECISIVE: readonly StatusField[] = ["name", "altNames", "type", "kind"];

/**
 * Whether changed fields may bring an interface into a selection, or out of it. They are in the order of all fields.
 */
export function mayDecide(changed: readonly StatusField[]): boolean {
  return changed.length > 0 && DECISIVE.includes(changed[0]!);
}

/** One text or several, as patterns; if undefined, everything matches. */
function patternsOf(texts: string | readonly string[] | undefined): Patterns | undefined {
  return texts === undefined ? undefined : new Patterns(typeof texts === "string" ? [texts] : texts);
}

/** Which interfaces somebody asked for. No other place decides this. */
export class Selection {
  /** Whether every interface matches. */
  readonly all: boolean;
  /** Whether it may leave out an interface that has one of the names. */
  readonly filters: boolean;
  readonly #names: Patterns | undefined;
  readonly #exclude: Patterns | undefined;
  readonly #kinds: Patterns | undefined;
  readonly #types: Patterns | undefined;
  readonly #physical: boolean | undefined;
  readonly #loopback: boolean | undefined;
  readonly #isPhysical: (status: InterfaceStatus) => boolean;

  /** `platform` decides the rule for `physical`; it is Linux's if the platform is not known. */
  constructor(selection: InterfaceSelection, platform: Platform = "linux") {
    this.#names = patternsOf(selection.names);
    this.#exclude = patternsOf(selection.exclude);
    this.#kinds = patternsOf(selection.kinds);
    this.#types = patternsOf(selection.types);
    this.#physical = selection.physical;
    this.#loopback = selection.loopback;
    this.#isPhysical = REGISTRY[platform].isPhysical;
    this.filters = [this.#exclude, this.#kinds, this.#types, this.#physical, this.#loopback]
      .some((one) => one !== undefined);
    this.all = this.#names === undefined && !this.filters;
  }

  /** Whether an interface with these properties matches. */
  has(status: InterfaceStatus): boolean {
    if (this.all) return true;
    const { kind, type } = status;
    if (this.#names !== undefined && !hasNameLike(status, this.#names)) return false;
    if (this.#exclude !== undefined && hasNameLike(status, this.#exclude)) return false;
    if (this.#kinds !== undefined && (kind === undefined || !this.#kinds.match(kind))) return false;
    if (this.#types !== undefined && (type === undefined || !this.#types.match(type))) return false;
    if (this.#loopback !== undefined && this.#loopback !== (type === "loopback")) return false;
    return this.#physical === undefined || this.#physical === this.#isPhysical(status);
  }
}
