import type { Capabilities } from "../platforms/contract/capabilities.ts";
import type { InterfaceStatus } from "../platforms/contract/status.ts";
import { currentBackend } from "../platforms/current.ts";
import { type InterfaceSelection, Selection } from "./watch/selection.ts";

/** Options of {@linkcode list} and {@linkcode active}. */
export interface ListOptions extends InterfaceSelection {
  /**
   * Whether to ask for the addresses too; without them `addresses` is undefined.
   *
   * @default {true}
   */
  addresses?: boolean | undefined;
}

/**
 * The state of every interface, up or down, with or without an address, by index. Reading it needs no privilege of the
 * system's, and of the runtime's only `--allow-ffi`.
 *
 * On Linux it is one RTM_GETLINK dump and one RTM_GETADDR dump (rtnetlink(7)), without statistics.
 *
 * @example
 * ```ts
 * import { list } from "@netflags/netflags";
 *
 * for (const { name, connected, flagNames } of list()) {
 *   console.log(name, connected, flagNames.join(","));
 * }
 * ```
 *
 * @param options Which interfaces, and with what.
 * @returns Their states, by index.
 * @throws {NotPermittedError} The process runs without `--allow-ffi`.
 * @throws {UnsupportedError} netflags knows no way to ask this system.
 * @throws {SystemError} The system has no descriptor left, or fails otherwise.
 */
export function list(options: ListOptions = {}): InterfaceStatus[] {
  const backend = currentBackend();
  const statuses = backend.list({ addresses: options.addresses ?? true });
  const selection = new Selection(options, backend.capabilities.platform);
  const selected = selection.all ? statuses : statuses.filter((status) => selection.has(status));
  return selected.sort((a, b) => a.index - b.index);
}

/**
 * The state of one interface. It asks the kernel for this one only.
 *
 * @example
 * ```ts
 * import { capabilities, get } from "@netflags/netflags";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(get("no-such-card"), undefined);
 * if (capabilities().platform === "linux") assertEquals(get(1)?.name, "lo");
 * ```
 *
 * @param nameOrIndex The interface's name, an alternative name, or its index.
 * @returns The state, or undefined where there is no such interface.
 * @throws {InvalidInputError} No interface can have such a name or index.
 * @throws {NotPermittedError} The process runs without `--allow-ffi`.
 * @throws {UnsupportedError} netflags knows no way to ask this system.
 * @throws {SystemError} The system has no descriptor left, or fails otherwise.
 */
export function get(nameOrIndex: string | number): InterfaceStatus | undefined {
  return currentBackend().get(nameOrIndex);
}

/**
 * The interfaces that are really connected, which is not the same as `IFF_UP`: the rule is that of
 * {@linkcode InterfaceStatus.connected}, and an interface whose state the kernel does not tell is not among them.
 * The loopback interface is connected as long as it is up.
 *
 * @example
 * ```ts
 * import { active } from "@netflags/netflags";
 *
 * console.log(active().map((status) => status.name));
 * ```
 *
 * @param options Which interfaces, and with what.
 * @returns Their states, by index.
 * @throws {NotPermittedError} The process runs without `--allow-ffi`.
 * @throws {UnsupportedError} netflags knows no way to ask this system.
 * @throws {SystemError} The system has no descriptor left, or fails otherwise.
 */
export function active(options: ListOptions = {}): InterfaceStatus[] {
  return list(options).filter((status) => status.connected === true);
}

/**
 * What this system can tell and what it cannot, so that a program need not guess from what is undefined. It opens
 * nothing and throws nothing; what only the kernel knows (`accessPoints`, `overflowDetection`) is asked for when it is
 * read, and is false where the kernel cannot be asked.
 *
 * @example
 * ```ts
 * import { capabilities } from "@netflags/netflags";
 *
 * if (!capabilities().overflowDetection) {
 *   console.log("watch with { poll: 1000 }: this kernel loses events silently");
 * }
 * ```
 *
 * @returns What the system can tell.
 */
export function capabilities(): Capabilities {
  return currentBackend().capabilities;
}
