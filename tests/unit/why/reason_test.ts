/** The chain of causes, on statuses alone. */
import { assert, assertEquals } from "@std/assert";
import { type KnownInterface, NO_DETAILS, type PortState } from "../../../platforms/contract/details.ts";
import { explainState } from "../../../src/cli/json/explanation.ts";
import { explainReasons } from "../../../src/why/reason.ts";
import { anyStatus } from "../../helpers/made_up.ts";
import { withSeed } from "../../helpers/random.ts";

/** What is made up of an interface. */
type MadeUp = Partial<KnownInterface> & Pick<KnownInterface, "index" | "name">;

const DEAD = { flags: 0x1003, operState: "down", carrier: false } as const;
const LIVE = { flags: 0x11043, operState: "up", carrier: true } as const;
const LOWER = { flags: 0x1003, operState: "lowerlayerdown", carrier: false } as const;
const DOWN = { flags: 0x1002, operState: "down", carrier: false } as const;

function make(made: readonly MadeUp[]): Map<number, KnownInterface> {
  return new Map(made.map((one) => [one.index, { ...NO_DETAILS, ...one, ...anyStatus(one) }]));
}

function causes(...made: readonly MadeUp[]): string[] {
  return explainReasons(made[0]!.index, make(made)).map((cause) => `${cause.interfaceName} ${cause.code}`);
}

/** The cause where a kernel reports no operational state. */
function noState(fields: { readonly carrier: boolean | undefined }): string | undefined {
  const [[index, one]] = [...make([{ index: 1, name: "x", ...DEAD }])] as [[number, KnownInterface]];
  const [cause] = explainReasons(index, new Map([[index, { ...one, operState: undefined, ...fields }]]));
  return cause && `${cause.interfaceName} ${cause.code}`;
}

function sentence(...made: readonly MadeUp[]): string {
  const all = make(made);
  return explainState(all.get(made[0]!.index)!, explainReasons(made[0]!.index, all));
}

function port(kind: string, state?: string, miiStatus?: string): PortState {
  return { kind, state, miiStatus, linkFailures: undefined, vrfTable: undefined };
}

Deno.test("reason: where it is connected, there is none", () => {
  assertEquals(causes({ index: 1, name: "eth0", ...LIVE }), []);
  assertEquals(explainReasons(9, make([])), []);
});

Deno.test("reason: each state has its code", () => {
  const code = (fields: Partial<KnownInterface>) => causes({ index: 1, name: "x", ...fields })[0];
  assertEquals(code(DOWN), "x down");
  assertEquals(code(DEAD), "x no-carrier");
  assertEquals(code({ ...DEAD, protoDown: true }), "x proto-down");
  assertEquals(code({ ...DOWN, protoDown: true }), "x down");
  assertEquals(code({ ...DEAD, operState: "dormant", carrier: true }), "x dormant");
  assertEquals(code({ ...DEAD, operState: "testing" }), "x testing");
  assertEquals(code({ ...DEAD, operState: "notpresent" }), "x not-present");
  assertEquals(code({ ...DEAD, operState: "unknown", flags: 0x1043 }), "x undecided");
  assertEquals(code({ ...DEAD, operState: "unknown" }), "x not-running");
  assertEquals(code({ ...DEAD, operState: "up", flags: 0x1043 }), "x undecided");
  assertEquals(code({ ...DEAD, carrier: true }), "x not-running");
  assertEquals(code(LOWER), "x lower-down");
  assertEquals(code({ ...LOWER, kind: "veth" }), "x peer-down");
  const wireless = { ssid: undefined, ssidHex: undefined, frequency: undefined };
  assertEquals(code({ ...DEAD, wireless: { ...wireless, type: "station" } }), "x not-associated");
  assertEquals(code({ ...DEAD, wireless: { ...wireless, type: "ap" } }), "x no-access-point");
  assertEquals(code({ ...DEAD, wireless: { ...wireless, type: "monitor" } }), "x no-carrier");
  // gVisor's kernel reports no operational state.
  assertEquals(noState({ carrier: false }), "x no-carrier");
  assertEquals(noState({ carrier: undefined }), "x not-running");
  for (const kind of ["bond", "team", "bridge"]) assertEquals(code({ ...DEAD, kind }), "x no-ports");
});

Deno.test("reason: a bridge that never had a port has none, whatever its carrier says", () => {
  const fresh = { index: 1, name: "br0", kind: "bridge", operState: "unknown", flags: 0x11043, carrier: true } as const;
  assertEquals(causes(fresh), ["br0 no-ports"]);
  assertEquals(sentence(fresh), "br0 is up, but has no ports");
  for (const kind of ["bond", "team"]) assertEquals(causes({ ...fresh, kind }), ["br0 no-ports"]);
  // It has one by now, and the kernel has not worked out its state.
  assertEquals(causes(fresh, { index: 2, name: "port", masterIndex: 1, ...LIVE }), ["br0 undecided"]);
  assertEquals(causes({ ...fresh, kind: "ifb" }), []);
});

