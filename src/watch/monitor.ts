import type { Backend, Subscription } from "../../platforms/contract/backend.ts";
import { Backoff } from "../../platforms/contract/backoff.ts";
import type { Capabilities } from "../../platforms/contract/capabilities.ts";
import { QUEUE_LIMIT } from "../../platforms/contract/drain.ts";
import { type NetflagsError, SystemError } from "../../platforms/contract/errors.ts";
import type { InterfaceStatus } from "../../platforms/contract/status.ts";
import type { InterfaceEvent } from "./event.ts";
import { healing, mayHeal } from "./healing.ts";
import { Members } from "./members.ts";
import { hasName, type Selection } from "./selection.ts";
import { Stage } from "./stage.ts";
import { InterfaceTable } from "./table.ts";

/** Who hears of changes. */
export interface Listener {
  /** Which interfaces it hears of. */
  readonly selection: Selection;
  /**
   * Called at each change of one of them, and where one comes to belong to them or does so no more, in order. `joined`:
   * it was there before, and belongs to them only now.
   */
  event(event: InterfaceEvent, joined: boolean): void;
  /** Called before messages are read: what was told before is old. */
  turn?(): void;
  /** Whether it takes nothing of what it was told for so long that telling it more is of no use. */
  stalled(): boolean;
  /** Called where listening failed, and is tried again: nothing is told until it works again. */
  trouble?(error: NetflagsError): void;
  /** Called once where listening failed for good; nothing comes after it. */
  failed(error: unknown): void;
}

/** Messages per turn: enough to empty a usual queue, few enough that a flood does not hold up the consumers. */
const LIVE_LIMIT = 1024;
/** How often everything is compared where the kernel does not tell all changes, in milliseconds. */
const POLL = 1000;

/**
 * How long after an event everything is compared, in milliseconds, where a kernel does not announce every change. What
 * it is silent about seldom comes alone: an interface was just made, or is about to be set up.
 */
const SETTLE = 500;
/** While events go on without a pause, it is compared so often: a list of thousands of interfaces holds up the rest. */
const UNSETTLED = 5000;

const monitors = new WeakMap<Backend, { [addresses: string]: Monitor }>();

/**
 * One subscription to a system's changes with the table of what is known, for every watcher of this thread. It lives
 * from the first watcher to the last.
 */
export class Monitor {
  /** Who listens, with the interfaces that they hear of. */
  readonly #listeners = new Map<Listener, Members>();
  readonly #addresses: boolean;
  readonly #table: InterfaceTable;
  readonly #onEnd: () => void;
  readonly #subscribe: () => Subscription;
  /** undefined while listening has failed and is to be tried again. */
  #subscription: Subscription | undefined;
  readonly #silentChanges: Capabilities["silentChanges"];
  /** Compares at intervals what this kernel tells nobody. */
  #poll: ReturnType<typeof setInterval> | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #settle: ReturnType<typeof setTimeout> | undefined;
  #quiet = true;
  #paused = false;
  /** Whether the wait has woken somebody since everything was last compared. */
  #woken = false;
  /** Whether a comparison was due while nobody took anything. */
  #owed = false;
  /** Whether messages were lost, and everything was not compared since: what comes of the next comparison is a resync. */
  #lost = false;
  /** How soon everything is asked again where messages were lost while it was asked. */
  readonly #retrying = new Backoff(10, 1000);
  readonly #healing = healing();
  /** Events that were not told yet, with those who listened when they happened. */
  readonly #untold: { readonly event: InterfaceEvent; readonly listeners: readonly Listener[] }[] = [];
  #telling = false;
  #ended: Promise<void> | undefined;

  private constructor(backend: Backend, addresses: boolean, onEnd: () => void) {
    this.#addresses = addresses;
    this.#table = new InterfaceTable(addresses, (status) => {
      for (const { selection } of this.#listeners.keys()) if (selection.has(status)) return true;
      return false;
    });
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

