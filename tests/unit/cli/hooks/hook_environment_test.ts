/** What commands of `netflags run` find in their environment, and what becomes of programs that end by themselves. */
import { assertEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { environment, type Occasion } from "../../../../src/cli/hooks/environment.ts";
import { KeptProgram } from "../../../../src/cli/hooks/program.ts";
import { fakeStatus } from "../../../../src/testing.ts";
import { makeEvent } from "../../../../src/table/event.ts";
import type { InterfaceStatus } from "../../../../mod.ts";

const ORIGIN = { generation: 1, resync: false, time: 0, elapsed: 0 };
const DOWN = fakeStatus({ name: "wlan0", index: 7, flags: 0x1003, operState: "down", carrier: false });
const address = (text: string, flags: readonly string[]) => ({
  family: "inet6" as const,
  address: text,
  prefixLength: 64,
  scope: text.startsWith("fe80") ? "link" : "global",
  peer: undefined,
  broadcast: undefined,
  label: undefined,
  flags,
});
const WORKING = fakeStatus({
  name: "wlan0",
  index: 7,
  flags: 0x11043,
  operState: "up",
  carrier: true,
  hardwareAddress: "02:00:00:00:00:01",
  addresses: [address("2001:db8::1", []), address("2001:db8::2", ["tentative"]), address("fe80::1", ["permanent"])],
  wireless: { type: "station", ssid: "caf\u00e9", ssidHex: "636166c3a9", frequency: 2412 },
});

function occasion(before: InterfaceStatus, after: InterfaceStatus, more: Partial<Occasion> = {}): Occasion {
  const event = makeEvent("changed", before, after, ORIGIN);
  return { name: "connected", event, gone: false, end: false, missed: 3, ...more };
}

function withSsid(hex: string): InterfaceStatus {
  const ssid = new TextDecoder().decode(Uint8Array.fromHex(hex));
  return { ...WORKING, wireless: { type: "ap", ssid, ssidHex: hex, frequency: undefined } };
}

Deno.test("hook environment: the state of the moment, and the one before", () => {
  assertEquals(environment(occasion(DOWN, WORKING), "red"), {
    NETFLAGS_HOOK: "connected",
    NETFLAGS_EVENT: "changed",
    NETFLAGS_INTERFACE: "wlan0",
    NETFLAGS_INDEX: "7",
    NETFLAGS_MAC: "02:00:00:00:00:01",
    NETFLAGS_FLAGS: "UP,BROADCAST,RUNNING,MULTICAST,LOWER_UP",
    NETFLAGS_CONNECTED: "true",
    NETFLAGS_DEFAULT_ROUTE: "",
    NETFLAGS_OPERSTATE: "up",
    NETFLAGS_LINKSTATE: "",
    NETFLAGS_SSID: "caf\u00e9",
    NETFLAGS_SSID_HEX: "",
    NETFLAGS_FREQUENCY: "2412",
    NETFLAGS_ADDRESSES: "2001:db8::1/64 fe80::1/64",
    NETFLAGS_HIDDEN_FLAPS: "0",
    NETFLAGS_MISSED: "3",
    NETFLAGS_NETNS: "red",
    NETFLAGS_PREVIOUS_MAC: DOWN.hardwareAddress ?? "",
    NETFLAGS_PREVIOUS_FLAGS: "UP,BROADCAST,MULTICAST",
    NETFLAGS_PREVIOUS_CONNECTED: "false",
    NETFLAGS_PREVIOUS_DEFAULT_ROUTE: "",
    NETFLAGS_PREVIOUS_OPERSTATE: "down",
    NETFLAGS_PREVIOUS_LINKSTATE: "",
    NETFLAGS_PREVIOUS_SSID: "",
    NETFLAGS_PREVIOUS_SSID_HEX: "",
    NETFLAGS_PREVIOUS_FREQUENCY: "",
    NETFLAGS_PREVIOUS_ADDRESSES: "",
  });
});

Deno.test("hook environment: a multi-link device has a frequency for each link that has one", () => {
  const link = (mloLinkId: number, frequency: number | undefined) => ({
    mloLinkId,
    ssid: "mld",
    ssidHex: "6d6c64",
    frequency,
    hardwareAddress: undefined,
  });
  const wireless = { type: "ap", ssid: "mld", ssidHex: "6d6c64", frequency: undefined } as const;
  const on = (...links: ReturnType<typeof link>[]) => ({ ...WORKING, wireless: { ...wireless, links } });
  const env = environment(occasion(on(link(0, undefined)), on(link(0, 2412), link(1, 5180), link(2, undefined))), "");
  assertEquals([env.NETFLAGS_FREQUENCY, env.NETFLAGS_PREVIOUS_FREQUENCY], ["2412 5180", ""]);
});

Deno.test("hook environment: an interface that is gone is not up any more, and was before", () => {
  const event = makeEvent("removed", WORKING, WORKING, ORIGIN);
  const env = environment({ name: "removed", event, gone: true, end: false, missed: 0 }, undefined);
  assertEquals([env.NETFLAGS_FLAGS, env.NETFLAGS_CONNECTED, env.NETFLAGS_OPERSTATE], ["", "false", ""]);
  assertEquals([env.NETFLAGS_SSID, env.NETFLAGS_ADDRESSES, env.NETFLAGS_INTERFACE], ["", "", "wlan0"]);
  assertEquals([env.NETFLAGS_PREVIOUS_FLAGS?.split(",")[0], env.NETFLAGS_PREVIOUS_SSID], ["UP", "caf\u00e9"]);
});

Deno.test("hook environment: of what came there is no state before, and at the end there is no event", () => {
  const event = makeEvent("added", undefined, WORKING, ORIGIN);
  const env = environment({ name: "added", event, gone: false, end: false, missed: 0 }, undefined);
  assertEquals([env.NETFLAGS_PREVIOUS_CONNECTED, env.NETFLAGS_PREVIOUS_FLAGS, env.NETFLAGS_NETNS], ["", "", ""]);
  assertEquals(environment(occasion(WORKING, WORKING, { end: true }), undefined).NETFLAGS_EVENT, "end");
});

for (
  const [what, hex] of [
    ["bytes that are no UTF-8", "ff6f6f"],
    ["a NUL, which no environment can hold", "610062"],
    ["an end of a line", "666f6f0a626172"],
  ] as const
) {
  Deno.test(`hook environment: an SSID with ${what} is hexadecimal`, () => {
    const env = environment(occasion(withSsid("666f6f"), withSsid(hex)), undefined);
    assertEquals([env.NETFLAGS_SSID, env.NETFLAGS_SSID_HEX], ["", hex]);
    assertEquals([env.NETFLAGS_PREVIOUS_SSID, env.NETFLAGS_PREVIOUS_SSID_HEX], ["foo", ""]);
  });
}

Deno.test("program: one that ends by itself is started again with growing pauses, and each end is reported", async () => {
  using time = new FakeTime();
  const said: string[] = [];
  let starts = 0;
  const program = new KeptProgram(() => (starts++, Promise.resolve("ended with status 1")), (what) => said.push(what));
  await time.tickAsync(0);
  for (const pause of [500, 1000, 2000]) {
    const before = starts;
    await time.tickAsync(pause - 1);
    assertEquals(starts, before);
    await time.tickAsync(1);
    await time.tickAsync(); // it is started behind the pause
    assertEquals(starts, before + 1);
  }
  assertEquals(said, [0.5, 1, 2, 4].map((s) => `ended with status 1, and is started again in ${s} s`));
  program.end();
  await program.ended;
  await time.tickAsync(60_000);
  assertEquals(starts, 4);
});

Deno.test("program: one that is ended says nothing of it", async () => {
  const said: string[] = [];
  const program = new KeptProgram(
    (end) => new Promise((resolve) => end.addEventListener("abort", () => resolve("was ended by SIGTERM"))),
    (what) => said.push(what),
  );
  program.end();
  await program.ended;
  assertEquals(said, []);
});
