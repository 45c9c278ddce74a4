/** What the options of `netflags run` make different. */
import { HOOKS } from "../../../../src/steps/hooks.ts";
import { NAMES, namesIn, NETNS, type OptionCase, type OptionCases, selecting, type Try } from "../options.ts";

/** What hooks have written so far. */
function noted(folder: string): string {
  try {
    return Deno.readTextFileSync(`${folder}/noted`);
  } catch {
    return "";
  }
}

const NOTE = `echo "$NETFLAGS_HOOK $NETFLAGS_INTERFACE" >>FOLDER/noted`;

/** One hook after the other in the order of the interfaces: so none is still to come before one that has run. */
const IN_ORDER = ["--jobs", "1"] as const;

/** Lets everything else run for a moment. */
function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1));
}

/** What eth0 becomes so that there are hooks for what is neither gained nor lost. */
const wireless = (ssid: string) => ({
  wireless: { type: "ap", ssid, ssidHex: new TextEncoder().encode(ssid).toHex(), frequency: 2412 },
});
const address = { address: "192.0.2.1", prefixLength: 24, family: "inet", scope: "global", flags: [] } as const;
const others = { peer: undefined, broadcast: undefined, label: undefined };

/** Lets an interface change in all that has a hook, lose its carrier, be set down and go; then another one comes. */
async function endOfEth0(running: Try, hook: string): Promise<void> {
  const { system, folder, given, until } = running;
  await until(() => noted(folder).includes("lo"));
  const ran = async (...hooks: string[]): Promise<void> => {
    if (given && hooks.includes(hook)) await until(() => noted(folder).includes(`${hook} eth0`));
  };
  await ran("added", "up", "carrier", "connected");
  system.addRoute("eth0", "0.0.0.0/0");
  await ran("default-route");
  system.set({ name: "eth0", ...wireless("foo") });
  await turn(); // each is a step of its own
  system.set({ name: "eth0", ...wireless("bar") });
  await ran("network");
  system.set({ name: "eth0", addresses: [{ ...address, ...others }] });
  await ran("addresses");
  system.set({ name: "eth0", carrierChanges: 4 });
  await ran("flapped");
  system.set({ name: "eth0", flags: 0x1003, operState: "down", carrier: false });
  await turn();
  system.set({ name: "eth0", flags: 0x1002 });
  await turn();
  system.remove("eth0");
  await ran("no-default-route", "disconnected", "no-carrier", "down", "removed");
  system.set({ name: "new0", flags: 0x1003 });
  await until(() => noted(folder).includes("new0"));
}

/** A hook of its own for each: another one shows when there is nothing to come. */
function hookCase(hook: typeof HOOKS[number]): OptionCase {
  const other = hook === "up" ? "added" : "up";
  return {
    args: [...IN_ORDER, `--on-${other}`, `${NOTE}; echo lo >>FOLDER/noted`],
    value: NOTE,
    see: ({ folder }) => noted(folder).includes(`${hook} eth0`),
    without: false,
    with: true,
    meanwhile: (running) => endOfEth0(running, hook),
  };
}

/** How many hooks ran at once, by their beginnings and ends. */
function most(folder: string): number {
  let now = 0;
  return Math.max(...noted(folder).trim().split("\n").map((word) => now += word === "begin" ? 1 : -1));
}

