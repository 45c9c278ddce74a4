import type { DescriptorCalls, DescriptorPoller, Polled, Ready, Registration } from "./contract.ts";
import { LoopEntry, notTaken, type ReadableHandle } from "./loop_entry.ts";
import type { NodeFfi } from "./node_host.ts";
import { once } from "./poller.ts";

/** `UV_POLL` of uv_handle_type, `UV_READABLE` and `UV_DISCONNECT` of uv_poll_event (uv.h). */
const UV_POLL = 8;
const [UV_READABLE, UV_DISCONNECT] = [1, 4] as const;

declare function setImmediate(callback: () => void): unknown;

/** The functions of libuv (uv.h), which the runtime exports for add-ons. */
interface Uv {
  /** `int uv_poll_init(uv_loop_t *loop, uv_poll_t *handle, int fd);` */
  readonly init: (loop: bigint, handle: bigint, fd: number) => number;
  /** `int uv_poll_start(uv_poll_t *handle, int events, uv_poll_cb cb);` */
  readonly start: (handle: bigint, events: number, callback: bigint) => number;
  /** `int uv_poll_stop(uv_poll_t *handle);` */
  readonly stop: (handle: bigint) => number;
  /** `void uv_close(uv_handle_t *handle, uv_close_cb cb);` */
  readonly close: (handle: bigint, callback: bigint) => void;
  readonly loop: bigint;
  /** `size_t uv_handle_size(uv_handle_type type);` of a uv_poll_t */
  readonly size: number;
  /** The addresses of what is called back. */
  readonly polled: bigint;
  readonly closed: bigint;
  /** The handles that libuv knows, by their addresses: their memory must stay until it says that they are closed. */
  readonly handles: Map<bigint, Handle>;
}

/**
 * What libuv has told in this turn. It tells by a callback of a foreign function: after it, the runtime does not run
 * microtasks, and an error thrown in it ends the process by abort(3). So nothing happens in there but that it is noted,
 * and what is to be done follows in the same turn of the event loop.
 */
class Noted {
  #actions: (() => void)[] = [];

  add(action: () => void): void {
    if (this.#actions.push(action) === 1) setImmediate(() => this.#act());
  }

  #act(): void {
    const actions = this.#actions;
    this.#actions = [];
    let failed = 0;
    let failure: unknown;
    for (const action of actions) {
      try {
        action();
      } catch (error) {
        if (failed++ === 0) failure = error;
      }
    }
    if (failed > 0) throw failure; // an uncaught error, as in a timer
  }
}

function openUv(ffi: NodeFfi): Uv {
  const library = new ffi.DynamicLibrary(null);
  const get = (name: string, parameters: readonly string[], result: string): (...args: readonly unknown[]) => unknown =>
    library.getFunction(name, { arguments: parameters, return: result });
  const handles = new Map<bigint, Handle>();
  const noted = new Noted();
  const polled = (at: bigint, status: number): void => {
    const handle = handles.get(at);
    if (handle?.note(status)) noted.add(handle.act);
  };
  const closed = (at: bigint): void => {
    const handle = handles.get(at);
    handles.delete(at);
    if (handle !== undefined) noted.add(handle.closed);
  };
  return {
    init: get("uv_poll_init", ["pointer", "pointer", "i32"], "i32") as Uv["init"],
    start: get("uv_poll_start", ["pointer", "i32", "pointer"], "i32") as Uv["start"],
    stop: get("uv_poll_stop", ["pointer"], "i32") as Uv["stop"],
    close: get("uv_close", ["pointer", "pointer"], "void") as Uv["close"],
    loop: ffi.getCurrentEventLoop(),
    size: Number(get("uv_handle_size", ["i32"], "u64")(UV_POLL)),
    polled: library.registerCallback({ arguments: ["pointer", "i32", "i32"], return: "void" }, polled),
    closed: library.registerCallback({ arguments: ["pointer"], return: "void" }, closed),
    handles,
  };
}

/** A uv_poll_t. It calls again and again as long as there is something to read. */
class Handle implements ReadableHandle {
  readonly #uv: Uv;
  /** The structure, which libuv writes to. */
  readonly #memory: ArrayBuffer;
  readonly #at: bigint;
  readonly #events: number;
  readonly #answered: () => void;
  #wanted = false;
  /** Whether libuv calls back. It stops doing so when a descriptor has an error, as a socket has after an overflow. */
  #started = false;
  /** Whether it has called, and nobody knows it yet. */
  #noted = false;
  closed: () => void = () => {};

  constructor(ffi: NodeFfi, uv: Uv, fd: number, events: number, answered: () => void) {
    this.#uv = uv;
    this.#events = events;
    this.#answered = answered;
    this.#memory = new ArrayBuffer(Math.max(uv.size, 128)); // small ones may be moved
    this.#at = ffi.getRawPointer(this.#memory);
    const error = uv.init(uv.loop, this.#at, fd);
    if (error !== 0) throw notTaken(`uv_poll_init fails with ${error}`);
    uv.handles.set(this.#at, this);
  }

  /** libuv has called; whether that is news. */
  note(status: number): boolean {
    if (status < 0) this.#started = false;
    const news = !this.#noted;
    this.#noted = true;
    return news;
  }

  readonly act = (): void => {
    this.#noted = false;
    try {
      this.#answered();
    } finally {
      if (this.#wanted) this.start();
    }
  };

  start(): boolean {
    this.#wanted = true;
    this.#started ||= this.#uv.start(this.#at, this.#events, this.#uv.polled) === 0;
    return this.#started;
  }

  stop(): void {
    this.#wanted = false;
    if (this.#started) this.#uv.stop(this.#at);
    this.#started = false;
  }

  close(closed: () => void): void {
    this.#wanted = this.#started = false;
    this.closed = closed;
    this.#uv.close(this.#at, this.#uv.closed);
  }
}

/** libuv of this thread. */
let opened: Uv | undefined;

/**
 * Waits by libuv's uv_poll_t, on the event loop of Node.js itself: epoll(7) on Linux, kqueue(2) on a BSD. No thread waits
 * in it, and the process ends with the last descriptor.
 */
export class UvPoller implements DescriptorPoller {
  readonly byEventLoop = true;
  readonly #ffi: NodeFfi;
  readonly #system: DescriptorCalls;

  constructor(ffi: NodeFfi, system: DescriptorCalls) {
    this.#ffi = ffi;
    this.#system = system;
  }

  add(fd: number, ready: Ready, failed: (error: unknown) => void): Polled {
    return this.#add(fd, UV_READABLE, new LoopEntry(ready, failed, () => this.#system.close(fd)));
  }

  addErrors(fd: number, ready: () => void): Registration {
    return once((ready) => this.#add(fd, UV_DISCONNECT, new LoopEntry(ready, () => {}, () => {})), ready);
  }

  addBorrowed(fd: number, ready: Ready, failed: (error: unknown) => void): Registration {
    return this.#add(fd, UV_READABLE, new LoopEntry(ready, failed, () => {}));
  }

  #add(fd: number, events: number, entry: LoopEntry): Polled {
    const uv = opened ??= openUv(this.#ffi);
    entry.begin(new Handle(this.#ffi, uv, fd, events, () => entry.answered()));
    return entry;
  }
}
