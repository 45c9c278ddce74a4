/** Runs a command in this process, on whichever system stands in the place of the real one. */
import { main } from "../../../src/cli/main.ts";
import type { Result } from "./netflags.ts";

/** A command that runs. */
export interface RunningHere {
  /** What it has written so far, in place of writing it. */
  readonly written: Omit<Result, "status">;
  /** What it did, once it has ended. */
  readonly ended: Promise<Result>;
}

/** Starts a command line. One at a time: what another wrote would be taken for its own. */
export function startHere(args: readonly string[]): RunningHere {
  const written = { stdout: "", stderr: "" };
  const [write, writeError, error] = [Deno.stdout.write, Deno.stderr.write, console.error];
  const noting = (where: "stdout" | "stderr") => (bytes: Uint8Array): Promise<number> => {
    written[where] += new TextDecoder().decode(bytes);
    return Promise.resolve(bytes.length);
  };
  Deno.stdout.write = noting("stdout");
  Deno.stderr.write = noting("stderr");
  console.error = (line: string) => void (written.stderr += `${line}\n`);
  const run = async (): Promise<Result> => {
    try {
      const status = await main(args);
      return { status, ...written };
    } finally {
      Deno.stdout.write = write;
      Deno.stderr.write = writeError;
      console.error = error;
    }
  };
  return { written, ended: run() };
}

/** Runs a command line to its end, and returns what it wrote in place of writing it. */
export function runHere(args: readonly string[]): Promise<Result> {
  return startHere(args).ended;
}
