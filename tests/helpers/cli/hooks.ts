/** `netflags run` with hooks whose lines are kept. */
import { assertEquals } from "@std/assert";
import { eventually } from "../live/system.ts";
import { Running } from "./netflags.ts";

/** What `netflags run` needs to run hooks. */
const PERMISSIONS: readonly string[] = ["--allow-ffi", "--allow-run=sh"];
/** How long a hook may take to be run, on a busy machine. */
const BUSY = 20_000;

/** Hooks that print their name and the interface's, and then do something more. */
export function saying(hooks: readonly string[], then = ""): string[] {
  return hooks.flatMap((hook) => [`--on-${hook}`, `echo "${hook} $NETFLAGS_INTERFACE"${then && `; ${then}`}`]);
}

/** `netflags run` that goes on, and the lines that its hooks have printed. */
export class RunningHooks implements AsyncDisposable {
  readonly lines: string[] = [];
  readonly #running: Running;
  readonly #read: Promise<void>;

  constructor(...args: readonly string[]) {
    this.#running = new Running(["run", ...args], PERMISSIONS);
    this.#read = this.#readAll();
  }

  /** Waits until the hooks have printed these lines, in this order and no others, and forgets them. */
  async said(...expected: readonly string[]): Promise<void> {
    await eventually(() => assertEquals(this.lines, [...expected]), BUSY);
    this.lines.length = 0;
  }

  /** Ends it by a signal. Resolves with what its hooks have printed since. */
  async end(signal: Deno.Signal = "SIGTERM"): Promise<string[]> {
    this.#running.signal(signal);
    assertEquals(await this.#running.status(), 0);
    await this.#read;
    return this.lines;
  }

  async #readAll(): Promise<void> {
    try {
      for (;;) this.lines.push(await this.#running.line());
    } catch { /* it has ended */ }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#running[Symbol.asyncDispose]();
    await this.#read;
  }
}
