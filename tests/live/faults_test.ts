/** Every call of the C library fails, with each error number, once, at its fifth call, and for ever. */
import { assert, assertEquals } from "@std/assert";
import { buildShim } from "../faults/shim.ts";
import { FAULTS, faultText, headText, type Row, rowText } from "../faults/table.ts";
import { LIVE, liveTest } from "./system.ts";

const FIXTURE = new URL("../fixtures/linux/faults.txt", import.meta.url);
const IMPORT_MAP = Deno.env.get("NETFLAGS_IMPORT_MAP");
/** They wait most of the time, so there are more than processors. */
const PROCESSES = 8;
/** Whoever says nothing for so long hangs, in milliseconds. */
const SILENCE = 30_000;

/** The library that fails; undefined where it cannot be built. */
function shim(): string | undefined {
  const file = Deno.makeTempFileSync({ prefix: "netflags-shim-", suffix: ".so" });
  try {
    buildShim(file);
    return file;
  } catch (error) {
    console.error(`SKIPPED: no library that fails: ${error instanceof Error ? error.message : error}`);
    Deno.removeSync(file);
    return undefined;
  }
}

const SHIM = LIVE ? shim() : undefined;
if (SHIM !== undefined) globalThis.addEventListener("unload", () => Deno.removeSync(SHIM));

/** What a process says of a fault. */
interface Said {
  readonly number: number;
  readonly row?: Row;
  readonly bad?: string;
}

/** The command that runs a file of tests/faults. */
function command(file: string, args: readonly string[]): string[] {
  const map = IMPORT_MAP ? [`--import-map=${IMPORT_MAP}`] : [];
  const path = new URL(`../faults/${file}`, import.meta.url).pathname;
  return [Deno.execPath(), "run", "--quiet", "--no-check", "-A", ...map, path, SHIM!, ...args];
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
      for (const line of lines) {
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
  await Promise.all(
    Array.from({ length: PROCESSES }, (_, process) =>
      tryFaults(
        FAULTS.map((_, number) => number).filter((number) => number % PROCESSES === process),
        (one) => {
          const fault = FAULTS[one.number]!;
          if (one.row !== undefined) lines.set(one.number, rowText(fault, one.row));
          else bad.push(`${faultText(fault)} ${one.bad}`);
        },
      )),
  );
  assertEquals(bad.sort(), []);
  assertEquals(lines.size, FAULTS.length);
  const text = [headText(), ...FAULTS.map((_, number) => lines.get(number)!), ""].join("\n");
  if (Deno.env.get("NETFLAGS_WRITE_FIXTURE") === "1") return Deno.writeTextFileSync(FIXTURE, text);
  const kept = Deno.readTextFileSync(FIXTURE).split("\n");
  assert(
    kept.length === text.split("\n").length,
    "the table has other faults: NETFLAGS_WRITE_FIXTURE=1 writes it anew",
  );
  assertEquals(text.split("\n").filter((line, i) => line !== kept[i]), [], "other outcomes than in the table");
}, LIVE && SHIM !== undefined);
