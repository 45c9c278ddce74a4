/** Watchers on a kernel in memory, and hooks that take time, in orders that chance finds: tests/simulation. */
import { Random } from "../helpers/random.ts";
import { runSchedule } from "../simulation/schedule.ts";
import { playSteps } from "../simulation/steps/model.ts";

const SCHEDULES = Number(Deno.env.get("NETFLAGS_SCHEDULES") ?? 500);

Deno.test(`simulation: ${SCHEDULES} schedules, each told the truth to the end`, async () => {
  const { seed } = new Random();
  const first = seed % 1_000_000_000;
  for (let i = 0; i < SCHEDULES; i++) await runSchedule(first + i);
});

const STEPS = Number(Deno.env.get("NETFLAGS_STEPS") ?? 3000);

Deno.test(`simulation: hooks in ${STEPS} sequences end as things are, skip no loss, and keep their order`, () => {
  const { seed } = new Random();
  const first = seed % 1_000_000_000;
  for (let i = 0; i < STEPS; i++) playSteps(first + i);
});
