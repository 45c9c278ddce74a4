import type { Capabilities } from "../platforms/contract/backend.ts";
import { currentBackend } from "./system.ts";
import type { InterfaceStatus } from "../platforms/contract/status.ts";

/** Options of {@linkcode list}. */
export interface ListOptions {
  /** Whether to ask for the addresses too; by default true. Without them, `addresses` is undefined. */
  addresses?: boolean;
}

/**
 * The state of every interface, up or down, with or without an address, by index. Reading it needs no privilege of the
 * system's, and of Deno's only `--allow-ffi`.
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
 * @throws {NotPermittedError} Deno was started without `--allow-ffi`.
 * @throws {UnsupportedError} netflags knows no way to ask this system.
 */
export function list(options: ListOptions = {}): InterfaceStatus[] {
  return currentBackend().list({ addresses: options.addresses ?? true }).sort((a, b) => a.index - b.index);
}

/**
 * The state of one interface. It asks the kernel for this one only.
 *
 * @example
 * ```ts
 * import { get } from "@netflags/netflags";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(get("no-such-card"), undefined);
 * if (Deno.build.os === "linux") assertEquals(get(1)?.name, "lo");
 * ```
 *
 * @param nameOrIndex The interface's name, an alternative name, or its index.
 * @returns The state, or undefined where there is no such interface.
 * @throws {InvalidInputError} No interface can have such a name or index.
 * @throws {NotPermittedError} Deno was started without `--allow-ffi`.
 * @throws {UnsupportedError} netflags knows no way to ask this system.
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
 * @throws {NotPermittedError} Deno was started without `--allow-ffi`.
 * @throws {UnsupportedError} netflags knows no way to ask this system.
 */
export function active(options: ListOptions = {}): InterfaceStatus[] {
  return list(options).filter((status) => status.connected === true);
}

/**
 * What this system can tell and what it cannot, so that a program need not guess from what is undefined.
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
 * @throws {UnsupportedError} netflags knows no way to ask this system.
 */
export function capabilities(): Capabilities {
  return currentBackend().capabilities;
}
