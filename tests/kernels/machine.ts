/**
 * An emulated machine with another kernel. NETFLAGS_VM_SH names the program that starts one:
 * `vm.sh KERNEL ARCH FOLDER COMMAND` runs a command under a kernel of Debian's in a copy of a folder.
 */
import { addCounts, ALSO_BY_LOOP, filesOf, nothing, type Outcome, ROOT, succeeds } from "../helpers/suites.ts";
import { COUNTED, STARTED, type Started } from "./protocol.ts";

const VM_SH = Deno.env.get("NETFLAGS_VM_SH") ?? `${ROOT}../shared/lab/vm.sh`;
const EMULATORS: Readonly<Record<string, string>> = { amd64: "qemu-system-x86_64", arm64: "qemu-system-aarch64" };

/** How many seconds a machine may run for each of its files. */
const LIMIT = 900;

/** The processors that there are emulators for. */
export const PROCESSORS: readonly string[] = Object.keys(EMULATORS);
/** What can be run under a kernel: each a list of machines, and each machine a list of test files. */
export const SUITES: Readonly<Record<string, readonly (readonly string[])[]>> = {
  smoke: [["kernels/smoke_test.ts"]],
  live: [[
    ...filesOf("live").map((name) => `live/${name}`),
    ...ALSO_BY_LOOP.map((name) => `live/${name}:loop`),
  ]],
  lab: filesOf("lab").map((name) => [`lab/${name}`]), // a kernel each: they load modules, and name what these bring
};

/** Why no machine can be started for a processor; undefined where one can. */
export async function whyNot(processor: string): Promise<string | undefined> {
  if (!(await succeeds("test", "-x", VM_SH))) return `no program that starts a machine (NETFLAGS_VM_SH, ${VM_SH})`;
  const emulator = EMULATORS[processor];
  if (emulator === undefined) return `${processor} is none of ${PROCESSORS.join(", ")}`;
  return (await succeeds(emulator, "--version")) ? undefined : `no ${emulator}`;
}

async function* linesOf(output: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncIterable<string> {
  let text = "";
  for await (const part of output.pipeThrough(new TextDecoderStream())) {
    const lines = (text + part).split("\n");
    text = lines.pop()!;
    yield* lines;
  }
  if (text !== "") yield text;
}

/** What tests under a kernel came to. */
export interface Tested extends Outcome {
  /** As it calls itself; undefined where it did not start. */
  started: Started | undefined;
  readonly failures: string[];
  readonly skips: string[];
  seconds: number;
}

/** Runs suites under a kernel, and prints what they print, line by line. */
export async function testKernel(
  kernel: string,
  processor: string,
  suites: readonly string[],
  print: (line: string) => void = console.log,
): Promise<Tested> {
  const tested: Tested = { ...nothing(), started: undefined, failures: [], skips: [], seconds: 0 };
  const begun = performance.now();
  for (const files of suites.flatMap((suite) => SUITES[suite]!)) {
    await runMachine(kernel, processor, files, tested, print);
  }
  tested.seconds = Math.round((performance.now() - begun) / 1000);
  return tested;
}

async function runMachine(
  kernel: string,
  processor: string,
  files: readonly string[],
  tested: Tested,
  print: (line: string) => void,
): Promise<void> {
  const guest = ["deno", "run", "--quiet", "--no-check", "--allow-all", "tests/kernels/guest.ts", ...files];
  const process = new Deno.Command(VM_SH, {
    args: [kernel, processor, ROOT, ...guest],
    env: { VM_TIMEOUT: Deno.env.get("VM_TIMEOUT") ?? String(LIMIT * files.length) },
    stdin: "null",
    stdout: "piped",
  }).spawn();
  let started = false;
  let counted = 0;
  for await (const line of linesOf(process.stdout)) {
    if (line.startsWith(STARTED)) {
      started = true;
      tested.started = JSON.parse(line.slice(STARTED.length));
    } else if (line.startsWith(COUNTED)) {
      const outcome: Outcome = JSON.parse(line.slice(COUNTED.length));
      addCounts(tested, outcome);
      tested.failures.push(...outcome.failures);
      tested.skips.push(...outcome.skips);
      counted++;
    } else print(line);
  }
  const { code } = await process.status;
  const left = files.slice(counted);
  if (left.length === 0 && code === 0) return;
  if (!started) {
    const why = `${VM_SH} starts no ${kernel} for ${processor} here (status ${code})`;
    print(`SKIPPED ${files.join(" ")}: ${why}`);
    tested.skipped += files.length;
    tested.skips.push(why);
  } else {
    tested.failed++;
    tested.failures.push(`${left[0] ?? files.at(-1)}: the machine ended with status ${code}`);
  }
}
