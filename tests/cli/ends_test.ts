/** `main` of ./cli in somebody's program: each command ends, and leaves the program as it was. */
import { assert, assertEquals } from "@std/assert";
import { COMMANDS } from "../../src/cli/commands/commands.ts";
import type { Left, Run } from "../helpers/cli/host.ts";
import { commandLine } from "../helpers/cli/netflags.ts";

const LINUX = Deno.build.os === "linux";
if (!LINUX) console.error("SKIPPED: what main leaves in a program is tested on Linux, where /proc shows it");

/** How long a program may take to end when it has nothing more to do, in milliseconds. */
const LIMIT = 60_000;

/** A command line, the status with which it ends, and what it reads. */
type Case = Run & { readonly status?: number; readonly input?: string };

/** Of each command, what ends it: that it is done, its time, a signal, or an error. */
const CASES: readonly Case[] = [
  { args: ["list"] },
  { args: ["list", "no-such-card", "--json"], status: 1 },
  { args: ["show", "lo"] },
  { args: ["watch", "lo", "--initial", "--count", "1"] },
  { args: ["watch", "lo", "--initial", "--settle", "1", "--json"], endAfter: "lo" },
  { args: ["watch", "lo", "--initial", "--timeline"], endAfter: "lo" },
  { args: ["watch", "--netns", "no-such-netns"], status: 2 },
  { args: ["wait", "lo", "present"] },
  { args: ["wait", "no-such-card", "present", "--timeout", "0.1"], status: 124 },
  { args: ["route", "127.0.0.1"] },
  { args: ["set", "lo", "up", "--dry-run"] },
  { args: ["ap", "--count", "1", "--netns", "no-such-netns"], status: 2 },
  { args: ["run", "lo", "--on-added", "kill -TERM $PPID"] },
  { args: ["report", "--for", "0.1"] },
  { args: ["report", "no-such-file"], status: 2 },
  { args: ["metrics"] },
  { args: ["metrics", "--listen", "127.0.0.1:0"], endAfter: "/metrics" },
  { args: ["explain", "lo"] },
  { args: ["decode", "--platform", "linux", "no-such-file"], status: 2 },
  { args: ["flags", "0x1043"] },
  { args: ["schema", "list"] },
  { args: ["completions", "bash"] },
  { args: ["help"] },
  { args: ["help", "watch"] },
  { args: ["--version"] },
  { args: ["__complete", "show", "l"] },
  { args: ["no-such-command"], status: 2 },
];

/** Those that read all of standard input, which a program has once: the second time there is nothing. */
const READING: readonly Case[] = [
  { args: ["report"], input: "", status: 1 },
];

/** Starts a program that runs command lines in itself. */
function start(runs: readonly Run[], ...more: string[]): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: [...commandLine(["--allow-all"], "tests/helpers/cli/host.ts"), JSON.stringify(runs), ...more],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** What each of some command lines left in one program that ran them, which must end by itself. */
async function leftBy(cases: readonly Case[], input = ""): Promise<Left[]> {
  const program = start(cases);
  const writer = program.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input));
  await writer.close();
  const timer = setTimeout(() => program.kill("SIGKILL"), LIMIT);
  const [, stderr, { code, signal }] = await Promise.all([
    program.stdout.text(),
    program.stderr.text(),
    program.status,
  ]);
  clearTimeout(timer);
  assertEquals([code, signal], [0, null], `it does not end by itself: ${stderr}`);
  return stderr.split("\n").filter((line) => line.startsWith("{")).map((line) => JSON.parse(line));
}

function assertNothingLeft(cases: readonly Case[], left: readonly Left[]): void {
  assertEquals(
    left,
    cases.map(({ args, status = 0 }) => ({ args, statuses: [status, status], listeners: [], open: [] })),
  );
}

Deno.test("main: each command has a case in which it ends", () => {
  const missing = Object.keys(COMMANDS).filter((name) => !CASES.some(({ args }) => args[0] === name));
  assertEquals(missing, []);
});

Deno.test({
  name: "main: no command leaves a listener or a descriptor in its program, which ends by itself",
  ignore: !LINUX,
  fn: async () => assertNothingLeft(CASES, await leftBy(CASES)),
});

for (const one of READING) {
  Deno.test({
    name: `main: ${one.args.join(" ")} leaves standard input as it was`,
    ignore: !LINUX,
    fn: async () => assertNothingLeft([one], await leftBy([one], one.input)),
  });
}

Deno.test({
  name: "main: a program with a watch in it that has ended goes on, and SIGTERM is its own again",
  ignore: !LINUX,
  fn: async () => {
    const program = start([{ args: ["watch", "lo", "--initial"], endAfter: "lo" }], "stay");
    const lines = program.stderr.pipeThrough(new TextDecoderStream()).getReader();
    for (let text = ""; !text.includes("}\n");) {
      const { done, value } = await lines.read();
      assert(!done, `it has ended: ${text}`);
      text += value;
    }
    program.kill("SIGTERM");
    assertEquals((await program.status).signal, "SIGTERM");
    await Promise.all([lines.cancel(), program.stdout.cancel(), program.stdin.close()]);
  },
});
