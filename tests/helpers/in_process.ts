/** Runs a command in this process, on whichever system stands in the place of the real one. */
import { main } from "../../src/cli/main.ts";
import type { Result } from "./netflags.ts";

/** Runs a command line to its end, and returns what it wrote in place of writing it. */
export async function runHere(args: readonly string[]): Promise<Result> {
  const out: string[] = [];
  const errors: string[] = [];
  const [write, writeError, error] = [Deno.stdout.write, Deno.stderr.write, console.error];
  Deno.stdout.write = (bytes) => {
    out.push(new TextDecoder().decode(bytes));
    return Promise.resolve(bytes.length);
  };
  Deno.stderr.write = (bytes) => {
    errors.push(new TextDecoder().decode(bytes));
    return Promise.resolve(bytes.length);
  };
  console.error = (line: string) => void errors.push(`${line}\n`);
  try {
    const status = await main(args);
    return { status, stdout: out.join(""), stderr: errors.join("") };
  } finally {
    Deno.stdout.write = write;
    Deno.stderr.write = writeError;
    console.error = error;
  }
}
