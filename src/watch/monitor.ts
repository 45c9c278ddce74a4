import { cancel, clockOf, type Timer } from "../../platforms/common/clock.ts";
import type { Backend, Extras } from "../../platforms/contract/backend.ts";
import { SystemError } from "../../platforms/contract/errors.ts";
import type { InterfaceStatus } from "../../platforms/contract/status.ts";
import { hasName } from "../select/selection.ts";
import type { InterfaceEvent } from "../table/event.ts";
import { InterfaceTable } from "../table/table.ts";
import { Delivery, type Listener } from "./delivery.ts";
import { Source } from "./source.ts";

/**
 * How long after an event everything is compared, in milliseconds, if a kernel does not announce every change. Silent
 * changes seldom come alone: an interface was just made, or is about to be set up.
 */
const QUIET = 500;
/** How often to compare while events come without a pause. A list of thousands of interfaces delays everything else. */
const UNQUIET = 5000;

/**
 * Says when to compare everything on a kernel that does not announce every change: when nothing has happened for a while
 * after an event, and at intervals while events keep coming. While nothing happens, no timer runs.
 */
export class Silence {
  readonly #compare: () => void;
  readonly #possible: () => boolean;
  #timer: Timer;
  #quiet = true;
  #begun = false;

  /** `possible` says whether there may be a change that was not announced. */
  constructor(compare: () => void, possible: () => boolean) {
    this.#compare = compare;
    this.#possible = possible;
  }

  /** Somebody listens who stays: what has happened since the first list counts. */
  begin(): void {
    if (this.#begun) return;
    this.#begun = true;
    if (!this.#quiet) this.#wait(0);
  }

  /** Something happened. */
  broken(): void {
    this.#quiet = false;
    if (this.#begun && this.#timer === undefined) this.#wait(0);
  }

  #wait(waited: number): void {
    this.#quiet = true;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (!this.#quiet) this.#wait((waited + QUIET) % UNQUIET);
      const due = this.#timer === undefined || waited + QUIET >= UNQUIET;
      if (due && this.#possible()) this.#compare();
    }, QUIET);
  }

  close(): void {
    cancel(this.#timer);
    this.#timer = undefined;
  }
}

const monitors = new WeakMap<Backend, { [extras: string]: Monitor }>();

/**
 * The one source of a system's changes with the table of known states, for all watchers of this thread. It lives from the
 * first watcher to the last.
 */
export class Monitor {
  readonly #delivery = new Delivery();
  readonly #table: InterfaceTable;
  readonly #source: Source;
  /** undefined on a kernel that announces every change. */
  readonly #silence: Silence | undefined;
  readonly #onEnd: () => void;
  #ended: Promise<void> | undefined;

  private constructor(backend: Backend, extras: Extras, onEnd: () => void) {
    this.#onEnd = onEnd;
    const table = this.#table = new InterfaceTable(
      extras.addresses,
      (status) => this.#delivery.wants(status),
      clockOf(backend),
    );
    const { silentChanges } = backend.capabilities;
    if (silentChanges !== "none") {
      this.#silence = new Silence(() => this.compare(), () => silentChanges === "some" || table.someSilent());
    }
    this.#source = new Source(backend, extras, table, {
      starts: () => this.#delivery.starts,
      turn: (step) => this.#turn(step),
      trouble: (error) => this.#delivery.trouble(error),
      failed: (error) => this.#delivery.fail(error, () => void this.#end()),
    });
  }

  /** The monitor for a backend, of those who ask for the same. `listener` joins it at a moment when the table agrees with the kernel. */
  static join(backend: Backend, extras: Extras, listener: Listener): Monitor {
    let shared = monitors.get(backend);
    if (shared === undefined) monitors.set(backend, shared = {});
    const key = `${extras.addresses} ${extras.routes === true}`;
    const monitor = shared[key] ??= new Monitor(backend, extras, () => delete shared[key]);
    const delivery = monitor.#delivery;
    try {
      monitor.#source.widen();
      if (!monitor.#source.refresh(true)) {
        throw new SystemError("Cannot list interfaces for the moment: try again", { operation: "watch interfaces" });
      }
      monitor.#deliver();
    } catch (error) {
      if (delivery.idle) void monitor.#end();
      else monitor.#source.compareAgain(); // the other listeners get what this one could not find out
      throw error;
    }
    delivery.add(listener, monitor.#table.statuses());
    monitor.#table.rate(); // states that nobody wanted before are known too: they were read just now
    monitor.resume();
    return monitor;
  }

  /**
   * A listener stays. Then the kernel may drop what nobody wants, and changes that it does not announce are looked for:
   * neither is of use to a listener that asks once.
   */
  stay(): void {
    this.#narrow();
    this.#silence?.begin();
  }

  /**
   * What fails here is nothing that a listener did: it is tried again, as whatever fails while messages are read. What is
   * read here is told now, because no message may come that tells it.
   */
  #narrow(): void {
    try {
      this.#source.narrow(true);
      this.#deliver();
    } catch (error) {
      this.#source.trouble(error);
    }
  }

  /** Removes a listener. If it was the last one, the promise resolves when nothing is left of the monitor. */
  async leave(listener: Listener): Promise<void> {
    if (!this.#delivery.remove(listener)) return;
    if (this.#delivery.idle) await this.#end();
    else {
      this.#table.rate();
      this.#narrow();
    }
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
    this.#source.pause(false);
  }

  /** Compares everything now, unless listening has failed: trying again has its own timer. */
  compare(): void {
    this.#source.compare();
  }

  /** Calls a function that changes the table, and reports the changes. Earlier events are old by then. */
  #turn(step: () => void): void {
    if (this.#ended !== undefined) return;
    this.#delivery.turn();
    try {
      step();
      this.#source.narrow(false);
      this.#deliver();
      this.#source.pause(this.#delivery.stalled);
    } catch (error) {
      this.#source.trouble(error);
    }
  }

  #deliver(): void {
    if (this.#table.dirty) this.#silence?.broken();
    this.#delivery.deliver(this.#table.take());
  }

  /** Only once: a listener may leave while messages are read, and reading may fail after that. */
  #end(): Promise<void> {
    return this.#ended ??= this.#close();
  }

  #close(): Promise<void> {
    this.#silence?.close();
    this.#onEnd();
    return this.#source.close();
  }
}
