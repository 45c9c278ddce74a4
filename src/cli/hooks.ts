import type { InterfaceEvent } from "../watch/event.ts";
import type { InterfaceStatus } from "../../platforms/contract/status.ts";

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

/** Runs one hook to its end. It throws nothing: what goes wrong, it reports. */
export type RunHook = (hook: Hook, event: InterfaceEvent) => Promise<void>;

interface Line {
  /** The state that the hooks were run for last. */
  told: InterfaceStatus | undefined;
  /** What happened since. */
  latest: InterfaceEvent | undefined;
  /** When the interface may be settled, in milliseconds of performance.now(). */
  due: number;
  /** Ends when nothing is left to do. */
  work: Promise<void> | undefined;
}

/**
 * Runs hooks for the events of many interfaces: one at a time for each interface, side by side for several. What
 * happens while a hook runs, or before an interface has been quiet for `delay` milliseconds, is told as one step.
 */
export class HookLines {
  readonly #lines = new Map<string, Line>();
  readonly #run: RunHook;
  readonly #delay: number;
  #open = true;
  readonly #closed = Promise.withResolvers<void>();

  constructor(run: RunHook, delay: number) {
    this.#run = run;
    this.#delay = delay;
  }

  /** Takes an interface's state as told already, without running anything. */
  accept(event: InterfaceEvent): void {
    this.#line(event).told = event.interface;
  }

  /** Takes an event. */
  take(event: InterfaceEvent): void {
    const line = this.#line(event);
    line.latest = event;
    line.due = performance.now() + this.#delay;
    line.work ??= this.#work(event, line);
  }

  /** Runs no more hooks, and resolves when the last that runs has ended. */
  async close(): Promise<void> {
    this.#open = false;
    this.#closed.resolve();
    await Promise.all(Array.from(this.#lines.values(), ({ work }) => work));
  }

  /** Resolves when nothing is left to do. */
  async idle(): Promise<void> {
    for (const { work } of this.#lines.values()) await work;
  }

  /** Waits for so many milliseconds, or until it is closed. */
  async #quiet(ms: number): Promise<void> {
    const time = Promise.withResolvers<void>();
    const timer = setTimeout(time.resolve, ms);
    await Promise.race([time.promise, this.#closed.promise]);
    clearTimeout(timer);
  }

  #key({ interface: { index }, generation }: InterfaceEvent): string {
    return `${index} ${generation}`;
  }

  #line(event: InterfaceEvent): Line {
    const key = this.#key(event);
    let line = this.#lines.get(key);
    if (line === undefined) {
      this.#lines.set(key, line = { told: undefined, latest: undefined, due: 0, work: undefined });
    }
    return line;
  }

  async #work(first: InterfaceEvent, line: Line): Promise<void> {
    while (this.#open && line.latest !== undefined) {
      const wait = line.due - performance.now();
      if (wait > 0) {
        await this.#quiet(wait);
        continue;
      }
      const event = line.latest;
      line.latest = undefined;
      const after = event.type === "removed" ? undefined : event.interface;
      const hooks = hooksFor(line.told, after);
      line.told = after;
      for (const hook of hooks) if (this.#open) await this.#run(hook, event);
    }
    line.work = undefined;
    if (line.told === undefined) this.#lines.delete(this.#key(first));
  }
}
