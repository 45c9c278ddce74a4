/** `changes`: only events in which one of some fields changed since the last one that was told. */
import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { type InterfaceEvent, InvalidInputError, type StatusField, watch, type WatchOptions } from "../../../mod.ts";
import type { InterfaceStatus } from "../../../platforms/contract/status.ts";
import { absence, changedFields } from "../../../src/table/compare.ts";
import { isEnd } from "../../../src/table/event.ts";
import { type FakeInterface, FakeSystem } from "../../../src/testing.ts";
import { ADDRESS } from "../../helpers/made_up.ts";
import { withSeed } from "../../helpers/random.ts";
import { still } from "../../helpers/still.ts";

const UP = { flags: 0x11043, operState: "up", carrier: true } as const;
const DOWN = { flags: 0x1003, operState: "down", carrier: false } as const;

/** A watcher whose events are taken as they come. */
class Listening {
  readonly events: InterfaceEvent[] = [];
  readonly #watcher;
  readonly #over: Promise<void>;

  constructor(options: WatchOptions) {
    const watcher = this.#watcher = watch(options);
    this.#over = (async () => {
      for await (const event of watcher) this.events.push(event);
    })();
  }

  /** What came since it was last asked. */
  async told(): Promise<InterfaceEvent[]> {
    for (let i = 0; i < 40; i++) await Promise.resolve();
    return this.events.splice(0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#watcher.return();
    await this.#over;
  }
}

const words = (events: readonly InterfaceEvent[]) =>
  events.map(({ type, status: { name, connected } }) => `${type} ${name} ${connected}`);

still(
  "changes: an arrival is told when it brings what was asked for, at once or later, and an end if it takes that",
  async () => {
    using system = new FakeSystem();
    system.set({ name: "eth0", ...UP });
    system.set({ name: "eth1", ...DOWN });
    await using listening = new Listening({ initial: true, changes: "connected" });
    assertEquals(words(await listening.told()), ["present eth0 true"]);
    system.set({ name: "eth1", mtu: 1400 });
    system.set({ name: "usb0", ...UP });
    system.set({ name: "usb1", ...DOWN });
    assertEquals(words(await listening.told()), ["added usb0 true"]);
    for (const name of ["usb1", "eth1"]) system.set({ name, ...UP });
    // Both are told for the first time.
    const told = await listening.told();
    assertEquals(words(told), ["added usb1 true", "present eth1 true"]);
    assertEquals(told.map(({ previous, status: { mtu } }) => [previous, mtu]), [[undefined, 1500], [undefined, 1400]]);
    system.set({ name: "usb0", ...DOWN });
    assertEquals(words(await listening.told()), ["changed usb0 false"]);
    for (const name of ["usb0", "usb1"]) system.remove(name);
    assertEquals(words(await listening.told()), ["changed usb1 false"]); // it goes down first
  },
);

still("changes: the state before is the one that was told last, and what was passed over is counted", async () => {
  using system = new FakeSystem();
  system.set({ name: "eth0", ...UP, carrierChanges: 1 });
  await using listening = new Listening({ changes: ["connected", "name"] });
  system.set({ name: "eth0", ...DOWN, carrierChanges: 2 });
  const [first, ...more] = await listening.told();
  assertEquals([first?.previous?.connected, first?.hiddenFlaps, more.length], [true, 0, 0]);
  system.set({ name: "eth0", carrierChanges: 6 }); // four hidden ones, and nothing that was asked for
  system.set({ name: "eth0", mtu: 1400, flags: 0x1083 });
  system.set({ name: "eth0", mtu: 1500, flags: 0x1003 });
  assertEquals(await listening.told(), []);
  system.set({ name: "eth0", ...UP, carrierChanges: 9 });
  const [second, ...rest] = await listening.told();
  assertEquals([second?.type, second?.hiddenFlaps, rest.length], ["changed", 6, 0]);
  assertStrictEquals(second?.previous, first?.status);
  for (const field of ["mtu", "flags", "carrierChanges", "connected"] as const) assert(second?.changed.includes(field));
  assertEquals([second?.flagsSet.includes("NOARP"), second?.flagsCleared.includes("NOARP")], [true, true]);
});

