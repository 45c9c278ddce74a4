import {
  InvalidInputError,
  isStranded,
  type NetflagsError,
  NotPermittedError,
} from "../../../platforms/contract/errors.ts";
import { currentBackend } from "../../../platforms/current.ts";
import { type Hook, HookLines, HOOKS } from "../hooks/hooks.ts";
import type { InterfaceEvent } from "../../table/event.ts";
import { watch } from "../../watch/watch.ts";
import { type Command, EXIT } from "../options/command.ts";
import { HookProcesses } from "../hooks/hook_process.ts";
import { eventLine } from "../terminal/lines.ts";
import { NETNS_UNTIL_GONE } from "../options/netns.ts";
import { negation, seconds, type Valued, whole, word } from "../options/option.ts";
import { readOptions } from "../options/parse.ts";
import { plain, printError, quoted, writtenBytes } from "../terminal/output.ts";
import { tellHowChangesCome, tellRefusals, tellTrouble } from "../terminal/trouble.ts";
import { GLOBS, readSelection, SELECTING } from "../options/selecting.ts";
import { Slots } from "../hooks/slots.ts";

/** How long a hook may run and how long it has to end after SIGTERM, in seconds, and how many run at once. */
const TIME_LIMIT = 60;
const GRACE = 2;
const JOBS = 16;

const HOOK_HELP: Readonly<Record<Hook, string>> = {
  added: "Run CMD when an interface comes",
  up: "When it is marked up",
  carrier: "When it gets a carrier",
  connected: "When packets can flow",
  disconnected: "When they cannot any more",
  "no-carrier": "When it loses its carrier",
  down: "When it is marked down",
  removed: "When it goes",
};

function environment(hook: Hook, event: InterfaceEvent, netns: string | number | undefined): Record<string, string> {
  const { status: card } = event;
  return {
    NETFLAGS_HOOK: hook,
    NETFLAGS_EVENT: event.type,
    NETFLAGS_INTERFACE: writtenBytes(card.name), // the environment of a process holds UTF-8 alone
    NETFLAGS_INDEX: String(card.index),
    NETFLAGS_FLAGS: card.flagNames.join(","),
    NETFLAGS_CONNECTED: card.connected === undefined ? "unknown" : String(card.connected),
    NETFLAGS_OPERSTATE: card.operState ?? "",
    NETFLAGS_LINKSTATE: card.linkState ?? "",
    NETFLAGS_HIDDEN_FLAPS: String(event.hiddenFlaps ?? ""),
    ...(netns === undefined ? {} : { NETFLAGS_NETNS: String(netns) }),
  };
}

function report(hook: Hook, event: InterfaceEvent, what: string): void {
  printError(`Hook on-${hook} of interface ${quoted(event.status.name)} ${plain(what)}`);
}

function checkPermission(): void {
  if (Deno.permissions.querySync({ name: "run", command: "sh" }).state === "granted") return;
  throw new NotPermittedError("Cannot run hooks: run with --allow-run=sh beside --allow-ffi", {
    operation: "run hooks",
  });
}

const ON_HOOKS = Object.fromEntries(HOOKS.map((hook) => [`on-${hook}`, word("CMD", HOOK_HELP[hook])])) as {
  readonly [hook in `on-${Hook}`]: Valued<string>;
};

const OPTIONS = {
  ...ON_HOOKS,
  initial: negation("Do not tell the state at the start"),
  delay: seconds("S", "Wait until an interface has been quiet for S seconds, and tell what happened as one step"),
  jobs: whole("N", `Run at most N commands at once; by default ${JOBS}. The others wait in order.`, 1),
  limit: seconds(
    "S",
    `End a command that runs for more than S seconds, with SIGTERM; by default ${TIME_LIMIT}`,
    0.001,
  ),
  grace: seconds("S", `Kill a command that is still there S seconds after SIGTERM; by default ${GRACE}`),
  ...SELECTING,
  netns: {
    ...NETNS_UNTIL_GONE,
    text: `${NETNS_UNTIL_GONE.text} CMD is run where netflags is, with N in NETFLAGS_NETNS.`,
  },
};

