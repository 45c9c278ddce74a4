/** Rounds of work, timed. */
import { now } from "./libc.ts";

/** V8 compiles what it has run for a while; half a second is enough for the longest of these rounds. */
const WARM = 5e8;

/**
 * Does half as many rounds again before those that count, as every peer does, and for as long as V8 needs to compile.
 * Prints ns per item of each round; what `prepare` does before it is not counted.
 */
export function timed(rounds: number, round: () => number, prepare: () => void = () => {}): void {
  const lines: number[] = [];
  const warm = now() + WARM;
  for (let done = 0; done < Math.max(1, rounds >> 1) || now() < warm; done++) {
    prepare();
    round();
  }
  for (let i = 0; i < rounds; i++) {
    prepare();
    const start = now();
    const items = round();
    lines.push((now() - start) / items);
  }
  console.log(lines.join("\n"));
}

/** The same of rounds that wait for something. */
export async function timedAsync(rounds: number, round: () => Promise<number>): Promise<void> {
  const lines: number[] = [];
  const warm = now() + WARM;
  for (let done = 0; done < Math.max(1, rounds >> 1) || now() < warm; done++) await round();
  for (let i = 0; i < rounds; i++) {
    const start = now();
    const items = await round();
    lines.push((now() - start) / items);
  }
  console.log(lines.join("\n"));
}
