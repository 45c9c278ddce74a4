import type { Backend, Subscription } from "../../platforms/contract/backend.ts";
import { Backoff } from "../../platforms/common/backoff.ts";
import { clockOf } from "../../platforms/common/clock.ts";
import type { Capabilities } from "../../platforms/contract/capabilities.ts";
import type { Clock } from "../../platforms/contract/clock.ts";
import { QUEUE_LIMIT } from "../../platforms/common/drain.ts";
import { type NetflagsError, SystemError } from "../../platforms/contract/errors.ts";
import type { InterfaceStatus } from "../../platforms/contract/status.ts";
import type { InterfaceEvent } from "./event.ts";
import { healing, mayHeal } from "./healing.ts";
import { Members } from "./members.ts";
import { hasName, type Selection } from "../select/selection.ts";
import { Stage } from "./stage.ts";
import { InterfaceTable } from "./table.ts";

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

/** Messages per turn: enough to empty a usual queue, few enough that a flood does not hold up the consumers. */
const LIVE_LIMIT = 1024;
/** How often everything is compared if the kernel does not report all changes, in milliseconds. */
const POLL = 1000;

/**
 * How long after an event everything is compared, in milliseconds, if a kernel does not announce every change. Silent
 * changes seldom come alone: an interface was just made, or is about to be set up.
 */
const SETTLE = 500;
/** How often to compare while events come without a pause. A list of thousands of interfaces delays everything else. */
const UNSETTLED = 5000;

const monitors = new WeakMap<Backend, { [addresses: string]: Monitor }>();

/**
 * One subscription to a system's changes with the table of known states, for all watchers of this thread. It lives from
 * the first watcher to the last.
 */
export class Monitor {
  /** The listeners, with the interfaces that they want. */
  readonly #listeners = new Map<Listener, Members>();
  readonly #addresses: boolean;
  readonly #clock: Clock;
  readonly #table: InterfaceTable;
  readonly #onEnd: () => void;
  readonly #subscribe: () => Subscription;
  /** undefined while listening has failed and will be tried again. */
  #subscription: Subscription | undefined;
  readonly #silentChanges: Capabilities["silentChanges"];
  /** Compares at intervals, to find changes that this kernel does not announce. */
  #poll: ReturnType<typeof setInterval> | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #settle: ReturnType<typeof setTimeout> | undefined;
  #quiet = true;
  #paused = false;
  /** Whether the wait has reported anything since everything was last compared. */
  #woken = false;
  /** Whether a comparison was due while no listener took events. */
  #owed = false;
  /**
   * Whether messages were lost, and not everything was compared since. The differences of the next comparison get
   * `resync`.
   */
  #lost = false;
  /** How soon to ask for everything again if messages were lost during the last attempt. */
  readonly #retrying = new Backoff(10, 1000);
  readonly #healing = healing();
  /** Events that were not reported yet, with the listeners at the time. */
  readonly #untold: { readonly event: InterfaceEvent; readonly listeners: readonly Listener[] }[] = [];
  #telling = false;
  #ended: Promise<void> | undefined;

