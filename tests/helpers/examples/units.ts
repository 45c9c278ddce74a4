/** The examples that are command lines: of the units of systemd, and of help. */
import { runCommandLine } from "../../../src/cli/commands/run.ts";

/** A command line in words; quotation marks hold one together. */
function wordsIn(line: string): string[] {
  return [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(([, single, double, plain]) =>
    single ?? double ?? plain!
  );
}

/** The words behind `netflags` in the example of `netflags run --help` that has this program. */
export function helpExample(program: string): string[] {
  const [line] = runCommandLine.examples.find(([one]) => one.includes(program))!;
  return wordsIn(line).slice(1);
}

/** The text of a unit. */
export function unitText(unit: string): string {
  return Deno.readTextFileSync(new URL(`../../examples/${unit}.service`, import.meta.url));
}

/** The words behind the command in a unit's ExecStart, as systemd hands them over (systemd.service(5)). */
export function unitWords(unit: string): string[] {
  const [, line] = /^ExecStart=\S+ (.*)$/m.exec(unitText(unit))!;
  return wordsIn(line!).map((word) => word.replaceAll("$$", "$"));
}
