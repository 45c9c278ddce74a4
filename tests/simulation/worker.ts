/** A thread of {@linkcode simulate}: runs the schedules that it is given. */
import { runSchedule } from "./schedule.ts";

/** What a thread is to run: a number of seeds from one on. */
export interface Share {
  readonly first: number;
  readonly count: number;
}

const thread = globalThis as unknown as {
  onmessage: (event: MessageEvent<Share>) => void;
  postMessage(failures: readonly string[]): void;
};

thread.onmessage = async ({ data: { first, count } }) => {
  const failures: string[] = [];
  for (let seed = first; seed < first + count; seed++) {
    try {
      await runSchedule(seed);
    } catch (error) {
      failures.push(error instanceof Error ? error.message : String(error));
    }
  }
  thread.postMessage(failures);
};
