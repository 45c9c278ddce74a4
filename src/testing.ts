/**
 * Test a program that watches interfaces, on any machine, without root and without `--allow-ffi`: the interfaces exist
 * only in memory. Make a {@linkcode FakeSystem}, start the program, change an interface, and see what the program does.
 *
 * Choose the system to test on; the default is Linux. A BSD's fake system is that BSD's kernel in memory, below
 * netflags' own backend. Each change becomes the messages that the kernel sends, in the same bytes and the same order.
 * If the kernel sends no message, there is none. So the test sees what a real kernel does: NetBSD sends "up" twice, and
 * detaches the addresses of an interface that goes down. FreeBSD reports a rename as a departure and an arrival. An index
 * that was freed is used again at once. The kernels are those of NetBSD 10 and FreeBSD 15.
 *
 * @example A program that waits for its interface
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
 * system.set({ name: "tap0", flags: 0x98c3 }); // NetBSD 10 sends one message; before, poll finds it
 * assertEquals(await told(), ["changed", "NOARP", "LINK0"]);
 * system.set({ name: "tap0", mtu: 1400 }); // no version sends a message for this
 * assertEquals(await told(), ["changed"]);
 * system.remove("tap0"); // announced
 * assertEquals((await told())[0], "removed");
 * ```
 *
 * @module
 */
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
export { type DerivedField, type FakeInterface, fakeStatus, FakeSystem } from "./fake_system.ts";
