/** A system whose interfaces netflags knows. OpenBSD and DragonFly BSD have names that no runtime has for them. */
export type Platform = "linux" | "netbsd" | "freebsd" | "openbsd" | "dragonfly" | "darwin";

/** Every {@linkcode Platform}, in the order that documentation and messages list them. */
export const PLATFORMS: readonly Platform[] = ["linux", "netbsd", "freebsd", "openbsd", "dragonfly", "darwin"];

/** A system whose kernel speaks through a routing socket. */
export type BsdPlatform = Exclude<Platform, "linux">;

/** Whether a text names a {@linkcode Platform}. */
export function isPlatform(text: string): text is Platform {
  return (PLATFORMS as readonly string[]).includes(text);
}
