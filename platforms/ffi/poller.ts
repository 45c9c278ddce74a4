import { cancel, type Timer } from "../common/clock.ts";
import { Backoff } from "../common/backoff.ts";
import { SystemError } from "../contract/errors.ts";
import type { DescriptorPoller, Polled, Registration, Waiting, Wake } from "./contract.ts";

export type { Polled, Ready, Registration, Waiting, Wake } from "./contract.ts";

interface Entry {
  readonly fd: number;
  /** What to wait for; errors and hang-ups are reported in any case. */
  readonly events: number;
  /** Whether the poller closes the descriptor at the end. */
  owned: boolean;
  readonly ready: () => void;
  readonly failed: (error: unknown) => void;
  open: boolean;
  paused: boolean;
  readonly gone: PromiseWithResolvers<void>;
}

/** struct pollfd: int fd, short events, short revents */
const POLLFD_LEN = 8;
const POLLIN = 1;
/** Polls that fail so often in a row, each at once, are not interrupted (EINTR) but broken. */
const FAILURES = 100;
const AT_ONCE = 10;

/**
 * As long as a call takes that asks once and finds at once what it waits for: it opens, looks, and closes again in two
 * jobs of the runtime's queue.
 */
export async function briefly(): Promise<void> {
  await undefined;
  await undefined;
}

/** Calls `ready` once. */
export function once(begin: (ready: () => void) => Registration, ready: () => void): Registration {
  const registration = begin(() => {
    void registration.close();
    ready();
  });
  return registration;
}

/** Whoever learns this tries again, and may wait in another way then. */
export function brokenError(call: string): SystemError {
  return new SystemError(`Cannot wait for interface events: ${call} fails again and again`, {
    operation: "wait for interface events",
  });
}

/**
 * One poll for every descriptor of a C library in this thread. Deno has 32 threads for calls that block, so each
 * watcher must not take one of its own. The pending call keeps the process alive while there is a descriptor, and
 * ends with the last one.
 */
export class Poller implements DescriptorPoller {
  readonly byEventLoop = false;
  readonly #system: Waiting;
  readonly #atOnce: boolean;
  #entries: Entry[] = [];
  #wake: Wake | undefined;
  /** Tries a wake again that failed. */
  #again: Timer;
  readonly #waking = new Backoff(10, 1000);
  #stale = true;
  /** struct pollfd of each descriptor, with room for more: the pending poll writes to it. */
  #fds = new Uint8Array(new ArrayBuffer(0));

  /** `atOnce`: in a Worker. */
  constructor(system: Waiting, atOnce = false) {
    this.#system = system;
    this.#atOnce = atOnce;
  }

  add(fd: number, ready: () => void, failed: (error: unknown) => void): Polled {
    return this.#add({ fd, events: POLLIN, owned: true, ready, failed });
  }

  addErrors(fd: number, ready: () => void): Registration {
    return once((ready) => this.#add({ fd, events: 0, owned: false, ready, failed: () => {} }), ready);
  }

  addBorrowed(fd: number, ready: () => void, failed: (error: unknown) => void): Registration {
    return this.#add({ fd, events: POLLIN, owned: false, ready, failed });
  }

  #add(what: Omit<Entry, "open" | "paused" | "gone">): Polled {
    const entry: Entry = { ...what, open: true, paused: false, gone: Promise.withResolvers<void>() };
    const running = this.#wake;
    // Both may throw: before anything else has changed. A pending poll knows nothing of the descriptor.
    const wake = running ?? this.#system.openWake();
    if (running !== undefined && !this.#system.wake(running)) throw brokenError("write");
    this.#entries.push(entry);
    this.#stale = true;
    if (running === undefined) void this.#run(wake);
    return {
      pause: (paused) => {
        if (entry.paused === paused) return;
        entry.paused = paused;
        this.#stale = true;
        // A pending poll with the descriptor in it comes back and finds the callback not wanted.
        if (!paused) this.#ring();
      },
      close: () => {
        this.#drop(entry);
        return entry.gone.promise;
      },
      release: () => {
        entry.owned = false;
        this.#drop(entry);
      },
    };
  }

  #drop(entry: Entry): void {
    if (!entry.open) return;
    entry.open = false;
    this.#stale = true;
    // Where the poll cannot be woken, nobody waits for that: the descriptor is closed when it comes back.
    if (!this.#ring()) entry.gone.resolve();
  }

  /** Lets a pending poll return, now or as soon as that is possible; whether it is now. */
  #ring(): boolean {
    if (this.#wake === undefined || this.#system.wake(this.#wake)) return true;
    this.#again ??= setTimeout(() => {
      this.#again = undefined;
      this.#ring();
    }, this.#waking.next());
    return false;
  }

