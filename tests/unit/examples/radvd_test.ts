import { assertEquals } from "@std/assert";
import { FakeSystem } from "../../../src/testing.ts";
import { radvd } from "../../examples/radvd.ts";

async function settle(): Promise<void> {
  for (let i = 0; i < 50; i++) await Promise.resolve();
}

/** A signal that counts who listens to it: each wait that is pending does. */
function countingSignal(): { readonly end: AbortController; readonly listeners: () => number } {
  const end = new AbortController();
  const { signal } = end;
  let listeners = 0;
  const { addEventListener, removeEventListener } = signal;
  signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
    listeners++;
    addEventListener.apply(signal, args);
  };
  signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
    listeners--;
    removeEventListener.apply(signal, args);
  };
  return { end, listeners: () => listeners };
}

Deno.test("radvd: after many rounds no more is open and pending than after the first", async () => {
  using system = new FakeSystem();
  const lines: string[] = [];
  const { end, listeners } = countingSignal();
  const daemon = radvd("wlan0", (line) => lines.push(line), end.signal);
  const counts: number[][] = [];
  for (let round = 0; round < 20; round++) {
    system.set({ name: "wlan0", flags: 0x11043, operState: "up" });
    await settle();
    if (round % 2 === 0) system.set({ name: "wlan0", flags: 0x1003, operState: "down" });
    else system.remove("wlan0");
    await settle();
    counts.push([system.subscriptions, listeners()]);
  }
  assertEquals(lines.length, 40);
  assertEquals(counts, counts.map(() => [1, 1]));
  end.abort();
  await daemon;
  assertEquals([system.subscriptions, listeners()], [0, 0]);
});
