/** What a wait that is over at once does not pay for: a thread that polls, and the runtime's timers. */
import { assertEquals, assertRejects } from "@std/assert";
import { waitFor, waitForAll, waitForAny, WaitTimeoutError } from "../../../../mod.ts";
import { LinuxLibc, useLibc } from "../../../../platforms/linux/libc/libc.ts";

class Counting extends LinuxLibc {
  polls = 0;

  override poll(fds: Uint8Array<ArrayBuffer>, count: number): Promise<number> {
    this.polls++;
    return super.poll(fds, count);
  }
}

const ignore = Deno.build.os !== "linux";
/** The C library of everything here. */
const libc = ignore ? undefined : new Counting();
if (libc !== undefined) useLibc(libc);

const TIMERS = ["setTimeout", "clearTimeout", "setInterval", "clearInterval"] as const;

/** Calls something, and returns how often it polled, and which names of timers were looked at meanwhile. */
async function paid(ask: () => Promise<unknown>): Promise<{ polls: number; timers: string[] }> {
  const polls = libc?.polls ?? 0;
  const timers = new Set<string>();
  const before = TIMERS.map((name) => [name, globalThis[name]] as const);
  for (const [name, own] of before) {
    Object.defineProperty(globalThis, name, { get: () => (timers.add(name), own), configurable: true });
  }
  try {
    await ask();
  } finally {
    for (const [name, value] of before) {
      Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
    }
  }
  return { polls: libc!.polls - polls, timers: [...timers].sort() };
}

const NOTHING = { polls: 0, timers: [] };

for (
  const [what, ask] of [
    ["a wait that holds", () => waitFor("lo", "present")],
    ["a wait that holds, with a time-out", () => waitFor("lo", "present", { timeout: 10_000 })],
    ["a wait that holds of nobody", () => waitFor("no-such-card", "absent")],
    ["a wait for any that holds", () => waitForAny({ "no-such-card": "connected", "l*": "present" })],
    ["a wait for all that holds", () => waitForAll(["lo", "l*"], "present", { addresses: false })],
  ] as const
) {
  Deno.test({ name: `asking once: ${what} polls nothing and loads no timers`, ignore }, async () => {
    assertEquals(await paid(ask), NOTHING);
  });
}

Deno.test({ name: "asking once: a wait that does not hold polls, and has its time", ignore }, async () => {
  const { polls, timers } = await paid(() =>
    assertRejects(() => waitFor("no-such-card", "present", { timeout: 20 }), WaitTimeoutError)
  );
  assertEquals([polls > 0, timers.includes("setTimeout")], [true, true]);
});