  private constructor(backend: Backend, addresses: boolean, onEnd: () => void) {
    this.#addresses = addresses;
    this.#clock = clockOf(backend);
    const wanted = (status: InterfaceStatus): boolean => {
      for (const { selection } of this.#listeners.keys()) if (selection.has(status)) return true;
      return false;
    };
    this.#table = new InterfaceTable(addresses, wanted, this.#clock);
    this.#onEnd = onEnd;
    this.#silentChanges = backend.capabilities.silentChanges;
    this.#subscribe = () => {
      const subscription = backend.subscribe({
        addresses,
        ready: () => this.#ready(),
        failed: (error) => this.#subscription === subscription && this.#trouble(error),
      });
      clearInterval(this.#poll);
      this.#poll = subscription.events === "kernel" ? undefined : setInterval(() => this.compare(), POLL);
      return subscription;
    };
    this.#subscription = this.#subscribe();
  }

  /** The monitor for a backend. `listener` joins it at a moment when the table agrees with the kernel. */
  static join(backend: Backend, addresses: boolean, listener: Listener): Monitor {
    let shared = monitors.get(backend);
    if (shared === undefined) monitors.set(backend, shared = {});
    const key = String(addresses);
    const monitor = shared[key] ??= new Monitor(backend, addresses, () => delete shared[key]);
    try {
      if (!monitor.#refresh()) {
        throw new SystemError("Cannot list interfaces for the moment: try again", { operation: "watch interfaces" });
      }
      monitor.#tell();
    } catch (error) {
      if (monitor.#listeners.size === 0) void monitor.#end();
      else monitor.#compareAgain(); // the other listeners get what this one could not find out
      throw error;
    }
    monitor.#listeners.set(listener, new Members(listener.selection, monitor.#table.statuses()));
    monitor.#table.rate(); // states that nobody wanted before are known too: they were read just now
    monitor.resume();
    return monitor;
  }

  /** Removes a listener. If it was the last one, the promise resolves when nothing is left of the monitor. */
  async leave(listener: Listener): Promise<void> {
    if (!this.#listeners.delete(listener)) return;
    if (this.#listeners.size === 0) await this.#end();
    else this.#table.rate();
  }

  /** Every interface as an event of type "present". */
  present(): InterfaceEvent[] {
    return this.#table.present();
  }

  /** The known state of every interface. */
  statuses(): Iterable<InterfaceStatus> {
    return this.#table.statuses();
  }

  /** The known state of an interface. If several have the name, it is the one whose own name it is. */
  find(nameOrIndex: string | number): InterfaceStatus | undefined {
    if (typeof nameOrIndex === "number") return this.#table.get(nameOrIndex);
    let found: InterfaceStatus | undefined;
    for (const status of this.#table.statuses()) {
      if (status.name === nameOrIndex) return status;
      if (hasName(status, nameOrIndex)) found = status;
    }
    return found;
  }

  /** Reads on after all listeners had stalled: one of them takes events again. */
  resume(): void {
    this.#pause(false);
  }

  /** Compares everything now, unless listening has failed: trying again has its own timer. */
  compare(): void {
    if (this.#subscription !== undefined) this.#compare();
  }

  /** Compares everything now, or, if no listener takes events, as soon as one does. */
  #compare(): void {
    if (this.#paused) this.#owed = true;
    else this.#turn(() => this.#refresh() && this.#wakeUp());
  }

  /**
   * If the wait has reported nothing since the last comparison, but this comparison found a change, the wait may be
   * stuck. This was seen with a NetBSD kernel in user space. A pause restarts the wait, at almost no cost.
   */
  #wakeUp(): void {
    if (!this.#woken && this.#table.stirred) {
      this.#subscription?.pause(true);
      this.#subscription?.pause(false);
    }
    this.#woken = false;
  }

  /**
   * Asks for everything and reads the messages that were queued meanwhile, so that the table has the differences.
   * Returns false if there is no answer at the moment; then it asks again soon.
   */
  #refresh(): boolean {
    clearTimeout(this.#retry);
    this.#retry = undefined;
    const subscription = this.#subscription ??= this.#subscribe();
    const list = subscription.snapshot();
    if (list === undefined) {
      this.#compareAgain();
      return false;
    }
    const stage = new Stage(list, this.#addresses);
    const lost = subscription.drain(stage, QUEUE_LIMIT) === "lost";
    if (lost) stage.forget();
    this.#table.replace(stage, this.#lost || lost);
    this.#lost = false;
    if (lost) this.#compareAgain(); // there is more to report; but the consumers run first
    else this.#retrying.reset();
    return true;
  }

  #compareAgain(): void {
    this.#lost = true;
    if (this.#retry !== undefined) return;
    this.#retry = setTimeout(() => this.#compare(), this.#retrying.next());
  }

  #ready(): void {
    this.#woken = true;
    this.#turn(() => {
      if (this.#subscription?.drain(this.#table, LIVE_LIMIT) !== "lost") return;
      this.#lost = true;
      this.#refresh();
    });
  }

  /** Calls a function that changes the table, and reports the changes. Earlier events are old by then. */
  #turn(step: () => void): void {
    if (this.#ended !== undefined) return;
    for (const listener of this.#listeners.keys()) listener.turn?.();
    try {
      step();
      this.#tell();
      this.#pause([...this.#listeners.keys()].every((listener) => listener.stalled()));
    } catch (error) {
      this.#trouble(error);
    }
  }

  /**
   * A failure may be temporary: the subscription is made again, and everything is compared. Watching ends only if
   * trying again cannot help.
   */
  #trouble(error: unknown): void {
    if (!mayHeal(error) || this.#ended !== undefined) return this.#fail(error);
    void this.#subscription?.close();
    this.#subscription = undefined;
    this.#paused = false;
    this.#lost = true;
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.#compare(), this.#healing.next(this.#clock.elapsed()));
    for (const listener of [...this.#listeners.keys()]) listener.trouble?.(error);
  }

  #tell(): void {
    if (this.#table.stirred) this.#stir();
    const events = this.#table.take();
    if (events.length > 0) {
      const listeners = [...this.#listeners.keys()];
      for (const event of events) this.#untold.push({ event, listeners });
    }
    // A listener may ask or join when it gets an event, and so call this again. Its changes are reported after the
    // others.
    if (this.#telling) return;
    this.#telling = true;
    try {
      for (let i = 0; i < this.#untold.length; i++) {
        const { event, listeners } = this.#untold[i]!;
        for (const listener of listeners) {
          const seen = this.#listeners.get(listener)?.see(event);
          if (seen !== undefined) listener.event(seen, seen !== event && seen.type === "added");
        }
      }
    } finally {
      this.#untold.length = 0;
      this.#telling = false;
    }
  }

  /**
   * While no consumer takes events, reading messages would only merge them with others that nobody has seen. So the
   * kernel's queue may fill up instead. The comparison afterwards finds what it loses.
   */
  #pause(paused: boolean): void {
    if (this.#paused === paused || this.#ended !== undefined || this.#subscription === undefined) return;
    this.#paused = paused;
    this.#subscription.pause(paused);
    if (!this.#owed) return;
    this.#owed = false;
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.compare(), 0);
  }

  /** Something happened: makes sure that changes which the kernel does not announce are found. */
  #stir(): void {
    this.#quiet = false;
    if (this.#settle === undefined && this.#silentChanges !== "none") this.#compareSoon();
  }

  /** Compares when nothing has happened for a while, and at intervals while events keep coming. */
  #compareSoon(waited = 0): void {
    this.#quiet = true;
    this.#settle = setTimeout(() => {
      this.#settle = undefined;
      if (!this.#quiet) this.#compareSoon((waited + SETTLE) % UNSETTLED);
      const due = this.#settle === undefined || waited + SETTLE >= UNSETTLED;
      const possible = this.#silentChanges === "some" || this.#table.someSilent();
      if (due && possible) this.compare();
    }, SETTLE);
  }

  #fail(error: unknown): void {
    const listeners = [...this.#listeners.keys()];
    this.#listeners.clear();
    void this.#end();
    for (const listener of listeners) listener.failed(error);
  }

  /** Only once: a listener may leave while messages are read, and reading may fail after that. */
  #end(): Promise<void> {
    return this.#ended ??= this.#close();
  }

  #close(): Promise<void> {
    clearInterval(this.#poll);
    clearTimeout(this.#retry);
    clearTimeout(this.#settle);
    this.#settle = undefined;
    this.#onEnd();
    return this.#subscription?.close() ?? Promise.resolve();
  }
}
