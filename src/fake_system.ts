import type { Capabilities } from "../platforms/contract/capabilities.ts";
import type { Platform } from "../platforms/contract/platform.ts";
import type { InterfaceMedia, InterfaceMove, InterfaceStatus } from "../platforms/contract/status.ts";
import { isBsdPlatform, SYSTEMS } from "../platforms/bsd/systems/systems.ts";
import { useBackend } from "../platforms/current.ts";
import { linuxAnnounces, linuxFlagsSet } from "../platforms/linux/system.ts";
import { systemOf } from "../platforms/registry.ts";
import { FakeBackend } from "./fake/backend.ts";
import { FakeBsdBackend } from "./fake/bsd/backend.ts";
import type { Fake } from "./fake/fake.ts";
import { checkCapabilities, checkFields } from "./fake/given.ts";

/**
 * The fields of a status that follow from others. A test does not give them: {@linkcode FakeSystem} works them out.
 *
 * @example
 * ```ts
 * import { type DerivedField, fakeStatus } from "@netflags/netflags/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const derived: DerivedField[] = ["up", "running", "lowerUp", "connected"];
 * const card = fakeStatus({ name: "eth0", flags: 0x1003, operState: "down" }); // up, but without a cable
 * assertEquals(derived.map((field) => card[field]), [true, false, false, false]);
 * ```
 */
export type DerivedField = "flagNames" | "up" | "running" | "lowerUp" | "dormant" | "connected";

/**
 * The fields of an interface. A field that is left out keeps its value, or gets an ordinary one. Fields that follow
 * from others (`flagNames`, `up`, `running`, `connected`, ...) are worked out. Fields that the platform cannot report
 * stay undefined.
 *
 * @example
 * ```ts
 * import { type FakeInterface, FakeSystem } from "@netflags/netflags/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const plugged: FakeInterface = { name: "eth0", flags: 0x11043, operState: "up", carrier: true };
 * using system = new FakeSystem();
 * assertEquals(system.set(plugged).connected, true);
 * assertEquals(system.set({ name: "eth0", mtu: 1400 }).connected, true); // the rest is as before
 * ```
 */
export type FakeInterface = Partial<Omit<InterfaceStatus, "name" | "media" | DerivedField>> & {
  /** The interface's name. */
  readonly name: string;
  /** What a BSD driver reports about its medium. Its text follows from its word. */
  readonly media?: Omit<InterfaceMedia, "text"> | undefined;
};

/**
 * Makes a status from some of its fields, by a platform's rules. Use it to test a function that takes a status, without
 * a system.
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
 * @param fields The fields to set.
 * @param platform The platform whose rules to use.
 * @returns The status.
 */
export function fakeStatus(fields: FakeInterface, platform: Platform = "linux"): InterfaceStatus {
  checkFields(fields);
  return systemOf(platform).complete({ index: 1, ...fields });
}

