import {
  InvalidInputError,
  isStranded,
  type NetflagsError,
  NotPermittedError,
  optional,
} from "../../../platforms/contract/errors.ts";
import { currentBackend } from "../../../platforms/current.ts";
import { get } from "../../query.ts";
import { type Hook, HOOKS, LASTING } from "../../steps/hooks.ts";
import { type InterfaceWatcher, watch } from "../../watch/watch.ts";
import { HookProcesses } from "../hooks/hook_process.ts";
import { HookLines } from "../hooks/lines.ts";
import { CommandRunner } from "../hooks/runner.ts";
import { Slots } from "../hooks/slots.ts";
import { type Command, EXIT } from "../options/command.ts";
import { NETNS_UNTIL_GONE } from "../options/netns.ts";
import { flag, negation, seconds, type Valued, whole, word } from "../options/option.ts";
import { readOptions } from "../options/parse.ts";
import { checkRoutes } from "../options/routes.ts";
import { GLOBS, readSelection, SELECTING } from "../options/selecting.ts";
import { tellHowChangesCome, tellRefusals, tellTrouble } from "../terminal/trouble.ts";

/** How long a hook may run and how long it has to end after SIGTERM, in seconds, and how many run at once. */
const TIME_LIMIT = 60;
const GRACE = 2;
const JOBS = 16;

const HOOK_HELP: Readonly<Record<Hook, string>> = {
  added: "Run CMD when an interface comes, or gets a name",
  up: "When it is marked up",
  carrier: "When it gets a carrier; only while it is up",
  connected: "When packets can flow",
  "default-route": "When the default traffic leaves by it. That of IPv4 or IPv6 is enough, and it must be connected.",
  "no-default-route": "When that is so no longer",
  network: "When its network (SSID) is another one than before",
  addresses: "When usable addresses came or went. NETFLAGS_ADDRESSES has the present ones.",
  flapped:
    "When only the kernel's counter shows a flap. NETFLAGS_MISSED says how often the carrier went and came back.",
  disconnected: "When packets cannot flow any more",
  "no-carrier": "When it loses its carrier",
  down: "When it is marked down",
  removed: "When it goes, or loses its name",
};

/** The options for hooks. */
const ON_HOOKS = Object.fromEntries(HOOKS.map((hook) => [`on-${hook}`, word("CMD", HOOK_HELP[hook])])) as {
  readonly [hook in `on-${Hook}`]: Valued<string>;
};

const OPTIONS = {
  ...ON_HOOKS,
  "while-connected": word(
    "CMD",
    "Run CMD for as long as packets can flow. It stays in the foreground, and is ended with SIGTERM when they cannot. It is " +
      "started again if the network changes, and, with growing pauses, if it ends by itself. --jobs and --limit do not " +
      "apply to it.",
  ),
  "while-up": word("CMD", "The same for as long as the interface is marked up"),
  initial: negation("Run no hooks for the state at the start"),
  keep: flag("At the end, do not undo what hooks have begun. Programs of --while-... are ended all the same."),
  delay: seconds(
    "S",
    "Report only what has lasted for S seconds. What goes and comes back within that time is not reported, " +
      "unless the network or the interface is another one. What keeps changing is reported after ten times S.",
  ),
  "delay-up": seconds("S", "The same for gains only; by default as --delay"),
  "delay-down": seconds("S", "The same for losses only; by default as --delay"),
  jobs: whole("N", `Run at most N commands at once; by default ${JOBS}. The others wait in order.`, 1),
  limit: seconds(
    "S",
    `End a command with SIGTERM after S seconds. The default is ${TIME_LIMIT}, and 0 is no limit.`,
  ),
  grace: seconds("S", `Kill a command S seconds after SIGTERM. The default is ${GRACE}.`),
  ...SELECTING,
  netns: {
    ...NETNS_UNTIL_GONE,
    text: `${NETNS_UNTIL_GONE.text} CMD is run where netflags is, with N in NETFLAGS_NETNS.`,
  },
};

function checkPermission(): void {
  if (Deno.permissions.querySync({ name: "run", command: "sh" }).state === "granted") return;
  throw new NotPermittedError("Cannot run hooks: run with --allow-run=sh beside --allow-ffi", {
    operation: "run hooks",
  });
}

/** The commands among the options, by what they are for. */
function commandsOf<T extends string, P extends string>(
  options: Readonly<Partial<Record<`${P}-${T}`, string | undefined>>>,
  prefix: P,
  names: readonly T[],
): ReadonlyMap<T, string> {
  return new Map(names.flatMap((name) => {
    const command = options[`${prefix}-${name}`];
    return command === undefined ? [] : [[name, command] as const];
  }));
}

/** Whether an interface exists; it is taken to, where the kernel cannot be asked. */
function exists(index: number, netns: string | number | undefined): boolean {
  return optional(() => get(index, { netns }) !== undefined) ?? true;
}

