import { Discovered } from "../../common/discovered.ts";
import { type NetflagsError, systemError } from "../../contract/errors.ts";
import type { Clock } from "../../contract/clock.ts";
import { libraryClock } from "../../ffi/clock.ts";
import { errnoReader, uninterrupted } from "../../ffi/errno.ts";
import { addressOf, MEMORY, type Pointer, pointerAt, pointerTo, textAt } from "../../ffi/memory.ts";
import type { DescriptorCalls, Library, LibrarySymbols, Waiting, Wake } from "../../ffi/contract.ts";
import { runtime, variable } from "../../ffi/runtime.ts";
import { LINUX_CAPABILITIES } from "./capabilities.ts";
import { ThreadEnd } from "./thread_end.ts";
import type { Packet } from "../wire/netlink.ts";
import * as N from "../wire/numbers.ts";
import type { CallFailure, NetlinkCalls } from "./calls.ts";
import { type Gatherer, LibraryGatherer, type ReceiveMany } from "./gatherer.ts";
import { type LoopCalls, Waiter } from "../wait/waiter.ts";

/**
 * What netflags calls in Linux's C library. Results are "i32", so that none is a BigInt; sizes are "usize" and given
 * as constant BigInts, which stay on V8's fast path where a number does not; buffers of the hot calls are pointers.
 */
const SYMBOLS = {
  // int socket(int domain, int type, int protocol);
  socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
  // int bind(int sockfd, const struct sockaddr *addr, socklen_t addrlen);
  bind: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  // int setsockopt(int sockfd, int level, int optname, const void *optval, socklen_t optlen);
  setsockopt: { parameters: ["i32", "i32", "i32", "buffer", "u32"], result: "i32" },
  // ssize_t send(int sockfd, const void *buf, size_t len, int flags);
  send: { parameters: ["i32", "buffer", "usize", "i32"], result: "i32" },
  // ssize_t recvfrom(int sockfd, void *buf, size_t len, int flags, struct sockaddr *src_addr, socklen_t *addrlen);
  recvfrom: { parameters: ["i32", "pointer", "usize", "i32", "pointer", "pointer"], result: "i32" },
  // int close(int fd);
  close: { parameters: ["i32"], result: "i32" },
  // int *__errno_location(void);
  errnoLocation: { name: "__errno_location", parameters: [], result: "pointer" },
} as const satisfies LibrarySymbols;

/** What waiting needs. Making the way to a function takes 0.1 ms, and a list must not wait for it. */
const WAIT_SYMBOLS = {
  // int poll(struct pollfd *fds, nfds_t nfds, int timeout);
  poll: { parameters: ["buffer", "usize", "i32"], result: "i32", nonblocking: true },
  // int clock_gettime(clockid_t clockid, struct timespec *tp);
  clock_gettime: { parameters: ["i32", "pointer"], result: "i32" },
  // int eventfd(unsigned int initval, int flags);
  eventfd: { parameters: ["u32", "i32"], result: "i32" },
  // ssize_t write(int fd, const void *buf, size_t count);
  write: { parameters: ["i32", "buffer", "usize"], result: "i32" },
  // ssize_t read(int fd, void *buf, size_t count);
  read: { parameters: ["i32", "buffer", "usize"], result: "i32" },
} as const satisfies LibrarySymbols;

/** What a socket needs that has many messages at once. */
const MANY_SYMBOLS = {
  // int recvmmsg(int sockfd, struct mmsghdr *msgvec, unsigned int vlen, int flags, struct timespec *timeout);
  recvmmsg: { parameters: ["i32", "pointer", "u32", "i32", "pointer"], result: "i32" },
} as const satisfies LibrarySymbols;

/** What only some calls need. */
const MORE_SYMBOLS = {
  // int ioctl(int fd, unsigned long request, ...): the fixed form is right on x86-64 and aarch64 Linux
  ioctl: { parameters: ["i32", "u32", "buffer"], result: "i32" },
  // int open(const char *pathname, int flags, ...);
  open: { parameters: ["buffer", "i32"], result: "i32" },
  // int fcntl(int fd, int cmd, ...); the fixed form is right here, as that of ioctl
  fcntl: { parameters: ["i32", "i32", "i32"], result: "i32" },
  // char *strerror(int errnum);
  strerror: { parameters: ["i32"], result: "pointer" },
} as const satisfies LibrarySymbols;

