import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { explainFlags, explainRule, explainState } from "../../../../src/cli/json/explanation.ts";
import { explainReasons } from "../../../../src/why/reason.ts";
import { NO_DETAILS } from "../../../../platforms/contract/details.ts";
import { FREEBSD } from "../../../../platforms/bsd/systems/freebsd.ts";
import { bsdFacts } from "../../../../platforms/bsd/wire/status.ts";
import { fakeStatus } from "../../../../src/testing.ts";
import { anyStatus } from "../../../helpers/made_up.ts";
import type { InterfaceStatus } from "../../../../mod.ts";

const CARD = { name: "enp3s0", flags: 0x1003, operState: "down", carrier: false } as const;

/** The sentence for an interface of which its status alone is known. */
function explain(status: InterfaceStatus): string {
  const known = { ...status, ...NO_DETAILS };
  return explainState(known, explainReasons(known.index, new Map([[known.index, known]])));
}

Deno.test("explain: 4099, the unplugged card that is UP", () => {
  assertEquals(explain(fakeStatus(CARD)), "enp3s0 is up but has no carrier: no cable, or the other end is down");
});

Deno.test("explain: each state has its sentence", () => {
  const { name } = CARD;
  const up = { name, carrier: true };
  for (
    const [fields, part] of [
      [{ ...CARD, flags: 0x1002 }, "is down: nobody has set it up"],
      [{ ...up, operState: "up" }, "is up and operational"],
      [{ ...up, operState: "unknown" }, "never reports a carrier"],
      [{ ...CARD, operState: "lowerlayerdown", parent: "eth0" }, "but eth0 below it"],
      [{ ...CARD, operState: "lowerlayerdown", kind: "veth", parent: "vb" }, "its other end vb is not"],
      [{ ...up, operState: "dormant", linkMode: "dormant" }, "802.1X"],
      [{ ...up, operState: "dormant" }, "waits for an external event"],
      [{ ...up, operState: "testing" }, "being tested"],
      [{ ...up, operState: "notpresent" }, "not present"],
    ] as const
  ) assertStringIncludes(explain(fakeStatus(fields)), part);
});

Deno.test("explain: on a BSD the link state and the medium tell", () => {
  const told = {
    index: 1,
    name: "em0",
    type: "ether",
    flags: 0x8843,
    mtu: 1500,
    hardwareAddress: undefined,
    addresses: [],
  };
  const say = (linkState: "up" | "down" | "unknown" | undefined, link?: boolean) => {
    const media = link === undefined ? undefined : { active: 0x20, link, text: "autoselect" };
    return explain(bsdFacts(FREEBSD, { ...told, linkState, media, wireless: undefined }));
  };
  assertStringIncludes(say("up"), "up and has a link");
  assertStringIncludes(say("down"), "no link: no cable");
  assertStringIncludes(say("unknown"), "never reports a link");
  assertStringIncludes(say("up", false), "its medium says so: autoselect");
  assertStringIncludes(say(undefined), "does not say");
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

Deno.test("explain: UNKNOWN and RUNNING without LOWER_UP does not count as connected, and the sentence says so", () => {
  const status = fakeStatus({ name: "wlan0", flags: 0x1043, operState: "unknown", carrier: false });
  assertEquals(status.connected, false);
  assertEquals(explain(status).includes("it counts as connected"), false);
  assertStringIncludes(explain(status), "LOWER_UP");
  assertStringIncludes(explainRule(status), "UNKNOWN with RUNNING and LOWER_UP");
});

/** What a sentence claims: sentences that do not begin in one of these ways claim that it is not connected. */
function claim(sentence: string): boolean | undefined {
  if (sentence.includes("does not say")) return undefined;
  return / is up and (operational|has a link|running$)|it counts as connected/.test(sentence);
}

/** Every Linux state that differs for the rule or for the sentence. */
function* linuxStates(): Iterable<InterfaceStatus> {
  const states = ["unknown", "notpresent", "down", "lowerlayerdown", "testing", "dormant", "up"] as const;
  for (const operState of states) {
    for (const flags of [0x1002, 0x1003, 0x1042, 0x1043, 0x11003, 0x11042, 0x11043, 0x31043]) {
      for (const carrier of [true, false]) {
        const status = anyStatus({ name: "eth0", flags, operState, carrier });
        yield status;
        for (const connected of [true, false, undefined]) yield { ...status, connected };
      }
    }
  }
}

/** Every state of a BSD that does. */
function* bsdStates(): Iterable<InterfaceStatus> {
  for (const type of ["ether", "ieee80211", "loop", undefined]) {
    for (const flags of [0x8802, 0x8803, 0x8842, 0x8843]) {
      for (const linkState of ["up", "down", "unknown", undefined] as const) {
        for (const link of [true, false, undefined, null]) {
          const media = link === null ? undefined : { active: 0x20, link, text: "autoselect" };
          const told = { index: 1, name: "em0", type, flags, linkState, media, mtu: 1500, hardwareAddress: undefined };
          yield bsdFacts(FREEBSD, { ...told, wireless: undefined });
        }
      }
    }
  }
}

Deno.test("explain: the sentence of every state says what connected says", () => {
  let count = 0;
  for (const status of [...linuxStates(), ...bsdStates()]) {
    const sentence = explain(status);
    assertEquals(claim(sentence), status.connected, `${sentence}: ${JSON.stringify(status)}`);
    count++;
  }
  assert(count > 500);
});
