/** Random numbers that come again from the same seed (mulberry32). The seed is NETFLAGS_SEED, or new for each run. */
export class Random {
  /** What to set NETFLAGS_SEED to for the same numbers. */
  readonly seed: number;
  #state: number;

  constructor(seed: number = Number(Deno.env.get("NETFLAGS_SEED") ?? Date.now() % 0xffffffff)) {
    this.seed = seed >>> 0;
    this.#state = this.seed;
  }

  /** A whole number from 0 to below `limit`. */
  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  }

  /** One of these. */
  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)]!;
  }
}

/** Runs something with random numbers; where it fails, says with which seed. */
export function withSeed<T extends void | Promise<void>>(run: (random: Random) => T): T {
  const random = new Random();
  const failed = (error: unknown): never => {
    throw new Error(`Failed with NETFLAGS_SEED=${random.seed}`, { cause: error });
  };
  try {
    const running = run(random);
    return running instanceof Promise ? running.catch(failed) as T : running;
  } catch (error) {
    return failed(error);
  }
}
