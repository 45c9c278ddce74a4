import { bytesOfText } from "../../common/byte_text.ts";
import type { Clock } from "../../contract/clock.ts";
import { libraryClock } from "../../ffi/clock.ts";
import { errnoReader, uninterrupted } from "../../ffi/errno.ts";
import { addressOf, bytesAt, pointerTo, textAt } from "../../ffi/memory.ts";
import type { DescriptorCalls, DescriptorPoller, Library, LibrarySymbols, Waiting, Wake } from "../../ffi/contract.ts";
import { runtime } from "../../ffi/runtime.ts";
import * as C from "../systems/common.ts";
import { bsdFailure } from "./failure.ts";
import type { SystemNumbers } from "../systems/layout.ts";

/**
 * The functions of a BSD's C library that netflags calls, under netflags' names. Descriptors belong to that library:
 * every operation on them, even waiting, goes through it.
 */
function symbolsOf(system: SystemNumbers, variadicOnStack: boolean) {
  return {
    // int socket(int domain, int type, int protocol);
    socket: { name: system.socketSymbol, parameters: ["i32", "i32", "i32"], result: "i32" },
    // int setsockopt(int s, int level, int optname, const void *optval, socklen_t optlen);
    setsockopt: { parameters: ["i32", "i32", "i32", "buffer", "u32"], result: "i32" },
    // ssize_t read(int d, void *buf, size_t nbytes);
    read: { parameters: ["i32", "buffer", "usize"], result: "i32" },
    // ssize_t write(int d, const void *buf, size_t nbytes);
    write: { parameters: ["i32", "buffer", "usize"], result: "i32" },
    // int close(int d);
    close: { parameters: ["i32"], result: "i32" },
    // int pipe(int fildes[2]);
    pipe: { parameters: ["buffer"], result: "i32" },
    // int poll(struct pollfd *fds, nfds_t nfds, int timeout); nfds_t is an unsigned int here
    poll: { parameters: ["buffer", "u32", "i32"], result: "i32", nonblocking: true },
    // The same, for a wait that is short: it holds up this thread.
    pollHere: { name: "poll", parameters: ["buffer", "u32", "i32"], result: "i32" },
    // int fcntl(int fd, int cmd, ...); int ioctl(int d, unsigned long request, ...): the fixed form is right except on
    // Apple's arm64, where the arguments of "..." are passed on the stack: as the ninth argument.
    fcntl: variadicOnStack
      ? { parameters: ["i32", "i32", ...PADDING, "i32"], result: "i32" }
      : { parameters: ["i32", "i32", "i32"], result: "i32" },
    ioctl: variadicOnStack
      ? { parameters: ["i32", "usize", ...PADDING, "buffer"], result: "i32" }
      : { parameters: ["i32", "usize", "buffer"], result: "i32" },
    // int sysctl(const int *name, u_int namelen, void *oldp, size_t *oldlenp, const void *newp, size_t newlen);
    sysctl: {
      name: system.sysctlSymbol,
      parameters: ["buffer", "u32", "buffer", "buffer", "pointer", "usize"],
      result: "i32",
    },
    // int getrtable(void);
    getrtable: { name: system.tableSymbol ?? "getrtable", parameters: [], result: "i32", optional: true },
    // unsigned int if_nametoindex(const char *ifname);
    if_nametoindex: { parameters: ["buffer"], result: "u32" },
    // int clock_gettime(clockid_t clock_id, struct timespec *tp); a C library of a kernel in user space has none
    clock_gettime: { name: system.clockSymbol, parameters: ["i32", "pointer"], result: "i32", optional: true },
    // void *calloc(size_t nmemb, size_t size);
    calloc: { parameters: ["usize", "usize"], result: "pointer" },
    // char *strerror(int errnum);
    strerror: { parameters: ["i32"], result: "pointer", optional: true },
    // int *__errno(void);
    errnoLocation: { name: system.errnoSymbol, parameters: [], result: "pointer" },
  } as const satisfies LibrarySymbols;
}

/** Eight registers hold arguments; two of them hold the fixed ones. */
const PADDING = ["i32", "i32", "i32", "i32", "i32", "i32"] as const;
const FILL = [0, 0, 0, 0, 0, 0] as const;

type Loose = (...args: readonly unknown[]) => number;

/** The calls for requests to a kernel. */
export interface BsdCalls {
  /** This thread's errno; call it straight after the call that failed. */
  readonly errno: () => number;
  /** The one poll of this thread. */
  readonly poller: Pick<DescriptorPoller, "add">;
  /** The clocks of this thread, if the library has them. */
  readonly clock?: Clock | undefined;
  /** The routing table of this process; 0 if the system has one for all. */
  readonly table: number;
  /** The library's text for an error number. */
  errorText(errno: number): string;
  /** A socket that does not wait and is not inherited, or -1. */
  socket(domain: number, type: number): number;
  /** Sets an option; negative if the system refuses it. */
  setOption(fd: number, level: number, name: number, value: Uint8Array<ArrayBuffer>): number;
  read(fd: number, buffer: Uint8Array<ArrayBuffer>): number;
  write(fd: number, bytes: Uint8Array<ArrayBuffer>): number;
  /**
   * Waits until something can be read, at most so many milliseconds, and less if it is interrupted. It holds up this
   * thread. Returns whether something can.
   */
  wait(fd: number, milliseconds: number): boolean;
  /** `ioctl(2)` with a structure */
  ioctl(fd: number, request: number, argument: Uint8Array<ArrayBuffer>): number;
  /** `ioctl(2)` with a structure that points at `data` from byte `at` on */
  ioctlWith(
    fd: number,
    request: number,
    argument: Uint8Array<ArrayBuffer>,
    data: Uint8Array<ArrayBuffer>,
    at: number,
  ): number;
  /** `sysctl(3)`: reads into `buffer`, or only asks for the length. Returns the length, or -1. */
  sysctl(mib: readonly number[], buffer: Uint8Array<ArrayBuffer> | null): number;
  /** `if_nametoindex(3)`: 0 if no interface has the name. */
  nameToIndex(name: string): number;
  close(fd: number): void;
}

