/** The default routes in the table: a move is an event of both interfaces, told once. */
import { assertEquals } from "@std/assert";
import type { InterfaceStatus } from "../../../mod.ts";
import type { DefaultRoutes } from "../../../platforms/contract/route.ts";
import { Snapshot } from "../../../src/table/snapshot.ts";
import { InterfaceTable } from "../../../src/table/table.ts";
import { fakeStatus } from "../../../src/testing.ts";

type Families = InterfaceStatus["defaultRoute"];

/** An interface by index. */
function card(index: number, defaultRoute?: Families): InterfaceStatus {
  const { wireless: _, ...status } = fakeStatus({ name: `eth${index}`, index, flags: 0x11043, operState: "up" });
  return { ...status, wireless: undefined, defaultRoute };
}

/** A table of eth1, eth2 and eth3, of which the first one has both defaults; and what it tells. */
function routed() {
  const table = new InterfaceTable(true);
  table.replace(new Snapshot([card(1, ["inet", "inet6"]), card(2, []), card(3, [])], true), false);
  table.take();
  const told = () =>
    table.take().map(({ type, status, changed }) => [type, status.name, status.defaultRoute, ...changed]);
  const move = (inet: number | undefined, inet6: number | undefined) => {
    table.route({ inet, inet6 });
    return told();
  };
  return { table, told, move };
}

Deno.test("default route: a move is an event of both interfaces, and the same again is none", () => {
  const { move } = routed();
  assertEquals(move(1, 1), []);
  assertEquals(move(2, 1), [["changed", "eth1", ["inet6"], "defaultRoute"], [
    "changed",
    "eth2",
    ["inet"],
    "defaultRoute",
  ]]);
  assertEquals(move(2, 1), []);
  assertEquals(move(1, 2), [
    ["changed", "eth2", ["inet6"], "defaultRoute"],
    ["changed", "eth1", ["inet"], "defaultRoute"],
  ]);
  assertEquals(move(undefined, 3), [
    ["changed", "eth1", [], "defaultRoute"],
    ["changed", "eth2", [], "defaultRoute"],
    ["changed", "eth3", ["inet6"], "defaultRoute"],
  ]);
  assertEquals(move(3, 3), [["changed", "eth3", ["inet", "inet6"], "defaultRoute"]]);
  assertEquals(move(undefined, undefined), [["changed", "eth3", [], "defaultRoute"]]);
});

Deno.test("default route: it belongs to the event of the link that it left, if that was not taken yet", () => {
  const { table, told } = routed();
  table.apply(1, { ...card(1), flags: 0x1002, up: false, operState: "down", connected: false });
  table.route({ inet: 2, inet6: 2 });
  const events = told();
  assertEquals(events.map(([type, name, families]) => [type, name, families]), [
    ["changed", "eth1", []],
    ["changed", "eth2", ["inet", "inet6"]],
  ]);
  assertEquals(events[0]!.includes("connected") && events[0]!.includes("defaultRoute"), true);
});

Deno.test("default route: a message about a link leaves it as it is", () => {
  const { table, told } = routed();
  table.apply(1, { ...card(1), mtu: 1400 });
  assertEquals(told(), [["changed", "eth1", ["inet", "inet6"], "mtu"]]);
  table.apply(4, { ...card(4) });
  assertEquals(told()[0]!.slice(0, 3), ["added", "eth4", []]);
});

Deno.test("default route: what gets the index of an interface that is gone does not get its default", () => {
  const { table, told, move } = routed();
  table.remove(1, undefined);
  table.apply(1, { ...card(1) });
  assertEquals(told().map(([type, name, families]) => [type, name, families]), [
    ["removed", "eth1", ["inet", "inet6"]],
    ["added", "eth1", []],
  ]);
  assertEquals(move(1, 1), [["changed", "eth1", ["inet", "inet6"], "defaultRoute"]]);
});

Deno.test("default route: an interface that the answer names before its message comes has it from its arrival on", () => {
  const { table, told } = routed();
  table.route({ inet: 9, inet6: undefined });
  assertEquals(told(), [["changed", "eth1", [], "defaultRoute"]]);
  table.apply(9, { ...card(9) });
  assertEquals(told()[0]!.slice(0, 3), ["added", "eth9", ["inet"]]);
});

Deno.test("default route: a list is the whole truth, with what was said while it was read", () => {
  const { table, told } = routed();
  const stage = new Snapshot([card(1, ["inet"]), card(2, ["inet6"]), card(3, [])], true);
  stage.route({ inet: 3, inet6: 2 });
  stage.apply(3, { ...card(3), mtu: 1400 });
  table.replace(stage, true);
  assertEquals(told(), [
    ["changed", "eth1", [], "defaultRoute"],
    ["changed", "eth2", ["inet6"], "defaultRoute"],
    ["changed", "eth3", ["inet"], "mtu", "defaultRoute"],
  ]);
  stage.forget(); // messages were lost: what they said may be older than the list
  assertEquals(stage.get(3)?.defaultRoute, []);
  table.apply(3, { ...card(3), mtu: 1400 });
  assertEquals(told(), []);
});

Deno.test("default route: where nobody asked, it is not known, of what comes later neither", () => {
  const table = new InterfaceTable(true);
  table.replace(new Snapshot([card(1), card(2)], true), false);
  table.apply(3, { ...card(3) });
  const routes: Families[] = table.take().map(({ status }) => status.defaultRoute);
  assertEquals(routes, [undefined, undefined, undefined]);
});

Deno.test("default route: the events of any moves, added up, are what was said last", () => {
  const { table } = routed();
  const known = new Map<number, Families>([[1, ["inet", "inet6"]], [2, []], [3, []]]);
  const moves: DefaultRoutes[] = [1, 2, 3, undefined].flatMap((inet) =>
    [1, 2, 3, undefined].map((inet6) => ({ inet, inet6 }))
  );
  for (const first of moves) {
    for (const next of moves) {
      table.route(first);
      table.route(next);
      for (const { status, changed } of table.take()) {
        assertEquals(changed, ["defaultRoute"]);
        known.set(status.index, status.defaultRoute);
      }
      for (const [index, families] of known) {
        const want = (["inet", "inet6"] as const).filter((family) => next[family] === index);
        assertEquals(families, want, JSON.stringify([first, next, index]));
      }
    }
  }
});

Deno.test("default route: said for the first time, as after an empty list, it is known of every interface", () => {
  const table = new InterfaceTable(true);
  table.replace(new Snapshot([], true), false);
  table.apply(1, { ...card(1) });
  table.apply(2, { ...card(2) });
  table.route({ inet: undefined, inet6: undefined });
  assertEquals(table.take().map(({ type, status }) => [type, status.name, status.defaultRoute]), [
    ["added", "eth1", []],
    ["added", "eth2", []],
  ]);
  const stage = new Snapshot([], true);
  stage.apply(3, { ...card(3) });
  stage.route({ inet: 3, inet6: undefined });
  table.replace(stage, false);
  assertEquals(table.get(3)?.defaultRoute, ["inet"]);
});