still(
  "changes: a slow consumer gets what was asked for merged, with what was passed over before and between",
  async () => {
    using system = new FakeSystem();
    system.set({ name: "eth0", ...UP, carrierChanges: 1 });
    system.set({ name: "eth1", index: 2 });
    await using watcher = watch({ changes: ["connected"] });
    const turn = async () => {
      for (let i = 0; i < 10; i++) await Promise.resolve();
    };
    for (
      const fields of [{ carrierChanges: 3 }, { ...DOWN, carrierChanges: 4 }, { carrierChanges: 6 }, {
        ...UP,
        carrierChanges: 7,
      }]
    ) {
      system.set({ name: "eth0", ...fields });
      await turn();
    }
    system.set({ name: "eth1", mtu: 1400 }); // a turn that tells nothing
    await turn();
    const { value } = await watcher.next();
    assertEquals([value?.previous?.carrierChanges, value?.status.carrierChanges, value?.hiddenFlaps], [1, 7, 6]);
    assertEquals(value?.changed.includes("connected"), true); // there and back
  },
);

still("changes: a name that is given up and comes back is an arrival of what it brings", async () => {
  using system = new FakeSystem();
  system.set({ name: "eth0", index: 1, ...UP });
  await using listening = new Listening({ names: "eth0", changes: "connected" });
  const rename = (name: string, fields: Partial<FakeInterface> = {}) => system.set({ name, index: 1, ...fields });
  rename("tmp");
  assertEquals(words(await listening.told()), ["left eth0 true"]);
  rename("tmp", DOWN);
  rename("eth0");
  assertEquals(words(await listening.told()), []); // it is there, and does not work
  rename("eth0", UP);
  assertEquals(words(await listening.told()), ["added eth0 true"]);
  rename("eth0", DOWN);
  assertEquals(words(await listening.told()), ["changed eth0 false"]);
  rename("tmp");
  rename("eth0", UP);
  assertEquals(words(await listening.told()), ["added eth0 true"]);
});

for (const settle of [100, { all: 100 }]) {
  Deno.test(`changes: with settle ${JSON.stringify(settle)} what has come to rest is held to the same rule`, async () => {
    using time = new FakeTime();
    using system = new FakeSystem({ silentChanges: "none" });
    system.set({ name: "eth0", ...UP, carrierChanges: 1 });
    system.set({ name: "eth1", index: 7, ...DOWN });
    await using listening = new Listening({ changes: "connected", settle });
    system.set({ name: "eth0", mtu: 1400 });
    await time.tickAsync(5000);
    assertEquals(await listening.told(), []);
    system.set({ name: "eth0", ...DOWN, carrierChanges: 2 });
    await time.tickAsync(50);
    system.set({ name: "eth0", mtu: 1300 });
    system.set({ name: "old1", index: 7 });
    await time.tickAsync(50);
    assertEquals(await listening.told(), []);
    await time.tickAsync(50);
    const [event, ...more] = await listening.told();
    assertEquals([event?.previous?.mtu, event?.status.mtu, event?.status.connected, more.length], [
      1500,
      1300,
      false,
      0,
    ]);
    system.set({ name: "eth0", ...UP });
    system.remove("eth0");
    await time.tickAsync(100);
    assertEquals(words(await listening.told()), ["removed eth0 false"]); // it worked for less than that
    system.set({ name: "usb0", ...UP });
    system.remove("usb0");
    await time.tickAsync(5000);
    assertEquals(await listening.told(), []);
  });
}

Deno.test("changes: what is held back for quiet is told where watching fails, and nothing that was not asked for", async () => {
  using _ = new FakeTime();
  using system = new FakeSystem();
  for (const name of ["eth0", "eth1"]) system.set({ name, ...DOWN });
  const watcher = watch({ changes: "connected", settle: 100 });
  const told: unknown[] = [];
  const over = (async () => {
    for await (const event of watcher) told.push(...words([event]));
  })().catch((reason) => told.push(reason));
  system.set({ name: "eth0", ...UP });
  system.set({ name: "eth1", mtu: 1400 });
  for (let i = 0; i < 20; i++) await Promise.resolve();
  system.fail("no more");
  await over;
  assertEquals(told, ["changed eth0 true", "no more"]);
});

still("changes: an event that was found after a loss says so, also where the loss was passed over", async () => {
  using system = new FakeSystem();
  system.set({ name: "eth0", ...DOWN });
  await using listening = new Listening({ changes: "connected" });
  system.set({ name: "eth0", mtu: 1400 });
  system.overflow();
  assertEquals(await listening.told(), []);
  system.set({ name: "eth0", ...UP });
  const [event] = await listening.told();
  assertEquals([event?.resync, event?.changed.includes("mtu")], [true, true]);
});

