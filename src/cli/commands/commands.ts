/** The commands: the name and a line of each, and where its module is. A command loads only what it needs. */
import type { Command } from "../options/command.ts";

/** A command whose module is loaded when it is wanted. */
export interface CommandEntry {
  /** What it does, in a line. */
  readonly summary: string;
  load(): Promise<Command>;
}

/** Every command, in the order in which help lists them. */
export const COMMANDS: Readonly<Record<string, CommandEntry>> = {
  list: {
    summary: "Shows every interface, or those named, and which are connected",
    load: async () => (await import("./list.ts")).listCommand,
  },
  show: {
    summary: "Shows everything that is known of interfaces",
    load: async () => (await import("./show.ts")).showCommand,
  },
  watch: {
    summary: "Reports each change of every interface, or of those named, as it happens",
    load: async () => (await import("./watch.ts")).watchCommand,
  },
  wait: {
    summary: "Returns when interfaces are in a state; they need not exist yet",
    load: async () => (await import("./wait.ts")).waitCommand,
  },
  route: {
    summary: "Shows by which interface a packet to an address leaves, or the default traffic",
    load: async () => (await import("./route.ts")).routeCommand,
  },
  set: {
    summary: "Changes flags, link mode and operational state; needs root, or CAP_NET_ADMIN on Linux",
    load: async () => (await import("./set.ts")).setCommand,
  },
  ap: {
    summary: "Reports each access point that starts, changes its SSID, or stops",
    load: async () => (await import("./ap.ts")).apCommand,
  },
  run: {
    summary: "Runs commands when interfaces change",
    load: async () => (await import("./run.ts")).runCommandLine,
  },
  report: {
    summary: "Reports since when interfaces are connected, how often they were not, and for how long",
    load: async () => (await import("./report.ts")).reportCommand,
  },
  metrics: {
    summary: "Prints metrics of interfaces (OpenMetrics) once, over HTTP, or to a file",
    load: async () => (await import("./metrics.ts")).metricsCommand,
  },
  explain: {
    summary: "Explains why an interface is connected or not, and what to do",
    load: async () => (await import("./explain.ts")).explainCommand,
  },
  decode: {
    summary: "Decodes captured messages, of any platform on any machine",
    load: async () => (await import("./decode.ts")).decodeCommand,
  },
  flags: {
    summary: "Explains a flag word: decimal, hexadecimal, names, or as ifconfig prints it",
    load: async () => (await import("./flags.ts")).flagsCommand,
  },
  schema: {
    summary: "Prints the JSON Schema of what a command prints with --json",
    load: async () => (await import("./schema.ts")).schemaCommand,
  },
  completions: {
    summary: "Prints a script by which bash, zsh or fish completes commands, options, names and conditions",
    load: async () => (await import("./completions.ts")).completionsCommand,
  },
};
