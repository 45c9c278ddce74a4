/** Watches, by what the command line says, and prints what came. */
import { spawn } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import process from "node:process";
import { get, list, setFlags, waitFor, watch } from "../../../mod.ts";

/** Changes the loopback interface, of which this namespace is the only user. */
function toggle(up: boolean): void {
  setFlags("lo", { up });
}

const descriptors = (): number => readdirSync("/proc/self/fd").length;
/** The netlink sockets of this namespace. */
const sockets = (): number => readFileSync("/proc/net/netlink", "utf8").trim().split("\n").length;

const PROGRAMS: Readonly<Record<string, () => Promise<unknown>>> = {
  /** Everything that asks and watches, once. */
  async all() {
    const names = list({ addresses: true }).map(({ name }) => name);
    const waiting = waitFor("lo", "up");
    toggle(true);
    const status = await waiting;
    toggle(false);
    return [names, status.flagNames.includes("UP"), get("lo")?.flagNames.includes("UP")];
  },

  /** Asks and watches in another network namespace, which is that of a process. */
  async netns() {
    const child = spawn("unshare", ["-n", "sleep", "60"], { stdio: "ignore" });
    const netns = child.pid!;
    const own = readlinkSync("/proc/self/ns/net");
    while (readlinkSync(`/proc/${netns}/ns/net`) === own) await new Promise((resolve) => setTimeout(resolve, 5));
    toggle(true);
    const watcher = watch({ netns });
    const next = watcher.next();
    setFlags("lo", { up: true }, { netns });
    const { value } = await next;
    const there = await waitFor("lo", "up", { netns });
    const after = setFlags("lo", { up: false }, { netns });
    toggle(false);
    const ended = (async () => {
      for await (const _ of watcher);
    })().catch((error: Error) => /is gone/.test(error.message));
    child.kill();
    return [value!.status.name, there.up, after.up, await ended, readlinkSync("/proc/thread-self/ns/net") === own];
  },

  /** Many watchers, opened and closed. */
  async many() {
    list();
    const before = [descriptors(), sockets()];
    for (let round = 0; round < 3; round++) {
      const watchers = Array.from({ length: 100 }, (_, i) => watch({ addresses: i % 2 === 0, initial: i % 3 === 0 }));
      const next = Promise.all(watchers.map((watcher) => watcher.next()));
      toggle(round % 2 === 0);
      await next;
      await Promise.all(watchers.map((watcher) => watcher.return()));
    }
    return [before, [descriptors(), sockets()]];
  },

  /** More events than a socket holds: what was lost is found, and later events come. */
  async overflow() {
    setFlags("lo", { noarp: false });
    const watcher = watch();
    let resync = false;
    /** Reads events until the flag is as it was set last. */
    const until = async (noarp: boolean): Promise<void> => {
      for (let now = !noarp; now !== noarp;) {
        const { value } = await watcher.next();
        resync ||= value!.resync;
        now = value!.status.flagNames.includes("NOARP");
      }
    };
    for (let changes = 20_000; !resync && changes < 500_000; changes *= 2) {
      for (let i = 0; i < changes; i++) toggle(i % 2 === 0);
      setFlags("lo", { noarp: true });
      await until(true);
      setFlags("lo", { noarp: false });
      await until(false);
    }
    watcher.close();
    return resync;
  },

  /** Consumers that throw. */
  async throwing() {
    const errors: string[] = [];
    process.on("uncaughtException", (error) => errors.push(error.message));
    for (let i = 0; i < 3; i++) {
      void (async () => {
        for await (const _ of watch()) throw new Error(`consumer ${i}`);
      })();
    }
    const watcher = watch();
    for (const up of [true, false, true]) {
      const next = watcher.next();
      toggle(up);
      await next;
    }
    watcher.close();
    await new Promise((resolve) => setTimeout(resolve, 0));
    return errors.sort();
  },

  /** Garbage is collected again and again while events come. */
  async collected() {
    const { gc } = globalThis as unknown as { gc: () => void };
    const watchers = [watch(), watch({ addresses: true }), watch({ names: "lo" })];
    let seen = 0;
    for (let i = 0; i < 60; i++) {
      const next = Promise.all(watchers.map((watcher) => watcher.next()));
      gc();
      for (let size = 16; size <= 512; size *= 2) new Uint8Array(new ArrayBuffer(size)).fill(0xff);
      toggle(i % 2 === 0);
      await next;
      seen++;
    }
    for (const watcher of watchers) watcher.close();
    return seen;
  },

  /** Ends with watchers open. */
  async exit() {
    const watcher = watch({ initial: true });
    await watcher.next();
    void watch({ addresses: true }).next();
    setTimeout(() => process.exit(7), 20);
    await new Promise(() => {});
  },

  /** An error that nobody catches, with watchers open. */
  async uncaught() {
    const watcher = watch({ initial: true });
    await watcher.next();
    setTimeout(() => {
      throw new Error("nobody catches this");
    }, 20);
    await new Promise(() => {});
  },

  /** Says that it watches, and goes on. */
  async killed() {
    for await (const _ of watch({ initial: true })) process.kill(process.pid, "SIGTERM");
  },
};

toggle(false); // whatever was before
const result = await PROGRAMS[process.argv[2]!]!();
process.stdout.write(JSON.stringify(result));
