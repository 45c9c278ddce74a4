/** What the options of the commands that watch make different. */
import { namesIn, NETNS, type OptionCase, type OptionCases, selecting, type Try } from "../options.ts";
import { runHere } from "../in_process.ts";
import type { Result } from "../netflags.ts";

const isJson = ({ stdout }: Result): boolean => /^[[{]/.test(stdout);
const JSON_CASE = { see: isJson, without: false, with: true } as const;
const lines = ({ stdout }: Pick<Result, "stdout">): number => stdout.split("\n").length - 1;
const PRESENT = ["--initial", "--count", "1"] as const;

/** Adds an interface as soon as somebody listens, and waits for its line. */
async function add({ system, written, until }: Try): Promise<void> {
  await until(() => system.subscriptions > 0);
  system.set({ name: "new0" });
  await until(() => written.stdout.includes("new0"));
}

export const watch: OptionCases = {
  initial: {
    args: [],
    see: ({ stdout }) => namesIn(stdout),
    without: "new0",
    with: "lo eth0 veth0 tap0 new0",
    meanwhile: add,
  },
  addresses: {
    args: ["--json"],
    see: ({ stdout }) => stdout.includes(`"192.0.2.1"`),
    without: false,
    with: true,
    meanwhile: async (running) => {
      const { system, until } = running;
      await until(() => system.subscriptions > 0);
      const address = { scope: "global", peer: undefined, broadcast: undefined, label: undefined, flags: [] } as const;
      system.set({ name: "eth0", addresses: [{ family: "inet", address: "192.0.2.1", prefixLength: 24, ...address }] });
      await add(running);
    },
  },
  routes: {
    args: ["--json"],
    see: ({ stdout }) => stdout.includes(`"changed":["defaultRoute"]`),
    without: false,
    with: true,
    meanwhile: async (running) => {
      const { system, until } = running;
      await until(() => system.subscriptions > 0);
      system.addRoute("eth0", "0.0.0.0/0");
      await add(running);
    },
  },
  count: {
    args: [],
    value: "1",
    see: lines,
    without: 2,
    with: 1,
    meanwhile: async (running) => {
      await add(running);
      running.system.set({ name: "new0", mtu: 1400 });
      await running.until(() => lines(running.written) > 1);
    },
  },
  poll: {
    args: ["--json"],
    value: "0.01",
    see: ({ stdout }) => stdout.includes(`"changed":["mtu"]`),
    without: false,
    with: true,
    meanwhile: async (running) => {
      const { system, given, written, until } = running;
      await until(() => system.subscriptions > 0);
      // As long as one is down, everything is compared now and then without the option too.
      for (const name of ["veth0", "tap0"]) system.remove(name);
      await until(() => written.stdout.match(/"type":"removed"/g)?.length === 2);
      system.setSilently({ name: "eth0", mtu: 1400 });
      if (given) await until(() => written.stdout.includes(`"changed":["mtu"]`));
      await add(running);
    },
  },
  changes: {
    args: ["eth0"],
    value: "connected",
    see: lines,
    without: 2,
    with: 1,
    meanwhile: async ({ system, given, written, until }) => {
      await until(() => system.subscriptions > 0);
      system.set({ name: "eth0", mtu: 1400 });
      if (!given) await until(() => lines(written) === 1);
      system.set({ name: "eth0", flags: 0x1003, operState: "down" });
      await until(() => lines(written) === (given ? 1 : 2));
    },
  },
  settle: {
    args: ["eth0"],
    value: "0.05",
    see: lines,
    without: 2,
    with: 1,
    meanwhile: async ({ system, given, written, until }) => {
      await until(() => system.subscriptions > 0);
      system.set({ name: "eth0", mtu: 1400 });
      if (!given) await until(() => lines(written) === 1);
      system.set({ name: "eth0", mtu: 1500, flags: 0x11003 });
      await until(() => lines(written) === (given ? 1 : 2));
    },
  },
  time: {
    args: PRESENT,
    value: "none",
    see: ({ stdout }) => /^\d\d:\d\d:\d\d/.test(stdout),
    without: true,
    with: false,
  },
  timeline: {
    args: PRESENT,
    see: ({ stdout }) => /^ *\d+\.\d{6} \+\d+\.\d{6} lo /.test(stdout),
    without: false,
    with: true,
  },
  json: { args: PRESENT, ...JSON_CASE },
  verbose: {
    args: PRESENT,
    see: ({ stdout }) => /<UP,LOOPBACK/.test(stdout),
    without: false,
    with: true,
  },
  ...selecting({
    args: ["--initial"],
    see: ({ stdout }) => namesIn(stdout),
    // What is there is told before what fails.
    meanwhile: ({ written, until }) => until(() => written.stdout !== ""),
  }),
  netns: { args: PRESENT, ...NETNS },
};

/** A record of the interfaces that are there, as `watch --json` writes it. */
async function record(folder: string): Promise<void> {
  const { stdout } = await runHere(["watch", "--json", "--initial", "--count", "4"]);
  await Deno.writeTextFile(`${folder}/record`, stdout);
}

export const report: OptionCases = {
  for: {
    args: ["eth0"],
    value: "0.01",
    see: ({ stdout }) => namesIn(stdout),
    without: "", // there is no record of that name
    with: "eth0",
  },
  json: { args: ["FOLDER/record"], before: record, ...JSON_CASE },
  svg: {
    args: ["FOLDER/record"],
    before: record,
    value: "FOLDER/picture.svg",
    see: ({ folder }) => [...Deno.readDirSync(folder)].map(({ name }) => name).sort().join(" "),
    without: "record",
    with: "picture.svg record",
  },
  ...selecting({ args: ["--for", "0.01"], see: ({ stdout }) => namesIn(stdout) }),
  netns: { args: ["--for", "0.01"], ...NETNS },
};

const textfile: Pick<OptionCase, "args" | "value"> = { args: [], value: "FOLDER/netflags.prom" };
const fileOf = (folder: string): string | undefined => {
  try {
    return Deno.readTextFileSync(`${folder}/netflags.prom`);
  } catch {
    return undefined; // not yet, or not at all
  }
};

export const metrics: OptionCases = {
  listen: {
    args: [],
    value: "127.0.0.1:0",
    see: ({ stdout }) => /^http:\/\/127\.0\.0\.1:\d+\/metrics\n$/.test(stdout),
    without: false,
    with: true,
    meanwhile: ({ written, until }) => until(() => written.stdout !== ""),
  },
  textfile: { ...textfile, see: ({ folder }) => fileOf(folder) !== undefined, without: false, with: true },
  interval: {
    args: ["--textfile", "FOLDER/netflags.prom"],
    value: "1",
    see: ({ folder }) => fileOf(folder)?.includes(`"new0"`),
    without: false,
    with: true,
    meanwhile: async ({ system, folder, given, until }) => {
      await until(() => fileOf(folder));
      system.set({ name: "new0" });
      if (given) await until(() => fileOf(folder)?.includes(`"new0"`));
    },
  },
  ...selecting({ args: [], see: ({ stdout }) => namesIn(stdout) }),
  netns: { args: [], ...NETNS },
};
