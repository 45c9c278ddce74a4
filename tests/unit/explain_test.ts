import { assertEquals, assertStringIncludes } from "@std/assert";
import { explainFlags, explainState } from "../../src/cli/explanation.ts";
import { bsdStatus } from "../../platforms/bsd/status.ts";
import { fakeStatus } from "../../src/testing.ts";

const CARD = { name: "enp3s0", flags: 0x1003, operState: "down", carrier: false } as const;

Deno.test("explain: 4099, the unplugged card that is UP", () => {
  assertEquals(explainState(fakeStatus(CARD)), "enp3s0 is up but has no carrier: no cable, or the other end is down");
});

Deno.test("explain: each state has its sentence", () => {
  const up = { ...CARD, flags: 0x11043, carrier: true };
  for (
    const [fields, part] of [
      [{ ...CARD, flags: 0x1002 }, "is down: nobody has set it up"],
      [{ ...up, operState: "up" }, "is up and operational"],
      [{ ...up, operState: "unknown" }, "never reports a carrier"],
      [{ ...CARD, operState: "lowerlayerdown", parent: "eth0" }, "but eth0 below it"],
      [{ ...CARD, operState: "lowerlayerdown", kind: "veth", parent: "vb" }, "its other end vb is not"],
      [{ ...up, operState: "dormant", linkMode: "dormant" }, "802.1X"],
      [{ ...up, operState: "dormant" }, "waits for something outside"],
      [{ ...up, operState: "testing" }, "being tested"],
      [{ ...up, operState: "notpresent" }, "not present"],
    ] as const
  ) assertStringIncludes(explainState(fakeStatus(fields)), part);
});

Deno.test("explain: on a BSD the link state and the medium tell", () => {
  const told = { index: 1, name: "em0", type: "ether", flags: 0x8843, mtu: 1500, address: undefined, addresses: [] };
  const say = (linkState: "up" | "down" | "unknown" | undefined, link?: boolean) => {
    const media = link === undefined ? undefined : { active: 0x20, link };
    return explainState(bsdStatus("freebsd", { ...told, linkState, media }, undefined));
  };
  assertStringIncludes(say("up"), "up and has a link");
  assertStringIncludes(say("down"), "no link: no cable");
  assertStringIncludes(say("unknown"), "never reports a link");
  assertStringIncludes(say("up", false), "its medium says so");
  assertStringIncludes(say(undefined), "does not tell");
});

Deno.test("explain: why the words of one interface differ", () => {
  const flags = explainFlags({ full: 0x11043, ioctl: 0x1043, sysfs: 0x1103 }, "linux");
  const why = (name: string) => flags.find((flag) => flag.name === name)!;
  assertEquals(flags.map(({ name }) => name), ["UP", "BROADCAST", "RUNNING", "PROMISC", "MULTICAST", "LOWER_UP"]);
  assertEquals([why("UP").full, why("UP").ioctl, why("UP").sysfs, why("UP").setBy], [true, true, true, "users"]);
  assertStringIncludes(why("LOWER_UP").why, "16 bits");
  assertStringIncludes(why("RUNNING").why, "sysfs shows what it keeps");
  assertStringIncludes(why("PROMISC").why, "bridge or a capture");
  assertEquals(explainFlags({ full: 0x1, ioctl: undefined, sysfs: undefined }, "linux")[0]?.sysfs, undefined);
});
