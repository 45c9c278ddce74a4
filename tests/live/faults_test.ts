/** Every call of the C library fails, with each error number, once, at its fifth call, and for ever. */
import { assert, assertEquals } from "@std/assert";
import { type Call, makeShim } from "../faults/shim.ts";
import { FAULTS, faultText, headText, loopWay, type Row, rowText } from "../faults/table.ts";
import { clear, ip, LIVE, liveTest, ROUNDS } from "../helpers/live/system.ts";

const FIXTURE = new URL("../fixtures/linux/faults.txt", import.meta.url);
/** They wait most of the time, so there are more than processors. */
const PROCESSES = 8;
/** Whoever says nothing for so long hangs, in milliseconds: a process whose event loop goes on says so each second. */
const SILENCE = 60_000;

/** What comes first, a fault's effect or the next step, is not the same in a machine that is emulated. */
const EMULATED = ROUNDS < 10;
if (LIVE && EMULATED) console.error("SKIPPED: faults need a machine that is not emulated");

/** Of all cases, each so-manyth is tried: NETFLAGS_FAULTS. Without it, each of them. */
const STEP = Number(Deno.env.get("NETFLAGS_FAULTS") ?? 1);
if (LIVE && STEP > 1) console.error(`One fault in ${STEP} is tried here; deno task test:more tries them all.`);

/** The cases that are tried. */
function chosen<T>(all: readonly T[]): T[] {
  return all.filter((_, number) => number % STEP === 0);
}

const SHIM = LIVE && !EMULATED ? makeShim() : undefined;

/** What a process says of a fault. */
interface Said {
  readonly number: number;
  readonly row?: Row;
  readonly bad?: string;
}

/** The command that runs a file of tests/faults. */
function command(file: string, args: readonly string[]): string[] {
  const path = new URL(`../faults/${file}`, import.meta.url).pathname;
  return [Deno.execPath(), "run", "--quiet", "--no-check", "-A", path, SHIM!, ...args];
}

/** Tries faults in one process, in a namespace of its own, until it has tried them all or says nothing any more. */
async function tryFaults(numbers: readonly number[], said: (one: Said) => void): Promise<void> {
  const left = new Set(numbers);
  while (left.size > 0) {
    const [first] = left;
    const process = new Deno.Command("unshare", {
      args: ["--net", ...command("run.ts", [...left].map(String))],
      stdin: "null",
      stdout: "piped",
    }).spawn();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let hung = false;
    const wind = (): void => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        hung = true;
        process.kill("SIGKILL");
      }, SILENCE);
    };
    wind();
    let text = "";
    for await (const part of process.stdout.pipeThrough(new TextDecoderStream())) {
      wind();
      const lines = (text + part).split("\n");
      text = lines.pop()!;
      for (const line of lines.filter((line) => line !== "")) {
        const one: Said = JSON.parse(line);
        left.delete(one.number);
        said(one);
      }
    }
    clearTimeout(timer);
    const { code } = await process.status;
    // Whichever was being tried when it ended is the one behind those that are answered.
    const [next] = left;
    if (next === undefined) return;
    const why = hung ? "hung: the process says nothing any more" : `crash: the process ended with status ${code}`;
    said({ number: next, bad: next === first ? why : `${why} behind others` });
    left.delete(next);
  }
}

liveTest("live: whatever call fails, nothing hangs, nothing wrong is told, nothing is left open", async () => {
  const lines = new Map<number, string>();
  const bad: string[] = [];
  const tryAll = (numbers: readonly number[]): Promise<unknown> =>
    Promise.all(
      Array.from({ length: PROCESSES }, (_, process) =>
        tryFaults(
          numbers.filter((_, i) => i % PROCESSES === process),
          (one) => {
            const fault = FAULTS[one.number]!;
            if (one.row !== undefined) lines.set(one.number, rowText(fault, one.row));
            else bad.push(`${faultText(fault)} ${one.bad}`);
          },
        )),
    );
  const tried = chosen(FAULTS.map((_, number) => number));
  await tryAll(tried);
  assertEquals(bad.sort(), []);
  assertEquals(lines.size, tried.length);
  const text = (): string => [headText(), ...FAULTS.map((_, number) => lines.get(number)!), ""].join("\n");
  if (Deno.env.get("NETFLAGS_WRITE_FIXTURE") === "1" && STEP === 1) return Deno.writeTextFileSync(FIXTURE, text());
  const [head, ...kept] = Deno.readTextFileSync(FIXTURE).split("\n");
  assert(
    head === headText() && kept.length === FAULTS.length + 1,
    "the table has other faults: NETFLAGS_WRITE_FIXTURE=1 writes it anew",
  );
  const other = (): number[] => tried.filter((number) => lines.get(number) !== kept[number]);
  // Which of two things came first is not the same each time, and on a loaded machine less so.
  await tryAll(other());
  assertEquals(bad, []);
  assertEquals(other().map((number) => lines.get(number)), [], "other outcomes than in the table, twice");
}, LIVE && SHIM !== undefined);

