import { FakeTime } from "@std/testing/time";

/** A test in which no time passes: no comparison finds what a message should have told. */
export function still(name: string, test: () => Promise<void>): void {
  Deno.test(name, async () => {
    using _ = new FakeTime();
    await test();
  });
}
