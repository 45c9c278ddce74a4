/** Events: what is made of one step, and of several that nobody has taken. */
import { assertEquals } from "@std/assert";
import type { InterfaceEvent, InterfaceStatus, StatusField } from "../../../mod.ts";
import { ADDRESS, anyStatus } from "../../helpers/made_up.ts";
import { STATUS_FIELDS } from "../../../src/table/compare.ts";
import { hiddenFlaps, makeEvent, mergeEvents, MOST_SSIDS } from "../../../src/table/event.ts";
import { fakeStatus } from "../../../src/testing.ts";
import { movedOf } from "../../helpers/events.ts";

const ORIGIN = { generation: 4, resync: false, time: 0, elapsed: 0 } as const;
const status = (fields: Partial<InterfaceStatus> = {}): InterfaceStatus => anyStatus({ name: "eth0", ...fields });
const changed = (before: InterfaceStatus, after: InterfaceStatus, more: object = {}): InterfaceEvent =>
  makeEvent("changed", before, after, { ...ORIGIN, ...more });

Deno.test("event: a change names the fields and the flags that differ", () => {
  const [before, after] = [status({ flags: 0x1002 }), status({ flags: 0x1081, mtu: 1400 })];
  const event = changed(before, after, { moved: { netnsId: 1, index: 2 }, ssids: ["net"], resync: true });
  assertEquals([event.changed, event.flagsSet, event.flagsCleared], [
    ["flags", "flagNames", "up", "mtu"],
    ["UP", "NOARP"],
    ["BROADCAST"],
  ]);
  assertEquals(["moved" in event, event.ssids, event.resync, event.generation], [
    false,
    ["net"],
    true,
    4,
  ]);
  assertEquals(makeEvent("changed", before, after, ORIGIN, ["mtu"]).changed, ["mtu"]); // known already
  assertEquals(changed(before, status({ flags: 0x1002, mtu: 9000 })).flagsSet, []);
});

/** What an arrival of an interface names, and its end. */
function arrivalAndEnd(of: InterfaceStatus): readonly StatusField[] {
  for (const type of ["present", "added"] as const) {
    const { previous, changed, flagsSet, flagsCleared, ssids } = makeEvent(type, undefined, of, ORIGIN);
    assertEquals([previous, flagsSet, flagsCleared, ssids], [undefined, of.flagNames, [], []]);
    for (const end of ["removed", "left"] as const) {
      const gone = makeEvent(end, of, of, ORIGIN);
      assertEquals([gone.previous, gone.changed, gone.flagsSet, gone.flagsCleared], [of, changed, [], of.flagNames]);
    }
  }
  return makeEvent("added", undefined, of, ORIGIN).changed;
}

const PLUGGED = { flags: 0x11043, operState: "up", carrier: true, carrierChanges: 1, carrierUps: 1 } as const;
const ALWAYS = ["index", "name", "type", "flags", "flagNames", "operState", "linkMode", "mtu", "hardwareAddress"];
const names = (fields: readonly string[]): readonly string[] => STATUS_FIELDS.filter((one) => fields.includes(one));

Deno.test("event: an arrival names what it brings, and an end what it takes: of a card that works, that it did", () => {
  const works = ["up", "running", "lowerUp", "carrier", "carrierChanges", "carrierUps", "connected"];
  assertEquals(arrivalAndEnd(status(PLUGGED)), names([...ALWAYS, ...works]));
});

Deno.test("event: an arrival names neither what is not so nor what was not counted", () => {
  assertEquals(arrivalAndEnd(status({ flags: 0x1002 })), names(ALWAYS));
  assertEquals(arrivalAndEnd(status({ flags: 0x1003 })), names([...ALWAYS, "up"]));
  assertEquals(arrivalAndEnd(status({ flags: 0 })), names(ALWAYS.filter((one) => !one.startsWith("flag"))));
  const port = status({
    kind: "veth",
    altNames: ["wan"],
    masterIndex: 3,
    parentIndex: 4,
    parentNetnsId: 0, // which is an id
    addresses: [ADDRESS],
  });
  const more = ["kind", "altNames", "masterIndex", "parentIndex", "parentNetnsId", "addresses"];
  assertEquals(arrivalAndEnd(port), names([...ALWAYS, ...more]));
  assertEquals(arrivalAndEnd(status({ mtu: 0 })), names(ALWAYS)); // an mtu of 0 is one
});

