import { ADDRESS, anyStatus } from "../../helpers/made_up.ts";
import { assertEquals, assertStrictEquals } from "@std/assert";
import type { Facts, InterfaceStatus, LinkFacts } from "../../../platforms/contract/status.ts";
import { Snapshot } from "../../../src/table/snapshot.ts";
import { InterfaceTable } from "../../../src/table/table.ts";
import { type FakeInterface, fakeStatus } from "../../../src/testing.ts";
import { movedOf } from "../../helpers/events.ts";

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

/** What came and went, and what changed of the others. */
const told = (table: InterfaceTable) =>
  table.take().map(({ type, status: { name }, changed }) => [type, name, ...(type === "changed" ? changed : [])]);

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
  assertEquals([table.dirty, told(table)], [false, []]);
});

Deno.test("table: what nl80211 says of a link that was told in this turn is told with it", () => {
  const table = tableWith({ name: "wlan0", carrier: false, carrierChanges: 1 }, { name: "eth0", index: 2 });
  table.apply(1, link({ name: "wlan0", carrier: true, carrierChanges: 4 }));
  table.apply(2, link({ name: "eth0", index: 2, mtu: 1400 }));
  table.started(1, "old");
  table.started(1, "new");
  table.apply(1, { wireless: AP });
  const [event, other, ...rest] = table.take();
  assertEquals([event?.status.name, event?.changed, event?.hiddenFlaps, event?.ssids], [
    "wlan0",
    ["carrier", "carrierChanges", "carrierUps", "carrierDowns", "wireless"],
    2,
    ["old", "new"],
  ]);
  assertEquals([other?.status.name, rest.length], ["eth0", 0]);
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
    { ...fakeStatus({ name: "eth0", index: 1, masterIndex: 2 }), master: "br0", masterKind: "bridge" },
    fakeStatus({ name: "br0", index: 2, kind: "bridge" }),
  ];
  const table = new InterfaceTable(true);
  table.replace(new Snapshot(list, true), false);
  table.take();
  const snapshot = new Snapshot(list.map((status) => ({ ...status })), true);
  snapshot.apply(2, link({ name: "br1", index: 2, kind: "bridge" }));
  table.replace(snapshot, false);
  assertEquals(told(table), [["changed", "br1", "name"], ["changed", "eth0", "master"]]);
});

Deno.test("table: what is passed over is not told, but says that something happened", () => {
  const table = new InterfaceTable(false, ({ name }) => name === "eth0");
  table.apply(1, link({ name: "eth0", flags: 0x1003 }));
  table.apply(2, link({ name: "eth1", index: 2, flags: 0x1003 }));
  table.take();
  assertEquals([table.wants(1), table.wants(2), table.wants(3), table.someSilent()], [true, false, true, false]);
  table.passOver(true);
  assertEquals([table.dirty, table.someSilent()], [true, false]);
  table.passOver(false);
  assertEquals([table.take(), table.dirty, table.someSilent()], [[], false, true]);
});

Deno.test("table: the start of an access point on an interface that is gone is not the next one's", () => {
  const table = tableWith({ name: "wlan0", carrierChanges: 1 });
  table.remove(1, undefined);
  table.started(1, "old");
  table.apply(1, link({ name: "wlan0", carrierChanges: 1 }));
  table.apply(1, link({ name: "wlan0", carrierChanges: 2 }));
  assertEquals(table.take().map(({ ssids }) => ssids), [[], [], []]);
});

Deno.test("table: where a deletion was lost, another kind or a counter that went back is another life", () => {
  const before = { name: "eth0", kind: "veth", carrierChanges: 4, carrierUps: 2, carrierDowns: 2 } as const;
  const after = (fields: Partial<InterfaceStatus>): unknown[] => {
    const table = tableWith(before);
    table.replace(new Snapshot([anyStatus({ ...before, ...fields })], true), true);
    return table.take().map(({ type, generation, resync }) => [type, generation, resync]);
  };
  const another = [["removed", 1, true], ["added", 2, true]];
  for (const fields of [{ kind: "vlan" }, { carrierChanges: 3 }, { carrierUps: 1 }, { carrierDowns: 1 }]) {
    assertEquals(after(fields), another, JSON.stringify(fields));
  }
  assertEquals(after({}), []);
  for (const fields of [{ carrierChanges: 5 }, { carrierUps: 3 }, { carrierDowns: 3 }, { mtu: 1400 }]) {
    assertEquals(after(fields), [["changed", 1, true]], JSON.stringify(fields));
  }
  assertEquals(after({ carrierChanges: undefined }), another); // which is as good as none
});

