import { readTextFile } from "./files.ts";

/** The bit of SIGHUP among the signals (signal(7)). */
const SIGHUP = 1n;

/** The status of this process from /proc (proc(5)); undefined if it cannot be read. */
export function processStatus(): string | undefined {
  return readTextFile("/proc/thread-self/status");
}

/** A word of bits in such a text, by its name; 0 if it is missing. */
export function statusBits(status: string | undefined, name: string): bigint {
  const hex = new RegExp(`^${name}:\\s*([0-9a-f]+)$`, "m").exec(status ?? "")?.[1];
  return hex === undefined ? 0n : BigInt(`0x${hex}`);
}

/** Whether this process was started with SIGHUP ignored, as by nohup(1). */
export function ignoresHangUp(): boolean {
  return (statusBits(processStatus(), "SigIgn") & SIGHUP) !== 0n;
}
