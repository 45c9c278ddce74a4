/**
 * A system whose interfaces netflags knows. The names are those of `Deno.build.os`, with the two that Deno does not
 * tell apart or does not know: OpenBSD and DragonFly BSD.
 */
export type Platform =
  | "linux"
  | "netbsd"
  | "freebsd"
  | "openbsd"
  | "dragonfly"
  | "darwin";

/** Every {@linkcode Platform}, in the order that documentation and messages list them. */
export const PLATFORMS: readonly Platform[] = [
  "linux",
  "netbsd",
  "freebsd",
  "openbsd",
  "dragonfly",
  "darwin",
];

/** Whether a text names a {@linkcode Platform}. */
export function isPlatform(text: string): text is Platform {
  return (PLATFORMS as readonly string[]).includes(text);
}

/** The platform that this process runs on, or undefined where netflags knows nothing of it. */
export function hostPlatform(): Platform | undefined {
  return isPlatform(Deno.build.os) ? Deno.build.os : undefined;
}