Deno.test("table: each life of an index is a generation, and an end is told of what was known", () => {
  const table = tableWith({ name: "eth0" }, { name: "eth1", index: 2 });
  table.remove(1, { netnsId: 0, index: 9 });
  table.remove(1, undefined); // once more: nothing
  table.apply(1, link({ name: "eth0" }));
  const lives = table.take().map((event) => [event.type, event.generation, movedOf(event)]);
  assertEquals(lives, [["removed", 1, { netnsId: 0, index: 9 }], ["added", 2, undefined]]);
  assertEquals(table.present().map(({ type, generation, status: { name } }) => [type, generation, name]), [
    ["present", 2, "eth0"],
    ["present", 1, "eth1"],
  ]);
});

Deno.test("table: what a whole list lacks is gone, also where it was there and went while it was made", () => {
  const table = tableWith({ name: "eth0" }, { name: "eth1", index: 2 }, { name: "eth2", index: 3 });
  const snapshot = new Snapshot([fakeStatus({ name: "eth0" }), fakeStatus({ name: "eth1", index: 2 })], true);
  snapshot.remove(2, { netnsId: 5, index: undefined });
  snapshot.apply(2, link({ name: "eth1", index: 2 }));
  assertEquals([snapshot.get(2)?.name, snapshot.wants()], ["eth1", true]);
  table.replace(snapshot, false);
  assertEquals(table.take().map((event) => [event.type, event.status.name, movedOf(event), event.resync]), [
    ["removed", "eth1", { netnsId: 5, index: undefined }, false],
    ["removed", "eth2", undefined, false],
    ["added", "eth1", undefined, false],
  ]);
  const forgotten = new Snapshot([fakeStatus({ name: "eth0" })], true);
  forgotten.apply(1, link({ name: "eth0", mtu: 1400 }));
  forgotten.remove(2, { netnsId: 5, index: undefined });
  forgotten.forget();
  assertEquals([forgotten.get(1)?.mtu, forgotten.recreated.size, forgotten.moves.size], [1500, 0, 0]);
});

Deno.test("table: whether any interface is down, as far as is known", () => {
  const table = new InterfaceTable(false);
  assertEquals(table.someSilent(), false);
  table.apply(1, link({ name: "eth0", flags: 0x1003 }));
  assertEquals(table.someSilent(), false);
  table.apply(2, link({ name: "eth1", index: 2, flags: 0x1002 }));
  assertEquals(table.someSilent(), true);
  table.remove(2, undefined);
  assertEquals(table.someSilent(), false);
  table.passOver(false);
  assertEquals(table.someSilent(), true);
  table.replace(new Snapshot([fakeStatus({ name: "eth0", flags: 0x1003 })], false), false); // known anew
  assertEquals(table.someSilent(), false);
});

Deno.test("table: who is wanted is asked at each change, and anew where the wish changes", () => {
  let wanted = "eth0";
  const table = new InterfaceTable(false, ({ name }) => name === wanted);
  table.apply(1, link({ name: "eth0" }));
  assertEquals([table.wants(1), table.wants(2)], [true, true]); // nobody knows of 2 yet
  table.apply(1, link({ name: "eth9" }));
  assertEquals(table.wants(1), false);
  wanted = "eth9";
  assertEquals(table.wants(1), false);
  table.rate();
  assertEquals(table.wants(1), true);
});

