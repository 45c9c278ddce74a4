/** Which hooks are run for what happens to an interface, and in which order: src/steps. */
import { assertEquals } from "@std/assert";
import type { InterfaceStatus } from "../../../mod.ts";
import { fakeStatus } from "../../../src/testing.ts";
import { type Hook, HOOKS } from "../../../src/steps/hooks.ts";
import type { Life, Step } from "../../../src/steps/life.ts";
import { Lives } from "../../../src/steps/lives.ts";
import type { Delays } from "../../../src/steps/motion.ts";
import { type EventOrigin, type InterfaceEvent, makeEvent, mergeEvents } from "../../../src/table/event.ts";

const DOWN = fakeStatus({ name: "eth0", index: 1, flags: 0x1002, operState: "down", carrier: false });
const NO_CARRIER = fakeStatus({ name: "eth0", index: 1, flags: 0x1003, operState: "down", carrier: false });
const WORKING = fakeStatus({ name: "eth0", index: 1, flags: 0x11043, operState: "up", carrier: true });
const NEVER = { time: 0, elapsed: 0 };
const ORIGIN: EventOrigin = { generation: 1, resync: false, ...NEVER };

function address(text: string, flags: readonly string[] = []): InterfaceStatus["addresses"] {
  const common = { family: "inet", prefixLength: 24, scope: "global" } as const;
  const nothing = { peer: undefined, broadcast: undefined, label: undefined };
  return [{ ...common, ...nothing, address: text, flags }];
}

function serving(ssid: string, fields: Partial<InterfaceStatus> = {}): InterfaceStatus {
  const ssidHex = new TextEncoder().encode(ssid).toHex();
  return { ...WORKING, ...fields, wireless: { type: "ap", ssid, ssidHex, frequency: 2412 } };
}

interface Options {
  readonly hooks?: readonly Hook[];
  readonly delays?: Delays;
  readonly initial?: "initial" | "accepted";
  readonly exists?: (index: number) => boolean;
}

/** Interfaces whose hooks are run at once, unless a test keeps them busy. */
class Steps {
  readonly lives: Lives;
  readonly steps: Step[] = [];
  now = 0;
  readonly #initial: "initial" | "accepted";
  readonly #last = new Map<number, InterfaceStatus>();
  readonly #busy = new Set<Life>();

  constructor({ hooks = HOOKS, delays = { up: 0, down: 0 }, initial = "accepted", exists = () => true }: Options = {}) {
    this.#initial = initial;
    this.lives = new Lives({ hooks: new Set(hooks), delays, exists, now: () => NEVER });
  }