/** What waiting by the runtime's event loop needs, and only a process that goes on for a while comes to that. */
const LOOP_SYMBOLS = {
  // long io_setup(unsigned nr_events, aio_context_t *ctx_idp), and its like: the C library has no functions for them
  ioSetup: { name: "syscall", parameters: ["isize", "u32", "buffer"], result: "i32" },
  ioDestroy: { name: "syscall", parameters: ["isize", "usize"], result: "i32" },
  ioSubmit: { name: "syscall", parameters: ["isize", "usize", "isize", "pointer"], result: "i32" },
  ioCancel: { name: "syscall", parameters: ["isize", "usize", "pointer", "pointer"], result: "i32" },
  ioGetevents: {
    name: "syscall",
    parameters: ["isize", "usize", "isize", "isize", "pointer", "pointer"],
    result: "i32",
  },
  // int io_uring_setup(u32 entries, struct io_uring_params *p), and its like
  ioUringSetup: { name: "syscall", parameters: ["isize", "u32", "buffer"], result: "i32" },
  ioUringEnter: {
    name: "syscall",
    parameters: ["isize", "i32", "u32", "u32", "u32", "usize", "usize"],
    result: "i32",
  },
  ioUringRegister: { name: "syscall", parameters: ["isize", "i32", "u32", "buffer", "u32"], result: "i32" },
  // void *mmap(void *addr, size_t length, int prot, int flags, int fd, off_t offset);
  mmap: { parameters: ["usize", "usize", "i32", "i32", "i32", "i64"], result: "usize" },
  // int munmap(void *addr, size_t length);
  munmap: { parameters: ["pointer", "usize"], result: "i32" },
} as const satisfies LibrarySymbols;

/** What only those need who ask in another network namespace. */
const NETNS_SYMBOLS = {
  // int setns(int fd, int nstype);
  setns: { parameters: ["i32", "i32"], result: "i32" },
  // int fstat(int fd, struct stat *statbuf), and pidfd_open(pid_t pid, unsigned int flags)
  fstat: { name: "syscall", parameters: ["isize", "i32", "buffer"], result: "i32" },
  pidfdOpen: { name: "syscall", parameters: ["isize", "i32", "u32"], result: "i32" },
  // int inotify_init1(int flags);
  inotifyInit: { name: "inotify_init1", parameters: ["i32"], result: "i32" },
  // int inotify_add_watch(int fd, const char *pathname, uint32_t mask);
  inotifyAddWatch: { name: "inotify_add_watch", parameters: ["i32", "buffer", "u32"], result: "i32" },
} as const satisfies LibrarySymbols;

/** glibc, then musl by its own name and by its loader's, which is the same file. libc.so is a linker script on glibc. */
function libcNames(): readonly string[] {
  const arch = runtime().arch;
  return ["libc.so.6", `libc.musl-${arch}.so.1`, `/lib/ld-musl-${arch}.so.1`];
}

/** What setting the state of an interface needs (capabilities(7)). */
const PRIVILEGE = "root or CAP_NET_ADMIN";
/** What is written to an eventfd. */
const ONE = new Uint8Array(new BigUint64Array([1n]).buffer);
/** Room for what a wake holds: 8 bytes of an eventfd; of a pipe, those of each time that it was written to. */
const WAKES = 512;

/** Linux's C library with what belongs to this thread: errno and the one poll. */
export class LinuxLibc implements NetlinkCalls, Waiting, DescriptorCalls, LoopCalls {
  /** The C functions that every question needs. */
  readonly symbols: Library<typeof SYMBOLS>;
  readonly places = MEMORY;
  #wait: Library<typeof WAIT_SYMBOLS> | undefined;
  #more: Library<typeof MORE_SYMBOLS> | undefined;
  #many: Library<typeof MANY_SYMBOLS> | undefined;
  #loop: Library<typeof LOOP_SYMBOLS> | undefined;
  #netns: Library<typeof NETNS_SYMBOLS> | undefined;
  /**
   * What is done around the making of a socket, which belongs for ever to the network namespace that the thread is in at
   * that moment. Where there is nothing to do, there is no such thing.
   */
  around: ((open: () => number) => number) | undefined;
  readonly errno: () => number;
  readonly waiter: Waiter;
  #clock: Clock | undefined;
  /** What is known of the kernel, which is the same in every network namespace. */
  readonly discovered: Discovered;
  readonly #io: N.IoCalls = runtime().arch === "x86_64" ? N.SYS_IO_X86_64 : N.SYS_IO_GENERIC;
  readonly #names: readonly string[];
  /** The one that this is, but for what is done around the making of a socket. */
  readonly #same: LinuxLibc | undefined;
  /** What closes the descriptors of this thread when it ends; undefined where that is the end of the process. */
  readonly #end: ThreadEnd | undefined;