  /** What was to be woken has come back. */
  #rang(): void {
    cancel(this.#again);
    this.#again = undefined;
    this.#waking.reset();
  }

  async #run(first: Wake): Promise<void> {
    this.#wake = first;
    // No thread is started for a descriptor that is closed again by then. In a Worker, a call that begins after
    // self.close() would leave two descriptors of the runtime's own behind.
    if (!this.#atOnce) await briefly();
    let failures = 0;
    while (this.#refreshed(this.#wake)) {
      const count = this.#entries.length + 1;
      const started = performance.now();
      const result = await this.#system.poll(this.#fds, count);
      this.#rang();
      if (result < 0) {
        failures = performance.now() - started < AT_ONCE ? failures + 1 : 0;
        if (failures >= FAILURES) this.#giveUp(brokenError("poll"));
        continue;
      }
      failures = 0;
      this.#dispatch(this.#wake, new Int16Array(this.#fds.buffer, 0, count * POLLFD_LEN / 2));
    }
    this.#closeWake(this.#wake);
    this.#wake = undefined;
    this.#rang(); // nothing is to be woken any more
  }

  #closeWake({ read, write }: Wake): void {
    this.#system.close(read);
    if (write !== read) this.#system.close(write);
  }

  /** Takes another wake descriptor in the place of one that stays readable, which every poll would return for at once. */
  #renewWake(stuck: Wake): void {
    try {
      this.#wake = this.#system.openWake();
    } catch (error) {
      return this.#giveUp(error);
    }
    this.#closeWake(stuck);
    this.#stale = true;
  }

  /** Without memory for the list nobody can wait. */
  #refreshed(wake: Wake): boolean {
    try {
      return this.#refresh(wake);
    } catch (error) {
      this.#giveUp(error);
      return this.#refresh(wake);
    }
  }

  /** Between two polls only: closes what was given up (a descriptor in a pending poll must not be), and lists the rest. */
  #refresh(wake: Wake): boolean {
    if (!this.#stale) return true;
    this.#stale = false;
    for (const entry of this.#entries) {
      if (entry.open) continue;
      if (entry.owned) this.#system.close(entry.fd);
      entry.gone.resolve();
    }
    this.#entries = this.#entries.filter((entry) => entry.open);
    if (this.#entries.length === 0) return false;
    const bytes = POLLFD_LEN * (this.#entries.length + 1);
    if (bytes > this.#fds.length) this.#fds = this.#system.memory(2 * bytes);
    const fds = new Int32Array(this.#fds.buffer);
    const events = new Int16Array(this.#fds.buffer);
    fds[0] = wake.read;
    events[2] = POLLIN;
    this.#entries.forEach((entry, i) => {
      fds[2 * i + 2] = entry.paused ? -1 : entry.fd; // poll passes over what is negative
      events[4 * i + 6] = entry.events;
    });
    return true;
  }

  #dispatch(wake: Wake, revents: Int16Array): void {
    if (revents[3] !== 0 && !this.#system.drainWake(wake)) this.#renewWake(wake);
    // An entry that a callback adds stands behind those that were polled.
    const polled = revents.length / 4 - 1;
    for (let i = 0; i < polled; i++) {
      const entry = this.#entries[i];
      if (entry === undefined || !entry.open || entry.paused || revents[4 * i + 7] === 0) continue;
      try {
        entry.ready();
      } catch (error) {
        entry.failed(error);
      }
    }
  }

  #giveUp(error: unknown): void {
    for (const entry of [...this.#entries]) {
      if (!entry.open) continue;
      this.#drop(entry);
      entry.failed(error);
    }
  }
}
