/** Holds the written pages against the tables in the code. */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { REGISTRY } from "../../../platforms/registry.ts";
import { flagsPage, limitsPage } from "../../pages.ts";

for (const [file, page] of [["FLAGS.md", flagsPage], ["LIMITS.md", limitsPage]] as const) {
  Deno.test(`pages: platforms/${file} says what the tables say; deno task pages writes it`, () => {
    assertEquals(Deno.readTextFileSync(new URL(`../../../platforms/${file}`, import.meta.url)), page());
  });
}

Deno.test("pages: a bit that differs, a flag of one system, a field that is missing", () => {
  assertMatch(flagsPage(), /^\| 0x1000 +\| MULTICAST +\| LINK0 +\|/m);
  assertMatch(flagsPage(), /^\| LOWER_UP +\| [^|]+ \| the kernel +\| Linux +\|$/m);
  assertMatch(limitsPage(), /^\| `media` +\| - +\| yes +\|/m);
  assertMatch(limitsPage(), /^\| NetBSD +\| those that a user may set +\| no +\| yes +\| yes +\| fixed +\|$/m);
});

Deno.test("pages: every capability that a system has or has not is in the table", () => {
  for (const [key, value] of Object.entries(REGISTRY.linux.capabilities)) {
    if (typeof value === "boolean") assertStringIncludes(limitsPage(), ` | \`${key}\` `, key);
  }
});
