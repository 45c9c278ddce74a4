import { runHere } from "./in_process.ts";

/** Runs a command line as at a terminal of so many columns. */
export async function atWidth(columns: number, args: readonly string[]): Promise<string> {
  const { isTerminal } = Deno.stdout;
  const { consoleSize } = Deno;
  Deno.stdout.isTerminal = () => true;
  Deno.consoleSize = () => ({ columns, rows: 24 });
  try {
    return (await runHere(args)).stdout;
  } finally {
    Deno.stdout.isTerminal = isTerminal;
    Deno.consoleSize = consoleSize;
  }
}
