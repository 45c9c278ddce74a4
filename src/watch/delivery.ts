import type { NameStart } from "../../platforms/contract/backend.ts";
import type { NetflagsError } from "../../platforms/contract/errors.ts";
import type { InterfaceStatus } from "../../platforms/contract/status.ts";
import { mayDecide, type Selection } from "../select/selection.ts";
import { copyOf, type InterfaceEvent, makeEvent } from "../table/event.ts";

/**
 * The interfaces that belong to a selection at the moment. It turns events into those of the selection: an interface
 * that gets a matching name is added, and one that loses it leaves. An event without a change of names, kind or type
 * costs one lookup in a set.
 */
export class Members {
  readonly #selection: Selection;
  readonly #indexes = new Set<number>();

  /** `present` are the existing interfaces. */
  constructor(selection: Selection, present: Iterable<InterfaceStatus>) {
    this.#selection = selection;
    if (selection.all) return;
    for (const status of present) if (selection.has(status)) this.#indexes.add(status.index);
  }

  /** The event to report; undefined for none. It must see each event, in order. */
  see(event: InterfaceEvent): InterfaceEvent | undefined {
    if (this.#selection.all) return event;
    const { index } = event.status;
    if (event.type === "removed") return this.#indexes.delete(index) ? event : undefined;
    const was = this.#indexes.has(index);
    if (event.type === "changed" && !mayDecide(event.changed)) return was ? event : undefined;
    const is = this.#selection.has(event.status);
    if (is) this.#indexes.add(index);
    if (was === is || event.type !== "changed") return is ? event : undefined;
    return is ? joined(event) : this.#left(event, event.previous);
  }

  #left(event: InterfaceEvent, last: InterfaceStatus): InterfaceEvent {
    this.#indexes.delete(last.index);
    const { generation, resync, time, elapsed } = event;
    return makeEvent("left", last, last, { generation, resync, time, elapsed });
  }
}

/** For those who did not ask for it before, it is a new interface. */
function joined({ status, generation, resync, time, elapsed }: InterfaceEvent): InterfaceEvent {
  return makeEvent("added", undefined, status, { generation, resync, time, elapsed });
}

/** A listener for changes. */
export interface Listener {
  /** The interfaces that it wants. */
  readonly selection: Selection;
  /**
   * Called in order at each change of one of them, and when an interface enters or leaves the selection. `joined` means
   * that the interface existed before, and belongs to the selection only now.
   */
  event(event: InterfaceEvent, joined: boolean): void;
  /** Called before messages are read: earlier events are old from now on. */
  turn?(): void;
  /** Whether it has taken no events for so long that more events are of no use. */
  stalled(): boolean;
  /** Called if listening failed and will be tried again. There are no events until it works again. */
  trouble?(error: NetflagsError): void;
  /** Called once if listening failed for good. Nothing comes after it. */
  failed(error: unknown): void;
}

/** Who listens, which interfaces each of them wants, and the events that they did not get yet. */
export class Delivery {
  /** The listeners, with the interfaces that they want. */
  readonly #listeners = new Map<Listener, Members>();
  /** Events that were not delivered yet, with the listeners at the time. */
  readonly #undelivered: { readonly event: InterfaceEvent; readonly listeners: readonly Listener[] }[] = [];
  #delivering = false;
  /** The listeners as a list, which is made anew when one joins or leaves. */
  #list: readonly Listener[] | undefined;
  /** The same of what they want. */
  #starts: { readonly all: readonly NameStart[] | undefined } | undefined;

  /** Whether nobody listens. */
  get idle(): boolean {
    return this.#listeners.size === 0;
  }

  /** How the names begin that somebody wants; undefined if somebody may want any. */
  get starts(): readonly NameStart[] | undefined {
    if (this.#starts === undefined) {
      const each = this.#all().map(({ selection }) => selection.starts);
      this.#starts = { all: each.includes(undefined) ? undefined : each.flatMap((starts) => starts ?? []) };
    }
    return this.#starts.all;
  }

  /** Adds a listener, which knows the present interfaces. */
  add(listener: Listener, present: Iterable<InterfaceStatus>): void {
    this.#listeners.set(listener, new Members(listener.selection, present));
    this.#changed();
  }

  /** Removes a listener. Returns false if it was none. */
  remove(listener: Listener): boolean {
    this.#changed();
    return this.#listeners.delete(listener);
  }

  /** Whether somebody wants an interface. */
  wants(status: InterfaceStatus): boolean {
    for (const { selection } of this.#listeners.keys()) if (selection.has(status)) return true;
    return false;
  }

  /** Whether no listener takes events. */
  get stalled(): boolean {
    return this.#all().every((listener) => listener.stalled());
  }

  /** Messages are read now: earlier events are old. */
  turn(): void {
    for (const listener of this.#all()) listener.turn?.();
  }

  /** Hands events to those who want them, each its own. */
  deliver(events: readonly InterfaceEvent[]): void {
    if (events.length > 0) {
      const listeners = this.#all();
      for (const event of events) this.#undelivered.push({ event, listeners });
    }
    // A listener may ask or join when it gets an event, and so call this again. Its changes come after the others.
    if (this.#delivering) return;
    this.#delivering = true;
    try {
      for (let i = 0; i < this.#undelivered.length; i++) {
        const { event, listeners } = this.#undelivered[i]!;
        let taken = false;
        for (const listener of listeners) {
          const seen = this.#listeners.get(listener)?.see(event);
          if (seen === undefined) continue;
          const same = seen === event;
          listener.event(same && taken ? copyOf(event) : seen, !same && seen.type === "added");
          taken ||= same;
        }
      }
    } finally {
      this.#undelivered.length = 0;
      this.#delivering = false;
    }
  }

  /** Listening failed, and will be tried again. */
  trouble(error: NetflagsError): void {
    for (const listener of this.#all()) listener.trouble?.(error);
  }

  /** Listening failed for good: nobody listens any more. `then` is done before they get to know. */
  fail(error: unknown, then: () => void): void {
    const listeners = this.#all();
    this.#listeners.clear();
    this.#changed();
    then();
    for (const listener of listeners) listener.failed(error);
  }

  #changed(): void {
    this.#list = undefined;
    this.#starts = undefined;
  }

  #all(): readonly Listener[] {
    return this.#list ??= [...this.#listeners.keys()];
  }
}
