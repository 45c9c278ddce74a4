/** What waits for a consumer: the queue, and what holds events back until an interface is quiet. */
import { assertEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import type { InterfaceEvent, InterfaceStatus } from "../../../mod.ts";
import { makeEvent } from "../../../src/table/event.ts";
import { EventQueue } from "../../../src/watch/queue.ts";
import { Settler } from "../../../src/watch/settler.ts";
import { type FakeInterface, fakeStatus } from "../../../src/testing.ts";

const status = (fields: FakeInterface): InterfaceStatus => fakeStatus(fields);
const event = (
  type: InterfaceEvent["type"],
  fields: FakeInterface,
  previous?: FakeInterface,
  generation = 1,
): InterfaceEvent =>
  makeEvent(type, previous && status(previous), status(fields), {
    generation,
    resync: false,
    time: 0,
    elapsed: 0,
  });
const mtu = (from: number, to: number, name = "eth0", index = 1): InterfaceEvent =>
  event("changed", { name, index, mtu: to }, { name, index, mtu: from });

/** All that waits. */
function taken(queue: EventQueue): unknown[] {
  const found: unknown[] = [];
  for (let one = queue.shift(); one !== undefined; one = queue.shift()) {
    found.push([one.type, one.status.name, one.previous?.mtu, one.status.mtu]);
  }
  return found;
}

Deno.test("queue: what came in one go is kept as it came, and merges when it is left", () => {
  const queue = new EventQueue();
  assertEquals(queue.shift(), undefined);
  queue.push(mtu(1, 2));
  queue.push(mtu(2, 3));
  assertEquals(taken(queue), [["changed", "eth0", 1, 2], ["changed", "eth0", 2, 3]]);
  queue.push(mtu(1, 2));
  queue.push(mtu(5, 6, "eth1", 2));
  queue.push(mtu(2, 3));
  assertEquals(queue.shift()?.status.mtu, 2);
  queue.age();
  queue.push(mtu(3, 4));
  assertEquals(taken(queue), [["changed", "eth1", 5, 6], ["changed", "eth0", 2, 3], ["changed", "eth0", 3, 4]]);
  queue.push(mtu(1, 2));
  queue.age();
  queue.push(mtu(2, 3));
  queue.age();
  queue.push(mtu(5, 6, "eth1", 2));
  queue.age();
  assertEquals(taken(queue), [["changed", "eth0", 1, 3], ["changed", "eth1", 5, 6]]);
});

Deno.test("queue: two lives of an index are two, and what came and went between is nothing", () => {
  const queue = new EventQueue();
  queue.push(event("removed", { name: "eth0" }, { name: "eth0" }, 1));
  queue.push(event("added", { name: "eth0" }, undefined, 2));
  queue.push(event("added", { name: "eth1", index: 2 }, undefined, 3));
  queue.push(event("removed", { name: "eth1", index: 2 }, { name: "eth1", index: 2 }, 3));
  queue.age();
  assertEquals(taken(queue), [["removed", "eth0", 1500, 1500], ["added", "eth0", undefined, 1500]]);
});

Deno.test("queue: an interface that got a new name is told behind the former owner of that name", () => {
  const queue = new EventQueue();
  queue.push(mtu(1, 2, "eth0", 1));
  queue.push(event("removed", { name: "wan", index: 2 }, { name: "wan", index: 2 }));
  queue.push(event("changed", { name: "wan", index: 1, mtu: 2 }, { name: "eth0", index: 1, mtu: 2 }));
  queue.age();
  assertEquals(taken(queue), [["removed", "wan", 1500, 1500], ["changed", "wan", 1, 2]]);
});

Deno.test("queue: cleared, it is empty", () => {
  const queue = new EventQueue();
  queue.push(mtu(1, 2, "wan"));
  queue.age();
  queue.push(mtu(2, 3, "wan"));
  queue.clear();
  assertEquals(taken(queue), []);
});

/** A settler of 100 ms, and what it tells. */
function settling(): { settler: Settler; told: () => unknown[] } {
  const log: unknown[] = [];
  const settler = new Settler(100, ({ type, status: { name, mtu } }) => log.push([type, name, mtu]));
  return { settler, told: () => log.splice(0) };
}

Deno.test("settler: an interface is told when it was quiet for the whole time, each for itself", async () => {
  using time = new FakeTime();
  const { settler, told } = settling();
  settler.take(mtu(1, 2));
  await time.tickAsync(60);
  settler.take(mtu(2, 3));
  settler.take(mtu(7, 8, "eth1", 2));
  await time.tickAsync(60);
  assertEquals(told(), []);
  await time.tickAsync(40);
  assertEquals(told(), [["changed", "eth0", 3], ["changed", "eth1", 8]]);
  await time.tickAsync(5000);
  assertEquals(told(), []);
});

Deno.test("settler: what came and went is not told", async () => {
  using time = new FakeTime();
  const { settler, told } = settling();
  settler.take(event("added", { name: "wan" }));
  settler.take(event("removed", { name: "wan" }, { name: "wan" }));
  await time.tickAsync(5000);
  assertEquals(told(), []);
});

Deno.test("settler: one that never rests is told after ten times as long; what it holds is told or forgotten at the end", async () => {
  using time = new FakeTime();
  const { settler, told } = settling();
  for (let i = 0; i < 11; i++) {
    settler.take(mtu(i, i + 1));
    await time.tickAsync(90);
  }
  assertEquals(told(), []);
  await time.tickAsync(10); // a second since the first one
  assertEquals(told(), [["changed", "eth0", 11]]);
  settler.take(mtu(1, 2));
  settler.flush();
  assertEquals(told(), [["changed", "eth0", 2]]);
  settler.take(mtu(1, 2));
  settler.close();
  await time.tickAsync(5000);
  assertEquals(told(), []);
});

Deno.test("settler: the former owner of a name is told before its new one", async () => {
  using time = new FakeTime();
  const { settler, told } = settling();
  settler.take(event("changed", { name: "wan", index: 2 }, { name: "eth1", index: 2 }, 2));
  await time.tickAsync(50);
  settler.take(event("removed", { name: "wan", index: 1 }, { name: "wan", index: 1 }, 1));
  settler.take(mtu(1, 2, "lan0", 3));
  await time.tickAsync(50);
  assertEquals(told(), [["removed", "wan", 1500], ["changed", "wan", 1500]]);
  await time.tickAsync(50);
  assertEquals(told(), [["changed", "lan0", 2]]);
});
