/** Network namespaces with names, for live tests: made, looked at from inside, and removed. */
import { LIVE, run, sleep } from "./system.ts";

/** The name of one that no other test has, from a word. */
export function nameOf(word: string): string {
  return `netflags-${Deno.pid}-${word}`;
}

/** A network namespace that ip-netns(8) knows by name. */
export class Named implements Disposable {
  readonly name: string;

  constructor(word: string) {
    this.name = nameOf(word);
    run("ip", "netns", "add", this.name);
  }

  get path(): string {
    return `/run/netns/${this.name}`;
  }

  /** Runs `ip` in it, with the words of a line. */
  ip(line: string): string {
    return run("ip", "-netns", this.name, ...line.split(" "));
  }

  /** Runs a program in it. */
  run(...words: string[]): string {
    return run("ip", "netns", "exec", this.name, ...words);
  }

  /** How many netlink sockets listen to links there (proc(5)). */
  listeners(): number {
    return this.run("cat", "/proc/net/netlink").trim().split("\n").slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter(([, protocol, , groups]) => protocol === "0" && (parseInt(groups!, 16) & 1) !== 0).length;
  }

  remove(): void {
    run("ip", "netns", "del", this.name);
  }

  [Symbol.dispose](): void {
    try {
      this.remove();
    } catch { /* the test did that */ }
  }
}

function canName(): boolean {
  if (!LIVE) return false;
  try {
    using one = new Named("try");
    return one.ip("link show").includes("lo");
  } catch (error) {
    console.error(`SKIPPED: no namespaces with names: ${error instanceof Error ? error.message : error}`);
    return false;
  }
}

/** Whether namespaces can be made and named here: that takes a root who may mount. */
export const CAN_NAME = canName();

/** The network namespace that this thread is in. */
export function here(): string {
  return Deno.readLinkSync("/proc/thread-self/ns/net");
}

/** How many descriptors are open, but for the local sockets that the runtime opens when it comes to need them. */
export function descriptors(): number {
  let count = 0;
  for (const { name } of Deno.readDirSync("/proc/self/fd")) {
    try {
      const link = Deno.readLinkSync(`/proc/self/fd/${name}`);
      if (!link.startsWith("socket:") || !isLocal(link)) count++;
    } catch { /* that of the reading itself */ }
  }
  return count;
}

function isLocal(link: string): boolean {
  const inode = /\[(\d+)\]/.exec(link)?.[1];
  return Deno.readTextFileSync("/proc/net/unix").split("\n").some((line) => line.split(/\s+/)[6] === inode);
}

/** Waits until no more descriptors are open than before; returns how many there are too many. */
export async function leaked(before: number): Promise<number> {
  for (let i = 0; i < 200 && descriptors() > before; i++) await sleep(20);
  return Math.max(0, descriptors() - before);
}
