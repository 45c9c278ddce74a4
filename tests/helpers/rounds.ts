/** How many rounds a test does where nobody says more. */
const USUAL = 20_000;
/** How often the clock is looked at, in rounds. */
const LOOK = 64;

/**
 * The rounds of one fuzz test: as many as usual, or as many as there are in NETFLAGS_FUZZ_SECONDS. Their number is
 * added to the file that NETFLAGS_FUZZ_REPORT names.
 */
export function* rounds(): Generator<number, void> {
  const seconds = Deno.env.get("NETFLAGS_FUZZ_SECONDS");
  const end = seconds === undefined ? Infinity : performance.now() + 1000 * Number(seconds);
  let round = 0;
  while (seconds === undefined ? round < USUAL : round % LOOK !== 0 || performance.now() < end) yield round++;
  const report = Deno.env.get("NETFLAGS_FUZZ_REPORT");
  if (report !== undefined) Deno.writeTextFileSync(report, `${round}\n`, { append: true });
}
