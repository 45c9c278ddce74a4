import { readText } from "./files.ts";

/** The bit of SIGHUP among the signals (signal(7)). */
const SIGHUP = 1n;

/** What /proc tells of this process (proc(5)); undefined where it tells nothing. */
export function processStatus(): string | undefined {
  return readText("/proc/thread-self/status");
}

/** A word of bits in such a text, by its name: none is set where it is not there. */
export function statusBits(status: string | undefined, name: string): bigint {
  const hex = new RegExp(`^${name}:\\s*([0-9a-f]+)$`, "m").exec(status ?? "")?.[1];
  return hex === undefined ? 0n : BigInt(`0x${hex}`);
}

/** Whether whoever started this process made it deaf to SIGHUP, as nohup(1) does. */
export function ignoresHangUp(): boolean {
  return (statusBits(processStatus(), "SigIgn") & SIGHUP) !== 0n;
}
