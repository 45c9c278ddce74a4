/** The routes of the BSDs in random orders: what a watcher was told, added up, is what a list says. */
import { assertEquals } from "@std/assert";
import { type InterfaceWatcher, list, NetflagsError, watch } from "../../../../mod.ts";
import { SYSTEMS } from "../../../../platforms/bsd/systems/systems.ts";
import type { BsdPlatform } from "../../../../platforms/contract/platform.ts";
import { FakeSystem } from "../../../../src/testing.ts";
import { type Random, withSeed } from "../../../helpers/random.ts";
import { still } from "../../../helpers/still.ts";

const NAMES = ["em0", "em1", "em2"];
const NETWORKS = [
  "0.0.0.0/0",
  "::/0",
  "0.0.0.0/1",
  "128.0.0.0/1",
  "2000::/3",
  "2000::/4",
  "10.0.0.0/8",
  "203.0.113.9/32",
];
const ADDRESSES = ["192.0.2.2/24", "2001:db8::2/64", "fe80::2/64"];

/** One change, which may be refused as the kernel would refuse it. */
function change(system: FakeSystem, random: Random): void {
  const name = random.pick(NAMES);
  const network = random.pick(NETWORKS);
  const gateway = network.includes(":") ? "fe80::1" : "192.0.2.1";
  switch (random.below(12)) {
    case 0:
      return void system.add(name);
    case 1:
      return random.below(4) === 0 ? system.remove(name) : undefined;
    case 2:
      return void system.up(name);
    case 3:
      return random.below(2) === 0 ? void system.down(name) : undefined;
    case 4:
      return void system.plug(name);
    case 5:
      return random.below(2) === 0 ? void system.unplug(name) : undefined;
    case 6:
    case 7:
      return void system.addAddress(name, random.pick(ADDRESSES));
    case 8:
      return random.below(3) === 0 ? void system.removeAddress(name, random.pick(ADDRESSES)) : undefined;
    case 9:
      return system.removeRoute(name, network);
    default:
      return system.addRoute(name, network, random.below(2) === 0 ? { gateway } : {});
  }
}

type Known = Map<number, readonly [name: string, defaultRoute: unknown, connected: unknown]>;

/** Takes what a watcher was told so far into what is known. */
function follow(watcher: InterfaceWatcher, known: Known): void {
  void (async () => {
    for await (const { type, status } of watcher) {
      const { index, name, defaultRoute, connected } = status;
      if (type === "removed") known.delete(index);
      else known.set(index, [name, defaultRoute, connected]);
    }
  })();
}

function listed(): Known {
  return new Map(
    list({ routes: true }).map((one) => [one.index, [one.name, one.defaultRoute, one.connected] as const]),
  );
}

for (const platform of Object.keys(SYSTEMS) as BsdPlatform[]) {
  still(`bsd routes ${platform}: in random orders, what was told adds up to what a list says`, async () => {
    await withSeed(async (random) => {
      for (let sequence = 0; sequence < 10; sequence++) {
        // Nothing is silent here that a comparison would have to find, because no time passes.
        using system = new FakeSystem({ platform, silentChanges: "none", announcements: true });
        const watcher = watch({ routes: true, initial: true });
        const known: Known = new Map();
        follow(watcher, known);
        for (let step = 0; step < 60; step++) {
          for (let changes = random.below(4); changes >= 0; changes--) {
            try {
              change(system, random);
            } catch (error) {
              if (!(error instanceof NetflagsError)) throw error;
            }
          }
          for (let turn = 0; turn < 120; turn++) await Promise.resolve();
          const now = listed();
          assertEquals([...known].sort(), [...now].sort(), `sequence ${sequence}, step ${step}`);
          const families = [...now.values()].flatMap(([, one]) => one as string[]);
          assertEquals(families.length, new Set(families).size, "one family leaves by two");
        }
        await watcher.return();
      }
    });
  });
}
