/** Each option of each command makes a difference: an option without a case here fails. */
import { assert, assertEquals } from "@std/assert";
import { COMMANDS } from "../../../../src/cli/commands/commands.ts";
import { optionWord } from "../../../../src/cli/options/option.ts";
import { type OptionCases, tryOption } from "../../../helpers/cli/options.ts";
import { runHere } from "../../../helpers/cli/in_process.ts";
import * as asking from "../../../helpers/cli/options/asking.ts";
import * as running from "../../../helpers/cli/options/running.ts";
import * as watching from "../../../helpers/cli/options/watching.ts";
import { ap } from "../../../helpers/cli/options/wireless.ts";

const CASES: Readonly<Record<string, OptionCases>> = { ...asking, ...watching, ...running, ap };

for (const [command, { load }] of Object.entries(COMMANDS)) {
  const { options } = await load();
  for (const [name, option] of Object.entries(options)) {
    const word = optionWord(name, option);
    Deno.test(`options: ${command} ${word}`, async () => {
      const given = CASES[command]?.[name];
      assert(given !== undefined, `Nothing shows that ${word} of netflags ${command} makes a difference`);
      assertEquals(given.value === undefined, option.form === "switch", "a value is given to those that take one");
      await tryOption(command, word, given);
    });
  }
  Deno.test(`options: ${command} has every one that is tried`, () => {
    assertEquals(Object.keys(CASES[command] ?? {}).filter((name) => !Object.hasOwn(options, name)), []);
  });
}

Deno.test("options: --help, -h, --version and -V, which belong to no command", async () => {
  const first = async (...args: string[]): Promise<string> => (await runHere(args)).stdout.split(/[ \n]/)[0]!;
  for (const word of ["--help", "-h"]) {
    assertEquals([await first(word), await first("flags", "1"), await first("flags", "1", word)], [
      "Usage:",
      "1",
      "Usage:",
    ]);
  }
  for (const word of ["--version", "-V"]) assertEquals(await first(word), "netflags");
});
