/** What events say of the carrier, and what is left of them when they merge. */
import { assertEquals } from "@std/assert";
import type { InterfaceEvent, InterfaceStatus } from "../../../mod.ts";
import { hiddenFlaps, makeEvent, mergeEvents } from "../../../src/table/event.ts";
import { fakeStatus } from "../../../src/testing.ts";

const ORIGIN = { generation: 1, resync: false, time: 0, elapsed: 0 };

function at(carrierChanges: number | undefined, carrier = false): InterfaceStatus {
  return { ...fakeStatus({ name: "eth0" }), carrier, carrierChanges };
}

function changed(from: InterfaceStatus, to: InterfaceStatus, resync = false): InterfaceEvent {
  return makeEvent("changed", from, to, { ...ORIGIN, resync });
}

Deno.test("event: carrier changes that the states show are not hidden, the rest are", () => {
  const cases: [InterfaceStatus | undefined, InterfaceStatus, number | undefined][] = [
    [at(2), at(2), 0],
    [at(2), at(3, true), 0],
    [at(2), at(4), 2],
    [at(2), at(5, true), 2],
    [at(2, true), at(2), 0], // a driver that does not count
    [at(undefined), at(2), undefined],
    [at(2), at(undefined), undefined],
    [at(undefined), at(undefined), undefined],
    [undefined, at(7), 0], // of an interface that was not known before, all of it is past
    [undefined, at(undefined), undefined],
    [at(0xffffffff), at(1), 2], // the counter is 32 bits wide
    [at(5), at(3), 0], // it never goes back
  ];
  for (const [before, after, want] of cases) assertEquals(hiddenFlaps(before, after), want);
});

Deno.test("event: of events that merge, no carrier change is lost, and none is counted twice", () => {
  const flaps = (first: InterfaceEvent, next: InterfaceEvent) => mergeEvents(first, next)?.hiddenFlaps;
  assertEquals(flaps(changed(at(0), at(1, true)), changed(at(1, true), at(2))), 2); // up and down, and nobody saw it
  assertEquals(flaps(changed(at(0), at(1, true)), changed(at(1, true), at(5, true))), 4);
  const came = makeEvent("added", undefined, at(1), ORIGIN);
  assertEquals(flaps(came, changed(at(1), at(4, true))), 3); // a new one is told as it is now: all of that is hidden
  assertEquals(flaps({ ...came, hiddenFlaps: 3 }, changed(at(4), at(6))), 5 + 3);
  assertEquals(flaps(came, changed(at(1), at(undefined))), undefined);
  assertEquals(flaps(makeEvent("added", undefined, at(undefined), ORIGIN), changed(at(undefined), at(4))), undefined);
});

Deno.test("event: a merged event is a resync where one of the two was", () => {
  const step = (resync: boolean, from: number) => changed(at(from), at(from + 2), resync);
  for (const [first, next] of [[true, false], [false, true], [true, true], [false, false]] as const) {
    assertEquals(mergeEvents(step(first, 0), step(next, 2))?.resync, first || next);
  }
});

Deno.test("event: what was not told between two events counts in the merged one, by the state that is known", () => {
  const first = changed({ ...at(0), mtu: 1000 }, { ...at(0), mtu: 1100 });
  const unseen = { ...at(0), mtu: 1100, name: "eth7" };
  const next = changed(unseen, { ...at(0), mtu: 1100 });
  assertEquals(mergeEvents(first, next)?.changed, ["name", "mtu"]);
  const straight = changed(first.status, { ...at(0), mtu: 1200 });
  assertEquals(mergeEvents(first, straight)?.changed, ["mtu"]);
  const gone = makeEvent("removed", unseen, unseen, ORIGIN);
  assertEquals(mergeEvents(first, gone)?.changed, gone.changed);
});
