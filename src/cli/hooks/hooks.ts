import { type InterfaceEvent, isEnd } from "../../table/event.ts";
import type { InterfaceStatus } from "../../../platforms/contract/status.ts";
import { lifeOf } from "../../watch/queue.ts";
import { within } from "./within.ts";

/** What a hook can be for, in the order in which those of one event are run. */
export const HOOKS = [
  "added",
  "up",
  "carrier",
  "connected",
  "disconnected",
  "no-carrier",
  "down",
  "removed",
] as const;

/** What a hook is for. */
export type Hook = typeof HOOKS[number];

/** The hooks that a step from one state to another is for; undefined: the interface is not there. */
export function hooksFor(before: InterfaceStatus | undefined, after: InterfaceStatus | undefined): Hook[] {
  const wanted = new Set<Hook>();
  if (before === undefined && after !== undefined) wanted.add("added");
  if (before !== undefined && after === undefined) wanted.add("removed");
  // An interface that is gone has none of them; of one that is there, what the system does not tell is no step.
  const now = after ?? { up: false, carrier: false, connected: false };
  const pairs = [
    [before?.up, now.up, "up", "down"],
    [before?.carrier, now.carrier, "carrier", "no-carrier"],
    [before?.connected, now.connected, "connected", "disconnected"],
  ] as const;
  for (const [was, is, yes, no] of pairs) {
    // What was not known before is told as it is; what is gone only where it was so.
    if (is === true && was !== true) wanted.add(yes);
    if (is === false && (was === true || (before === undefined && after !== undefined))) wanted.add(no);
  }
  return HOOKS.filter((hook) => wanted.has(hook));
}

/** Runs one hook to its end. */
export type RunHook = (hook: Hook, event: InterfaceEvent) => Promise<void>;

/** Reports what a {@linkcode RunHook} threw. It throws nothing itself. */
export type ReportHook = (hook: Hook, event: InterfaceEvent, error: unknown) => void;

interface Line {
  /** The state that the hooks were run for last. */
  told: InterfaceStatus | undefined;
  /** What happened since. */
  latest: InterfaceEvent | undefined;
  /** When the interface may be settled, in milliseconds of performance.now(). */
  due: number;
  /** Whether something is being done, or waited for. */
  working: boolean;
  /** What is being done, or was done last. */
  work: Promise<void>;
}

/**
 * Runs hooks for the events of many interfaces: one at a time for each interface, side by side for several. What
 * happens while a hook runs, or before an interface has been quiet for `delay` milliseconds, is told as one step.
 */
export class HookLines {
  readonly #lines = new Map<string, Line>();
  readonly #run: RunHook;
  readonly #delay: number;
  readonly #report: ReportHook;
  #open = true;
  readonly #closed = new AbortController();

  /**
   * @param run Runs one hook.
   * @param delay For how many milliseconds an interface must have been quiet.
   * @param report Told where `run` throws; the hooks behind that one are run all the same.
   */
  constructor(run: RunHook, delay: number, report: ReportHook) {
    this.#run = run;
    this.#delay = delay;
    this.#report = report;
  }

  /** Takes an interface's state as told already, without running anything. */
  accept(event: InterfaceEvent): void {
    this.#line(event).told = event.status;
  }

  /** Takes an event. */
  take(event: InterfaceEvent): void {
    const line = this.#line(event);
    line.latest = event;
    line.due = performance.now() + this.#delay;
    if (line.working) return;
    // Set before the work starts: work that never waits has ended, and has cleared it, when the call returns.
    line.working = true;
    line.work = this.#work(event, line);
  }

  /** Runs no more hooks, and resolves when the last that runs has ended. */
  async close(): Promise<void> {
    this.#open = false;
    this.#closed.abort();
    await Promise.all(Array.from(this.#lines.values(), ({ work }) => work));
  }

  /** Resolves when nothing is left to do. */
  async idle(): Promise<void> {
    const busy = (): Line[] => [...this.#lines.values()].filter(({ working }) => working);
    // A hook may bring an event of an interface whose work had ended.
    for (let lines = busy(); lines.length > 0; lines = busy()) await Promise.all(lines.map(({ work }) => work));
  }

  #line(event: InterfaceEvent): Line {
    const key = lifeOf(event);
    let line = this.#lines.get(key);
    if (line === undefined) {
      line = { told: undefined, latest: undefined, due: 0, working: false, work: Promise.resolve() };
      this.#lines.set(key, line);
    }
    return line;
  }

  async #work(first: InterfaceEvent, line: Line): Promise<void> {
    while (this.#open && line.latest !== undefined) {
      const wait = line.due - performance.now();
      if (wait > 0) {
        await within(wait, undefined, this.#closed.signal);
        continue;
      }
      const event = line.latest;
      line.latest = undefined;
      const after = isEnd(event.type) ? undefined : event.status;
      const hooks = hooksFor(line.told, after);
      line.told = after;
      for (const hook of hooks) if (this.#open) await this.#runOne(hook, event);
    }
    line.working = false;
    if (line.told === undefined) this.#lines.delete(lifeOf(first));
  }

  /** A hook that fails is reported, and must not keep the interface's next events from being told. */
  async #runOne(hook: Hook, event: InterfaceEvent): Promise<void> {
    try {
      await this.#run(hook, event);
    } catch (error) {
      this.#report(hook, event, error);
    }
  }
}
