import { assert, assertThrows } from "@std/assert";
import type { LinuxLibc } from "../../platforms/linux/libc.ts";
import { ENOBUFS } from "../../platforms/linux/numbers.ts";
import { LinuxSubscription } from "../../platforms/linux/subscription.ts";
import { NO_SINK } from "../made_up.ts";

Deno.test("linux subscription: a loss at each read is no overflow, and does not hold up the loop", async () => {
  let reads = 0;
  const libc = {
    errno: () => reads < 1_000_000 ? ENOBUFS : 9, // EBADF, where it would never end
    failureOf: (errno: number) => new Error(`errno ${errno}`),
    symbols: {
      socket: () => 3,
      bind: () => 0,
      setsockopt: () => 0,
      recvfrom: () => (reads++, -1),
    },
    close: () => {},
    waiter: { add: () => ({ pause: () => {}, close: () => Promise.resolve() }) },
  } as unknown as LinuxLibc;
  const subscription = new LinuxSubscription(libc, { addresses: false, ready: () => {}, failed: () => {} });
  assertThrows(() => subscription.drain(NO_SINK, 1024), Error, `errno ${ENOBUFS}`);
  assert(reads < 100, `${reads} reads`);
  await subscription.close();
});
