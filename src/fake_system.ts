import type { Capabilities } from "../platforms/contract/capabilities.ts";
import type { Platform } from "../platforms/contract/platform.ts";
import type { InterfaceMedia, InterfaceMove, InterfaceStatus } from "../platforms/contract/status.ts";
import { isBsdPlatform, SYSTEMS } from "../platforms/bsd/systems.ts";
import { useBackend } from "../platforms/current.ts";
import { linuxAnnounces, linuxFlagsSet } from "../platforms/linux/system.ts";
import { REGISTRY } from "../platforms/registry.ts";
import { FakeBackend } from "./fake/backend.ts";
import { FakeBsdBackend } from "./fake/bsd/backend.ts";
import type { Fake } from "./fake/fake.ts";

/**
 * The fields of a status that follow from others. A test does not say them: {@linkcode FakeSystem} works them out.
 *
 * @example
 * ```ts
 * import { type DerivedField, fakeStatus } from "@netflags/netflags/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const derived: DerivedField[] = ["up", "running", "lowerUp", "connected"];
 * const card = fakeStatus({ name: "eth0", flags: 0x1003, operState: "down" }); // up, and without a cable
 * assertEquals(derived.map((field) => card[field]), [true, false, false, false]);
 * ```
 */
export type DerivedField = "flagNames" | "up" | "running" | "lowerUp" | "dormant" | "connected";

/**
 * What to say of an interface; what is left out keeps its value, or gets an ordinary one. What follows from others
 * (`flagNames`, `up`, `running`, `connected`, ...) is worked out, and what the platform cannot tell stays undefined.
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
  /** What a BSD driver says of its medium; what its word says in words follows from it. */
  readonly media?: Omit<InterfaceMedia, "text"> | undefined;
};

/**
 * Makes a status from some of its fields, by a platform's rules: for a function that takes a status, where no system is
 * needed.
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
 * A system in memory. From its making until it is disposed of, it stands in the place of the real one: `list`, `get`,
 * `watch`, `waitFor` and `setFlags` work on it. It names flags, tells `connected`, refuses and keeps silent as its
 * platform does. Of Linux, states are put in place by its rules; of a BSD, they come from the bytes of a kernel in memory.
 *
 * There is one such system at a time in a thread, and it is disposed of at the end of a block (`using`). One that is
 * made while another is in use comes before that one, until it is disposed of.
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
   * @example A kernel that loses messages and does not say so: polling finds what was lost
   * ```ts
   * import { watch } from "@netflags/netflags";
   * import { FakeSystem } from "@netflags/netflags/testing";
   * import { assertEquals } from "@std/assert";
   *
   * using system = new FakeSystem({ platform: "linux", overflowDetection: false });
   * await using watcher = watch({ poll: 10 });
   * system.set({ name: "tap0" });
   * system.overflow();
   * assertEquals((await watcher.next()).value?.interface.name, "tap0");
   * ```
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
      : new FakeBackend(system, linuxAnnounces, linuxFlagsSet, told);
    this.#inUse = useBackend(this.#backend);
  }

  /**
   * What it can tell. It is what `capabilities()` returns as long as this system is in use.
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
   * Called after a watcher took its list of everything, and before it reads what queued meanwhile. So a test can change
   * something in that moment.
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
   * assertEquals((await watcher.next()).value?.interface.up, true);
   * ```
   */
  get onSnapshot(): (() => void) | undefined {
    return this.#backend.onSnapshot;
  }

  set onSnapshot(called: (() => void) | undefined) {
    this.#backend.onSnapshot = called;
  }

  /**
   * How many subscriptions were closed so far, each one counted once. All watchers of a thread share one.
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
   * How many subscriptions are open: 0 where every watcher was closed, and nothing waits any more.
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
   * @param fields What is said of it. Everything else stays as it is, or is what a new interface has.
   * @returns The state after it, as the system tells it.
   * @throws {InvalidInputError} On a BSD: a kernel has no room for a value (a name of 16 bytes, a text that is no
   * address), or another interface has the name. Nothing was changed.
   * @throws {UnsupportedError} On NetBSD, OpenBSD and macOS: the index has another name, and they rename none.
   */
  set(fields: FakeInterface): InterfaceStatus {
    return this.#backend.put(fields, true);
  }

  /**
   * The same as {@linkcode FakeSystem.set}, but without any message: what a kernel forgets to announce, or what is lost.
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
   * @param fields What is said of it.
   * @returns The state after it.
   */
  setSilently(fields: FakeInterface): InterfaceStatus {
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
   * assertEquals([value?.type, value?.moved], ["removed", { netnsId: 3, index: 2 }]);
   * ```
   *
   * @param name Its name.
   * @param move Where it went, if it was moved to another network namespace: Linux only.
   * @throws {NoSuchInterfaceError} There is no such interface.
   */
  remove(name: string, move?: InterfaceMove): void {
    this.#backend.remove(name, move);
  }

  /**
   * Loses every message that was not read yet, as a kernel does whose queue overflows. It tells the watchers of the loss
   * where the kernel does ({@linkcode Capabilities.overflowDetection}).
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
   * Makes listening fail. A permission that is missing, a system that cannot tell, and any error that is not one of
   * netflags end every watcher. After another error listening begins anew, and `onTrouble` is told of it.
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
   * @param error What watchers are told.
   */
  fail(error: unknown): void {
    this.#backend.fail(error);
  }

  /**
   * Gives the place back to the system that had it before. `using` calls it.
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
