/** A thread of {@linkcode simulate}: runs the schedules that it is given. */
import { runSchedule } from "./schedule.ts";
import { playSteps } from "./steps/model.ts";

/** What a thread is to run: a number of seeds from one on. */
export interface Share {
  /** Whether hooks are played, and not watchers. */
  readonly steps: boolean;
  readonly first: number;
  readonly count: number;
}

const thread = globalThis as unknown as {
  onmessage: (event: MessageEvent<Share>) => void;
  postMessage(failures: readonly string[]): void;
};

thread.onmessage = async ({ data: { steps, first, count } }) => {
  const failures: string[] = [];
  for (let seed = first; seed < first + count; seed++) {
    try {
      if (steps) playSteps(seed);
      else await runSchedule(seed);
    } catch (error) {
      failures.push(error instanceof Error ? error.message : String(error));
    }
  }
  thread.postMessage(failures);
};