Deno.test("reason: a VLAN is down with the interface below it, and a macvlan by itself", () => {
  const below = { index: 1, name: "eth0", ...DOWN };
  const above = { index: 2, name: "eth0.7", kind: "vlan", parentIndex: 1, ...DOWN };
  assertEquals(causes(above, below), ["eth0.7 lower-down", "eth0 down"]);
  assertEquals(causes({ ...above, kind: "macvlan" }, below), ["eth0.7 down"]);
  assertEquals(causes(above, { ...below, ...LIVE }), ["eth0.7 down"]);
});

Deno.test("reason: the ends of a veth pair point at each other, and the root is found all the same", () => {
  const ends = (a: object, b: object): string[] =>
    causes(
      { index: 1, name: "va", kind: "veth", parentIndex: 2, ...a },
      { index: 2, name: "vb", kind: "veth", parentIndex: 1, ...b },
    );
  assertEquals(ends(LOWER, DOWN), ["va peer-down", "vb down"]);
  assertEquals(ends(LOWER, LOWER), ["va peer-down", "vb no-carrier"]);
  assertEquals(ends(DOWN, LOWER), ["va down"]);
});

Deno.test("reason: what stands on an interface of another network namespace, or on one that went", () => {
  const above = { index: 2, name: "x", parentIndex: 1, ...DEAD };
  const namesake = { index: 1, name: "eth0", ...DEAD };
  // The kernel calls it down, as it looks for the one below in the wrong namespace.
  assertEquals(causes({ ...above, parentNetnsId: 0 }, namesake), ["x other-namespace"]);
  const text = (kind: string) => explainReasons(2, make([{ ...above, kind, parentNetnsId: 3 }]))[0]?.text;
  const where = "is not: index 1 in network namespace 3, of which this process learns nothing";
  assertEquals(text("veth"), `x is up, but its other end ${where}`);
  assertEquals(text("vlan"), `x is up, but the interface below it ${where}`);
  assertEquals(causes({ ...above, ...LOWER, parentNetnsId: 0 }, namesake), ["x other-namespace"]);
  assertEquals(causes({ ...above, parentNetnsId: 0, carrier: true, operState: "dormant" }), ["x dormant"]);
  assertEquals(causes({ ...above, ...LOWER }), ["x lower-down"]);
  assertEquals(causes(above), ["x no-carrier"]);
});

Deno.test("reason: what the kernel tells of an interface in another network namespace", () => {
  const there = make([{ index: 1, name: "vb", ...DOWN }]).get(1);
  const pair = {
    index: 1,
    name: "va",
    kind: "veth",
    parentIndex: 1,
    parentNetnsId: 4,
    ...DEAD,
    parentElsewhere: there,
  };
  assertEquals(explainReasons(1, make([pair])), [
    {
      code: "peer-down",
      interfaceName: "va",
      text: "va is up, but its other end vb in network namespace 4 is not",
    },
    {
      code: "down",
      interfaceName: "vb",
      netnsId: 4,
      text: "vb in network namespace 4 is down: nobody has set it up, or somebody has set it down",
    },
  ]);
  const vlan = { ...pair, name: "vb.7", kind: "vlan", ...LOWER };
  assertEquals(causes(vlan), ["vb.7 lower-down", "vb down"]);
  // An end that has no carrier by itself does not point back.
  const dead = make([{ ...pair, name: "vb", parentElsewhere: undefined }]).get(1);
  assertEquals(causes({ ...pair, parentElsewhere: dead }), ["va peer-down", "vb no-carrier"]);
  const fine = make([{ index: 1, name: "vb", ...LIVE }]).get(1);
  assertEquals(causes({ ...pair, parentElsewhere: fine }), ["va other-namespace"]);
});

Deno.test("reason: of several ports the one is followed that is nearest to being of use, and all are named", () => {
  const bond = { index: 9, name: "bond0", kind: "bond", ...DEAD };
  const a = { index: 1, name: "eth0", masterIndex: 9, ...DOWN };
  const b = { index: 2, name: "eth1", masterIndex: 9, ...DEAD };
  assertEquals(causes(bond, a, b), ["bond0 ports-down", "eth1 no-carrier"]);
  assertEquals(causes(bond, a, { ...b, masterIndex: 8 }), ["bond0 ports-down", "eth0 down"]);
  const c = { ...b, index: 3, name: "eth2", port: port("bond", "active", "down") };
  assertEquals(causes(bond, a, b, c), ["bond0 ports-down", "eth2 no-carrier"]);
  assertEquals(
    explainReasons(9, make([bond, a, b]))[0]?.text,
    "bond0 is up, but it can use none of its ports: eth1, eth0",
  );
});

