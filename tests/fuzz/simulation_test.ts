/** Watchers on a kernel in memory, in orders that chance finds: tests/simulation. */
import { Random } from "../helpers/random.ts";
import { runSchedule } from "../simulation/schedule.ts";

const SCHEDULES = Number(Deno.env.get("NETFLAGS_SCHEDULES") ?? 500);

Deno.test(`simulation: ${SCHEDULES} schedules, each told the truth to the end`, async () => {
  const { seed } = new Random();
  const first = seed % 1_000_000_000;
  for (let i = 0; i < SCHEDULES; i++) await runSchedule(first + i);
});
