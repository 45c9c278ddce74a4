import { InvalidInputError, NetflagsError, WaitTimeoutError } from "../../platforms/contract/errors.ts";
import { isWaitCondition, WAIT_CONDITIONS } from "../watch/conditions.ts";
import { waitFor } from "../watch/wait_for.ts";
import { tellHowChangesCome } from "./output.ts";
import { checkWords, type Command, EXIT, readOptions, readSeconds } from "./command.ts";

/** `netflags wait` */
export const waitCommand: Command = {
  usage: "NAME CONDITION [--timeout SECONDS]",
  summary: "Returns when an interface is in a state; it need not exist yet",
  details: [
    `CONDITION is one of ${WAIT_CONDITIONS.join(", ")}.`,
    "disconnected holds also where there is no such interface; where the system cannot tell, neither connected nor it does.",
    "up and down are IFF_UP; oper-up and oper-down are the operational states of that name.",
    "operational states are Linux's: where the system tells none, waiting for one is refused, with status 1.",
    "--timeout SECONDS  give up after that time, with exit status 124; 0 asks whether it holds now: status 0 or 1",
  ],
  async run(args) {
    const { timeout, words } = readOptions(args, { string: ["timeout"] });
    checkWords(words, ["NAME", "CONDITION"]);
    const [name, condition] = words as [string, string];
    if (!isWaitCondition(condition)) {
      throw new InvalidInputError(`Unknown condition "${condition}": give one of ${WAIT_CONDITIONS.join(", ")}`);
    }
    const time = readSeconds("timeout", timeout);
    if (time !== 0) tellHowChangesCome();
    try {
      await waitFor(name, condition, { timeout: time });
    } catch (error) {
      // Without a time to wait there is none that could pass: the condition is false.
      if (time !== 0 || !(error instanceof WaitTimeoutError)) throw error;
      throw new NetflagsError(error.message, { operation: error.operation, interface: name, cause: error });
    }
    return EXIT.done;
  },
};