Deno.test("reason: a port that works by itself and is of no use to its master", () => {
  const bond = { index: 9, name: "bond0", kind: "bond", ...DEAD };
  const a = { index: 1, name: "eth0", masterIndex: 9, master: "bond0", ...LIVE };
  assertEquals(causes(bond, { ...a, port: port("bond", "backup", "down") }), [
    "bond0 ports-down",
    "eth0 link-monitor",
  ]);
  assertEquals(causes(bond, { ...a, port: port("bond", "active", "going-back") }), [
    "bond0 ports-down",
    "eth0 link-monitor",
  ]);
  for (const miiStatus of ["up", "going-down"]) {
    assertEquals(causes(bond, { ...a, port: port("bond", "active", miiStatus) }), ["bond0 no-carrier"]);
  }
  const bridge = { index: 9, name: "br0", kind: "bridge", ...DEAD };
  for (const state of ["disabled", "listening", "learning", "blocking"]) {
    assertEquals(causes(bridge, { ...a, port: port("bridge", state) }), ["br0 ports-down", "eth0 blocked"]);
  }
  assertEquals(causes(bridge, { ...a, port: port("bridge", "forwarding") }), ["br0 no-carrier"]);
  assertEquals(causes({ ...bridge, kind: "team" }, { ...a, port: port("team") }), ["br0 no-carrier"]);
});

Deno.test("reason: one sentence names the root, and the way to it", () => {
  const tower: MadeUp[] = [
    { index: 5, name: "mv0.7", kind: "vlan", parentIndex: 4, ...LOWER },
    { index: 4, name: "mv0", kind: "macvlan", parentIndex: 3, ...LOWER },
    { index: 3, name: "bond0", kind: "bond", ...DEAD },
    { index: 1, name: "eth0", masterIndex: 3, ...DEAD },
  ];
  assertEquals(
    sentence(...tower),
    "mv0.7 is not connected because eth0 is up but has no carrier: no cable, or the other end is down" +
      " (mv0.7 > mv0 > bond0 > eth0)",
  );
  assertEquals(sentence({ index: 1, name: "eth0", ...DOWN }).includes("eth0 is down: nobody"), true);
});

Deno.test("reason: an interface that works, and that its master has no use for, is told as such", () => {
  const card = { index: 1, name: "eth0", ...LIVE, master: "m0", masterIndex: 2 };
  assertEquals(
    sentence({ ...card, port: port("bond", "backup", "up") }),
    "eth0 is up and operational, and m0 keeps it as a backup",
  );
  assertEquals(
    sentence({ ...card, port: port("bond", "active", "down") }),
    "eth0 is up and operational, but the link monitor of m0 finds it down",
  );
  assertEquals(
    sentence({ ...card, port: port("bridge", "blocking") }),
    "eth0 is up and operational, but m0 lets nothing through it: its spanning tree state is blocking",
  );
  for (const fine of [port("bond", "active", "up"), port("bridge", "forwarding"), port("vrf"), port("team")]) {
    assertEquals(sentence({ ...card, port: fine }), "eth0 is up and operational");
  }
});

Deno.test("reason: whatever points at whatever, the chain ends, is empty where it is connected, and names each once", () => {
  withSeed((random) => {
    for (let round = 0; round < 3000; round++) {
      const made = Array.from({ length: 1 + random.below(6) }, (_, i): MadeUp => ({
        index: i + 1,
        name: `x${i + 1}`,
        ...random.pick([DEAD, LIVE, LOWER, DOWN, { ...DEAD, operState: "dormant" as const }]),
        kind: random.pick([undefined, "bond", "bridge", "vlan", "veth", "macvlan", "team"]),
        parentIndex: random.pick([undefined, 1 + random.below(7)]),
        parentNetnsId: random.below(8) === 0 ? 0 : undefined,
        masterIndex: random.pick([undefined, 1 + random.below(7)]),
        port: random.pick([undefined, port("bond", "backup", "down"), port("bridge", "blocking")]),
        protoDown: random.below(8) === 0,
      }));
      const all = make(made);
      for (const [index, one] of all) {
        const chain = explainReasons(index, all);
        assertEquals(chain.length === 0, one.connected !== false);
        assertEquals(new Set(chain.map((cause) => cause.interfaceName)).size, chain.length);
        for (const cause of chain) assert(cause.text.startsWith(`${cause.interfaceName} `));
      }
    }
  });
});