/** The calls that a watcher goes on making, with error numbers that do not end it, and what a broken kernel may say. */
const WATCHING: readonly (readonly [call: Call, errnos: readonly string[]])[] = [
  ["socket", ["EMFILE"]],
  ["setsockopt join", ["EPERM"]],
  ["send", ["ENOBUFS", "EINTR"]],
  ["recvfrom", ["EAGAIN", "EBADF", "EINTR", "ENOBUFS"]],
  ["poll", ["EINTR", "EINVAL", "ENOMEM"]],
  ["eventfd", ["EMFILE"]],
  ["write", ["EAGAIN", "EBADF"]],
  ["read", ["EAGAIN", "EBADF"]],
  ["close", ["EINTR"]],
  ["io_submit", ["EAGAIN", "EINVAL"]],
  ["io_getevents", ["EINTR", "EINVAL"]],
  ["io_uring_enter", ["EAGAIN", "EINVAL"]],
];

/** How long a command may take to end, in milliseconds. */
const END = 1000;

/** Reads until something was said; false: it ended before. */
async function hears(reader: ReadableStreamDefaultReader<string>, what: RegExp): Promise<boolean> {
  for (let text = ""; !what.test(text);) {
    const { done, value } = await reader.read();
    if (done) return false;
    text += value;
  }
  return true;
}

/** Lets the command watch while a call fails, and returns how long it took to end on SIGTERM; undefined: it had ended. */
async function endOfWatch(call: Call, errno: string, when: string, way: string): Promise<number | undefined> {
  const [deno, ...args] = command("cli.ts", [call, errno, when, way, "watch", "--initial"]);
  const process = new Deno.Command(deno!, { args, stdin: "piped", stdout: "piped", stderr: "piped" }).spawn();
  const output = process.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const errors = process.stderr.pipeThrough(new TextDecoderStream()).getReader();
  try {
    const listens = await hears(output, /faultcli present/);
    if (listens && when === "later") {
      const input = process.stdin.getWriter();
      await input.write(new TextEncoder().encode("\n"));
      await hears(errors, /^armed$/m);
      input.releaseLock();
    }
    for (let i = 0; listens && i < 4; i++) ip(`link set faultcli ${i % 2 === 0 ? "up" : "down"}`);
    const started = performance.now();
    try {
      process.kill("SIGTERM");
    } catch {
      assert(!listens, "the watcher ended by itself");
    }
    await process.status;
    return listens ? performance.now() - started : undefined;
  } finally {
    await process.stdin.close().catch(() => {});
    await Promise.all([output.cancel(), errors.cancel()]);
  }
}

liveTest("live: netflags watch ends within a second on SIGTERM, whatever call fails for ever", async () => {
  ip("link add faultcli type ifb");
  try {
    const slow: string[] = [];
    const all = WATCHING.flatMap(([call, errnos]) =>
      errnos.flatMap((errno) =>
        ["start", "later"].flatMap((when) =>
          (call.startsWith("io_") ? [loopWay(call)] : ["poll", "loop"]).map((way) => [call, errno, when, way] as const)
        )
      )
    );
    const cases = chosen(all);
    let watched = 0;
    await Promise.all([0, 1].map(async (half) => {
      for (const one of cases.filter((_, i) => i % 2 === half)) {
        const time = await endOfWatch(...one);
        if (time !== undefined) watched++;
        if (time !== undefined && time > END) slow.push(`${one.join(" ")}: ${time.toFixed()} ms`);
      }
    }));
    assertEquals(slow, []);
    assert(watched >= cases.length / 2, `only ${watched} of ${cases.length} came to watch`);
  } finally {
    clear();
  }
}, LIVE && SHIM !== undefined);
