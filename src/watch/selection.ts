import type { Platform } from "../../platforms/contract/platform.ts";
import type { InterfaceStatus, StatusField } from "../../platforms/contract/status.ts";
import { REGISTRY } from "../../platforms/registry.ts";
import { Patterns } from "./glob.ts";

/**
 * Which interfaces are meant: those that fit every option that is given. The options look at what an interface is (its
 * names, kind and type), and never at its state.
 *
 * A name may be a glob: `*` is any text, `?` one character, `[abc]`, `[a-z]` and `[!abc]` one of some or none of them, and
 * upper and lower case differ. A name that has such characters itself is matched by that very text too; `[*]` is a star
 * and nothing else. Kinds and types may be globs as well.
 */
export interface ListOptions {
  /**
   * Only interfaces with this name, or one of these, or with such an alternative name. No such interface need exist.
   *
   * @default {undefined} Every interface.
   */
  names?: string | readonly string[] | undefined;
  /**
   * Leaves out the interfaces with this name, or one of these, or with such an alternative name.
   *
   * @default {undefined} None is left out.
   */
  exclude?: string | readonly string[] | undefined;
  /**
   * Only those of this {@linkcode InterfaceStatus.kind}, or one of these: `"veth"`, `"bridge"`. Hardware mostly has none,
   * and the BSDs tell none.
   *
   * @default {undefined} Of any kind, and of none.
   */
  kinds?: string | readonly string[] | undefined;
  /**
   * Only those of this {@linkcode InterfaceStatus.type}, or one of these: `"ether"`, `"loopback"`, `"none"`.
   *
   * @default {undefined} Of any type.
   */
  types?: string | readonly string[] | undefined;
  /**
   * Only those that stand for a device (true), or only the others (false). No kernel says this directly, so
   * it is concluded from what the messages say:
   *
   * - Linux: an interface without a kind that is not of type loopback, and those of the kinds that drivers of hardware
   *   have: can, dsa (a switch's port), ipoib, wwan. The few virtual ones without a kind (bnep, hwsim, teql, SLIP) pass
   *   for hardware. In a container, its veth is not physical.
   * - the BSDs and macOS: an interface of type ether, ieee80211, ieee1394, InfiniBand or cellular, unless its name is that
   *   of a driver without a device: tap, epair, vether, vxlan, feth, bridge and their like. FreeBSD can give an interface
   *   another name: one that is renamed passes for hardware.
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
   * Whether to ask for the addresses too; without them `addresses` is undefined.
   *
   * @default {true}
   */
  addresses?: boolean | undefined;
  /**
   * In which network namespace: one that ip-netns(8) knows by this name, the file of a path (a text with "/"), or that of
   * the process with this number. Linux only; it needs root, or CAP_SYS_ADMIN both here and in the user namespace that it
   * is of. Sockets are made there, and this thread stays where it is. It is looked up once, at the call: where the name
   * stands for it no more, the file was removed or the process has ended, watching and waiting end with a
   * {@linkcode SystemError} that says so.
   *
   * @default {undefined} That of this thread.
   */
  netns?: string | number | undefined;
}

/** Which interfaces, whatever is asked of them, and wherever. */
export type InterfaceSelection = Omit<ListOptions, "addresses" | "netns">;

/** Whether an interface answers to a name: its own or an alternative one. */
export function hasName(status: InterfaceStatus, name: string): boolean {
  return status.name === name || status.altNames.includes(name);
}

/** The names of an interface, held against patterns. */
export function hasNameLike({ name, altNames }: InterfaceStatus, patterns: Patterns): boolean {
  if (patterns.match(name)) return true;
  for (const other of altNames) if (patterns.match(other)) return true;
  return false;
}

/** The fields that decide, as they stand in the list of all of them. A message that tells no more than a state has none. */
export const DECISIVE: readonly StatusField[] = ["name", "altNames", "type", "kind"];

/** Whether fields that changed may bring an interface into a selection, or out of one. They are in the order of all. */
export function mayDecide(changed: readonly StatusField[]): boolean {
  return changed.length > 0 && DECISIVE.includes(changed[0]!);
}

/** Several texts or one, as patterns; undefined: everything matches. */
function patternsOf(texts: string | readonly string[] | undefined): Patterns | undefined {
  return texts === undefined ? undefined : new Patterns(typeof texts === "string" ? [texts] : texts);
}

/** Which interfaces somebody asked for: the one place that knows. */
export class Selection {
  /** Whether it has every interface, whatever that is. */
  readonly all: boolean;
  /** Whether it may leave out an interface that has one of its names. */
  readonly filters: boolean;
  readonly #names: Patterns | undefined;
  readonly #exclude: Patterns | undefined;
  readonly #kinds: Patterns | undefined;
  readonly #types: Patterns | undefined;
  readonly #physical: boolean | undefined;
  readonly #loopback: boolean | undefined;
  readonly #isPhysical: (status: InterfaceStatus) => boolean;

  /** `platform`: whose interfaces, and so whose rule of `physical`; Linux's where it is not known. */
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

  /** Whether an interface that is this is one of them. */
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
