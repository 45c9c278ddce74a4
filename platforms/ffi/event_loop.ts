import type { PipeBinding } from "./node_host.ts";
import { denoOrNone } from "./runtime.ts";

/** Calls back from the runtime's own event loop. */
export interface LoopHandle {
  /** What the runtime reads into as long as the handle is open. Not every runtime keeps a reference to it itself. */
  readonly buffer: Uint8Array<ArrayBuffer>;
  /** Ends it and closes its descriptor. */
  close(): void;
}

/**
 * The oldest runtime that this is tried with. 2.6.8 and 2.7.5 are known to tell the first thing that can be read and
 * none after it.
 */
const SINCE = [2, 8] as const;

function runtimeFits(): boolean {
  const [major = 0, minor = 0] = (denoOrNone()?.version.deno ?? "").split(".").map(Number);
  return major > SINCE[0] || (major === SINCE[0] && minor >= SINCE[1]);
}

/**
 * Calls `written` from the runtime's event loop whenever an eventfd was written to, and so without a thread that waits. It
 * takes the descriptor over, and keeps the process alive until it is closed. undefined: this runtime cannot do it; the
 * descriptor is still the caller's then.
 *
 * No public API of Deno waits for a descriptor that it did not open. This is its implementation of `process.binding`,
 * which may change or go at any time: whoever uses it must find out whether it works, and must have another way.
 */
export function openLoopHandle(eventfd: number, written: () => void): LoopHandle | undefined {
  if (!runtimeFits()) return undefined;
  try {
    const { process } = globalThis as unknown as { process: { binding(name: string): PipeBinding } };
    const { Pipe, constants } = process.binding("pipe_wrap");
    const pipe = new Pipe(constants.SOCKET);
    if (pipe.open(eventfd) !== 0) return undefined;
    const buffer = new Uint8Array(new ArrayBuffer(64));
    pipe.useUserBuffer(buffer);
    pipe.onread = written;
    if (pipe.readStart() !== 0) throw new Error("the pipe is not read");
    return { buffer, close: () => pipe.close() };
  } catch {
    return undefined;
  }
}