export const run: OptionCases = {
  ...Object.fromEntries(HOOKS.map((hook) => [`on-${hook}`, hookCase(hook)])),
  initial: {
    args: ["--on-added", NOTE],
    see: ({ folder }) => namesIn(noted(folder)),
    without: [...NAMES, "new0"].join(" "),
    with: "new0",
    meanwhile: async ({ system, folder, given, until }) => {
      await until(() => system.subscriptions > 0);
      system.set({ name: "new0" });
      await until(() => namesIn(noted(folder)) === (given ? "new0" : [...NAMES, "new0"].join(" ")));
    },
  },
  ...Object.fromEntries(["up", "connected"].map((state): [string, OptionCase] => [`while-${state}`, {
    args: [...IN_ORDER, "--on-up", `${NOTE}; echo lo >>FOLDER/noted`],
    value: `${NOTE}; exec sleep 60`,
    see: ({ folder }) => noted(folder).includes(`while-${state} eth0`),
    without: false,
    with: true,
    meanwhile: async ({ folder, given, until }) => {
      await until(() => noted(folder).includes("up eth0"));
      if (given) await until(() => noted(folder).includes(`while-${state} eth0`));
    },
  }])),
  keep: {
    args: ["eth0", "--on-connected", NOTE, "--on-disconnected", NOTE],
    see: ({ folder }) => noted(folder),
    without: "connected eth0\ndisconnected eth0\n",
    with: "connected eth0\n",
    meanwhile: ({ folder, until }) => until(() => noted(folder) !== ""),
  },
  "delay-up": {
    args: ["eth0", "--on-down", NOTE, "--on-up", NOTE],
    value: "60",
    see: ({ folder }) => noted(folder),
    without: "up eth0\ndown eth0\n",
    with: "",
    meanwhile: async ({ system, folder, given, until }) => {
      await until(() => system.subscriptions > 0);
      if (given) { for (let i = 0; i < 50; i++) await turn(); }
      else await until(() => noted(folder) !== "");
    },
  },
  "delay-down": {
    args: ["eth0", "new0", "--no-initial", "--on-disconnected", NOTE, "--on-added", NOTE, "--keep"],
    value: "60",
    see: ({ folder }) => noted(folder).includes("disconnected eth0"),
    without: true,
    with: false,
    meanwhile: async ({ system, folder, given, until }) => {
      await until(() => system.subscriptions > 0);
      system.set({ name: "eth0", flags: 0x1003, operState: "down", carrier: false });
      if (!given) await until(() => noted(folder).includes("disconnected eth0"));
      else for (let i = 0; i < 50; i++) await turn();
      system.set({ name: "new0" });
      await until(() => noted(folder).includes("added new0"));
    },
  },
  delay: {
    args: ["eth0", "new0", "--on-disconnected", NOTE, "--on-added", NOTE],
    value: "2",
    see: ({ folder }) => noted(folder).includes("disconnected eth0"),
    without: true,
    with: false,
    meanwhile: async ({ system, folder, given, until }) => {
      await until(() => noted(folder).includes("added eth0"));
      system.set({ name: "eth0", flags: 0x1003, operState: "down", carrier: false });
      if (!given) await until(() => noted(folder).includes("disconnected eth0"));
      else for (let i = 0; i < 20; i++) await turn(); // so long that a hook without a delay would have begun
      system.set({ name: "eth0", flags: 0x11043, operState: "up", carrier: true });
      system.set({ name: "new0" });
      await until(() => noted(folder).includes("added new0")); // which has waited as long
    },
  },
  jobs: {
    args: ["--on-added", "echo begin >>FOLDER/noted; sleep 0.2; echo end >>FOLDER/noted"],
    value: "1",
    see: ({ folder }) => most(folder) > 1,
    without: true,
    with: false,
    meanwhile: ({ folder, until }) => until(() => noted(folder).split("end").length > NAMES.length),
  },
  limit: {
    args: ["eth0", "--on-added", "sleep 0.5; echo done >>FOLDER/noted"],
    value: "0.1",
    see: ({ folder }) => noted(folder),
    without: "done\n",
    with: "",
    meanwhile: ({ folder, written, until }) => until(() => noted(folder) !== "" || /ran longer/.test(written.stderr)),
  },
  grace: {
    args: ["eth0", "--limit", "0.1", "--on-added", `trap "" TERM; for i in 1 2 3 4 5; do sleep 0.1; done; ${NOTE}`],
    value: "0",
    see: ({ folder }) => noted(folder),
    without: "added eth0\n",
    with: "",
    meanwhile: ({ folder, written, until }) => until(() => noted(folder) !== "" || /SIGKILL/.test(written.stderr)),
  },
  ...Object.fromEntries(
    Object.entries(selecting({ args: [...IN_ORDER, "--on-added", NOTE], see: ({ folder }) => namesIn(noted(folder)) }))
      .map(([name, given]): [string, OptionCase] => [name, {
        ...given,
        meanwhile: ({ folder, given: isGiven, until }) =>
          until(() => namesIn(noted(folder)) === (isGiven ? given.with : given.without)),
      }]),
  ),
  netns: {
    args: ["--on-added", NOTE],
    ...NETNS,
    meanwhile: ({ system, until }) => until(() => system.subscriptions > 0),
  },
};