/** `netflags run` */
export const runCommandLine: Command = {
  usage: ["[NAME...] --on-up CMD [--on-down CMD...] [OPTION...]"],
  description: [
    "CMD is run by sh, one at a time for each interface. In its environment are NETFLAGS_HOOK, NETFLAGS_INTERFACE, " +
    "NETFLAGS_INDEX, NETFLAGS_EVENT, NETFLAGS_FLAGS, NETFLAGS_CONNECTED, NETFLAGS_OPERSTATE, NETFLAGS_LINKSTATE and " +
    "NETFLAGS_HIDDEN_FLAPS. Its standard input is the whole event as JSON; netflags schema run describes it.",
    "At the start, the state of each interface is told as if it had just come.",
    "Where an interface gets another name, and so is not as asked for any more, the hooks of down, disconnected and " +
    "removed are run.",
    "SIGINT, SIGTERM and SIGHUP end the program. The commands that run are ended too, as by --limit, with all that they " +
    "started.",
    GLOBS,
  ],
  options: OPTIONS,
  examples: [
    ["netflags run eth0 --on-connected 'dhclient eth0'", "Ask for an address when there is a link"],
    ["netflags run --on-down 'logger $NETFLAGS_INTERFACE'", "Log each interface that is marked down"],
  ],
  words: () => ["<interfaces>"],
  async run(args) {
    const options = readOptions(args, OPTIONS);
    const commands = new Map(HOOKS.flatMap((hook) => {
      const command = options[`on-${hook}`];
      return command === undefined ? [] : [[hook, command] as const];
    }));
    if (commands.size === 0) {
      throw new InvalidInputError(`No hook: give one of ${HOOKS.map((hook) => `--on-${hook}`).join(", ")}`);
    }
    const { delay = 0, jobs = JOBS, limit = TIME_LIMIT * 1000, grace = GRACE * 1000, netns } = options;
    checkPermission();
    const slots = new Slots(jobs);
    const processes = new HookProcesses({ limit, grace });
    const lines = new HookLines(
      async (hook, event) => {
        const command = commands.get(hook);
        if (command === undefined) return;
        const env = environment(hook, event, netns);
        const input = `${eventLine(event, hook)}\n`;
        await slots.run(() => processes.run({ command, env, input, report: (what) => report(hook, event, what) }));
      },
      delay,
      (hook, event, error) => report(hook, event, `failed: ${error instanceof Error ? error.message : error}`),
    );
    const selection = readSelection(options);
    const names = options.words.length > 0 ? options.words : undefined;
    const onTrouble = (error: NetflagsError): void => {
      if (isStranded(error)) slots.close(); // a hook would be started in the wrong network namespace
      tellTrouble(error);
    };
    using watcher = watch({ ...selection, names, initial: true, addresses: true, onTrouble, netns });
    tellHowChangesCome();
    tellRefusals();
    const end = (): void => void watcher.close();
    // Without a listener the runtime ends at SIGHUP even under nohup(1). Linux alone tells whether it is to be ignored.
    const deaf = currentBackend().host?.ignoresHangUp?.() ?? false;
    const hangUp = deaf ? (): void => {} : end;
    const listeners = [["SIGINT", end], ["SIGTERM", end], ["SIGHUP", hangUp]] as const;
    for (const [signal, listener] of listeners) Deno.addSignalListener(signal, listener);
    try {
      for await (const event of watcher) {
        if (event.type === "present" && !options.initial) lines.accept(event);
        else lines.take(event);
      }
    } finally {
      // Also where watching has failed: what was started is not left behind.
      slots.close();
      processes.end();
      await lines.close();
      for (const [signal, listener] of listeners) Deno.removeSignalListener(signal, listener);
    }
    return EXIT.done;
  },
};
