import { assert, assertEquals } from "@std/assert";
import { type AccessPointWatcher, watchAccessPoints } from "../../src/linux.ts";
import { ssidOf } from "../helpers/linux/kernel.ts";
import type { World } from "./world.ts";

/** A watcher of access points, and a consumer that holds each event against those before it. */
export class AccessPointObserver {
  readonly watcher: AccessPointWatcher;
  readonly #world: World;
  /** The networks that run, by index. */
  readonly #running = new Map<number, string>();
  #error: { readonly reason: unknown } | undefined;

  constructor(world: World) {
    this.#world = world;
    this.watcher = watchAccessPoints();
    void this.#listen();
  }

  async #listen(): Promise<void> {
    try {
      for await (const { type, index, ssid, previousSsid } of this.watcher) {
        const before = this.#running.get(index);
        if (type === "stopped") {
          assertEquals(ssid, before, "the network that stopped");
          this.#running.delete(index);
          continue;
        }
        assertEquals(previousSsid, before, "the network before");
        assert(before !== ssid, `${ssid} is told twice`);
        assert(type === "started" || before !== undefined, `${ssid} changed from nothing`);
        this.#running.set(index, ssid);
      }
    } catch (reason) {
      this.#error = { reason };
    }
  }

  /** What it does not know as it is; undefined where it knows all. */
  wrong(): string | undefined {
    if (this.#error !== undefined) throw this.#error.reason;
    const networks = new Map<number, string>();
    for (const link of this.#world.kernel.links.values()) {
      const ssid = ssidOf(link);
      if (ssid !== undefined) networks.set(link.index, ssid);
    }
    const text = (all: ReadonlyMap<number, string>): string => JSON.stringify([...all].sort());
    const [known, real] = [text(this.#running), text(networks)];
    return known === real ? undefined : `access points ${known} are known, ${real} run`;
  }
}