/** A BSD's C library with what belongs to this thread: errno and the one poll. */
export class BsdLibc implements Waiting, DescriptorCalls, BsdCalls {
  readonly errno: () => number;
  readonly poller: DescriptorPoller;
  readonly clock: Clock | undefined;
  readonly #system: SystemNumbers;
  readonly #symbols: Library<ReturnType<typeof symbolsOf>>;
  readonly #variadicOnStack = runtime().os === "darwin" && runtime().arch === "aarch64";

  constructor(system: SystemNumbers) {
    this.#system = system;
    const symbols = this.#symbols = runtime().open(system.libraries, symbolsOf(system, this.#variadicOnStack));
    this.errno = errnoReader(symbols.errnoLocation());
    this.poller = runtime().poller(this);
    this.clock = symbols.clock_gettime === null ? undefined : libraryClock(symbols.clock_gettime, system.steadyClock);
  }

  get table(): number {
    return this.#system.tableSymbol === undefined ? 0 : Math.max(0, this.#symbols.getrtable?.() ?? 0);
  }

  errorText(errno: number): string {
    return textAt(this.#symbols.strerror?.(errno) ?? null);
  }

  socket(domain: number, type: number): number {
    const fd = this.#symbols.socket(domain, type, 0);
    return fd < 0 ? fd : this.#quiet(fd);
  }

  setOption(fd: number, level: number, name: number, value: Uint8Array<ArrayBuffer>): number {
    return this.#symbols.setsockopt(fd, level, name, value, value.length);
  }

  read(fd: number, buffer: Uint8Array<ArrayBuffer>): number {
    return this.#symbols.read(fd, buffer, BigInt(buffer.length));
  }

  write(fd: number, bytes: Uint8Array<ArrayBuffer>): number {
    return this.#symbols.write(fd, bytes, BigInt(bytes.length));
  }

  wait(fd: number, milliseconds: number): boolean {
    // struct pollfd { int fd; short events, revents; }
    const pollfd = new Uint8Array(new Int32Array([fd, C.POLLIN]).buffer);
    return this.#symbols.pollHere(pollfd, 1, Math.ceil(milliseconds)) > 0;
  }

  ioctl(fd: number, request: number, argument: Uint8Array<ArrayBuffer>): number {
    const ioctl = this.#symbols.ioctl as Loose;
    return this.#variadicOnStack ? ioctl(fd, BigInt(request), ...FILL, argument) : ioctl(fd, BigInt(request), argument);
  }

  ioctlWith(
    fd: number,
    request: number,
    argument: Uint8Array<ArrayBuffer>,
    data: Uint8Array<ArrayBuffer>,
    at: number,
  ): number {
    new DataView(argument.buffer).setBigUint64(at, addressOf(pointerTo(data)), true);
    return this.ioctl(fd, request, argument);
  }

  sysctl(mib: readonly number[], buffer: Uint8Array<ArrayBuffer> | null): number {
    const name = new Uint8Array(new Int32Array(mib).buffer);
    const length = new BigUint64Array([BigInt(buffer?.length ?? 0)]);
    const result = this.#symbols.sysctl(name, mib.length, buffer, new Uint8Array(length.buffer), null, 0n);
    return result < 0 ? result : Number(length[0]);
  }

  nameToIndex(name: string): number {
    return this.#symbols.if_nametoindex(bytesOfText(`${name}\0`));
  }

  memory(bytes: number): Uint8Array<ArrayBuffer> {
    const at = this.#symbols.calloc(1n, BigInt(bytes));
    if (at === null) throw bsdFailure(this, { operation: "wait for interface events" });
    return new Uint8Array(bytesAt(at, bytes));
  }

  poll(fds: Uint8Array<ArrayBuffer>, count: number): Promise<number> {
    return this.#symbols.poll(fds, count, -1);
  }

  openWake(): Wake {
    const ends = new Int32Array(2);
    if (this.#symbols.pipe(new Uint8Array(ends.buffer)) < 0) {
      throw bsdFailure(this, { operation: "wait for interface events" });
    }
    return { read: this.#quiet(ends[0]!), write: this.#quiet(ends[1]!) };
  }

  wake(wake: Wake): boolean {
    const byte = new Uint8Array(1);
    const written = uninterrupted(this.errno, () => this.write(wake.write, byte));
    return written >= 0 || this.errno() === C.EAGAIN; // the pipe is full
  }

  drainWake(wake: Wake): boolean {
    const bytes = new Uint8Array(64);
    return uninterrupted(this.errno, () => this.read(wake.read, bytes)) >= 0;
  }

  duplicate(fd: number): number {
    const own = this.#fcntl(fd, C.F_DUPFD, 0);
    return own < 0 ? own : this.#quiet(own);
  }

  close(fd: number): void {
    this.#symbols.close(fd);
  }

  /** Not every system takes these two as flags of socket(2) and pipe(2). */
  #quiet(fd: number): number {
    this.#fcntl(fd, C.F_SETFD, C.FD_CLOEXEC);
    this.#fcntl(fd, C.F_SETFL, this.#fcntl(fd, C.F_GETFL, 0) | C.O_NONBLOCK);
    return fd;
  }

  #fcntl(fd: number, command: number, argument: number): number {
    const fcntl = this.#symbols.fcntl as Loose;
    return this.#variadicOnStack ? fcntl(fd, command, ...FILL, argument) : fcntl(fd, command, argument);
  }
}
