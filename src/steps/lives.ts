import { type InterfaceEvent, isEnd, makeEvent } from "../table/event.ts";
import { lifeOf } from "../watch/queue.ts";
import { Life, type StepOptions } from "./life.ts";
import type { Beginning } from "./pair.ts";

/**
 * The interfaces under their names, in the order in which they got them. An interface that gets another name is gone
 * under the first one. Of one name, everything of an earlier interface is done before anything of a later one.
 */
export class Lives {
  readonly #options: StepOptions;
  /** Those that have their names, by index and generation. */
  readonly #present = new Map<string, Life>();
  /** Those for which something may be left to do, each with those that it must wait for. */
  readonly #waiting = new Map<Life, Set<Life>>();
  /** The same by each name that they have, or had. */
  readonly #named = new Map<string, Set<Life>>();

  constructor(options: StepOptions) {
    this.#options = options;
  }

  /** Takes an event. `initial` says how a state is reported that is found at the start. Returns whom it concerns. */
  take(event: InterfaceEvent, time: number, initial: Exclude<Beginning, "arrival"> = "initial"): Life[] {
    const key = lifeOf(event);
    const life = this.#present.get(key);
    const { type, status, previous } = event;
    if (isEnd(type)) {
      this.#present.delete(key);
      life?.end(event, time);
      return life === undefined ? [] : [life];
    }
    if (life === undefined) return [this.#begin(key, event, type === "present" ? initial : "arrival", time)];
    // Linux marks an interface down before it removes it, and says so at once (dev_close_many in unregister_netdevice).
    // Nobody has marked it down; it only goes. The kernel answers the question when it has gone.
    if (life.leaving || (life.status.up && !status.up && !this.#options.exists(status.index))) {
      life.leave(event);
      return [];
    }
    if (life.status.name === status.name) {
      life.take(event, time);
      for (const name of life.names) this.#nameOf(name).add(life);
      return [life];
    }
    const { generation, resync, time: when, elapsed } = event;
    const origin = { generation, resync, time: when, elapsed };
    const last = previous ?? life.status;
    life.end(makeEvent("left", last, last, origin), time);
    const arrival = makeEvent("added", undefined, status, origin);
    return [life, this.#begin(key, arrival, "arrival", time)];
  }

  /** All for which something may be left to do. */
  all(): Iterable<Life> {
    return this.#waiting.keys();
  }

  /** Whether nothing may be run for it yet, because another interface had its name. `idle`: nothing is done for one. */
  mustWait(life: Life, idle: (other: Life) => boolean): boolean {
    const others = this.#waiting.get(life);
    if (others === undefined) return false;
    for (const other of others) {
      const gaveUp = !other.gone && !shareName(life, other) && idle(other);
      if (gaveUp || !this.#waiting.has(other)) others.delete(other);
    }
    return others.size > 0;
  }

  /** Everything is done for one that is gone. */
  forget(life: Life): void {
    this.#waiting.delete(life);
    for (const name of life.allNames) {
      const named = this.#named.get(name);
      named?.delete(life);
      if (named?.size === 0) this.#named.delete(name);
    }
  }

  #nameOf(name: string): Set<Life> {
    let named = this.#named.get(name);
    if (named === undefined) this.#named.set(name, named = new Set());
    return named;
  }

  #begin(key: string, event: InterfaceEvent, beginning: Beginning, time: number): Life {
    const life = new Life(event, beginning, this.#options, time);
    const others = new Set<Life>();
    for (const name of life.names) {
      const named = this.#nameOf(name);
      for (const other of named) if (shareName(life, other)) others.add(other);
      named.add(life);
    }
    this.#present.set(key, life);
    this.#waiting.set(life, others);
    return life;
  }
}

function shareName(life: Life, other: Life): boolean {
  return life.names.some((name) => other.names.includes(name));
}
