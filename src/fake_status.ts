import { isBsdPlatform, SYSTEMS } from "../platforms/bsd/systems/systems.ts";
import type { Platform } from "../platforms/contract/platform.ts";
import type { InterfaceMedia, InterfaceStatus } from "../platforms/contract/status.ts";
import { systemOf } from "../platforms/registry.ts";
import { bsdStatus } from "./fake/bsd/status.ts";
import { checkFields } from "./fake/given.ts";
import { linuxStatus } from "./fake/linux/status.ts";

/**
 * The fields of a status that follow from others. A test does not give them: {@linkcode FakeSystem} works them out.
 *
 * @example
 * ```ts
 * import { type DerivedField, FakeSystem } from "@netflags/netflags/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const derived: DerivedField[] = ["up", "running", "lowerUp", "connected"];
 * using system = new FakeSystem();
 * system.add("eth0");
 * const card = system.up("eth0"); // up, but without a cable
 * assertEquals(derived.map((field) => card[field]), [true, false, false, false]);
 * ```
 */
export type DerivedField = "flagNames" | "up" | "running" | "lowerUp" | "dormant" | "connected";

/**
 * The fields of an interface. A field that is left out keeps its value, or gets that of a new interface. Fields that
 * follow from others (`flagNames`, `up`, `running`, `connected`, ...) are worked out. Fields that the platform cannot
 * report stay undefined.
 *
 * @example
 * ```ts
 * import { type FakeInterface, FakeSystem } from "@netflags/netflags/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const small: FakeInterface = { name: "eth0", mtu: 1280 };
 * using system = new FakeSystem();
 * system.plug("eth0");
 * system.up("eth0");
 * assertEquals([system.set(small).mtu, system.set(small).connected], [1280, true]); // the rest is as before
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
 * a system. The other interfaces that it refers to need not be anywhere.
 *
 * @example
 * ```ts
 * import { parseFlags } from "@netflags/netflags";
 * import { fakeStatus } from "@netflags/netflags/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const working = parseFlags("UP,BROADCAST,RUNNING,MULTICAST,LOWER_UP", "linux");
 * assertEquals(fakeStatus({ name: "eth0", flags: working }).connected, true);
 * const up = parseFlags("UP,BROADCAST,RUNNING", "netbsd");
 * assertEquals(fakeStatus({ name: "wm0", flags: up, linkState: "down" }, "netbsd").connected, false);
 * ```
 *
 * @param fields The fields to set.
 * @param platform The platform whose rules to use.
 * @returns The status.
 * @throws {InvalidInputError} On Linux: no kernel can have all of these values. The message names those that contradict
 * each other.
 */
export function fakeStatus(fields: FakeInterface, platform: Platform = "linux"): InterfaceStatus {
  checkFields(fields);
  const indexed = { index: 1, ...fields };
  systemOf(platform); // which refuses a word that is none
  return isBsdPlatform(platform) ? bsdStatus(SYSTEMS[platform], indexed) : linuxStatus(indexed);
}
