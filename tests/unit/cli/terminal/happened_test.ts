/** What watch prints of an event: what happened first, then why, then the rest. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { FakeSystem } from "../../../../src/testing.ts";
import { runHere, startHere } from "../../../helpers/cli/in_process.ts";
import { ADDRESS } from "../../../helpers/made_up.ts";

const UP = { flags: 0x11043, operState: "up", carrier: true } as const;
const LOST = { flags: 0x1003, operState: "down", carrier: false } as const;

const WIRELESS = { type: "station", ssidHex: undefined, frequency: 2412 } as const;

/** Stops the clock that says how long asking for causes took: on a busy machine one answer may use up the time for all. */
function stoppedClock(): Disposable {
  const { now } = performance;
  const stopped = now.call(performance);
  performance.now = () => stopped;
  return { [Symbol.dispose]: () => void (performance.now = now) };
}

/** The lines of what happens one after the other on a system with a working eth0. */
async function printed(steps: readonly ((system: FakeSystem) => void)[], ...args: string[]): Promise<string[]> {
  using _ = stoppedClock();
  using system = new FakeSystem();
  system.set({ name: "eth0", index: 1, ...UP, carrierChanges: 0 });
  system.set({ name: "wlan0", index: 8, ...UP, wireless: { ...WIRELESS, ssid: undefined } });
  system.set({ name: "sw0", index: 9, ...UP });
  const { written, ended } = startHere(["watch", "--time", "none", "--addresses", ...args]);
  const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1));
  while (!written.stderr.includes("watching")) await turn();
  for (const step of steps) {
    const before = written.stdout;
    step(system);
    while (written.stdout === before) await turn();
  }
  system.fail(new Error("the test is over"));
  await ended;
  return written.stdout.trimEnd().split("\n");
}

Deno.test("watch: an event says what happened, first and in plain words, then why", async () => {
  assertEquals(
    await printed([
      (system) => system.set({ name: "eth0", ...LOST }),
      (system) => system.set({ name: "eth0", ...UP }),
      (system) => system.set({ name: "eth0", flags: 0x1002, operState: "down", carrier: false }),
      (system) => system.set({ name: "eth0", ...LOST }),
      (system) => system.set({ name: "eth0", ...UP }),
      (system) => system.set({ name: "eth0", carrierChanges: 12 }),
      (system) => system.set({ name: "eth0", carrierChanges: 14 }),
      (system) => system.set({ name: "eth2", index: 2, kind: "veth", flags: 0x1002, operState: "down" }),
      (system) => system.set({ name: "lan0", index: 2 }),
      (system) => system.remove("lan0"),
      (system) => system.set({ name: "eth0", addresses: [ADDRESS] }),
      (system) => system.set({ name: "eth0", addresses: [] }),
      (system) => system.set({ name: "eth0", mtu: 1400 }),
      (system) => system.set({ name: "eth0", flags: 0x110c3 }),
      (system) => system.set({ name: "wlan0", wireless: { ...WIRELESS, ssid: "cafe" } }),
      (system) => system.set({ name: "wlan0", wireless: { ...WIRELESS, ssid: "cafe", frequency: 2437 } }),
      (system) => system.set({ name: "wlan0", wireless: { ...WIRELESS, ssid: undefined } }),
      (system) => system.set({ name: "wlan0", wireless: { ...WIRELESS, type: "ap", ssid: "home" } }),
      (system) => system.set({ name: "eth0", hardwareAddress: "02:00:00:00:00:07" }),
      (system) => system.set({ name: "eth0", operState: "dormant", flags: 0x31003, linkMode: "dormant" }),
    ]),
    [
      "eth0 disconnected: no carrier",
      "eth0 connected",
      "eth0 disconnected: set down",
      "eth0 set up, not connected yet",
      "eth0 connected",
      "eth0 flapped 4 times, connected again",
      "eth0 flapped once, connected again",
      "eth2 added: veth, down",
      "eth2 renamed to lan0",
      "lan0 removed",
      "eth0 address +10.0.0.1/24",
      "eth0 address -10.0.0.1/24",
      "eth0 mtu 1500 -> 1400",
      "eth0 +NOARP",
      'wlan0 joined "cafe"',
      "wlan0 channel 2412 -> 2437 MHz",
      'wlan0 left "cafe"',
      'wlan0 serves "home"',
      "eth0 MAC 02:00:00:00:00:01 -> 02:00:00:00:00:07",
      "eth0 disconnected: waits for a program (dormant), link mode default -> dormant, -NOARP",
    ],
  );
});

Deno.test("watch: the root of a loss is named where it lies with another interface", async () => {
  assertEquals(
    await printed([
      (system) => system.set({ name: "eth0.7", index: 3, kind: "vlan", parentIndex: 9, parent: "sw0", ...UP }),
      (system) => system.set({ name: "sw0", flags: 0x1002, operState: "down", carrier: false }),
      (system) => system.set({ name: "eth0.7", flags: 0x1003, operState: "lowerlayerdown", carrier: false }),
    ]),
    ["eth0.7 added: vlan, connected", "sw0 disconnected: set down", "eth0.7 disconnected: sw0 is down"],
  );
});

Deno.test("watch: --verbose has the fields by their names", async () => {
  const [line] = await printed([(system) => system.set({ name: "eth0", mtu: 1400 })], "--verbose");
  assertEquals(line, "eth0 changed: mtu 1500 -> 1400");
  const [lost] = await printed([(system) => system.set({ name: "eth0", ...LOST })], "-v");
  assertStringIncludes(lost!, "connected true -> false");
});

Deno.test("watch: --json says so in a first line, which report passes over", async () => {
  using system = new FakeSystem();
  system.set({ name: "eth0", index: 1, ...UP });
  const { stdout, stderr } = await runHere(["watch", "--initial", "-jn1"]);
  const [first, second] = stdout.split("\n").slice(0, 2).map((line) => JSON.parse(line));
  assertEquals([first.type, second.type, stderr], ["watching", "present", ""]);
  const file = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(file, stdout);
    const report = await runHere(["report", file, "--json"]);
    assertEquals([report.status, report.stderr, JSON.parse(report.stdout).interfaces.length], [0, "", 1]);
  } finally {
    await Deno.remove(file);
  }
});

Deno.test("watch: it says on standard error when it watches", async () => {
  using system = new FakeSystem();
  system.set({ name: "eth0", ...UP });
  const { stderr } = await runHere(["watch", "--initial", "-n", "1"]);
  assertEquals(stderr, "netflags: watching\n");
});
