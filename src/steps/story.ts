import type { Moment } from "../../platforms/contract/clock.ts";
import type { InterfaceStatus } from "../../platforms/contract/status.ts";
import { type InterfaceEvent, makeEvent, mergeEvents } from "../table/event.ts";

/**
 * What the hooks of an interface are run for. Those of one round are run for one event: all that happened since no hook
 * was due. A round is first losses and then the rest; a further loss begins another.
 */
export class Story {
  #status: InterfaceStatus;
  readonly #generation: number;
  readonly #now: () => Moment;
  /** What happened since a hook was last run. */
  #since: InterfaceEvent | undefined;
  #round: InterfaceEvent | undefined;
  #pastLosses = false;

  /** `known`: the first event is known to everybody. */
  constructor(event: InterfaceEvent, known: boolean, now: () => Moment) {
    this.#now = now;
    this.#status = event.status;
    this.#generation = event.generation;
    this.#since = known ? undefined : event;
  }

  /** The last known state. */
  get status(): InterfaceStatus {
    return this.#status;
  }

  /** Takes the next event. */
  note(event: InterfaceEvent): void {
    this.#status = event.status;
    this.#since = merge(this.#since, event);
  }

  /** All that a hook would be run for now. */
  get event(): InterfaceEvent {
    if (this.#since !== undefined) return merge(this.#round, this.#since);
    if (this.#round !== undefined) return this.#round;
    const origin = { generation: this.#generation, resync: false, ...this.#now() };
    return makeEvent("changed", this.#status, this.#status, origin);
  }

  /** A hook is run. Returns what for. */
  tell(loss: boolean): InterfaceEvent {
    if (loss && this.#pastLosses) this.#round = undefined;
    this.#pastLosses = !loss;
    const { event } = this;
    this.#round = event;
    this.#since = undefined;
    return event;
  }

  /** No further hook is due: the round is over. With `still`, what happened until now will not make one due either. */
  rest(still: boolean): void {
    this.#round = undefined;
    this.#pastLosses = false;
    if (still) this.#since = undefined;
  }
}

function merge(first: InterfaceEvent | undefined, next: InterfaceEvent): InterfaceEvent {
  if (first === undefined) return next;
  return mergeEvents(first, next) ?? next; // of what came and went, that it went
}
