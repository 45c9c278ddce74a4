/**
 * Keeps the state that a watcher tells, in whichever runtime this is. It prints what it has, a line for each byte of its
 * input, and ends by itself when that ends.
 */
import process from "node:process";
import { type InterfaceStatus, watch } from "../../../mod.ts";

const known = new Map<number, InterfaceStatus>();
const watcher = watch({ initial: true, addresses: true });

function print(): void {
  const sorted = [...known.values()].sort((a, b) => a.index - b.index);
  process.stdout.write(`${JSON.stringify(sorted)}\n`);
}

process.stdin.on("data", (bytes: Uint8Array) => bytes.forEach(print));
process.stdin.on("end", () => watcher.close());
for await (const { type, status } of watcher) {
  if (type === "removed") known.delete(status.index);
  else known.set(status.index, status);
}
