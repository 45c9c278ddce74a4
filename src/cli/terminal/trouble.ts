/** What a command tells on standard error while it goes on, and how it learns that nobody reads it any more. */
import { isStranded } from "../../../platforms/contract/errors.ts";
import { currentBackend } from "../../../platforms/current.ts";
import { EXIT } from "../options/command.ts";
import { plain } from "./output.ts";

/**
 * Calls `closed` when the reader of standard output goes away. A write would tell, but a watcher may have nothing to
 * write for hours. Where the platform cannot wait for that, the next write tells.
 */
export function onOutputClosed(closed: () => void): void {
  if (!Deno.stdout.isTerminal()) currentBackend().host?.onReaderGone?.(1, closed);
}

/** Says once where this kernel does not tell changes as they happen, and what is done instead. */
export function tellHowChangesCome(): void {
  const { events } = currentBackend().capabilities;
  if (events === "kernel") return;
  const what = events === "partial" ? "changes of addresses" : "changes of interfaces";
  console.error(`netflags: This kernel refuses to tell ${what} as they happen: everything is compared each second`);
}

const told = new WeakSet<Error>();

/** Says once what was refused for good, and that it is done without. */
export function tellRefusals(): void {
  for (const error of currentBackend().refused ?? []) {
    if (told.has(error)) continue;
    told.add(error);
    console.error(`netflags: ${plain(error.message)}; it is done without`);
  }
}

/**
 * Says that listening failed, and goes on: it is tried again. In the wrong network namespace nothing goes on: what is
 * started there, a hook say, would be in it too.
 */
export function tellTrouble(error: Error): void {
  if (isStranded(error)) {
    console.error(`netflags: ${plain(error.message)}`);
    Deno.exit(EXIT.no);
  }
  console.error(`netflags: ${plain(error.message)}: trying again`);
}