  /** The monitor for a backend, with `listener` on it from a moment at which the table is as new as the kernel. */
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
      else monitor.#compareAgain(); // those who listen already are told what this one could not find out
      throw error;
    }
    monitor.#listeners.set(listener, new Members(listener.selection, monitor.#table.statuses()));
    monitor.#table.rate(); // what nobody wanted before is known all the same: it was asked just now
    monitor.resume();
    return monitor;
  }

  /** Takes a listener off. The promise resolves when nothing is left of the monitor, if it was the last one. */
  async leave(listener: Listener): Promise<void> {
    if (!this.#listeners.delete(listener)) return;
    if (this.#listeners.size === 0) await this.#end();
    else this.#table.rate();
  }

  /** Every interface as an event of type "present". */
  present(): InterfaceEvent[] {
    return this.#table.present();
  }

  /** What is known of an interface; of several with that name, of the one whose own it is. */
  find(nameOrIndex: string | number): InterfaceStatus | undefined {
    if (typeof nameOrIndex === "number") return this.#table.get(nameOrIndex);
    let found: InterfaceStatus | undefined;
    for (const status of this.#table.statuses()) {
      if (status.name === nameOrIndex) return status;
      if (hasName(status, nameOrIndex)) found = status;
    }
    return found;
  }

  /** Reads on, where everybody had stalled: one takes what it was told. */
  resume(): void {
    this.#pause(false);
  }

  /** Compares everything now, unless listening has failed and is to be tried again: that has a time of its own. */
  compare(): void {
    if (this.#subscription !== undefined) this.#compare();
  }

  /** Compares everything now; where nobody takes anything, as soon as somebody does. */
  #compare(): void {
    if (this.#paused) this.#owed = true;
    else this.#turn(() => this.#refresh() && this.#wakeUp());
  }

  /**
   * Where the wait has woken nobody since the last comparison, and this one found something, it may have fallen asleep on
   * what it should tell: a NetBSD kernel in user space was seen to do so. Pausing it makes it anew, for next to nothing.
   */
  #wakeUp(): void {
    if (!this.#woken && this.#table.stirred) {
      this.#subscription?.pause(true);
      this.#subscription?.pause(false);
    }
    this.#woken = false;
  }

  /**
   * Asks for everything and reads what queued meanwhile, so that the table holds the difference. False where there is no
   * answer for the moment: it is asked again soon.
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
    if (lost) this.#compareAgain(); // there is more to tell then; but let the consumers run first
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

  /** Does something that changes the table, and tells what came of it. What was told before is old by then. */
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
   * What fails once may work a moment later: the subscription is made anew then, and everything is compared. Only what
   * cannot get better ends the watching.
   */
  #trouble(error: unknown): void {
    if (!mayHeal(error) || this.#ended !== undefined) return this.#fail(error);
    void this.#subscription?.close();
    this.#subscription = undefined;
    this.#paused = false;
    this.#lost = true;
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.#compare(), this.#healing.next());
    for (const listener of [...this.#listeners.keys()]) listener.trouble?.(error);
  }

  #tell(): void {
    if (this.#table.stirred) this.#stir();
    const events = this.#table.take();
    if (events.length > 0) {
      const listeners = [...this.#listeners.keys()];
      for (const event of events) this.#untold.push({ event, listeners });
    }
    // Whoever is told something may ask or join, and so come back here: what that finds is told behind the rest.
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
   * While no consumer takes anything, each message would be read to be merged with others that nobody has seen. The
   * kernel's queue may then fill up instead: what it loses, the comparison behind it finds.
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

  /** Something happened: see to it that what the kernel is silent about is found. */
  #stir(): void {
    this.#quiet = false;
    if (this.#settle === undefined && this.#silentChanges !== "none") this.#compareSoon();
  }

  /** Compares when nothing has happened for a while, and from time to time while something does. */
  #compareSoon(waited = 0): void {
    this.#quiet = true;
    this.#settle = setTimeout(() => {
      this.#settle = undefined;
      if (!this.#quiet) this.#compareSoon((waited + SETTLE) % UNSETTLED);
      const due = this.#settle === undefined || waited + SETTLE >= UNSETTLED;
      const possible = this.#silentChanges === "some" || this.#table.someDown();
      if (due && possible) this.compare();
    }, SETTLE);
  }

  #fail(error: unknown): void {
    const listeners = [...this.#listeners.keys()];
    this.#listeners.clear();
    void this.#end();
    for (const listener of listeners) listener.failed(error);
  }

  /** Once only: a listener may leave while messages are read, and reading may fail behind it. */
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