  event(event: InterfaceEvent): this {
    for (const life of this.lives.take(event, this.now, this.#initial)) life.settle(this.now);
    if (event.type === "removed") this.#last.delete(event.status.index);
    else this.#last.set(event.status.index, event.status);
    return this;
  }

  present(status: InterfaceStatus): this {
    return this.event(makeEvent("present", undefined, status, { ...ORIGIN, generation: status.index }));
  }

  /** The interface is in this state now; the first time, it comes. */
  become(status: InterfaceStatus, origin: Partial<EventOrigin> = {}): this {
    const before = this.#last.get(status.index);
    const type = before === undefined ? "added" : "changed";
    return this.event(makeEvent(type, before, status, { ...ORIGIN, generation: status.index, ...origin }));
  }

  remove(index = 1): this {
    const last = this.#last.get(index)!;
    return this.event(makeEvent("removed", last, last, { ...ORIGIN, generation: index }));
  }

  /** A hook of one begins, and does not end before {@linkcode Steps.end}. */
  begin(): this {
    for (const life of this.#due()) {
      this.#tell(life);
      this.#busy.add(life);
      break;
    }
    return this;
  }

  end(): this {
    this.#busy.clear();
    return this;
  }

  /** Runs what is due, and returns it. */
  run(): string[] {
    const from = this.steps.length;
    for (let due = this.#due(); due.length > 0; due = this.#due()) this.#tell(due[0]!);
    return this.steps.slice(from).map(({ hook, event }) => `${hook} ${event.status.name}`);
  }

  /** The same without names. */
  hooks(): string[] {
    return this.run().map((line) => line.split(" ")[0]!);
  }

  pass(ms: number): this {
    this.now += ms;
    return this;
  }

  #due(): Life[] {
    const idle = (life: Life): boolean => !this.#busy.has(life);
    const all = [...this.lives.all()].filter((life) => idle(life) && !this.lives.mustWait(life, idle));
    const due = all.filter((life) => life.next(this.now) !== undefined);
    const done = all.filter((life) => life.done(this.now));
    for (const life of done) this.lives.forget(life);
    return due.length === 0 && done.length > 0 ? this.#due() : due;
  }

  #tell(life: Life): void {
    this.steps.push(life.tell(life.next(this.now)!));
  }
}

const start = (status: InterfaceStatus, options?: Options): Steps => {
  const steps = new Steps(options).present(status);
  assertEquals(steps.run(), []);
  return steps;
};

Deno.test("steps: each change has the hooks of what was lost, and then of what holds", () => {
  assertEquals(start(DOWN).become(NO_CARRIER).hooks(), ["up"]);
  assertEquals(start(NO_CARRIER).become(WORKING).hooks(), ["carrier", "connected"]);
  assertEquals(start(DOWN).become(WORKING).hooks(), ["up", "carrier", "connected"]);
  assertEquals(start(WORKING).become(NO_CARRIER).hooks(), ["disconnected", "no-carrier"]);
  assertEquals(start(WORKING).become(DOWN).hooks(), ["disconnected", "no-carrier", "down"]);
  assertEquals(start(WORKING).become({ ...WORKING, mtu: 1400 }).hooks(), []);
});

Deno.test("steps: at the start both sides are reported, of an arrival only what it has", () => {
  const first = (status: InterfaceStatus) => new Steps({ initial: "initial" }).present(status).hooks();
  assertEquals(first(WORKING), ["added", "up", "carrier", "connected"]);
  assertEquals(first(NO_CARRIER), ["added", "disconnected", "no-carrier", "up"]);
  assertEquals(first(DOWN), ["added", "disconnected", "down"]); // whether it has a carrier is not known
  const come = (status: InterfaceStatus) => new Steps().become(status).hooks();
  assertEquals(come(WORKING), ["added", "up", "carrier", "connected"]);
  assertEquals(come(NO_CARRIER), ["added", "up"]);
  assertEquals(come(DOWN), ["added"]);
});

Deno.test("steps: what a system does not tell has no hook", () => {
  const untold = { ...WORKING, carrier: undefined, connected: undefined };
  assertEquals(new Steps().become(untold).hooks(), ["added", "up"]);
  assertEquals(start(WORKING).become(untold).hooks(), []);
  assertEquals(new Steps({ initial: "initial" }).present(untold).hooks(), ["added", "up"]);
});

Deno.test("steps: a carrier counts only while the interface is up", () => {
  const down = { ...DOWN, carrier: true }; // as ifb and dummy have it
  assertEquals(new Steps().become(down).hooks(), ["added"]);
  assertEquals(start(down).become({ ...WORKING, connected: false }).hooks(), ["up", "carrier"]);
  assertEquals(start(WORKING).become(down).hooks(), ["disconnected", "no-carrier", "down"]);
  assertEquals(start(down).become({ ...down, carrier: false }).hooks(), []);
});

for (
  const [what, between, expected] of [
    ["down and up", DOWN, ["disconnected", "no-carrier", "down", "up", "carrier", "connected"]],
    ["a carrier lost and found", NO_CARRIER, ["disconnected", "no-carrier", "carrier", "connected"]],
    ["a connection lost and found", { ...WORKING, connected: false }, ["disconnected", "connected"]],
  ] as const
) {
  Deno.test(`steps: ${what} while another hook runs is a loss and a gain, once each`, () => {
    const steps = start(WORKING).become({ ...WORKING, addresses: address("192.0.2.1") }).begin();
    for (let i = 0; i < 3; i++) steps.become(between).become(WORKING);
    steps.end();
    const hooks = steps.hooks().filter((hook) => hook !== "addresses");
    assertEquals(hooks, [...expected]);
  });
}

Deno.test("steps: flips without a hook of their own are counted, hidden ones included", () => {
  const steps = start(WORKING, { hooks: ["connected", "disconnected", "added", "addresses"] });
  steps.become({ ...WORKING, addresses: address("192.0.2.1") }).begin();
  let carrierChanges = 0;
  const at = (status: InterfaceStatus, flips: number) => ({ ...status, carrierChanges: carrierChanges += flips });
  steps.become(at(WORKING, 0));
  for (let i = 0; i < 3; i++) steps.become(at(NO_CARRIER, 1)).become(at(WORKING, 1));
  steps.become(at(WORKING, 4));
  steps.end();
  steps.run();
  const told = steps.steps.slice(1).filter(({ hook }) => hook !== "addresses").map((
    { hook, missed },
  ) => [hook, missed]);
  assertEquals(told, [["disconnected", 8], ["connected", 8]]); // ten flips, two of them told
  steps.become(at(NO_CARRIER, 1));
  steps.run();
  assertEquals(steps.steps.at(-1)?.missed, 0);
});

Deno.test("steps: hidden flaps alone have a hook of their own", () => {
  const steps = start({ ...WORKING, carrierChanges: 2 });
  steps.become({ ...WORKING, carrierChanges: 12 });
  assertEquals(steps.hooks(), ["flapped"]);
  assertEquals(steps.steps[0]?.missed, 10);
  steps.become({ ...NO_CARRIER, carrierChanges: 15 }); // one that is seen, and two that are not
  assertEquals(steps.hooks(), ["disconnected", "no-carrier"]);
  assertEquals(steps.steps.at(-1)?.missed, 2);
});

Deno.test("steps: events that a slow watcher merged are losses that were seen", () => {
  for (const [between, expected] of [[NO_CARRIER, "disconnected"], [DOWN, "down"]] as const) {
    const merged = mergeEvents(
      makeEvent("changed", WORKING, between, ORIGIN),
      makeEvent("changed", between, WORKING, ORIGIN),
    )!;
    const hooks = start(WORKING).event(merged).hooks();
    assertEquals(hooks.includes(expected) && hooks.includes("no-carrier"), true, hooks.join());
  }
});

Deno.test("steps: what a loss would end, and was never begun, is passed over where there is a hook for the gain", () => {
  const busy = (hooks: readonly Hook[]): Steps =>
    new Steps({ hooks }).become(DOWN).begin().become(WORKING).become(DOWN);
  assertEquals(busy(["added", "up", "down"]).end().hooks(), []);
  assertEquals(busy(["added", "down"]).end().hooks(), ["down"]); // somebody has marked it down
  const again = start(WORKING, { hooks: ["down"] });
  for (let i = 0; i < 2; i++) {
    assertEquals(again.become(DOWN).begin().become(WORKING).become(DOWN).end().hooks(), ["down"]);
  }
});

Deno.test("steps: an interface that goes has lost what it had, and was not marked down", () => {
  assertEquals(start(WORKING).remove().hooks(), ["disconnected", "no-carrier", "down", "removed"]);
  assertEquals(start(WORKING, { hooks: ["down", "removed"] }).remove().hooks(), ["removed"]);
  assertEquals(start(DOWN).remove().hooks(), ["removed"]);
});

Deno.test("steps: Linux marks down what it removes, and nobody else has", () => {
  let exists = true;
  const steps = start({ ...WORKING, addresses: address("192.0.2.1") }, {
    hooks: ["down", "addresses", "removed", "disconnected"],
    exists: () => exists,
  });
  exists = false;
  steps.become(DOWN).become({ ...DOWN, addresses: [] }); // its addresses go next, and it is still down
  assertEquals(steps.hooks(), []);
  assertEquals(steps.remove().hooks(), ["disconnected", "addresses", "removed"]);
});

const FOO = serving("foo");
for (
  const [what, change] of [
    ["shown by a state", (steps: Steps) => steps.become(serving("bar"))],
    ["shown after a hidden flap", (steps: Steps) => steps.become(serving("bar", { carrierChanges: 4 }))],
    [
      "left and joined again, as starts of access points show",
      (steps: Steps) => steps.become({ ...FOO, carrierChanges: 6 }, { ssids: ["bar", "foo"] }),
    ],
    [
      "shown late, after a state without one",
      (steps: Steps) =>
        steps.become({ ...WORKING, wireless: { ...FOO.wireless!, ssid: undefined, ssidHex: undefined } })
          .become(serving("bar")),
    ],
  ] as const
) {
  Deno.test(`steps: a network that changed is a loss and a gain: ${what}`, () => {
    const steps = start({ ...FOO, carrierChanges: 2 });
    const hooks = change(steps).hooks().filter((hook) => hook !== "network");
    assertEquals(hooks, ["disconnected", "no-carrier", "carrier", "connected"]);
    assertEquals(
      change(start({ ...FOO, carrierChanges: 2 }, { delays: { up: 10, down: 10 } })).pass(10).hooks().length >= 4,
      true,
    );
  });
}

Deno.test("steps: a start of the same network is no change of it, and starts that were told are not told again", () => {
  const steps = start({ ...FOO, carrierChanges: 2 });
  assertEquals(steps.become({ ...FOO, carrierChanges: 4 }, { ssids: ["foo"] }).hooks(), ["flapped"]);
  // The state shows it a second before the carrier's message names the starts.
  assertEquals(steps.become({ ...serving("bar"), carrierChanges: 4 }).hooks().length, 5);
  assertEquals(steps.become({ ...serving("bar"), carrierChanges: 6 }, { ssids: ["bar"] }).hooks(), ["flapped"]);
});

Deno.test("steps: a start before any state shows a network is one that may be lost", () => {
  const unnamed = { ...FOO, wireless: { ...FOO.wireless!, ssid: undefined, ssidHex: undefined } };
  // While a hook runs, so that nothing is run for the state without a network.
  const after = (change: (steps: Steps) => Steps): string[] => {
    const steps = new Steps({ hooks: ["carrier", "network", "disconnected"] }).become(DOWN).become(unnamed, {
      ssids: ["bar"],
    }).begin();
    return change(steps).end().hooks();
  };
  assertEquals(after((steps) => steps.become(FOO)).includes("disconnected"), true);
  for (const ssids of [["foo", "bar"], ["baz"]]) { // of several starts the last one counts, also of a later event
    assertEquals(after((steps) => steps.become(unnamed, { ssids }).become(FOO)).includes("disconnected"), true);
  }
  assertEquals(after((steps) => steps.become(unnamed, { ssids: ["foo"] }).become(FOO)).includes("disconnected"), false);
  assertEquals(after((steps) => steps.become(serving("bar"))).includes("disconnected"), false);
});

Deno.test("steps: hooks that were run before the network was known are run again with it", () => {
  const unnamed = { ...FOO, wireless: { ...FOO.wireless!, ssid: undefined, ssidHex: undefined } };
  const steps = new Steps({ hooks: ["connected", "disconnected"] }).become(unnamed);
  assertEquals(steps.hooks(), ["connected"]);
  assertEquals(steps.become(FOO).hooks(), ["disconnected", "connected"]);
});

Deno.test("steps: another network than before has a hook, also after it was disconnected", () => {
  const steps = new Steps({ hooks: ["network"] }).become(NO_CARRIER).become(FOO);
  assertEquals(steps.hooks(), []); // the first is not another one
  assertEquals(steps.become(serving("bar")).hooks(), ["network"]);
  assertEquals(steps.become(NO_CARRIER).become(serving("bar")).hooks(), []);
  assertEquals(steps.become(NO_CARRIER).become(FOO).hooks(), ["network"]);
});

Deno.test("steps: usable addresses that came or went have a hook", () => {
  const steps = new Steps({ hooks: ["addresses"] }).become(WORKING);
  assertEquals(steps.hooks(), []);
  assertEquals(steps.become({ ...WORKING, addresses: address("2001:db8::1", ["tentative"]) }).hooks(), []);
  assertEquals(steps.become({ ...WORKING, addresses: address("2001:db8::1") }).hooks(), ["addresses"]);
  assertEquals(steps.become({ ...WORKING, mtu: 1400, addresses: address("2001:db8::1") }).hooks(), []);
  assertEquals(steps.remove().hooks(), ["addresses"]);
});

Deno.test("steps: with a delay, a bounce is nothing, and a loss that lasts is one, whatever is done meanwhile", () => {
  const steps = start(WORKING, { delays: { up: 10, down: 10 } });
  assertEquals(steps.become(NO_CARRIER).pass(9).become(WORKING).pass(100).hooks(), []);
  steps.become({ ...WORKING, addresses: address("192.0.2.1") }).pass(10).begin();
  steps.become(NO_CARRIER).pass(10).become(WORKING).pass(50); // it lasted while a hook ran
  const hooks = steps.end().hooks().filter((hook) => hook !== "addresses");
  assertEquals(hooks, ["disconnected", "no-carrier", "carrier", "connected"]);
});

Deno.test("steps: other changes do not begin a delay anew", () => {
  const steps = start(WORKING, { delays: { up: 10, down: 10 } });
  steps.become(NO_CARRIER).pass(6).become({ ...NO_CARRIER, mtu: 1400 }).pass(4);
  assertEquals(steps.hooks(), ["disconnected", "no-carrier"]);
});

Deno.test("steps: the delays of a gain and of a loss may differ", () => {
  const late = start(WORKING, { delays: { up: 0, down: 50 } });
  assertEquals(late.become(NO_CARRIER).pass(49).hooks(), []);
  assertEquals(late.pass(1).hooks(), ["disconnected", "no-carrier"]);
  assertEquals(late.become(WORKING).hooks(), ["carrier", "connected"]);
  const early = start(WORKING, { delays: { up: 50, down: 0 } });
  assertEquals(early.become(NO_CARRIER).hooks(), ["disconnected", "no-carrier"]);
  assertEquals(early.become(WORKING).pass(49).become(NO_CARRIER).pass(100).hooks(), []);
  assertEquals(early.become(WORKING).pass(50).hooks(), ["carrier", "connected"]);
});

for (const delays of [{ up: 10, down: 10 }, { up: 0, down: 10 }]) {
  Deno.test(`steps: what never comes to rest is reported after ten delays (${delays.up} and ${delays.down})`, () => {
    const steps = start(WORKING, { delays });
    let first: number | undefined;
    for (let i = 0; i < 40; i++) {
      steps.become(i % 2 === 0 ? NO_CARRIER : WORKING).pass(4);
      if (steps.run().length > 0) first ??= steps.now;
    }
    assertEquals(first, 100);
  });
}

Deno.test("steps: with a delay, an interface that is another one is no bounce", () => {
  const steps = start(WORKING, { delays: { up: 10, down: 10 } });
  steps.remove().pass(1).become({ ...WORKING, index: 2 });
  assertEquals(steps.pass(100).hooks(), [
    ...["disconnected", "no-carrier", "down", "removed"],
    ...["added", "up", "carrier", "connected"],
  ]);
  assertEquals(steps.become({ ...WORKING, index: 3, name: "eth1" }).pass(1).remove(3).pass(100).hooks(), []);
});

const SECOND = { ...WORKING, index: 2 };
for (
  const [what, change, before, after] of [
    ["pulled and put back", (steps: Steps) => steps.remove(1).become(SECOND), 1, 2],
    [
      "renamed, and its name taken",
      (steps: Steps) => steps.become({ ...WORKING, name: "old0" }).become(SECOND),
      1,
      2,
    ],
    [
      "swapped, as a list shows it",
      (steps: Steps) => steps.become({ ...WORKING, name: "eth1" }).become({ ...SECOND, name: "eth0" }),
      1,
      2,
    ],
    [
      "alternative, and passed on before it was given up",
      (steps: Steps) =>
        steps.become({ ...SECOND, index: 3, name: "eth2", altNames: ["lan"] }).become({ ...SECOND, name: "eth1" }),
      2,
      3,
    ],
  ] as const
) {
  Deno.test(`steps: of a name that is ${what}, everything of the first owner is done before anything of the next`, () => {
    const steps = start(WORKING).present({ ...SECOND, name: "eth1", altNames: ["lan"] });
    steps.run();
    for (const status of [WORKING, { ...SECOND, name: "eth1", altNames: ["lan"] }]) {
      steps.become({ ...status, addresses: address("192.0.2.1") }).begin(); // both are busy
    }
    change(steps);
    steps.begin();
    const early = steps.steps.slice(2).filter(({ event }) => event.status.index === after);
    assertEquals(early.filter(({ hook }) => hook === "added"), []);
    steps.end().run();
    const order = steps.steps.map(({ event, hook }) => [event.status.index, event.status.name, hook] as const);
    const last = order.findLastIndex(([index, name]) => index === before && name === (before === 1 ? "eth0" : "eth1"));
    const first = order.findIndex(([index, name]) => index === after && name === (after === 2 ? "eth0" : "eth2"));
    assertEquals(last < first, true, order.join("\n"));
  });
}

Deno.test("steps: hooks of one round get what happened since the round before, and the state of the moment", () => {
  const steps = start(serving("foo", { carrierChanges: 1 }));
  const bar = serving("bar", { carrierChanges: 3 });
  const none = { ...NO_CARRIER, carrierChanges: 2 };
  steps.become({ ...serving("foo", { carrierChanges: 1 }), mtu: 1400 }).run();
  steps.become(none).become(bar);
  steps.run();
  for (const { event, gone, end } of steps.steps) {
    assertEquals([event.type, event.previous?.wireless?.ssid, event.status], ["changed", "foo", bar]);
    assertEquals([gone, end], [false, false]);
    assertEquals(event.changed.includes("mtu"), true);
  }
  steps.steps.length = 0;
  steps.become(none).run();
  assertEquals(steps.steps.map(({ event }) => event.previous), [bar, bar]);
});

Deno.test("steps: at the end, what hooks have begun is ended, and nothing else", () => {
  const close = (options: Options, then: (steps: Steps) => void = () => {}): string[] => {
    const steps = start(WORKING, options);
    then(steps);
    for (const life of steps.lives.all()) life.close();
    const hooks = steps.hooks();
    assertEquals(steps.steps.every(({ end }) => end), true);
    return hooks;
  };
  assertEquals(close({}), ["disconnected", "no-carrier", "down", "removed"]);
  assertEquals(close({ hooks: ["connected", "disconnected"] }), ["disconnected"]);
  assertEquals(close({ hooks: ["disconnected", "down", "removed"] }), []);
  assertEquals(
    close({}, (steps) => steps.become({ ...WORKING, addresses: address("192.0.2.1") })).includes("addresses"),
    false,
  );
  const down = new Steps({ initial: "initial" }).present(DOWN);
  for (const life of down.lives.all()) life.close();
  assertEquals(down.hooks(), []); // nothing was begun
});