Deno.test("event: an arrival names nothing that its system does not report", () => {
  const wm = fakeStatus({ name: "wm0", flags: 0x8843, linkState: "up" }, "netbsd");
  const always = ["index", "name", "type", "flags", "flagNames", "linkState", "mtu", "hardwareAddress"];
  assertEquals(arrivalAndEnd(wm), names([...always, "up", "running", "carrier", "connected"]));
  const down = fakeStatus({ name: "wm0", flags: 0x8802, linkState: "down" }, "netbsd");
  assertEquals(arrivalAndEnd(down), names(always));
  const uncounted = status({ ...PLUGGED, carrier: undefined, carrierChanges: undefined, carrierUps: undefined });
  assertEquals(arrivalAndEnd(uncounted), names([...ALWAYS, "up", "running", "lowerUp", "connected"]));
  assertEquals(arrivalAndEnd({ ...status(PLUGGED), connected: undefined }).includes("connected"), false);
  for (const addresses of [undefined, []]) {
    assertEquals(arrivalAndEnd({ ...status(), addresses }).includes("addresses"), false);
  }
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
    status({ flags: 0x1003, mtu: 1400, carrierChanges: 3, carrier: true }),
    status({ flags: 0x1082, mtu: 1500, carrierChanges: 4, carrier: false, name: "wan0" }),
  ];
  const merged = mergeEvents(changed(a, b, { ssids: ["one"] }), changed(b, c, { ssids: ["two"], resync: true }))!;
  assertEquals([merged.type, merged.previous, merged.status], ["changed", a, c]);
  assertEquals(merged.changed, ["name", "flags", "flagNames", "up", "carrier", "carrierChanges", "mtu"]); // there and back
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
  assertEquals([gone.type, gone.previous, movedOf(gone)], ["removed", a, { netnsId: 0, index: 9 }]);
  const after = mergeEvents(changed(a, b), removed(b))!;
  assertEquals([after.type, after.previous, after.status], ["removed", a, b]);
  assertEquals(after.changed, names([...removed(b).changed, "carrier", "carrierChanges"]));
});

Deno.test("event: one that left and came back has changed; who has not heard of it is not told that it left", () => {
  const [a, b, c] = [status({ mtu: 1500 }), status({ mtu: 1400, name: "x0" }), status({ mtu: 1300 })];
  const left = makeEvent("left", a, a, ORIGIN);
  const came = makeEvent("added", undefined, c, ORIGIN);
  const back = mergeEvents(left, came)!;
  assertEquals([back.type, back.previous, back.status, "moved" in back], ["changed", a, c, false]);
  // All of it was away, and what is the same came back.
  assertEquals([back.changed, back.flagsSet, back.flagsCleared], [left.changed, came.flagsSet, left.flagsCleared]);
  for (const type of ["added", "present"] as const) {
    assertEquals(mergeEvents(makeEvent(type, undefined, a, ORIGIN), left), undefined);
  }
  const after = mergeEvents(changed(b, a), left)!;
  assertEquals([after.type, after.previous, after.status, "moved" in after], ["left", b, a, false]);
});

Deno.test("event: an arrival that changed before it was told is an arrival of what it is now", () => {
  const [a, b, c] = [
    status({ carrierChanges: 1, carrier: true }),
    status({ carrierChanges: 2, carrier: false, mtu: 1400 }),
    status({ carrierChanges: 4, carrier: false, mtu: 1400 }),
  ];
  for (const type of ["added", "present"] as const) {
    const first = makeEvent(type, undefined, a, ORIGIN);
    const once = mergeEvents(first, changed(a, b))!;
    assertEquals([once.type, once.previous, once.status], [type, undefined, b]);
    // The carrier came, and went again.
    assertEquals([once.changed, once.flagsSet, once.flagsCleared], [first.changed, a.flagNames, []]);
    assertEquals(once.hiddenFlaps, 1); // who knew no state before sees none of the changes
    assertEquals(mergeEvents(once, changed(b, c))?.hiddenFlaps, 3);
  }
  const uncounted = makeEvent("added", undefined, status({ carrierChanges: undefined }), ORIGIN);
  assertEquals(mergeEvents(uncounted, changed(uncounted.status, a))?.hiddenFlaps, undefined);
});

Deno.test("event: the SSIDs of merged events are the last 64", () => {
  const ssids = (from: number, count: number) => Array.from({ length: count }, (_, i) => `net${from + i}`);
  const [a, b] = [status({ mtu: 1 }), status({ mtu: 2 })];
  const merged = mergeEvents(changed(a, b, { ssids: ssids(0, 40) }), changed(b, a, { ssids: ssids(40, 40) }))!;
  assertEquals([merged.ssids.length, merged.ssids], [MOST_SSIDS, ssids(16, 64)]);
});
