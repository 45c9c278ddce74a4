/**
 * A system that netflags supports. "darwin" is macOS. A runtime may give its system a wrong name, for example if it was
 * built for another BSD. Then set the environment variable `NETFLAGS_PLATFORM` to the right one (`--allow-env`), before
 * netflags is imported.
 *
 * @example
 * ```ts
 * import { flagNames } from "@netflags/netflags";
 * import { FakeSystem, type Platform } from "@netflags/netflags/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const systems: Platform[] = ["linux", "openbsd"];
 * for (const platform of systems) {
 *   using system = new FakeSystem({ platform });
 *   const { flags, flagNames: names } = system.plug("lan0");
 *   assertEquals(flagNames(flags, platform), names);
 * }
 * ```
 */
export type Platform = "linux" | "netbsd" | "freebsd" | "openbsd" | "dragonfly" | "darwin";

/** Every {@linkcode Platform}, in the order of documentation and messages. */
export const PLATFORMS: readonly Platform[] = ["linux", "netbsd", "freebsd", "openbsd", "dragonfly", "darwin"];

/** A system whose kernel reports changes through a routing socket. */
export type BsdPlatform = Exclude<Platform, "linux">;

/** Whether a text names a {@linkcode Platform}. */
export function isPlatform(text: string): text is Platform {
  return (PLATFORMS as readonly string[]).includes(text);
}
