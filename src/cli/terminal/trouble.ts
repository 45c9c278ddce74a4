/** What a command tells on standard error while it goes on. */
import { isStranded } from "../../../platforms/contract/errors.ts";
import { currentBackend } from "../../../platforms/current.ts";
import { plain, printError } from "./output.ts";

/** Says where this kernel does not tell changes as they happen, and what is done instead. A watcher has shown it. */
export function tellHowChangesCome(): void {
  const { events } = currentBackend().capabilities;
  if (events === "kernel") return;
  const what = events === "partial" ? "changes of addresses" : "changes of interfaces";
  printError(`This kernel refuses to report ${what} as they happen: everything is compared each second`);
}

const reported = new WeakSet<Error>();

/** Says once what was refused for good, and that it is done without. */
export function tellRefusals(): void {
  for (const error of currentBackend().refused ?? []) {
    if (reported.has(error)) continue;
    reported.add(error);
    printError(`${plain(error.message)}; it is done without`);
  }
}

/**
 * Says that listening failed, and goes on: it is tried again. In the wrong network namespace nothing goes on: what is
 * started there, a hook say, would be in it too. So it throws that error, which ends the watcher that reports it.
 */
export function tellTrouble(error: Error): void {
  if (isStranded(error)) throw error;
  printError(`${plain(error.message)}: trying again`);
}
