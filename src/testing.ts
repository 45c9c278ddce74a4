/**
 * A system of interfaces that exists in memory alone, so that a program that watches interfaces can be tested on any
 * machine, without root and without `--allow-ffi`.
 *
 * @example
 * ```ts
 * import { waitFor } from "@netflags/netflags";
 * import { FakeSystem } from "@netflags/netflags/testing";
 * import { assertEquals } from "@std/assert";
 *
 * using system = new FakeSystem();
 * const ready = waitFor("tap0", "connected", { timeout: 1000 });
 * system.set({ name: "tap0", flags: 0x1003, operState: "down" });
 * system.set({ name: "tap0", flags: 0x11043, operState: "up" });
 * assertEquals((await ready).flagNames.includes("RUNNING"), true);
 * ```
 *
 * @module
 */
import type { Capabilities } from "../platforms/contract/capabilities.ts";
import type { Platform } from "../platforms/contract/platform.ts";
import type { InterfaceMove, InterfaceStatus } from "../platforms/contract/status.ts";
import { REGISTRY } from "../platforms/registry.ts";
import { FakeBackend } from "./fake/backend.ts";
import { useBackend } from "../platforms/current.ts";

export type { Capabilities } from "../platforms/contract/capabilities.ts";
export type { Platform } from "../platforms/contract/platform.ts";
export type {
  InterfaceAddress,
  InterfaceMedia,
  InterfaceMove,
  InterfaceStatus,
  LinkMode,
  LinkState,
  OperState,
  WirelessState,
} from "../platforms/contract/status.ts";

/** The fields that follow from others. */
export type DerivedField = "flagNames" | "up" | "running" | "lowerUp" | "dormant" | "connected";

/**
 * What to say of an interface; what is left out keeps its value, or gets an ordinary one. What follows from others
 * (`flagNames`, `up`, `running`, `connected`, ...) is worked out, and what the platform cannot tell stays undefined.
 */
export type FakeInterface = Partial<Omit<InterfaceStatus, "name" | DerivedField>> & {
  /** The interface's name. */
  readonly name: string;
};

/**
 * Makes a status from some of its fields, by a platform's rules.
 *
 * @example
 * ```ts
 * import { fakeStatus } from "@netflags/netflags/testing";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(fakeStatus({ name: "eth0", flags: 0x11043, operState: "up" }).connected, true);
 * assertEquals(fakeStatus({ name: "wm0", flags: 0x8843, linkState: "down" }, "netbsd").connected, false);
 * ```
 *
 * @param fields What to say of it.
 * @param platform Whose rules.
 * @returns The status.
 */
export function fakeStatus(fields: FakeInterface, platform: Platform = "linux"): InterfaceStatus {
  return REGISTRY[platform].complete({ index: 1, ...fields });
}

/**
 * A system in memory. From its making until it is disposed of, it stands in the place of the real one: it names flags,
 * tells `connected`, refuses and keeps silent as its platform does.
 *
 * @example
 * ```ts
 * import { get } from "@netflags/netflags";
 * import { FakeSystem } from "@netflags/netflags/testing";
 * import { assertEquals } from "@std/assert";
 *
 * using system = new FakeSystem({ platform: "netbsd" });
 * system.set({ name: "wm0", flags: 0x8843, linkState: "up" });
 * assertEquals([get("wm0")?.connected, get("wm0")?.flagNames.includes("SIMPLEX")], [true, true]);
 * ```
 */
export class FakeSystem implements Disposable {
  readonly #backend: FakeBackend;
  readonly #inUse: Disposable;

  /**
   * Puts it in the place of the real system.
   *
   * @param capabilities What it can tell, where that differs from what a current kernel of its platform can; the
   * platform is Linux where it is not said.
   */
  constructor(capabilities: Partial<Capabilities> = {}) {
    const system = REGISTRY[capabilities.platform ?? "linux"];
    this.#backend = new FakeBackend(system, { ...system.capabilities, ...capabilities, platform: system.platform });
    this.#inUse = useBackend(this.#backend);
  }

  /** What it can tell. */
  get capabilities(): Capabilities {
    return this.#backend.capabilities;
  }

  /** Called after a snapshot was taken, before what queued meanwhile is read: for tests of that moment. */
  get onSnapshot(): (() => void) | undefined {
    return this.#backend.onSnapshot;
  }

  set onSnapshot(called: (() => void) | undefined) {
    this.#backend.onSnapshot = called;
  }

  /** How many subscriptions were closed: each one once. */
  get closings(): number {
    return this.#backend.closings;
  }

  /** How many subscriptions are open: 0 where every watcher was closed. */
  get subscriptions(): number {
    return this.#backend.subscriptions.size;
  }

  /**
   * Adds an interface, or changes the one of this index, or of this name. It announces that where the platform's kernel
   * does: one of a BSD is silent about NOARP, LINK0 and the medium, Linux about some changes of an interface that is
   * down.
   *
   * @returns The state after it.
   */
  set(fields: FakeInterface): InterfaceStatus {
    return this.#backend.put(fields, true);
  }

  /**
   * The same, announced to nobody.
   *
   * @returns The state after it.
   */
  setSilently(fields: FakeInterface): InterfaceStatus {
    return this.#backend.put(fields, false);
  }

  /**
   * Removes an interface.
   *
   * @param name Its name.
   * @param move Where it went, if it was moved to another network namespace.
   * @throws {NoSuchInterfaceError} There is no such interface.
   */
  remove(name: string, move?: InterfaceMove): void {
    this.#backend.remove(name, move);
  }

  /** Loses every message that was not read yet, as a kernel does whose queue overflows; where it says so, it does. */
  overflow(): void {
    const { subscriptions, capabilities } = this.#backend;
    for (const subscription of subscriptions) subscription.lose(capabilities.overflowDetection);
  }

  /** Makes waiting fail for good. */
  fail(error: unknown): void {
    for (const subscription of this.#backend.subscriptions) subscription.fail(error);
  }

  /** Gives the real system its place back. */
  [Symbol.dispose](): void {
    this.#inUse[Symbol.dispose]();
  }
}
