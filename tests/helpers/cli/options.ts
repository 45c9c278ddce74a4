/** What an option of the command line is tried with: it must make the difference that its case says. */
import { assertEquals, assertNotEquals } from "@std/assert";
import { UnsupportedError } from "../../../platforms/contract/errors.ts";
import { FakeSystem } from "../../../src/testing.ts";
import { startHere } from "./in_process.ts";
import type { Result } from "./netflags.ts";

/** A command that runs, and the system that it runs on. */
export interface Try {
  readonly system: FakeSystem;
  /** A folder that is there for this alone. */
  readonly folder: string;
  /** Whether the option is given. */
  readonly given: boolean;
  /** What the command has written so far. */
  readonly written: Omit<Result, "status">;
  /** Waits for something. What does not come in ten seconds is an error. */
  until(what: () => unknown): Promise<void>;
}

/** What a command did, and the system and the folder as it left them. */
export interface Tried extends Result {
  readonly folder: string;
  readonly system: FakeSystem;
}

/** A system in the place of the usual one, until it is disposed of. */
export interface OtherSystem extends Disposable {
  /** Makes watching fail for good. */
  fail(error: Error): void;
}

/** How an option makes a difference. In the arguments, FOLDER stands for the folder. */
export interface OptionCase {
  /** What is given beside the option. */
  readonly args: readonly string[];
  /** The option's value. */
  readonly value?: string;
  /** What of the result is looked at. */
  readonly see: (tried: Tried) => unknown;
  /** What is seen where the option is not given, and where it is. */
  readonly without: unknown;
  readonly with: unknown;
  /** Puts another system in the place of the usual one. */
  readonly on?: () => OtherSystem;
  /** What is done before the command runs. */
  readonly before?: (folder: string) => void | Promise<void>;
  /** What is done while it runs. A command that still runs then is ended. */
  readonly meanwhile?: (running: Try) => void | Promise<void>;
}

/** The cases of one command, by the names of its options. */
export type OptionCases = Readonly<Record<string, OptionCase>>;

/** The interfaces of every case: one that works, two that do not, and lo. */
export const NAMES = ["lo", "eth0", "veth0", "tap0"] as const;

/** Those names that a text has, in this order. */
export function namesIn(text: string): string {
  return [...NAMES, "new0"].filter((name) => new RegExp(`\\b${name}\\b`).test(text)).join(" ");
}

function interfaces(): FakeSystem {
  const system = new FakeSystem();
  system.set({ name: "lo", index: 1, type: "loopback", flags: 0x10049, operState: "unknown", carrier: true });
  const wireless = { type: "station", ssid: undefined, ssidHex: undefined, frequency: undefined };
  system.set({ name: "eth0", index: 2, type: "ether", flags: 0x11043, operState: "up", carrier: true, wireless });
  system.set({
    name: "veth0",
    index: 3,
    type: "ether",
    kind: "veth",
    flags: 0x1003,
    operState: "down",
    carrier: false,
  });
  system.set({ name: "tap0", index: 4, type: "none", kind: "tun", flags: 0x1002, operState: "down", carrier: false });
  return system;
}

/** Whoever waits gives up after so many milliseconds. */
const PATIENCE = 10_000;

async function until(what: () => unknown): Promise<void> {
  for (const end = performance.now() + PATIENCE; !what();) {
    if (performance.now() > end) throw new Error(`This does not come: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

async function run({ args, on, before, meanwhile, see }: OptionCase, option: readonly string[]): Promise<unknown> {
  const folder = await Deno.makeTempDir({ prefix: "netflags-option-" });
  using system = interfaces();
  using other = on?.();
  try {
    await before?.(folder);
    const { written, ended } = startHere([...args, ...option].map((arg) => arg.replaceAll("FOLDER", folder)));
    let over = false;
    const end = ended.then((result) => {
      over = true;
      return result;
    });
    try {
      const given = option.length > 0;
      const result = (what: () => unknown): Promise<void> => until(() => over || what());
      await meanwhile?.({ system, folder, given, written, until: result });
    } finally {
      // What goes on is made to end; what has ended does not notice.
      if (meanwhile !== undefined) (other ?? system).fail(new UnsupportedError("The test is over"));
    }
    return see({ ...await end, folder, system });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Fails unless an option makes the difference that its case says. */
export async function tryOption(command: string, option: string, given: OptionCase): Promise<void> {
  assertNotEquals(given.without, given.with, "the case says of no difference");
  const tried = { ...given, args: [command, ...given.args] };
  assertEquals(await run(tried, []), given.without, `${command} without ${option}`);
  const words = given.value === undefined ? [option] : [option, given.value];
  assertEquals(await run(tried, words), given.with, `${command} with ${words.join(" ")}`);
}

/** Whether a namespace that is not there was asked for. */
export const NETNS: Pick<OptionCase, "value" | "see" | "without" | "with"> = {
  value: "nowhere",
  see: ({ stderr }) => /network namespace "nowhere"/.test(stderr),
  without: false,
  with: true,
};

/** The cases of the options that select, of a command that is seen to show or use these names. */
export function selecting(given: Pick<OptionCase, "args" | "see" | "meanwhile">): OptionCases {
  const all = NAMES.join(" ");
  const one = (value: string | undefined, names: string): OptionCase => ({
    ...given,
    ...(value === undefined ? {} : { value }),
    without: all,
    with: names,
  });
  return {
    kind: one("v*", "veth0"),
    type: one("none", "tap0"),
    physical: one(undefined, "eth0"),
    loopback: one(undefined, "eth0 veth0 tap0"),
    exclude: one("lo,veth?", "eth0 tap0"),
  };
}
