import { ADDRESS } from "../made_up.ts";
import { assertEquals, assertStrictEquals } from "@std/assert";
import type { Facts, InterfaceStatus, LinkFacts } from "../../platforms/contract/status.ts";
import { Stage } from "../../src/watch/stage.ts";
import { InterfaceTable } from "../../src/watch/table.ts";
import { type FakeInterface, fakeStatus } from "../../src/testing.ts";

/** What a link message says: no addresses, no network, no names of others. */
function link(fields: FakeInterface): LinkFacts {
  return { ...fakeStatus(fields), addresses: undefined, wireless: undefined };
}

const AP = { type: "ap", ssid: "new", ssidHex: "6e6577", frequency: 2412 } as const;

function tableWith(...links: FakeInterface[]): InterfaceTable {
  const table = new InterfaceTable(true);
  for (const one of links) table.apply(one.index ?? 1, link(one));
  table.take();
  return table;
}

const told = (table: InterfaceTable) =>
  table.take().map(({ type, interface: { name }, changed }) => [type, name, ...changed]);

Deno.test("table: facts of several sources meet, and none erases another's", () => {
  const table = tableWith({ name: "wlan0" });
  table.apply(1, { address: ADDRESS, gone: false });
  table.apply(1, { wireless: AP });
  table.apply(1, link({ name: "wlan0", mtu: 1400 }));
  const { mtu, addresses, wireless } = table.get(1)!;
  assertEquals([mtu, addresses, wireless], [1400, [ADDRESS], AP]);
  assertEquals(told(table).map(([type]) => type), ["changed", "changed"]); // the network belongs to the address's event
  table.apply(1, { address: ADDRESS, gone: true });
  table.apply(1, { wireless: undefined });
  assertEquals([table.get(1)!.addresses, table.get(1)!.wireless], [[], undefined]);
});

Deno.test("table: facts of an interface that is not known count only where they are a link's", () => {
  const table = tableWith();
  table.apply(7, { address: ADDRESS, gone: false });
  table.apply(7, { wireless: AP });
  assertEquals([table.get(7), told(table)], [undefined, []]);
  table.apply(7, link({ name: "tap0", index: 7 }));
  assertEquals([table.get(7)!.addresses, told(table)], [[], [["added", "tap0"]]]);
});

Deno.test("table: an equal state keeps the very object that was known, and tells nothing", () => {
  const table = tableWith({ name: "eth0" });
  const known = table.get(1);
  const facts: Facts[] = [
    link({ name: "eth0" }),
    { address: ADDRESS, gone: true },
    { wireless: undefined },
  ];
  for (const fact of facts) table.apply(1, fact);
  assertStrictEquals(table.get(1), known);
  assertEquals([table.stirred, told(table)], [false, []]);
});

Deno.test("table: what nl80211 says of a link that was told in this turn is told with it", () => {
  const table = tableWith({ name: "wlan0", carrier: false, carrierChanges: 1 }, { name: "eth0", index: 2 });
  table.apply(1, link({ name: "wlan0", carrier: true, carrierChanges: 4 }));
  table.apply(2, link({ name: "eth0", index: 2, mtu: 1400 }));
  table.started(1, "old");
  table.started(1, "new");
  table.apply(1, { wireless: AP });
  const [event, other, ...rest] = table.take();
  assertEquals([event?.interface.name, event?.changed, event?.hiddenFlaps, event?.ssids], [
    "wlan0",
    ["carrier", "carrierChanges", "wireless"],
    2,
    ["old", "new"],
  ]);
  assertEquals([other?.interface.name, rest.length], ["eth0", 0]);
  table.apply(1, { wireless: undefined });
  assertEquals(told(table), [["changed", "wlan0", "wireless"]]);
});

Deno.test("table: an access point that starts before the link's event is told with the next one", () => {
  const table = tableWith({ name: "wlan0", carrierChanges: 1 });
  table.started(1, "new");
  table.apply(1, link({ name: "wlan0", carrierChanges: 1, mtu: 1400 }));
  assertEquals(table.take()[0]?.ssids, []);
  table.apply(1, link({ name: "wlan0", carrierChanges: 3, mtu: 1400 }));
  assertEquals(table.take()[0]?.ssids, ["new"]);
  table.apply(1, link({ name: "wlan0", carrierChanges: 4, mtu: 1400 }));
  assertEquals(table.take()[0]?.ssids, []);
});