Deno.test("table: the new name of a parent or a master is told of those that point there, and of no others", () => {
  const table = tableWith(
    { name: "eth0", index: 1 },
    { name: "eth0.7", index: 2, parentIndex: 1 },
    { name: "port", index: 3, masterIndex: 1 },
    { name: "far", index: 4, parentIndex: 1, parentNetnsId: 0 },
    { name: "other", index: 5, parentIndex: 9, masterIndex: 9 },
  );
  assertEquals([table.get(2)?.parent, table.get(3)?.master, table.get(4)?.parent], ["eth0", "eth0", undefined]);
  table.apply(1, link({ name: "wan0", index: 1 }));
  assertEquals(told(table), [["changed", "wan0", "name"], ["changed", "eth0.7", "parent"], [
    "changed",
    "port",
    "master",
  ]]);
  table.apply(1, link({ name: "wan0", index: 1, mtu: 1400 }));
  assertEquals(told(table), [["changed", "wan0", "mtu"]]);
  table.remove(1, undefined);
  assertEquals(told(table), [["removed", "wan0"], ["changed", "eth0.7", "parent"], ["changed", "port", "master"]]);
});

Deno.test("table: without addresses none are known, and facts of one make a list", () => {
  const table = new InterfaceTable(false);
  table.apply(1, link({ name: "eth0" }));
  assertEquals(table.get(1)?.addresses, undefined);
  table.apply(1, { address: ADDRESS, gone: false });
  assertEquals(table.get(1)?.addresses, [ADDRESS]);
  table.apply(1, { address: { ...ADDRESS, label: "eth0:1" }, gone: false }); // the same one, said otherwise
  assertEquals(table.get(1)?.addresses?.map(({ label }) => label), ["eth0:1"]);
  table.apply(1, { address: { ...ADDRESS, prefixLength: 25 }, gone: false });
  table.apply(1, { address: { ...ADDRESS, peer: "10.0.0.9" }, gone: false });
  assertEquals(table.get(1)?.addresses?.length, 3);
  table.apply(1, { address: ADDRESS, gone: true });
  assertEquals(table.get(1)?.addresses?.map(({ prefixLength, peer }) => [prefixLength, peer]), [
    [25, undefined],
    [24, "10.0.0.9"],
  ]);
});

Deno.test("table: of the networks that started without a change of the carrier the last 64 are kept", () => {
  const table = tableWith({ name: "wlan0", carrierChanges: 1 });
  for (let i = 0; i < 100; i++) table.started(1, `net${i}`);
  table.started(7, "nobody's");
  table.apply(1, link({ name: "wlan0", carrierChanges: 2 }));
  const [event] = table.take();
  assertEquals([event?.ssids.length, event?.ssids[0], event?.ssids.at(-1)], [64, "net36", "net99"]);
});

Deno.test("table: what is told of one interface in one go is told step by step; only a network joins its link", () => {
  const table = new InterfaceTable(true);
  assertEquals([table.dirty, table.take()], [false, []]);
  table.apply(1, link({ name: "br0", index: 1 }));
  table.apply(2, link({ name: "port", index: 2, masterIndex: 1 }));
  assertEquals([table.wants(1), table.present().map(({ resync }) => resync)], [true, [false, false]]);
  table.take();
  table.apply(2, link({ name: "port", index: 2, masterIndex: 1, mtu: 1400 }));
  table.apply(2, { address: ADDRESS, gone: false });
  table.apply(1, link({ name: "br1", index: 1 })); // which renames its port's master
  const list = [
    fakeStatus({ name: "br1", index: 1 }),
    fakeStatus({ name: "port", index: 2, masterIndex: 1, mtu: 1300 }),
  ];
  table.replace(new Snapshot(list, true), false);
  table.remove(1, undefined);
  assertEquals(told(table), [
    ["changed", "port", "mtu"],
    ["changed", "port", "addresses"],
    ["changed", "br1", "name"],
    ["changed", "port", "master"],
    ["changed", "port", "mtu", "master", "addresses"],
    ["changed", "port", "master"],
    ["removed", "br1"],
    ["changed", "port", "master"],
  ]);
});

Deno.test("table: a message of an index that has another kind, or whose counters went back, is of another life", () => {
  for (const now of [{ kind: "bridge" }, { carrierChanges: 1 }]) {
    const table = tableWith({ name: "eth0", carrierChanges: 2 });
    table.apply(1, link({ name: "eth0", carrierChanges: 2, ...now })); // the message of its end was lost
    assertEquals(table.take().map(({ type, generation }) => [type, generation]), [["removed", 1], ["added", 2]]);
  }
});
