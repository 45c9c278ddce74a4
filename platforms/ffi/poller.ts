import { SystemError } from "../contract/errors.ts";

/** What the poller needs of a C library. The descriptors are that library's own. */
export interface Waiting {
  /** `poll(2)` without a time limit, on another thread. A negative result tells no errno: that stays on the other thread. */
  poll(fds: Uint8Array<ArrayBuffer>, count: number): Promise<number>;
  /** Opens what {@linkcode Waiting.wake} makes readable; throws where the system gives no descriptor. */
  openWake(): Wake;
  /** Makes a wake descriptor readable, so that a pending poll returns. */
  wake(wake: Wake): void;
  /** Makes it not readable again. */
  calm(wake: Wake): void;
  /** `close(2)` */
  close(fd: number): void;
}

/** The two ends of what wakes a poll; one descriptor may be both. */
export interface Wake {
  /** The end to poll. */
  readonly read: number;
  /** The end to write to. */
  readonly write: number;
}

/** Reads what there is to read; may tell how many messages that were. */
export type Ready = () => number | void;

/** A descriptor that is waited for. */
export interface Registration {
  /** Leaves the descriptor alone for a while, or waits for it again. */
  pause(paused: boolean): void;
  /**
   * Ends the waiting and closes the descriptor, at once for the caller: its callback is not called again. The promise
   * is for those who must know when the descriptor and the poll are really gone.
   */
  close(): Promise<void>;
}

/** A descriptor that the poller waits for. */
export interface Polled extends Registration {
  /** Ends the waiting and leaves the descriptor open: somebody else waits for it. */
  release(): void;
}

interface Entry {
  readonly fd: number;
  /** What to wait for; errors and hang-ups are told in any case. */
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
 * One poll for every descriptor of a C library in this thread. Deno has 32 threads for calls that block, so each
 * watcher must not take one of its own. The pending call keeps the process alive while there is a descriptor, and
 * ends with the last one.
 */
export class Poller {
  readonly #system: Waiting;
  #entries: Entry[] = [];
  #wake: Wake | undefined;
  #stale = true;
  #fds = new Uint8Array(new ArrayBuffer(POLLFD_LEN));

  constructor(system: Waiting) {
    this.#system = system;
  }

  /** Calls `ready` whenever the descriptor has something to read or an error. From now on the poller owns it. */
  add(fd: number, ready: () => void, failed: (error: unknown) => void): Polled {
    return this.#add({ fd, events: POLLIN, owned: true, ready, failed });
  }

  /** Calls `ready` once when a descriptor that belongs to somebody else has an error or was hung up. */
  addErrors(fd: number, ready: () => void): Registration {
    const once = (): void => {
      void registration.close();
      ready();
    };
    const registration = this.#add({ fd, events: 0, owned: false, ready: once, failed: () => {} });
    return registration;
  }

  #add(what: Omit<Entry, "open" | "paused" | "gone">): Polled {
    const entry: Entry = { ...what, open: true, paused: false, gone: Promise.withResolvers<void>() };
    const running = this.#wake;
    const wake = running ?? this.#system.openWake(); // may throw: before anything else has changed
    this.#entries.push(entry);
    this.#stale = true;
    if (running === undefined) void this.#run(this.#wake = wake);
    else this.#system.wake(wake);
    return {
      pause: (paused) => {
        if (entry.paused === paused) return;
        entry.paused = paused;
        this.#stale = true;
        // A pending poll with the descriptor in it comes back and finds the callback not wanted.
        if (!paused && this.#wake !== undefined) this.#system.wake(this.#wake);
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
    if (this.#wake !== undefined) this.#system.wake(this.#wake);
  }

  async #run(wake: Wake): Promise<void> {
    let failures = 0;
    while (this.#refresh(wake)) {
      const count = this.#entries.length + 1;
      const started = performance.now();
      const result = await this.#system.poll(this.#fds, count);
      if (result < 0) {
        failures = performance.now() - started < AT_ONCE ? failures + 1 : 0;
        if (failures >= FAILURES) this.#giveUp();
        continue;
      }
      failures = 0;
      this.#dispatch(wake, new Int16Array(this.#fds.buffer));
    }
    this.#system.close(wake.read);
    if (wake.write !== wake.read) this.#system.close(wake.write);
    this.#wake = undefined;
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
    const buffer = new ArrayBuffer(POLLFD_LEN * (this.#entries.length + 1));
    const fds = new Int32Array(buffer);
    const events = new Int16Array(buffer);
    fds[0] = wake.read;
    events[2] = POLLIN;
    this.#entries.forEach((entry, i) => {
      fds[2 * i + 2] = entry.paused ? -1 : entry.fd; // poll passes over what is negative
      events[4 * i + 6] = entry.events;
    });
    this.#fds = new Uint8Array(buffer);
    return this.#entries.length > 0;
  }

  #dispatch(wake: Wake, revents: Int16Array): void {
    if (revents[3] !== 0) this.#system.calm(wake);
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

  #giveUp(): void {
    const error = new SystemError("Cannot wait for interface events: poll fails again and again", {
      operation: "wait for interface events",
    });
    for (const entry of this.#entries) {
      if (!entry.open) continue;
      this.#drop(entry);
      entry.failed(error);
    }
  }
}