Deno.test("table: a rename behind a list is followed by those that point there, whichever comes first", () => {
  const list: InterfaceStatus[] = [
    { ...fakeStatus({ name: "eth0", index: 1, masterIndex: 2 }), master: "br0" },
    fakeStatus({ name: "br0", index: 2, kind: "bridge" }),
  ];
  const table = new InterfaceTable(true);
  table.replace(new Stage(list, true), false);
  table.take();
  const stage = new Stage(list.map((status) => ({ ...status })), true);
  stage.apply(2, link({ name: "br1", index: 2, kind: "bridge" }));
  table.replace(stage, false);
  assertEquals(told(table), [["changed", "br1", "name"], ["changed", "eth0", "master"]]);
});

Deno.test("table: what is passed over is not told, but says that something happened", () => {
  const table = new InterfaceTable(false, ({ name }) => name === "eth0");
  table.apply(1, link({ name: "eth0", flags: 0x1003 }));
  table.apply(2, link({ name: "eth1", index: 2, flags: 0x1003 }));
  table.take();
  assertEquals([table.wants(1), table.wants(2), table.wants(3), table.someDown()], [true, false, true, false]);
  table.passOver(true);
  assertEquals([table.stirred, table.someDown()], [true, false]);
  table.passOver(false);
  assertEquals([table.take(), table.stirred, table.someDown()], [[], false, true]);
});

Deno.test("table: the start of an access point on an interface that is gone is not the next one's", () => {
  const table = tableWith({ name: "wlan0", carrierChanges: 1 });
  table.remove(1, undefined);
  table.started(1, "old");
  table.apply(1, link({ name: "wlan0", carrierChanges: 1 }));
  table.apply(1, link({ name: "wlan0", carrierChanges: 2 }));
  assertEquals(table.take().map(({ ssids }) => ssids), [[], [], []]);
});

Deno.test("table: who points to an interface is told its new name: those below a master, those above a parent, nobody else", () => {
  const table = tableWith(
    { name: "br0", index: 1 },
    { name: "eth0", index: 2, masterIndex: 1 },
    { name: "eth0.7", index: 3, parentIndex: 2 },
    { name: "other0", index: 4, parentIndex: 9 },
    { name: "far0", index: 5, parentIndex: 1, parentNetnsId: 0 }, // an index of another namespace
  );
  table.apply(2, link({ name: "lan0", index: 2, masterIndex: 1 }));
  table.apply(3, link({ name: "eth0.7", index: 3, parentIndex: 2, mtu: 1400 }));
  table.apply(1, link({ name: "br1", index: 1 }));
  const events = table.take();
  assertEquals(
    events.map(({ interface: { name, master, parent }, changed, resync }) => [name, master ?? parent, changed, resync]),
    [
      ["lan0", "br0", ["name"], false],
      ["eth0.7", "lan0", ["parent"], false],
      ["eth0.7", "lan0", ["mtu"], false], // of its own, though both happened in one turn
      ["br1", undefined, ["name"], false],
      ["lan0", "br1", ["master"], false],
    ],
  );
});

Deno.test("table: an index whose counters go back, be it one of them, is another interface's now", () => {
  for (
    const before of [
      { carrierChanges: 6, carrierUps: 3, carrierDowns: 3 },
      { carrierChanges: 5, carrierUps: 4, carrierDowns: 1 },
      { carrierChanges: 5, carrierUps: 1, carrierDowns: 4 },
    ]
  ) {
    const table = tableWith({ name: "eth0", ...before });
    const now = { ...fakeStatus({ name: "eth0", carrierChanges: 5, carrierUps: 3, carrierDowns: 2 }) };
    table.replace(new Stage([now], true), true);
    assertEquals(table.take().map(({ type, generation, resync }) => [type, generation, resync]), [
      ["removed", 1, true],
      ["added", 2, true],
    ], JSON.stringify(before));
  }
  const table = tableWith({ name: "eth0", carrierChanges: 4, carrierUps: 2, carrierDowns: 2 });
  const now = { ...fakeStatus({ name: "eth0", carrierChanges: 5, carrierUps: 3, carrierDowns: 2 }) };
  table.replace(new Stage([now], true), false);
  assertEquals(table.take().map(({ type, resync }) => [type, resync]), [["changed", false]]);
});

Deno.test("table: it knows whether some interface is down, and takes none for down that is up", () => {
  const up = { flags: 0x1003 };
  const table = tableWith({ name: "eth0", index: 1, ...up }, { name: "eth1", index: 2, ...up });
  assertEquals([table.someDown(), table.wants(1)], [false, true]);
  table.passOver(true);
  assertEquals(table.someDown(), false);
  table.passOver(false); // nobody wants to know which one
  assertEquals(table.someDown(), true);
  table.replace(new Stage([table.get(1)!, table.get(2)!], true), false);
  assertEquals(table.someDown(), false);
  table.apply(2, link({ name: "eth1", index: 2, flags: 0x1002 }));
  assertEquals(table.someDown(), true);
});