/** Runs hooks until a signal or a failure ends the watcher, and ends them then. A second signal leaves no time for it. */
async function runLines(
  watcher: InterfaceWatcher,
  lines: HookLines,
  how: { readonly keep: boolean; hurry(): void },
): Promise<void> {
  let ending = false;
  const end = (): void => {
    if (ending) how.hurry();
    ending = true;
    watcher.close();
  };
  // Without a listener the runtime ends at SIGHUP even under nohup(1). Linux alone tells whether it is to be ignored.
  const deaf = currentBackend().host?.ignoresHangUp?.() ?? false;
  const listeners = [["SIGINT", end], ["SIGTERM", end], ["SIGHUP", deaf ? (): void => {} : end]] as const;
  for (const [signal, listener] of listeners) Deno.addSignalListener(signal, listener);
  try {
    for await (const event of watcher) lines.take(event);
  } catch (error) {
    if (isStranded(error)) lines.stop(); // a hook would be started in the wrong network namespace
    throw error;
  } finally {
    // Also where watching has failed: what was started is not left behind.
    ending = true;
    await lines.close(how.keep);
    for (const [signal, listener] of listeners) Deno.removeSignalListener(signal, listener);
  }
}

export const runCommandLine: Command = {
  usage: ["[NAME...] --on-up CMD [--on-down CMD...] [OPTION...]", "[NAME...] --while-connected CMD [OPTION...]"],
  description: [
    "CMD is run by sh, one at a time for each name. All commands for one interface of a name end before the first one for " +
    "the next interface of that name. An interface that is renamed counts as removed under its old name.",
    "No loss is skipped. What happens while a CMD runs is reported after its end: first each loss, even if it is over, " +
    "then what holds now, each once. A loss ends the CMD of the gain if that still runs. A change of the network (SSID) is " +
    "a loss and a gain. If there is an option for a gain and one for its loss, neither is run twice in a row.",
    "At the start, the whole state of each interface is reported. Of an interface that comes later, only what it has is " +
    "reported: --on-down is run if somebody marks it down, and not because it is not up yet. If it is removed while it " +
    "is up, --on-down is run only if --on-up was.",
    "In the environment of CMD are NETFLAGS_HOOK (the option without on-), NETFLAGS_INTERFACE, NETFLAGS_INDEX, " +
    "NETFLAGS_EVENT (present, added, changed, removed, left, or end), NETFLAGS_FLAGS, NETFLAGS_CONNECTED, NETFLAGS_OPERSTATE, " +
    "NETFLAGS_LINKSTATE, NETFLAGS_MAC, NETFLAGS_ADDRESSES (the usable ones, with a blank between them), NETFLAGS_DEFAULT_ROUTE (inet, inet6 or both, where a hook is for that), NETFLAGS_SSID, " +
    "NETFLAGS_FREQUENCY (in MHz, of each link), NETFLAGS_HIDDEN_FLAPS, NETFLAGS_MISSED (how often it came or went without a hook of its " +
    "own), and NETFLAGS_NETNS. They are of the moment when CMD starts. An SSID that is no text is in NETFLAGS_SSID_HEX. " +
    "NETFLAGS_PREVIOUS_FLAGS and so on are of the state before. What is not known is empty.",
    "Its standard input is the whole event as JSON; netflags schema run describes it.",
    "SIGINT, SIGTERM and SIGHUP end netflags. The commands that still run are ended as by --limit, with all that they " +
    "started. Then what hooks have begun is undone: for each --on-connected that was run, --on-disconnected is run, and so " +
    "on for the other pairs. These have the time of --grace. A second signal leaves them none.",
    "With narrow permissions, it needs --allow-run=sh.",
    GLOBS,
  ],
  options: OPTIONS,
  examples: [
    ["netflags run eth0 --while-connected 'udhcpc -f -i eth0'", "Ask for an address for as long as eth0 is connected"],
    ["netflags run wlan0 --while-connected 'radvd -n'", "Announce prefixes for as long as the access point runs"],
    ["netflags run --on-down 'logger $NETFLAGS_INTERFACE'", "Log each interface that is marked down"],
  ],
  words: () => ["<interfaces>"],
  async run(args) {
    const options = readOptions(args, OPTIONS);
    const hooks = commandsOf(options, "on", HOOKS);
    const programs = commandsOf(options, "while", LASTING);
    if (hooks.size + programs.size === 0) {
      const known = [...Object.keys(ON_HOOKS), ...LASTING.map((pair) => `while-${pair}`)];
      throw new InvalidInputError(`No hook: give one of ${known.map((one) => `--${one}`).join(", ")}`);
    }
    const { delay = 0, jobs = JOBS, limit = TIME_LIMIT * 1000, grace = GRACE * 1000, netns } = options;
    const { "delay-up": up = delay, "delay-down": down = delay } = options;
    checkPermission();
    const processes = new HookProcesses(grace);
    const runner = new CommandRunner({ hooks, programs }, { processes, limit: limit || Infinity, netns });
    const lines = new HookLines(runner, {
      delays: { up, down },
      initial: options.initial,
      slots: new Slots(jobs),
      exists: (index) => exists(index, netns),
      grace,
    });
    const selection = readSelection(options);
    const names = options.words.length > 0 ? options.words : undefined;
    const onTrouble = (error: NetflagsError): void => {
      if (isStranded(error)) lines.stop(); // a hook would be started in the wrong network namespace
      tellTrouble(error);
    };
    const routes = hooks.has("default-route") || hooks.has("no-default-route");
    if (routes) checkRoutes("run hooks for the default route");
    using watcher = watch({ ...selection, names, initial: true, addresses: true, routes, onTrouble, netns });
    tellHowChangesCome();
    tellRefusals();
    const hurry = (): void => {
      lines.hurry();
      processes.hurry();
    };
    await runLines(watcher, lines, { keep: options.keep, hurry });
    return EXIT.done;
  },
};
