import { NetflagsError } from "../../contract/errors.ts";
import type { Library, LibrarySymbols } from "../../ffi/contract.ts";
import { bytesAt, textAt } from "../../ffi/memory.ts";
import type { Wake } from "../../ffi/poller.ts";
import { runtime } from "../../ffi/runtime.ts";
import * as N from "../wire/numbers.ts";

const SYMBOLS = {
  // int pthread_key_create(pthread_key_t *key, void (*destructor)(void *));
  keyCreate: { name: "pthread_key_create", parameters: ["buffer", "pointer"], result: "i32" },
  // int pthread_setspecific(pthread_key_t key, const void *value);
  setSpecific: { name: "pthread_setspecific", parameters: ["u32", "usize"], result: "i32" },
  // char *bindtextdomain(const char *domainname, const char *dirname);
  bindTextDomain: { name: "bindtextdomain", parameters: ["buffer", "buffer"], result: "pointer" },
  // int close(int fd), as the address of the function
  closeAt: { name: "close", type: "pointer" },
  // int pipe2(int pipefd[2], int flags);
  pipe2: { parameters: ["buffer", "i32"], result: "i32" },
  // void *calloc(size_t nmemb, size_t size);
  calloc: { parameters: ["usize", "usize"], result: "pointer" },
} as const satisfies LibrarySymbols;

/** The keys that a process spends on this at most, of the 1024 that it has (PTHREAD_KEYS_MAX of glibc). */
const MOST_KEYS = 64;
/** The text domain under which the keys of the process are written down, and how. */
const DOMAIN = new TextEncoder().encode("netflags-keys\0");
const WRITTEN = /^\/netflags-keys((?:\/[0-9]+)*)$/;

/**
 * What a Worker leaves to the C library for its end. A Worker ends without a word to its code, be it by `self.close()`,
 * an error, or `terminate()` from outside, and the runtime knows nothing of descriptors that were opened by a foreign
 * function. Thread-specific data can have a destructor (pthread_key_create(3)): here it is close(2), and the value of a
 * key is a descriptor.
 *
 * Keys are the process's, and a Worker that has ended cannot give its own back. So all Workers use the same ones. Memory
 * that Workers share without a word to each other is the C library's alone: the numbers are written down as the folder of
 * a text domain of our own.
 */
export class ThreadEnd {
  readonly #symbols: Library<typeof SYMBOLS>;
  /** The keys of the process that this thread has seen so far. */
  #known: readonly number[] = [];
  /** Those of them that hold no descriptor of this thread. */
  readonly #free: number[] = [];
  /** The key of each descriptor. */
  readonly #keys = new Map<number, number>();

  private constructor(symbols: Library<typeof SYMBOLS>) {
    this.#symbols = symbols;
  }

  /** That of this thread; undefined where it ends with the process, or its C library has no such thing. */
  static ofThread(names: readonly string[]): ThreadEnd | undefined {
    if (!runtime().inWorker) return undefined;
    try {
      // Before glibc 2.34, threads have a library of their own.
      return new ThreadEnd(runtime().open(["libpthread.so.0", ...names], SYMBOLS));
    } catch (error) {
      if (error instanceof NetflagsError) return undefined;
      throw error;
    }
  }

  /** Lets a descriptor be closed when this thread ends, if it was opened. Returns it. */
  add(fd: number): number {
    const key = fd > 0 ? this.#free.pop() ?? this.#more() : undefined;
    if (key === undefined) return fd;
    this.#symbols.setSpecific(key, BigInt(fd));
    this.#keys.set(fd, key);
    return fd;
  }

  /** Forgets a descriptor, which is closed now. */
  remove(fd: number): void {
    const key = this.#keys.get(fd);
    if (key === undefined) return;
    this.#keys.delete(fd);
    this.#symbols.setSpecific(key, 0n);
    this.#free.push(key);
  }

  /** The same functions; those that open a descriptor add it. */
  adding<T extends object>(symbols: T, ...openers: readonly (keyof T)[]): T {
    const added = { ...symbols };
    for (const name of openers) {
      const open = symbols[name] as (...args: readonly unknown[]) => number;
      added[name] = ((...args: readonly unknown[]) => this.add(open(...args))) as T[typeof name];
    }
    return added;
  }

  /**
   * A pipe. When the thread ends, its other end is closed, and so a poll that waits for it comes back: an eventfd would
   * leave the poll waiting, and its thread with it. undefined: there is no descriptor left.
   */
  openWake(): Wake | undefined {
    const ends = new Int32Array(2);
    if (this.#symbols.pipe2(new Uint8Array(ends.buffer), N.O_CLOEXEC | N.O_NONBLOCK) < 0) return undefined;
    return { read: this.add(ends[0]!), write: this.add(ends[1]!) };
  }

  /**
   * Memory that stays where it is when the thread has ended: the poll on another thread may come back later, and then
   * writes to it. It is not given back, so it must be of use for as long as the thread lives.
   */
  memory(bytes: number): Uint8Array<ArrayBuffer> {
    const at = this.#symbols.calloc(1n, BigInt(bytes));
    return new Uint8Array(at === null ? new ArrayBuffer(bytes) : bytesAt(at, bytes));
  }

  /** A key that is free: one that another thread has made meanwhile, or a new one. */
  #more(): number | undefined {
    const written = this.#read();
    this.#free.push(...written.filter((key) => !this.#known.includes(key)));
    this.#known = written;
    if (this.#free.length === 0 && written.length < MOST_KEYS) {
      const key = new Uint32Array(1);
      if (this.#symbols.keyCreate(new Uint8Array(key.buffer), this.#symbols.closeAt) === 0) {
        this.#known = [...written, key[0]!];
        this.#free.push(key[0]!);
        const text = `/netflags-keys/${this.#known.join("/")}\0`;
        this.#symbols.bindTextDomain(DOMAIN, new TextEncoder().encode(text));
      }
    }
    return this.#free.pop();
  }

  /** The keys that are written down. */
  #read(): number[] {
    const [, numbers = ""] = WRITTEN.exec(textAt(this.#symbols.bindTextDomain(DOMAIN, null))) ?? [];
    return numbers.split("/").filter((number) => number !== "").map(Number);
  }
}
