/** Events: what is made of one step, and of several that nobody has taken. */
import { assertEquals } from "@std/assert";
import type { InterfaceEvent, InterfaceStatus } from "../../../mod.ts";
import { hiddenFlaps, makeEvent, mergeEvents, MOST_SSIDS } from "../../../src/watch/event.ts";
import { type FakeInterface, fakeStatus } from "../../../src/testing.ts";

/** What changes with the carrier. */
const COUNTED = ["carrier", "carrierChanges", "carrierUps", "carrierDowns"] as const;
const ORIGIN = { generation: 4, resync: false } as const;
const status = (fields: Partial<FakeInterface> = {}): InterfaceStatus => fakeStatus({ name: "eth0", ...fields });
const changed = (before: InterfaceStatus, after: InterfaceStatus, more: object = {}): InterfaceEvent =>
  makeEvent("changed", before, after, { ...ORIGIN, ...more });

Deno.test("event: a change names fields and flags; an arrival and an end name none", () => {
  const [before, after] = [status({ flags: 0x1002 }), status({ flags: 0x1081, mtu: 1400 })];
  const event = changed(before, after, { moved: { netnsId: 1, index: 2 }, ssids: ["net"], resync: true });
  assertEquals([event.changed, event.flagsSet, event.flagsCleared], [
    ["flags", "flagNames", "up", "mtu"],
    ["UP", "NOARP"],
    ["BROADCAST"],
  ]);
  assertEquals([event.moved, event.ssids, event.resync, event.generation], [
    { netnsId: 1, index: 2 },
    ["net"],
    true,
    4,
  ]);
  assertEquals(makeEvent("changed", before, after, ORIGIN, ["mtu"]).changed, ["mtu"]); // known already
  for (const [type, previous] of [["added", undefined], ["present", undefined], ["removed", before]] as const) {
    const other = makeEvent(type, previous, after, ORIGIN);
    assertEquals([other.type, other.previous, other.changed, other.flagsSet, other.flagsCleared, other.ssids], [
      type,
      previous,
      [],
      [],
      [],
      [],
    ]);
  }
  assertEquals(changed(before, status({ flags: 0x1002, mtu: 9000 })).flagsSet, []);
});

Deno.test("event: carrier changes that the two states do not show are counted", () => {
  const at = (carrierChanges: number | undefined, carrier: boolean) => status({ carrierChanges, carrier });
  assertEquals(hiddenFlaps(at(1, true), at(1, true)), 0);
  assertEquals(hiddenFlaps(at(1, true), at(2, false)), 0);
  assertEquals(hiddenFlaps(at(1, true), at(3, true)), 2);
  assertEquals(hiddenFlaps(at(1, false), at(4, true)), 2);
  assertEquals(hiddenFlaps(at(1, false), at(1, true)), 0); // a carrier that the counter does not show yet
  assertEquals(hiddenFlaps(at(0xffffffff, true), at(1, true)), 2); // the counter has 32 bits
  assertEquals(hiddenFlaps(at(5, true), at(4, true)), 0);
  assertEquals([hiddenFlaps(undefined, at(7, true)), hiddenFlaps(undefined, at(undefined, true))], [0, undefined]);
  assertEquals([hiddenFlaps(at(undefined, true), at(1, true)), hiddenFlaps(at(1, true), at(undefined, true))], [
    undefined,
    undefined,
  ]);
});

