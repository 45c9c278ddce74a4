/**
 * Runs schedules of watchers on a kernel in memory: `--schedules N` of them (1,000,000) from `--seed S` on, on `--jobs N`
 * threads (as many as there are processors). With `--seed` alone it runs that one. It ends with status 1 where one fails.
 * With `--steps` it plays hooks that take time, for what happens to interfaces by chance.
 */
import { parseArgs } from "@std/cli/parse-args";
import type { Share } from "./worker.ts";

/** Schedules in one message to a thread. */
const SHARE = 500;
/** Where so many have failed, the rest would say the same. */
const MOST_FAILURES = 5;

const args = parseArgs(Deno.args, { boolean: ["steps"], string: ["schedules", "seed", "jobs"] });
const given = args.seed === undefined ? undefined : Number(args.seed);
const seed = given ?? Date.now() % 1_000_000_000;
const schedules = Number(args.schedules ?? (given === undefined ? 1_000_000 : 1));
const jobs = Math.min(Number(args.jobs ?? navigator.hardwareConcurrency), Math.ceil(schedules / SHARE));
if (![seed, schedules, jobs].every((one) => Number.isSafeInteger(one) && one >= 0) || schedules === 0 || jobs === 0) {
  console.error("Cannot simulate: give whole numbers: --schedules N --seed S --jobs N");
  Deno.exit(1);
}

const started = performance.now();
let next = 0;
let done = 0;
let said = 0;
const failures: string[] = [];

/** Keeps one thread busy until there is nothing more to do. */
function work(): Promise<void> {
  const thread = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let share: Share = { steps: args.steps === true, first: 0, count: 0 };
  const give = (): void => {
    if (next >= schedules || failures.length >= MOST_FAILURES) return resolve();
    share = { ...share, first: seed + next, count: Math.min(SHARE, schedules - next) };
    next += share.count;
    thread.postMessage(share);
  };
  thread.onmessage = ({ data }: MessageEvent<readonly string[]>) => {
    failures.push(...data);
    done += share.count;
    const tenths = Math.floor(10 * done / schedules);
    if (tenths > said) console.error(`${done} schedules, ${failures.length} failed`);
    said = tenths;
    give();
  };
  thread.onerror = (event) => reject(new Error(event.message));
  give();
  return promise.finally(() => thread.terminate());
}

await Promise.all(Array.from({ length: jobs }, work));
const seconds = ((performance.now() - started) / 1000).toFixed(0);
for (const failure of failures.slice(0, MOST_FAILURES)) console.log(failure);
console.log(`${done} schedules from seed ${seed} on, ${failures.length} failed, ${seconds} s`);
Deno.exit(failures.length === 0 ? 0 : 1);
