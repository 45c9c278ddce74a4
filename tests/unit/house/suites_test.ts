/** Which tests the tasks run, and what they say of them. */
import { assertEquals } from "@std/assert";
import { nothing, ROOT, takeReport } from "../../helpers/suites.ts";
import { type Command, Suites } from "../../suites.ts";

/** Folders whose tests take longer: on a BSD, in a separate kernel, under another one, in another runtime. */
const ELSEWHERE = ["bsd/", "lab/", "kernels/", "node/"];

function* testsIn(folder: string): Iterable<string> {
  for (const { name, isDirectory } of Deno.readDirSync(`${ROOT}tests/${folder}`)) {
    if (isDirectory) yield* testsIn(`${folder}${name}/`);
    else if (name.endsWith("_test.ts")) yield `${folder}${name}`;
  }
}

Deno.test("suites: every test file is in one of them, and those that need no kernel are in the usual ones", async () => {
  const words: string[] = [];
  const folder = Deno.makeTempDirSync();
  const suites = new Suites((command: Command) => {
    for (const word of command(`${folder}/report.xml`)) {
      if (word.startsWith("tests/")) words.push(word);
      // The module that stands for a room of unit tests.
      if (!word.startsWith(folder) || !word.endsWith(".ts")) continue;
      for (const [, file] of Deno.readTextFileSync(word).matchAll(/\/(tests\/[^"]*)"/g)) words.push(file!);
    }
    return Promise.resolve(nothing());
  });
  const said: string[] = [];
  const all = [...await suites.usual(), ...suites.published(), ...await suites.longLive()];
  for (const suite of all) await suite.run((text) => said.push(text));
  Deno.removeSync(folder, { recursive: true });
  const left = [...testsIn("")].filter((file) =>
    !ELSEWHERE.some((folder) => file.startsWith(folder)) &&
    !words.some((word) => `tests/${file}` === word || `tests/${file}`.startsWith(`${word}/`))
  );
  // Where live tests cannot be run, one line says so.
  assertEquals(left.every((file) => file.startsWith("live/")) && (left.length === 0) === (said.length === 0), true);
});

Deno.test("suites: a report names what failed and what was skipped, and counts the rest", () => {
  const file = Deno.makeTempFileSync();
  Deno.writeTextFileSync(
    file,
    `<testsuites name="deno test" tests="4" failures="1" errors="0" time="1">
    <testsuite name="./a_test.ts" tests="4" disabled="1" errors="0" failures="1">
        <testcase name="it is well" classname="./a_test.ts" time="0.1" line="1" col="6">
        </testcase>
        <testcase name="&quot;a&quot; &lt; b" classname="./a_test.ts" time="0.1" line="2" col="6">
            <failure message="no">no</failure>
        </testcase>
        <testcase name="it needs root" classname="./a_test.ts" time="0" line="3" col="6">
            <skipped/>
        </testcase>
        <testcase name="it is well too" classname="./a_test.ts" time="0" line="4" col="6"/>
    </testsuite>
</testsuites>`,
  );
  assertEquals(takeReport(file), {
    passed: 2,
    failed: 1,
    skipped: 1,
    failures: ['"a" < b'],
    skips: ["it needs root"],
  });
  assertEquals(takeReport(file), undefined); // it is taken
});

Deno.test("suites: the task of more, CI and the last line are those that are documented", () => {
  const config = JSON.parse(Deno.readTextFileSync(`${ROOT}deno.json`));
  assertEquals(/tests\/run\.ts$/.test(config.tasks.test.command), true);
  assertEquals(/tests\/run\.ts --only-more$/.test(config.tasks["test:more"].command), true);
  assertEquals(/^deno task test --more\n$/m.test(Deno.readTextFileSync(`${ROOT}.ci/run`)), true);
});