Deno.test("event: two changes are one, from the state before the first to that after the second", () => {
  const [a, b, c] = [
    status({ flags: 0x1002, mtu: 1500, carrierChanges: 1, carrier: true }),
    status({ flags: 0x1003, mtu: 1400, carrierChanges: 2, carrier: false }),
    status({ flags: 0x1082, mtu: 1500, carrierChanges: 4, carrier: false, name: "wan0" }),
  ];
  const merged = mergeEvents(changed(a, b, { ssids: ["one"] }), changed(b, c, { ssids: ["two"], resync: true }))!;
  assertEquals([merged.type, merged.previous, merged.status], ["changed", a, c]);
  assertEquals(merged.changed, ["name", "flags", "flagNames", "up", ...COUNTED, "mtu"]); // there and back
  assertEquals([merged.flagsSet, merged.flagsCleared], [["UP", "NOARP"], ["UP"]]);
  assertEquals([merged.hiddenFlaps, merged.ssids, merged.resync], [2, ["one", "two"], true]);
  const plain = mergeEvents(changed(a, b, { resync: true }), changed(b, c, { ssids: ["two"] }))!;
  assertEquals([plain.ssids, plain.resync], [["two"], true]);
  assertEquals(mergeEvents(changed(a, b), changed(b, c))?.resync, false);
});

Deno.test("event: what changed between two events that were not told is counted too", () => {
  const [a, b, c, d] = [
    status({ mtu: 1500, flags: 0x1002 }),
    status({ mtu: 1400, flags: 0x1002 }),
    status({ mtu: 1400, flags: 0x1083, linkMode: "dormant" }),
    status({ mtu: 1400, flags: 0x1002, linkMode: "testing" }),
  ];
  const merged = mergeEvents(changed(a, b), changed(c, d))!;
  assertEquals([merged.changed, merged.flagsSet, merged.flagsCleared], [
    ["flags", "flagNames", "up", "linkMode", "mtu"],
    ["UP", "NOARP"],
    ["UP", "NOARP"],
  ]);
});

Deno.test("event: what came and went is nothing; an end takes the changes before it along", () => {
  const [a, b] = [status({ carrierChanges: 1, carrier: true }), status({ carrierChanges: 4, carrier: false })];
  const added = makeEvent("added", undefined, a, ORIGIN);
  const present = makeEvent("present", undefined, a, ORIGIN);
  const removed = (of: InterfaceStatus) => makeEvent("removed", of, of, { ...ORIGIN, moved: { netnsId: 0, index: 9 } });
  assertEquals(mergeEvents(added, removed(a)), undefined);
  const gone = mergeEvents(present, removed(a))!;
  assertEquals([gone.type, gone.previous, gone.moved], ["removed", a, { netnsId: 0, index: 9 }]);
  const after = mergeEvents(changed(a, b), removed(b))!;
  assertEquals([after.type, after.previous, after.status, after.changed], ["removed", a, b, [...COUNTED]]);
});

Deno.test("event: an arrival that changed before it was told is an arrival of what it is now", () => {
  const [a, b, c] = [
    status({ carrierChanges: 1, carrier: true }),
    status({ carrierChanges: 2, carrier: false, mtu: 1400 }),
    status({ carrierChanges: 4, carrier: false, mtu: 1400 }),
  ];
  for (const type of ["added", "present"] as const) {
    const once = mergeEvents(makeEvent(type, undefined, a, ORIGIN), changed(a, b))!;
    assertEquals([once.type, once.previous, once.status, once.changed, once.flagsSet, once.flagsCleared], [
      type,
      undefined,
      b,
      [],
      [],
      [],
    ]);
    assertEquals(once.hiddenFlaps, 1); // who knew no state before sees none of the changes
    assertEquals(mergeEvents(once, changed(b, c))?.hiddenFlaps, 3);
  }
  const uncounted = makeEvent("added", undefined, status({ carrierChanges: undefined }), ORIGIN);
  assertEquals(mergeEvents(uncounted, changed(uncounted.status, a))?.hiddenFlaps, undefined);
});

Deno.test("event: the SSIDs of merged events are the last 64", () => {
  const names = (from: number, count: number) => Array.from({ length: count }, (_, i) => `net${from + i}`);
  const [a, b] = [status({ mtu: 1 }), status({ mtu: 2 })];
  const merged = mergeEvents(changed(a, b, { ssids: names(0, 40) }), changed(b, a, { ssids: names(40, 40) }))!;
  assertEquals([merged.ssids.length, merged.ssids], [MOST_SSIDS, names(16, 64)]);
});
