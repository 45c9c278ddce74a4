/** What explain and show print of several interfaces, and what explain says to do. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import type { CauseCode } from "../../../../platforms/contract/details.ts";
import { remedy } from "../../../../src/cli/terminal/remedy.ts";
import { shortRoot } from "../../../../src/cli/terminal/why.ts";
import { inspect } from "../../../../mod.ts";
import { FakeSystem } from "../../../../src/testing.ts";
import { runHere } from "../../../helpers/cli/in_process.ts";

const DOWN = { flags: 0x1003, operState: "down", carrier: false } as const;

function interfaces(): FakeSystem {
  const system = new FakeSystem();
  system.set({ name: "sw0", index: 2, flags: 0x1002, operState: "down", carrier: false });
  system.set({ name: "eth0", index: 3, kind: "vlan", parent: "sw0", parentIndex: 2, ...DOWN });
  system.set({ name: "eth1", index: 4, ...DOWN });
  const wireless = { type: "station", ssid: undefined, ssidHex: undefined, frequency: undefined };
  system.set({ name: "wlan0", index: 5, ...DOWN, wireless });
  return system;
}

Deno.test("explain: the sentence, the chain, and what to do about its root", async () => {
  using _system = interfaces();
  assertEquals(
    (await runHere(["explain", "eth0"])).stdout,
    "eth0 is not connected because sw0 is down: nobody has set it up, or somebody has set it down (eth0 > sw0).\n" +
      "because            eth0 is up, but sw0 below it is down or has no carrier\n" +
      "because            sw0 is down: nobody has set it up, or somebody has set it down\n" +
      "what to do         netflags set sw0 up\n",
  );
  for (const [name, todo] of [["eth1", "plug in the cable of eth1"], ["wlan0", "is wpa_supplicant or iwd running"]]) {
    assertStringIncludes((await runHere(["explain", name!])).stdout, `what to do         ${todo}`);
  }
  const { remedy } = JSON.parse((await runHere(["explain", "eth0", "--json"])).stdout);
  assertEquals(remedy, "netflags set sw0 up");
});

Deno.test("explain and show: several names and globs, each interface once, and those that are there", async () => {
  using _system = interfaces();
  for (const command of ["show", "explain"]) {
    const names = async (...args: string[]) => {
      const { status, stdout, stderr } = await runHere([command, "--json", ...args]);
      const found = stdout.trimEnd().split("\n").map((line) => line === "" ? "" : JSON.parse(line).name).join(" ");
      return [found, status, stderr === ""];
    };
    assertEquals(await names("eth?"), ["eth0 eth1", 0, true]);
    assertEquals(await names("sw0", "*0", "eth0"), ["sw0 eth0 wlan0", 0, true]);
    assertEquals(await names("no0", "sw0"), ["sw0", 1, false]);
    assertEquals(await names("x*"), ["", 1, false]);
    const texts = (await runHere([command, "eth1", "sw0"])).stdout.split("\n\n");
    assertEquals([texts.length, texts[0]!.includes("eth1"), texts[1]!.includes("sw0")], [2, true, true]);
  }
});

Deno.test("explain: for every cause there is something to do, and a few words", () => {
  using _system = interfaces();
  const status = inspect("eth1")!;
  const codes: Record<CauseCode, true> = {
    "down": true,
    "proto-down": true,
    "lower-down": true,
    "peer-down": true,
    "other-namespace": true,
    "no-ports": true,
    "ports-down": true,
    "link-monitor": true,
    "blocked": true,
    "no-carrier": true,
    "not-associated": true,
    "no-access-point": true,
    "dormant": true,
    "testing": true,
    "not-present": true,
    "undecided": true,
    "not-running": true,
  };
  const said = (Object.keys(codes) as CauseCode[]).map((code) => {
    const root = { code, interfaceName: "x7", text: "" };
    const own = { ...root, interfaceName: "eth1" };
    assertStringIncludes(shortRoot([own, root])!, "x7 ");
    return [remedy(root, status, "linux"), remedy(root, status, "netbsd"), shortRoot([own])!];
  });
  for (const texts of said) {
    for (const text of texts) assertEquals([text.length > 3, text.endsWith(".")], [true, false]);
  }
});