/**
 * A system in memory. From its creation until it is disposed of, it replaces the real system: `list`, `get`, `watch`,
 * `waitFor` and `setFlags` work on it. It behaves as its platform does: it has the same flag names and the same rule
 * for `connected`, refuses the same calls, and leaves the same changes unannounced. For Linux, it sets states directly,
 * by Linux's rules. For a BSD, states come from the bytes of a kernel in memory.
 *
 * A thread uses one such system at a time, and disposes of it at the end of a block (`using`). A system that is made
 * while another is in use replaces that one until it is disposed of.
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
   * Replaces the real system.
   *
   * On a BSD, `overflowDetection` decides whether the kernel reports a loss. `announcements: false` makes a kernel that
   * announces no interfaces, and `events: "poll"` one that sends no message at all. `silentChanges: "none"` makes
   * watchers look after every change, which no real BSD does. Other capabilities are reported and have no effect.
   *
   * @example A kernel that loses messages silently: polling finds what was lost
   * ```ts
   * import { watch } from "@netflags/netflags";
   * import { FakeSystem } from "@netflags/netflags/testing";
   * import { assertEquals } from "@std/assert";
   *
   * using system = new FakeSystem({ platform: "linux", overflowDetection: false });
   * await using watcher = watch({ poll: 10 });
   * system.set({ name: "tap0" });
   * system.overflow();
   * assertEquals((await watcher.next()).value?.status.name, "tap0");
   * ```
   *
   * @param capabilities The capabilities that differ from those of a current kernel of the platform. The default
   * platform is Linux.
   */
  constructor(capabilities: Partial<Capabilities> = {}) {
    checkCapabilities(capabilities);
    const system = systemOf(capabilities.platform ?? "linux");
    const { platform } = system;
    const told = Object.freeze({ ...system.capabilities, ...capabilities, platform });
    this.#backend = isBsdPlatform(platform)
      ? new FakeBsdBackend(system, SYSTEMS[platform], told)
      : new FakeBackend(system, linuxAnnounces, linuxFlagsSet, told);
    this.#inUse = useBackend(this.#backend);
  }

  /**
   * What it can report. `capabilities()` returns this as long as the system is in use.
   *
   * @example
   * ```ts
   * import { capabilities } from "@netflags/netflags";
   * import { FakeSystem } from "@netflags/netflags/testing";
   * import { assertEquals } from "@std/assert";
   *
   * using system = new FakeSystem({ platform: "openbsd" });
   * assertEquals(capabilities(), system.capabilities);
   * assertEquals([system.capabilities.operState, system.capabilities.silentChanges], [false, "some"]);
   * ```
   */
  get capabilities(): Capabilities {
    return this.#backend.capabilities;
  }

  /**
   * Called after a watcher took its list of everything, and before it reads the messages that were queued meanwhile. So
   * a test can change something at that moment.
   *
   * @example A change between the list and the first message is not lost
   * ```ts
   * import { watch } from "@netflags/netflags";
   * import { FakeSystem } from "@netflags/netflags/testing";
   * import { assertEquals } from "@std/assert";
   *
   * using system = new FakeSystem();
   * system.set({ name: "tap0", flags: 0x1002 });
   * system.onSnapshot = () => {
   *   system.onSnapshot = undefined; // once
   *   system.set({ name: "tap0", flags: 0x1003 });
   * };
   * await using watcher = watch({ initial: true });
   * assertEquals((await watcher.next()).value?.status.up, true);
   * ```
   */
  get onSnapshot(): (() => void) | undefined {
    return this.#backend.onSnapshot;
  }

  set onSnapshot(called: (() => void) | undefined) {
    this.#backend.onSnapshot = called;
  }

  /**
   * How many subscriptions were closed so far, each counted once. All watchers of a thread share one subscription.
   *
   * @example
   * ```ts
   * import { watch } from "@netflags/netflags";
   * import { FakeSystem } from "@netflags/netflags/testing";
   * import { assertEquals } from "@std/assert";
   *
   * using system = new FakeSystem();
   * for (let i = 0; i < 2; i++) await watch().return();
   * assertEquals(system.closings, 2);
   * ```
   */
  get closings(): number {
    return this.#backend.closings;
  }

  /**
   * How many subscriptions are open: 0 if every watcher was closed and nothing waits any more.
   *
   * @example A program leaves nothing behind
   * ```ts
   * import { waitFor } from "@netflags/netflags";
   * import { FakeSystem } from "@netflags/netflags/testing";
   * import { assertEquals } from "@std/assert";
   *
   * using system = new FakeSystem();
   * const waiting = waitFor("tap0", "present");
   * assertEquals(system.subscriptions, 1);
   * system.set({ name: "tap0" });
   * await waiting;
   * assertEquals(system.subscriptions, 0);
   * ```
   */
  get subscriptions(): number {
    return this.#backend.subscriptions;
  }

  /**
   * Adds an interface, or changes the one with this index or this name. It announces the change if the platform's
   * kernel does: a BSD is silent about NOARP, LINK0 and the medium, Linux about some changes of an interface that is
   * down.
   *
   * On a BSD, the differences are made step by step: first the changes that the kernel does not announce, then the
   * name, hardware address, mtu, flags, link state, addresses and network. Each change that the kernel announces has
   * its own message. So if flags and link state are set together, a consumer that takes events at once gets two. There
   * are no side effects: for example, the interface of a new address stays down, where a kernel would set it up. Fields
   * that the platform does not have (`operState`, `altNames`, `master`, ...) are not kept. An IPv4 address gets the
   * broadcast address that its kernel gives it.
   *
   * @example The same program on two systems: each has its own words for "connected"
   * ```ts
   * import { active } from "@netflags/netflags";
   * import { FakeSystem } from "@netflags/netflags/testing";
   * import { assertEquals } from "@std/assert";
   *
   * for (const platform of ["linux", "netbsd"] as const) {
   *   using system = new FakeSystem({ platform });
   *   if (platform === "linux") system.set({ name: "wan0", flags: 0x11043, operState: "up" });
   *   else system.set({ name: "wan0", flags: 0x8843, linkState: "up" });
   *   assertEquals(active().map(({ name }) => name), ["wan0"]);
   * }
   * ```
   *
   * @param fields The fields to set. All others keep their value, or have that of a new interface.
   * @returns The state afterwards, as the system reports it.
   * @throws {InvalidInputError} On a BSD: a kernel cannot hold a value (a name of 16 bytes, a text that is not an
   * address), or another interface has the name. Nothing was changed.
   * @throws {UnsupportedError} On NetBSD, OpenBSD and macOS: the index has another name, and these systems cannot
   * rename interfaces.
   */
  set(fields: FakeInterface): InterfaceStatus {
    checkFields(fields);
    return this.#backend.put(fields, true);
  }

  /**
   * The same as {@linkcode FakeSystem.set}, but without any message: a change that a kernel does not announce, or whose
   * message is lost.
   *
   * @example
   * ```ts
   * import { watch } from "@netflags/netflags";
   * import { FakeSystem } from "@netflags/netflags/testing";
   * import { assertEquals } from "@std/assert";
   *
   * using system = new FakeSystem();
   * system.set({ name: "eth0", mtu: 1500 });
   * await using watcher = watch({ poll: 10 });
   * system.setSilently({ name: "eth0", mtu: 1400 });
   * assertEquals((await watcher.next()).value?.changed, ["mtu"]); // found by comparing
   * ```
   *
   * @param fields The fields to set.
   * @returns The state afterwards.
   */
  setSilently(fields: FakeInterface): InterfaceStatus {
    checkFields(fields);
    return this.#backend.put(fields, false);
  }

  /**
   * Removes an interface.
   *
   * @example
   * ```ts
   * import { watch } from "@netflags/netflags";
   * import { FakeSystem } from "@netflags/netflags/testing";
   * import { assertEquals } from "@std/assert";
   *
   * using system = new FakeSystem();
   * system.set({ name: "eth0" });
   * await using watcher = watch();
   * system.remove("eth0", { netnsId: 3, index: 2 }); // as ip link set eth0 netns does
   * const { value } = await watcher.next();
   * if (value?.type === "removed") assertEquals(value.moved, { netnsId: 3, index: 2 });
   * ```
   *
   * @param name Its name.
   * @param move The network namespace that it was moved to, if it was moved. Linux only.
   * @throws {NoSuchInterfaceError} There is no such interface.
   */
  remove(name: string, move?: InterfaceMove): void {
    this.#backend.remove(name, move);
  }

  /**
   * Loses every message that was not read yet, like a kernel whose queue overflows. Watchers learn of the loss if the
   * kernel reports it ({@linkcode Capabilities.overflowDetection}).
   *
   * @example
   * ```ts
   * import { watch } from "@netflags/netflags";
   * import { FakeSystem } from "@netflags/netflags/testing";
   * import { assertEquals } from "@std/assert";
   *
   * using system = new FakeSystem();
   * await using watcher = watch();
   * system.set({ name: "eth0" });
   * system.overflow();
   * const { value } = await watcher.next();
   * assertEquals([value?.type, value?.resync], ["added", true]); // found by asking for everything again
   * ```
   */
  overflow(): void {
    this.#backend.overflow();
  }

  /**
   * Makes listening fail. Every watcher ends if a permission is missing, if the system cannot report changes, or if the
   * error is not one of netflags. After any other error, listening begins again, and `onTrouble` is called.
   *
   * @example
   * ```ts
   * import { NotPermittedError, watch } from "@netflags/netflags";
   * import { FakeSystem } from "@netflags/netflags/testing";
   * import { assertRejects } from "@std/assert";
   *
   * using system = new FakeSystem();
   * using watcher = watch();
   * const next = watcher.next();
   * system.fail(new NotPermittedError("The permission was withdrawn"));
   * await assertRejects(() => next, NotPermittedError);
   * ```
   *
   * @param error The error that watchers get.
   */
  fail(error: unknown): void {
    this.#backend.fail(error);
  }

  /**
   * Restores the system that was in use before. `using` calls it.
   *
   * @example
   * ```ts
   * import { capabilities } from "@netflags/netflags";
   * import { FakeSystem } from "@netflags/netflags/testing";
   * import { assertEquals } from "@std/assert";
   *
   * const before = capabilities().platform;
   * {
   *   using _system = new FakeSystem({ platform: "dragonfly" });
   *   assertEquals(capabilities().platform, "dragonfly");
   * }
   * assertEquals(capabilities().platform, before);
   * ```
   */
  [Symbol.dispose](): void {
    this.#inUse[Symbol.dispose]();
  }
}
