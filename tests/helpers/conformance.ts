/**
 * Holds the stand-ins for @std to the real packages. What the real ones make of each case is kept as a table in
 * tests/fixtures/std: a stand-in must make the same of it. Where a run has the real packages, these are held to the table
 * too, so it cannot grow old. NETFLAGS_RECORD=1 writes it anew from them.
 */
import { assert, assertEquals } from "@std/assert";

const TABLES = new URL("../fixtures/std/", import.meta.url);

/** Whether this run has the real packages. */
export const REAL = !import.meta.resolve("@std/assert").startsWith("file:");

/** Says aloud that something needs the real packages. */
export function skippedWithoutReal(what: string): boolean {
  if (!REAL) console.error(`SKIPPED: this run has the stand-ins for @std, so ${what}`);
  return !REAL;
}

/** Cases by what they do, each with what a module makes of it. */
export type Cases<M> = Readonly<Record<string, (module: M) => unknown>>;

/** What a module makes of each case, as text: a value, or what it throws. */
async function outcomes<M>(module: M, cases: Cases<M>): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const [title, run] of Object.entries(cases)) {
    try {
      found[title] = Deno.inspect(await run(module), { depth: 10, breakLength: Infinity, compact: true });
    } catch (error) {
      found[title] = `throws ${error instanceof Error ? error.name : String(error)}`;
    }
  }
  return found;
}

/** Tests a stand-in, and the real package where this run has it. `used`: the package as this run has it. */
export function conform<M>(name: string, { used, standIn }: { used: M; standIn: M }, cases: Cases<M>): void {
  const table = new URL(`${name}.json`, TABLES);
  const read = (): unknown => JSON.parse(Deno.readTextFileSync(table));
  Deno.test({
    name: `std: the real ${name} does what the table says`,
    ignore: skippedWithoutReal(`the table of ${name} is not held to the real one`),
    fn: async () => {
      const found = await outcomes(used, cases);
      if (Deno.env.get("NETFLAGS_RECORD") === "1") {
        Deno.writeTextFileSync(table, `${JSON.stringify(found, undefined, 2)}\n`);
      }
      assertEquals(found, read());
    },
  });
  Deno.test(`std: the stand-in of ${name} does what the table says`, async () => {
    const found = await outcomes(standIn, cases);
    assert(Object.keys(found).length > 10, "there are no cases");
    assertEquals(found, read());
  });
}
