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
 * One of a BSD is that BSD's kernel in memory, with netflags' own backend upon it: each change becomes the messages that
 * the kernel sends, in their bytes and their order, and what it is silent about is silent. NetBSD sends "up" twice, and
 * an address before its broadcast address is set; FreeBSD renames by a departure and an arrival; an index that was given
 * up is used again at once. A watcher must come to the truth all the same.
 *
 * @example A daemon's tap(4) on NetBSD
 * ```ts
 * import { watch } from "@netflags/netflags";
 * import { FakeSystem } from "@netflags/netflags/testing";
 * import { assertEquals } from "@std/assert";
 *
 * using system = new FakeSystem({ platform: "netbsd" });
 * system.set({ name: "tap0" });
 * await using watcher = watch({ names: "tap0", poll: 10 });
 * const told = async () => {
 *   const { value } = await watcher.next();
 *   return [value?.type, ...value?.flagsSet ?? [], ...value?.flagsCleared ?? []];
 * };
 * system.set({ name: "tap0", flags: 0x8843 });
 * assertEquals(await told(), ["changed", "UP", "RUNNING"]);
 * system.set({ name: "tap0", flags: 0x98c3 }); // of which NetBSD sends no message: poll finds it
 * assertEquals(await told(), ["changed", "NOARP", "LINK0"]);
 * system.remove("tap0"); // announced
 * assertEquals(await told(), ["removed"]);
 * ```
 *
 * @module
 */
import type { Capabilities } from "../platforms/contract/capabilities.ts";
import type { Platform } from "../platforms/contract/platform.ts";
import type { InterfaceMedia, InterfaceMove, InterfaceStatus } from "../platforms/contract/status.ts";
import { isBsdPlatform, SYSTEMS } from "../platforms/bsd/systems.ts";
import { useBackend } from "../platforms/current.ts";
import { linuxAnnounces } from "../platforms/linux/system.ts";
import { REGISTRY } from "../platforms/registry.ts";
import { FakeBackend } from "./fake/backend.ts";
import { FakeBsdBackend } from "./fake/bsd/backend.ts";
import type { Fake } from "./fake/fake.ts";

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
export type FakeInterface = Partial<Omit<InterfaceStatus, "name" | "media" | DerivedField>> & {
  /** The interface's name. */
  readonly name: string;
  /** What a BSD driver says of its medium; what its word says in words follows from it. */
  readonly media?: Omit<InterfaceMedia, "text"> | undefined;
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
 * tells `connected`, refuses and keeps silent as its platform does. Of Linux, states are put in place by its rules; of a
 * BSD, they come from the bytes of a kernel in memory.
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
  readonly #backend: Fake;
  readonly #inUse: Disposable;

  /**
   * Puts it in the place of the real system.
   *
   * On a BSD, `overflowDetection` decides whether a loss tells itself, `announcements: false` makes a kernel that
   * announces nothing, `events: "poll"` one that sends no message at all, and `silentChanges: "none"` one whose every
   * change makes watchers look, which no BSD has. What else is said there is reported and changes nothing.
   *
   * @param capabilities What it can tell, where that differs from what a current kernel of its platform can; the
   * platform is Linux where it is not said.
   */
  constructor(capabilities: Partial<Capabilities> = {}) {
    const system = REGISTRY[capabilities.platform ?? "linux"];
    const { platform } = system;
    const told = { ...system.capabilities, ...capabilities, platform };
    this.#backend = isBsdPlatform(platform)
      ? new FakeBsdBackend(system, SYSTEMS[platform], told)
      : new FakeBackend(system, linuxAnnounces, told);
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
    return this.#backend.subscriptions;
  }

  /**
   * Adds an interface, or changes the one of this index, or of this name. It announces that where the platform's kernel
   * does: one of a BSD is silent about NOARP, LINK0 and the medium, Linux about some changes of an interface that is
   * down.
   *
   * On a BSD it is the difference to what is there, done step by step: what the kernel is silent about, another name,
   * hardware address, mtu, flags, link state, addresses, network. Each that a message tells has its message, so flags and
   * link state set together are two events to somebody who takes them at once. Nothing is done beside it: the interface
   * of a new address stays down, for example, where a kernel would set it up. What the platform has no field for
   * (`operState`, `altNames`, `master`, ...) is not kept, and an IPv4 address gets the broadcast address that its kernel
   * gives it.
   *
   * @returns The state after it, as the system tells it.
   * @throws {InvalidInputError} On a BSD: a kernel has no room for a value (a name of 16 bytes, a text that is no
   * address), or another interface has the name. Nothing was changed.
   * @throws {UnsupportedError} On NetBSD, OpenBSD and macOS: the index has another name, and they rename none.
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
   * @param move Where it went, if it was moved to another network namespace: Linux only.
   * @throws {NoSuchInterfaceError} There is no such interface.
   */
  remove(name: string, move?: InterfaceMove): void {
    this.#backend.remove(name, move);
  }

  /** Loses every message that was not read yet, as a kernel does whose queue overflows; where it says so, it does. */
  overflow(): void {
    this.#backend.overflow();
  }

  /** Makes waiting fail for good. */
  fail(error: unknown): void {
    this.#backend.fail(error);
  }

  /** Gives the real system its place back. */
  [Symbol.dispose](): void {
    this.#inUse[Symbol.dispose]();
  }
}
