import { Backoff, healing, mayHeal } from "../../platforms/common/backoff.ts";
import { cancel, clockOf, type Timer } from "../../platforms/common/clock.ts";
import { QUEUE_LIMIT } from "../../platforms/common/drain.ts";
import type { Backend, Extras, NameStart, Subscription } from "../../platforms/contract/backend.ts";
import type { Clock } from "../../platforms/contract/clock.ts";
import type { NetflagsError } from "../../platforms/contract/errors.ts";
import { Both } from "../table/both.ts";
import { Snapshot } from "../table/snapshot.ts";
import type { InterfaceTable } from "../table/table.ts";

/** Messages per turn: enough to empty a usual queue, few enough that a flood does not hold up the consumers. */
const LIVE_LIMIT = 1024;
/** How often everything is compared if the kernel does not report all changes, in milliseconds. */
const POLL = 1000;

/**
 * How many messages that nobody wants make it worth while to let the kernel drop more of them, and of how many
 * interfaces one more is added: a long filter takes longer to make.
 */
const DISTURBED = 4;
const PER_DISTURBED = 32;
/** How often in a row interfaces may become wanted by what is asked about others. */
const FREED = 8;

/** Who uses a source. */
export interface SourceOwner {
  /** How the names begin that somebody wants; undefined if somebody may want any. */
  starts(): readonly NameStart[] | undefined;
  /** Calls a function that changes the table, and goes on with what it changed. */
  turn(step: () => void): void;
  /** Listening failed, and is tried again. */
  trouble(error: NetflagsError): void;
  /** Listening failed, and trying again cannot help. */
  failed(error: unknown): void;
}

/** Keeps a table as the kernel has it: subscribes, reads, asks for everything after a loss, and heals after a failure. */
export class Source {
  readonly #table: InterfaceTable;
  readonly #extras: Extras;
  readonly #owner: SourceOwner;
  readonly #clock: Clock;
  readonly #subscribe: () => Subscription;
  /** undefined while listening has failed and will be tried again. */
  #subscription: Subscription | undefined;
  /** Compares at intervals, to find changes that this kernel does not announce. */
  #poll: ReturnType<typeof setInterval> | undefined;
  #retry: Timer;
  #paused = false;
  #closed = false;
  /** Whether everything was listed once. Before that, the table knows nothing that a message could change. */
  #listed = false;
  /** Whether the wait has reported anything since everything was last compared. */
  #woken = false;
  /** Whether a comparison was due during a pause. */
  #owed = false;
  /**
   * Whether messages were lost, and not everything was compared since. The differences of the next comparison get
   * `resync`.
   */
  #lost = false;
  /** How soon to ask for everything again if messages were lost during the last attempt. */
  readonly #retrying = new Backoff(10, 1000);
  readonly #healing = healing();
  /** What the kernel drops, by the table and by who listens. */
  #unwanted: ReadonlySet<number> | undefined;
  #starts: readonly NameStart[] | undefined;
  /** How much of what nobody wants was told when that was last decided. */
  #disturbed = 0;

  constructor(backend: Backend, extras: Extras, table: InterfaceTable, owner: SourceOwner) {
    this.#table = table;
    this.#extras = extras;
    this.#owner = owner;
    this.#clock = clockOf(backend);
    this.#subscribe = () => {
      const subscription = backend.subscribe({
        ...extras,
        ready: () => this.#ready(),
        failed: (error) => this.#subscription === subscription && this.trouble(error),
      });
      this.#unwanted = undefined;
      cancel(this.#poll);
      this.#poll = subscription.events === "kernel" ? undefined : setInterval(() => this.compare(), POLL);
      return subscription;
    };
    this.#subscription = this.#subscribe();
  }

  /** Compares everything now, unless listening has failed: trying again has its own timer. */
  compare(): void {
    if (this.#subscription !== undefined) this.#compare();
  }

  /** Compares everything now, or, during a pause, as soon as it is over. */
  #compare(): void {
    if (this.#paused) this.#owed = true;
    else this.#owner.turn(() => this.refresh() && this.#wakeUp());
  }

  /**
   * If the wait has reported nothing since the last comparison, but this comparison found a change, the wait may be
   * stuck. This was seen with a NetBSD kernel in user space. A pause restarts the wait, at almost no cost.
   */
  #wakeUp(): void {
    if (!this.#woken && this.#table.dirty) {
      this.#subscription?.pause(true);
      this.#subscription?.pause(false);
    }
    this.#woken = false;
  }

