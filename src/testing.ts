/**
 * Test a program that watches interfaces, on any machine, without root and without `--allow-ffi`: the interfaces exist
 * only in memory. Make a {@linkcode FakeSystem}, start the program, change an interface, and see what the program does.
 *
 * Choose the system to test on; the default is Linux. A fake system is that system's kernel in memory, below netflags'
 * own backend. Each change becomes the messages that the kernel sends, in the same bytes and the same order. If the
 * kernel sends no message, there is none. So the test sees what a real kernel does. Linux says that a VLAN is down
 * because the interface below it is, and removes the addresses of IPv6 of an interface that goes down. NetBSD sends "up"
 * twice, and detaches the addresses of an interface that goes down. FreeBSD reports a rename as a departure and an arrival. An
 * index that was freed is used again at once on a BSD. The kernels are those of NetBSD 10 and FreeBSD 15.
 *
 * @example A program that waits for its interface
 * ```ts
 * import { waitFor } from "@netflags/netflags";
 * import { FakeSystem } from "@netflags/netflags/testing";
 * import { assertEquals } from "@std/assert";
 *
 * using system = new FakeSystem();
 * const ready = waitFor("eth0", ["connected", "ipv4"], { timeout: 1000 });
 * system.add("eth0");
 * system.up("eth0");
 * system.plug("eth0");
 * system.addAddress("eth0", "10.0.0.1/24");
 * assertEquals((await ready).flagNames.includes("RUNNING"), true);
 * ```
 *
 * @example A daemon's tap(4) on NetBSD
 * ```ts
 * import { setFlags, watch } from "@netflags/netflags";
 * import { FakeSystem } from "@netflags/netflags/testing";
 * import { assertEquals } from "@std/assert";
 *
 * using system = new FakeSystem({ platform: "netbsd" });
 * system.add("tap0");
 * await using watcher = watch({ names: "tap0", poll: 10 });
 * const next = async () => {
 *   const { value } = await watcher.next();
 *   return [value?.type, ...value?.flagsSet ?? [], ...value?.flagsCleared ?? []];
 * };
 * system.up("tap0");
 * assertEquals(await next(), ["changed", "UP", "RUNNING"]);
 * setFlags("tap0", { noarp: true, link0: true }); // NetBSD 10 sends one message; before, poll finds it
 * assertEquals(await next(), ["changed", "NOARP", "LINK0"]);
 * system.set({ name: "tap0", mtu: 1400 }); // no version sends a message for this
 * assertEquals(await next(), ["changed"]);
 * system.remove("tap0"); // announced
 * assertEquals((await next())[0], "removed");
 * ```
 *
 * @example A loose cable, and no time lost: with FakeTime, half a second passes at once
 * ```ts
 * import { watch } from "@netflags/netflags";
 * import { FakeSystem } from "@netflags/netflags/testing";
 * import { assertEquals } from "@std/assert";
 * import { FakeTime } from "@std/testing/time";
 *
 * using time = new FakeTime();
 * using system = new FakeSystem();
 * system.plug("eth0");
 * system.up("eth0");
 * await using watcher = watch({ names: "eth0", settle: 500 });
 * const next = watcher.next();
 * system.unplug("eth0");
 * await time.tickAsync(100);
 * system.plug("eth0");
 * await time.tickAsync(500); // so long nothing has changed
 * const { value } = await next;
 * assertEquals([value?.status.connected, value?.hiddenFlaps], [true, 2]);
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
  WirelessLink,
  WirelessState,
} from "../platforms/contract/status.ts";
export type { FakeAddressOptions, FakeDevice, FakeRouteOptions } from "./fake/fake.ts";
export { type DerivedField, type FakeInterface, fakeStatus } from "./fake_status.ts";
export { FakeSystem } from "./fake_system.ts";