still("changes: of addresses asks for addresses, and history counts what is passed over", async () => {
  using system = new FakeSystem();
  system.set({ name: "eth0", ...UP, carrierChanges: 1 });
  await using watcher = watch({ changes: "addresses" });
  system.set({ name: "eth0", ...DOWN, carrierChanges: 4 });
  system.set({ name: "eth0", ...DOWN, addresses: [ADDRESS] });
  const { value } = await watcher.next();
  assertEquals([value?.status.addresses, value?.previous?.addresses, value?.previous?.connected], [
    [ADDRESS],
    [],
    true,
  ]);
  const { seen, hidden } = watcher.history("eth0")!.flaps.total;
  assertEquals([seen, hidden], [1, 2]);
});

Deno.test("changes: what is no field is refused by its name, and so is what would never be told", () => {
  using system = new FakeSystem();
  const refuses = (options: object, message: string) =>
    assertThrows(() => watch(options as WatchOptions), InvalidInputError, message);
  refuses({ changes: ["connected", "conected"] }, `Unknown field "conected": did you mean "connected"?`);
  refuses({ changes: "constructor" }, `Unknown field "constructor": give one of index, name,`);
  refuses({ changes: [] }, "Cannot watch interfaces with changes []: give one field or more");
  refuses({ changes: [1] }, "Cannot watch interfaces with changes [1]: give a text or a list of texts");
  refuses({ changes: ["addresses"], addresses: false }, "Cannot watch changes of addresses with addresses false");
  for (const routes of [undefined, false]) {
    refuses(
      { changes: ["defaultRoute"], routes },
      "Cannot watch changes of defaultRoute without routes: give routes: true",
    );
  }
  assertEquals(system.subscriptions, 0);
});

/** What a consumer knows of some fields of an interface: nothing of one that is not there. */
function knows(status: InterfaceStatus | undefined, like: InterfaceStatus): InterfaceStatus {
  return status ?? absence(like);
}

Deno.test("changes: whatever happens, a consumer knows the fields that it asked for, and hidden flaps are counted from what was told last", async () => {
  await withSeed(async (random) => {
    for (let round = 0; round < 75; round++) {
      using time = new FakeTime();
      using system = new FakeSystem({ silentChanges: "none" });
      const fields = new Set<StatusField>();
      const all = ["connected", "mtu", "name", "addresses", "up", "carrierChanges", "flags"] as const;
      while (fields.size < 1 + random.below(3)) fields.add(random.pick(all));
      const settle = random.pick([0, 0, 50, { all: 50 }]);
      const names = random.pick([undefined, "eth*"]);
      const options = { names, initial: true, addresses: true, settle };
      await using some = new Listening({ ...options, changes: [...fields] });
      await using every = new Listening({ ...options, settle: 0 });
      const known = new Map<number, InterfaceStatus>();
      const truth = new Map<number, InterfaceStatus>();
      let changes = 0;
      for (let step = 0; step < 40; step++) {
        const index = 1 + random.below(3);
        const name = random.pick(["eth", "eth", "eth", "tmp"]) + index;
        if (random.below(12) === 0) {
          const there = system.set({ name: `eth${index}`, index }).name;
          system.remove(there);
        } else {
          changes += random.below(3);
          const state = random.pick([UP, DOWN, {}]);
          const addresses = random.pick([[], [ADDRESS]]);
          system.set({ name, index, ...state, mtu: 1400 + random.below(3), carrierChanges: changes, addresses });
        }
        if (random.below(3) === 0) await time.tickAsync(random.below(80));
        if (random.below(4) !== 0) continue;
        await time.tickAsync(1000);
        for (const { type, status } of await every.told()) {
          if (isEnd(type)) truth.delete(status.index);
          else truth.set(status.index, status);
        }
        for (const { type, status, previous, changed, hiddenFlaps } of await some.told()) {
          assert(changed.some((field) => fields.has(field)), `${type} of ${changed}, not of ${[...fields]}`);
          const last = known.get(status.index);
          if (previous !== undefined && last !== undefined) assertStrictEquals(previous, last);
          const before = previous?.carrierChanges;
          if (type === "changed") {
            const shown = previous!.carrier === status.carrier ? 0 : 1;
            assertEquals(hiddenFlaps, Math.max(0, status.carrierChanges! - before! - shown));
          }
          if (isEnd(type)) known.delete(status.index);
          else known.set(status.index, status);
        }
        for (const of of new Set([...known.keys(), ...truth.keys()])) {
          const [told, real] = [known.get(of), truth.get(of)];
          const like = (real ?? told)!;
          const wrong = changedFields(knows(told, like), knows(real, like)).filter((field) => fields.has(field));
          assertEquals(wrong, [], `round ${round}, step ${step}: ${told?.name} and ${real?.name}`);
        }
      }
    }
  });
});
