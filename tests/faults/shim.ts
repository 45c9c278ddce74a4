/** The library whose functions fail on demand: see shim.c. */
import * as N from "../../platforms/linux/wire/numbers.ts";

/** What can be made to fail, in the order of shim.c. */
const NAMES = [
  "socket",
  "socket generic",
  "socket inet",
  "bind",
  "setsockopt join",
  "setsockopt option",
  "setsockopt buffer",
  "send",
  "recvfrom",
  "close",
  "ioctl",
  "poll",
  "open",
  "eventfd",
  "write",
  "read",
  "io_setup",
  "io_submit",
  "io_cancel",
  "io_getevents",
  "io_destroy",
  "setns",
  "fstat",
  "pidfd_open",
  "inotify_init",
  "inotify_add",
  "io_uring_setup",
  "io_uring_enter",
  "io_uring_register",
  "mmap",
  "recvmmsg",
] as const;

/** A function of the C library, with what tells its uses apart. */
export type Call = typeof NAMES[number];

/** Which of its calls fail. */
export type Mode = "once" | "fifth" | "ever";

/** Error numbers that only functions which are no sockets' fail with (include/uapi/asm-generic/errno.h). */
const MORE_ERRNOS: Readonly<Record<string, number>> = {
  EISDIR: 21,
  EFBIG: 27,
  ENOSPC: 28,
  EDQUOT: 122,
};

/** The error number of a name. */
export function errnoOf(name: string): number {
  const known = Object.entries(N.ERRNO_NAMES).find(([, one]) => one === name);
  const errno = known === undefined ? MORE_ERRNOS[name] : Number(known[0]);
  if (errno === undefined) throw new Error(`No error number is known of ${name}`);
  return errno;
}

/** Compiles the library into a file; throws where there is no compiler. */
function buildShim(file: string): void {
  const source = new URL("./shim.c", import.meta.url).pathname;
  const args = ["-shared", "-fPIC", "-O1", "-o", file, source, "-ldl"];
  const { success, stderr } = new Deno.Command("cc", { args }).outputSync();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}

/** Makes the library, which is there until the program ends; undefined, and said, where it cannot be built. */
export function makeShim(): string | undefined {
  const file = Deno.makeTempFileSync({ prefix: "netflags-shim-", suffix: ".so" });
  globalThis.addEventListener("unload", () => Deno.removeSync(file));
  try {
    buildShim(file);
    return file;
  } catch (error) {
    console.error(`SKIPPED: no library that fails: ${error instanceof Error ? error.message : error}`);
    return undefined;
  }
}

/** The library's own functions, by which it is told what to do. */
export class Shim {
  readonly #symbols;

  constructor(file: string) {
    this.#symbols = Deno.dlopen(file, {
      fault_arm: { parameters: ["i32", "i32", "i32"], result: "void" },
      fault_limit: { parameters: ["i32"], result: "void" },
      fault_calls: { parameters: ["i32"], result: "i32" },
      fault_failed: { parameters: ["i32"], result: "i32" },
      fault_end: { parameters: [], result: "void", nonblocking: true },
    }).symbols;
  }

  /** Lets a call fail; a number is that of the call, counted from 1, and a negative one means all behind it too. */
  arm(call: Call, errno: string, mode: Mode | number): void {
    const at = typeof mode === "number" ? mode : { once: 1, fifth: 5, ever: 0 }[mode];
    this.#symbols.fault_arm(NAMES.indexOf(call), errnoOf(errno), at);
  }

  /** Lets a call work again. */
  disarm(call: Call): void {
    this.#symbols.fault_arm(NAMES.indexOf(call), 0, 0);
  }

  /** Ends each fault, and leaves its counters as they are. */
  lift(): void {
    this.#symbols.fault_limit(0);
  }

  /** Forgets everything; a fault that is armed from now on ends by itself after so many failures. */
  reset(limit: number): void {
    for (const call of NAMES) this.#symbols.fault_arm(NAMES.indexOf(call), 0, 0);
    this.#symbols.fault_limit(limit);
  }

  /** Gives back what netflags leaves to the end of its process. */
  async end(): Promise<void> {
    await this.#symbols.fault_end();
  }

  /** How often a call was made since it was armed. */
  calls(call: Call): number {
    return this.#symbols.fault_calls(NAMES.indexOf(call));
  }

  /** How often all of them were called since {@linkcode Shim.reset}. */
  total(): number {
    return NAMES.reduce((sum, call) => sum + this.calls(call), 0);
  }

  /** How often a call failed since it was armed. */
  failed(call: Call): number {
    return this.#symbols.fault_failed(NAMES.indexOf(call));
  }
}
