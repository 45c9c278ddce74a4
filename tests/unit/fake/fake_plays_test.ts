/** The fake system of Linux beside what real kernels said, which live and lab tests wrote down. */
import { ALONE, LAB_PLAYS, PLAYS } from "../../helpers/linux/plays.ts";
import { Replay } from "../../helpers/linux/replay.ts";

for (const [name, play] of Object.entries({ ...PLAYS, ...LAB_PLAYS })) {
  Deno.test(`fake plays: ${name}: each event is what a kernel said of the same`, async () => {
    const file = new URL(`../../fixtures/linux/plays/${name}.txt`, import.meta.url);
    const [, ...lines] = Deno.readTextFileSync(file).trimEnd().split("\n"); // the first says which kernel it was
    await using replay = new Replay(lines);
    await play(replay, ALONE);
    replay.end();
  });
}