  /**
   * `way` to wait: "poll", "loop", "io_uring" or "aio" where one of them is wanted. `names` of the library: nothing from
   * outside of the program says them, for whoever does has its rights. `same`: one that is open already.
   */
  constructor(way?: string, names: readonly string[] = libcNames(), same?: LinuxLibc) {
    this.#names = names;
    this.#same = same;
    const symbols = same?.symbols ?? runtime().open(names, SYMBOLS);
    this.#end = same === undefined ? ThreadEnd.ofThread(names) : same.#end;
    this.symbols = same === undefined ? this.#adding(symbols, "socket") : symbols;
    this.errno = same?.errno ?? errnoReader(this.symbols.errnoLocation());
    // What is shared with the kernel by mmap(2) would outlast a Worker that ends without a word.
    const possible = this.#end === undefined ? way : "poll";
    this.waiter = same?.waiter ?? new Waiter(runtime().poller(this, way), this, possible);
    this.discovered = same?.discovered ?? new Discovered(LINUX_CAPABILITIES);
  }

  /** The same library of the same thread, with something done around the making of each socket. */
  with(around: (open: () => number) => number): LinuxLibc {
    const other = new LinuxLibc(undefined, this.#names, this);
    other.around = around;
    return other;
  }

  /** The C functions of waiting, from their first use on. */
  get waiting(): Library<typeof WAIT_SYMBOLS> {
    return this.#wait ??= this.#same?.waiting ?? this.#adding(runtime().open(this.#names, WAIT_SYMBOLS), "eventfd");
  }

  /** The other C functions, from their first use on. */
  get more(): Library<typeof MORE_SYMBOLS> {
    return this.#more ??= this.#same?.more ?? this.#adding(runtime().open(this.#names, MORE_SYMBOLS), "open");
  }

  /** The C functions for many messages at once, from their first use on. */
  get many(): Library<typeof MANY_SYMBOLS> {
    return this.#many ??= this.#same?.many ?? runtime().open(this.#names, MANY_SYMBOLS);
  }

  /** The C functions of the event loop's ways, from their first use on. */
  get loop(): Library<typeof LOOP_SYMBOLS> {
    return this.#loop ??= this.#same?.loop ?? runtime().open(this.#names, LOOP_SYMBOLS);
  }

  /** The C functions of network namespaces, from their first use on. */
  get netns(): Library<typeof NETNS_SYMBOLS> {
    return this.#netns ??= this.#same?.netns ??
      this.#adding(runtime().open(this.#names, NETNS_SYMBOLS), "pidfdOpen", "inotifyInit");
  }

  #adding<T extends object>(symbols: T, ...openers: readonly (keyof T)[]): T {
    return this.#end?.adding(symbols, ...openers) ?? symbols;
  }

  /** The clocks of this thread, from their first use on; undefined if the kernel has no CLOCK_BOOTTIME. */
  get clock(): Clock | undefined {
    return this.#clock ??= this.#same?.clock ?? libraryClock(this.waiting.clock_gettime, N.CLOCK_BOOTTIME);
  }

  /** The library's text for an error number. */
  errorText(errno: number): string {
    return textAt(this.more.strerror(errno));
  }

  failure(what: CallFailure): NetflagsError {
    return this.failureOf(this.errno(), what);
  }

  failureOf(errno: number, what: CallFailure): NetflagsError {
    return systemError({
      ...what,
      code: N.ERRNO_NAMES[errno] ?? `errno ${errno}`,
      privilege: PRIVILEGE,
      text: what.text ?? this.errorText(errno),
    });
  }

  poll(fds: Uint8Array<ArrayBuffer>, count: number): Promise<number> {
    return this.waiting.poll(fds, BigInt(count), -1);
  }

  memory(bytes: number): Uint8Array<ArrayBuffer> {
    return this.#end?.memory(bytes) ?? new Uint8Array(new ArrayBuffer(bytes));
  }

  openWake(): Wake {
    const pipe = this.#end?.openWake();
    if (pipe !== undefined) return pipe;
    const fd = this.eventfd();
    if (fd < 0) throw this.failure({ operation: "wait for interface events" });
    return { read: fd, write: fd };
  }

  wake(wake: Wake): boolean {
    return this.notify(wake.write) || this.errno() === N.EAGAIN; // it is as full as can be
  }

  eventfd(): number {
    return this.waiting.eventfd(0, N.EFD_CLOEXEC | N.EFD_NONBLOCK);
  }

