/**
 * What netflags asks of its runtime: foreign functions, memory, and to be called when a descriptor can be read. Each
 * runtime has a file that implements {@linkcode Runtime}; no other code knows which one it is.
 */

declare const PLACE: unique symbol;

/** A place in memory: an object in one runtime, a number in another. Only its runtime can do something with it. */
export interface Pointer {
  readonly [PLACE]: never;
}
/** A place in memory, or null. */
export type PointerValue = Pointer | null;

/** A C type. One of 64 bits is a BigInt on both ways: in one runtime it is the fast path, in the other the only one. */
export type NativeType = "i32" | "u32" | "i64" | "isize" | "usize" | "pointer" | "buffer";

/** A C function. One library may have it several times, with other parameters. */
export interface FunctionSymbol {
  /** The library's name of it, where that is not the key. */
  readonly name?: string;
  readonly parameters: readonly NativeType[];
  readonly result: Exclude<NativeType, "buffer">;
  /** Whether the library may lack it; it is null then. */
  readonly optional?: boolean;
  /** Whether it is called on another thread, where the runtime can do that. Only a {@linkcode Runtime.poller} needs it. */
  readonly nonblocking?: boolean;
}

/** Where something of a library stands in memory. */
export interface AddressSymbol {
  readonly name?: string;
  readonly type: "pointer";
}

/** The functions of a library, each with its C prototype beside it. */
export type LibrarySymbols = Readonly<Record<string, FunctionSymbol | AddressSymbol>>;

interface Values {
  readonly i32: number;
  readonly u32: number;
  readonly i64: bigint;
  readonly isize: bigint;
  readonly usize: bigint;
  readonly pointer: PointerValue;
  readonly buffer: Uint8Array<ArrayBuffer> | null;
}
type Arguments<P extends readonly NativeType[]> = { [I in keyof P]: Values[P[I]] };
type Result<F extends FunctionSymbol> = F extends { readonly nonblocking: true } ? Promise<Values[F["result"]]>
  : Values[F["result"]];
type Callable<F extends FunctionSymbol> = (...args: Arguments<F["parameters"]>) => Result<F>;

/** The functions of an open library. */
export type Library<S extends LibrarySymbols> = {
  readonly [K in keyof S]: S[K] extends FunctionSymbol
    ? S[K] extends { readonly optional: true } ? Callable<S[K]> | null : Callable<S[K]>
    : Pointer;
};

/** What a poller needs of a C library. The descriptors are that library's own. */
export interface Waiting {
  /** Memory for {@linkcode Waiting.poll}, filled with zeros. The call may outlast this thread, and so does the memory. */
  memory(bytes: number): Uint8Array<ArrayBuffer>;
  /** `poll(2)` without a time limit, on another thread. A negative result tells no errno: that stays on the other thread. */
  poll(fds: Uint8Array<ArrayBuffer>, count: number): Promise<number>;
  /** Opens what {@linkcode Waiting.wake} makes readable; throws where the system gives no descriptor. */
  openWake(): Wake;
  /** Makes a wake descriptor readable, so that a pending poll returns; whether it is. */
  wake(wake: Wake): boolean;
  /** Makes it not readable again; whether it is so. */
  drainWake(wake: Wake): boolean;
  close(fd: number): void;
}

/** What a poller by the event loop needs of a C library. */
export interface DescriptorCalls {
  /** Another descriptor of the same file, which no program inherits; a negative number: there is none left. */
  duplicate(fd: number): number;
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

/**
 * Waits for the descriptors of a C library in this thread. It keeps the process alive while it has one, and calls back in
 * such a way that promises which are resolved then go on, and what is thrown is an uncaught error.
 */
export interface DescriptorPoller {
  /** Whether it is the runtime's own event loop, so that no other way to wait is worth while. */
  readonly byEventLoop: boolean;
  /** Calls `ready` whenever the descriptor has something to read or an error. From now on the poller owns it. */
  add(fd: number, ready: Ready, failed: (error: unknown) => void): Polled;
  /** Calls `ready` once when a descriptor that belongs to somebody else has an error or was hung up. */
  addErrors(fd: number, ready: () => void): Registration;
  /** Calls `ready` whenever a descriptor that belongs to somebody else has something to read or an error. */
  addBorrowed(fd: number, ready: Ready, failed: (error: unknown) => void): Registration;
}

export interface Runtime {
  /** The system's name as the runtime has it; undefined where it has none. */
  readonly os: string | undefined;
  /** The processor's name as the kernel has it, and musl: x86_64, aarch64. */
  readonly arch: string | undefined;
  /** Whether this thread is a Worker's, the web's or Node's, which ends before the process does. */
  readonly inWorker: boolean;
  /** An environment variable; undefined where it is not set, or may not be read: nobody is asked. */
  variable(name: string): string | undefined;
  /**
   * Opens the first of some libraries that is there, and no other: a second C library in one process breaks it. It stays
   * open as long as the process or the Worker lives: opening costs 0.4 ms, a request to the kernel a few µs.
   *
   * @param names The library's names, none of them relative to the working directory.
   * @throws {NotPermittedError} This process may not call foreign functions (`--allow-ffi`), or those of some paths only.
   * @throws {UnsupportedError} None is there, it lacks a function, or the runtime has no foreign functions.
   */
  open<S extends LibrarySymbols>(names: readonly string[], symbols: S): Library<S>;
  /** Where bytes stand. */
  pointerTo(bytes: Uint8Array<ArrayBuffer>): Pointer;
  /** The place of an address that is not 0. */
  pointerAt(address: bigint): Pointer;
  /** An address as a number. */
  addressOf(pointer: Pointer): bigint;
  /** The text at a place, up to its NUL. */
  textAt(pointer: Pointer): string;
  /** The bytes at a place, which are that memory and no copy. */
  bytesAt(pointer: Pointer, length: number): ArrayBuffer;
  /** What waits for the descriptors of a library. `way`: one of NETFLAGS_WAIT's words where one is wanted. */
  poller(system: Waiting & DescriptorCalls, way?: string): DescriptorPoller;
}