  /**
   * Asks for everything and reads the messages that were queued meanwhile, so that the table has the differences.
   * Returns false if there is no answer at the moment; then it asks again soon.
   *
   * A down and an up between two comparisons are no difference. So the table takes each message that was queued before
   * or comes meanwhile, unless messages were lost: then more may have happened between two of them than they say.
   *
   * Where messages come faster than they are read, the consumers get what was read, and everything is compared when the
   * flood is over; with `now`, the list is taken all the same.
   */
  refresh(now = false): boolean {
    cancel(this.#retry);
    this.#retry = undefined;
    const subscription = this.#subscription ??= this.#subscribe();
    if (this.#listed && !this.#lost) {
      const drained = subscription.drain(this.#table, QUEUE_LIMIT);
      const answer = drained === "empty" ? this.#replace(subscription, true) : drained;
      if (answer === "done") return true;
      if (answer === "more" && !now) this.#postpone();
      if (answer === "no answer" || answer === "more" && !now) return false;
      this.#lost = true;
    }
    return this.#replace(subscription, false) === "done";
  }

  /**
   * Asks for everything, and takes it. With `live`, the table takes the messages that come meanwhile, too. If some of
   * these were lost or are still queued, it may be newer or older than the list by then, and nothing is done: everything
   * has to be asked once more. Otherwise the list is taken as it is, and everything is compared again soon.
   */
  #replace(subscription: Subscription, live: boolean): "done" | "no answer" | "more" | "lost" {
    const list = subscription.snapshot();
    if (list === undefined) {
      this.compareAgain();
      return "no answer";
    }
    const snapshot = new Snapshot(list, this.#extras.addresses);
    const drained = subscription.drain(live ? new Both(this.#table, snapshot) : snapshot, QUEUE_LIMIT);
    const whole = drained === "empty";
    if (live && !whole) return drained;
    if (!whole) snapshot.forget();
    this.#table.replace(snapshot, this.#lost || !whole);
    this.#listed = true;
    this.#lost = false;
    if (!whole) this.compareAgain(); // there is more to report; but the consumers run first
    else this.#retrying.reset();
    return "done";
  }

  /** Something was lost: everything is compared again soon. */
  compareAgain(): void {
    this.#lost = true;
    this.#postpone();
  }

  /** Everything is compared soon, when the consumers have run. */
  #postpone(): void {
    if (this.#retry !== undefined) return;
    this.#retry = setTimeout(() => this.#compare(), this.#retrying.next());
  }

  /**
   * Before somebody asks for more: the kernel drops nothing from now on, and what it dropped is in the list that comes
   * next. Where messages were lost, those that are queued still say less than that list.
   */
  widen(): void {
    if (this.#unwanted === undefined || this.#subscription === undefined) return;
    this.#subscription.filter?.(undefined);
    this.#unwanted = undefined;
    if (this.#lost) this.#subscription.drain(new Snapshot([], this.#extras.addresses), QUEUE_LIMIT);
  }

  /**
   * Lets the kernel drop what nobody wants. What is wanted again is let through at once; more is dropped when it has
   * disturbed often enough, or `now`.
   */
  narrow(now: boolean): void {
    for (let times = 0; times < FREED && this.#narrowed(now); times++) {
      if (this.#subscription?.drain(this.#table, LIVE_LIMIT) !== "lost") continue;
      this.#lost = true;
      this.refresh();
    }
  }

  /** Whether the queue must be drained again. */
  #narrowed(now: boolean): boolean {
    const subscription = this.#subscription;
    // Which way the default traffic takes, any interface may decide.
    if (subscription?.filter === undefined || this.#lost || this.#extras.routes) return false;
    const names = this.#owner.starts();
    if (names === undefined) return false;
    const { unwanted: indexes, disturbed } = this.#table;
    const before = this.#unwanted;
    if (indexes === before && names === this.#starts) return false;
    const soon = now || before === undefined || disturbed - this.#disturbed >= DISTURBED + indexes.size / PER_DISTURBED;
    if (!soon && isWithin(before, indexes)) return false;
    this.#unwanted = indexes;
    this.#starts = names;
    this.#disturbed = disturbed;
    return subscription.filter({ indexes, names });
  }

  #ready(): void {
    this.#woken = true;
    this.#owner.turn(() => {
      if (this.#subscription?.drain(this.#table, LIVE_LIMIT) !== "lost") return;
      this.#lost = true;
      this.refresh();
    });
  }

  /**
   * A failure may be temporary: the subscription is made again, and everything is compared. Listening ends only if
   * trying again cannot help.
   */
  trouble(error: unknown): void {
    if (!mayHeal(error) || this.#closed) return this.#owner.failed(error);
    void this.#subscription?.close();
    this.#subscription = undefined;
    this.#paused = false;
    this.#lost = true;
    cancel(this.#retry);
    this.#retry = setTimeout(() => this.#compare(), this.#healing.next(this.#clock.elapsed()));
    this.#owner.trouble(error);
  }

  /**
   * While no consumer takes events, reading messages would only merge them with others that nobody has seen. So the
   * kernel's queue may fill up instead. The comparison afterwards finds what it loses.
   */
  pause(paused: boolean): void {
    if (this.#paused === paused || this.#closed || this.#subscription === undefined) return;
    this.#paused = paused;
    this.#subscription.pause(paused);
    if (!this.#owed) return;
    this.#owed = false;
    cancel(this.#retry);
    this.#retry = setTimeout(() => this.compare(), 0);
  }

  /** Ends it. The promise resolves when nothing of it is left. */
  async close(): Promise<void> {
    this.#closed = true;
    cancel(this.#poll);
    cancel(this.#retry);
    await this.#subscription?.close();
  }
}

/** Whether all of a set is in another one. */
function isWithin(set: ReadonlySet<number>, other: ReadonlySet<number>): boolean {
  for (const one of set) if (!other.has(one)) return false;
  return true;
}
