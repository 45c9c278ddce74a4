/** The example that is a test itself, run as it says. */
import { assertEquals, assertMatch } from "@std/assert";
import { printedCommand } from "../helpers/examples/examples.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

Deno.test("examples: the daemon's test needs no permission at all", async () => {
  const { permissions, file, args } = printedCommand("daemon_test.ts");
  assertEquals([permissions, args], [[], []]);
  const { code, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["test", "--no-prompt", "--no-check", file],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  assertEquals(code, 0);
  assertMatch(new TextDecoder().decode(stdout), /^ok \| 2 passed \| 0 failed/m);
});