  notify(eventfd: number): boolean {
    const { write } = this.waiting;
    return uninterrupted(this.errno, () => write(eventfd, ONE, 8n)) >= 0;
  }

  ioSetup(events: number): bigint | undefined {
    const context = new BigUint64Array(1);
    return this.loop.ioSetup(this.#io.setup, events, new Uint8Array(context.buffer)) < 0 ? undefined : context[0];
  }

  ioSubmit(context: bigint, list: Pointer): boolean {
    return this.loop.ioSubmit(this.#io.submit, context, 1n, list) === 1;
  }

  ioCancel(context: bigint, request: Pointer, event: Pointer): boolean {
    return this.loop.ioCancel(this.#io.cancel, context, request, event) === 0 || this.errno() === N.EINPROGRESS;
  }

  ioDestroy(context: bigint): void {
    this.loop.ioDestroy(this.#io.destroy, context);
  }

  ioGetevents(context: bigint, most: bigint, events: Pointer): number {
    return this.loop.ioGetevents(this.#io.getevents, context, 0n, most, events, null);
  }

  ringSetup(entries: number, params: Uint8Array<ArrayBuffer>): number {
    return this.loop.ioUringSetup(N.SYS_IO_URING_SETUP, entries, params);
  }

  map(ring: number, length: number, offset: bigint): Pointer | undefined {
    const flags = N.MAP_SHARED | N.MAP_POPULATE;
    return pointerAt(this.loop.mmap(0n, BigInt(length), N.PROT_READ | N.PROT_WRITE, flags, ring, offset));
  }

  unmap(at: Pointer, length: number): void {
    this.loop.munmap(at, BigInt(length));
  }

  ringEventfd(ring: number, eventfd: number): boolean {
    const fds = new Uint8Array(new Int32Array([eventfd]).buffer);
    return this.loop.ioUringRegister(N.SYS_IO_URING_REGISTER, ring, N.IORING_REGISTER_EVENTFD, fds, 1) >= 0;
  }

  ringEnter(ring: number): number {
    return this.loop.ioUringEnter(N.SYS_IO_URING_ENTER, ring, 1, 0, 0, 0n, 0n);
  }

  drainWake(wake: Wake): boolean {
    const { read } = this.waiting;
    const bytes = new Uint8Array(WAKES);
    return uninterrupted(this.errno, () => read(wake.read, bytes, BigInt(WAKES))) >= 0;
  }

  duplicate(fd: number): number {
    return this.more.fcntl(fd, N.F_DUPFD_CLOEXEC, 0);
  }

  attachFilter(fd: number, program: Uint8Array): boolean {
    const filter = new Uint8Array(new ArrayBuffer(Math.max(64, program.length))); // of an address that stays
    filter.set(program);
    const instructions = BigInt(program.length / N.SOCK_FILTER_LEN);
    const head = new BigUint64Array([instructions, addressOf(pointerTo(filter))]); // struct sock_fprog
    const { setsockopt } = this.symbols;
    return setsockopt(fd, N.SOL_SOCKET, N.SO_ATTACH_FILTER, new Uint8Array(head.buffer), N.SOCK_FPROG_LEN) === 0;
  }

  gatherer(packet: Packet, slots: number): Gatherer {
    const { recvmmsg } = this.many;
    const receive: ReceiveMany = (fd, headers, count) =>
      recvmmsg(fd, headers, count, N.MSG_DONTWAIT | N.MSG_TRUNC, null);
    return new LibraryGatherer(receive, packet, slots);
  }

  ioctlWith(
    fd: number,
    request: number,
    ifreq: Uint8Array<ArrayBuffer>,
    data: Uint8Array<ArrayBuffer>,
  ): boolean {
    new DataView(ifreq.buffer, ifreq.byteOffset).setBigUint64(N.IFNAMSIZ, addressOf(pointerTo(data)), true); // ifr_data
    return this.more.ioctl(fd, request, ifreq) >= 0;
  }

  close(fd: number): void {
    this.#end?.remove(fd);
    this.symbols.close(fd);
  }
}

let opened: LinuxLibc | undefined;

/** The C library of this thread, opened when it is first needed. */
export function linuxLibc(): LinuxLibc {
  return opened ??= new LinuxLibc(variable("NETFLAGS_WAIT"));
}

/** Puts another one in the place of this thread's C library until the result is disposed of: for tests. */
export function useLibc(libc: LinuxLibc): Disposable {
  const before = opened;
  opened = libc;
  return { [Symbol.dispose]: () => void (opened = before) };
}
