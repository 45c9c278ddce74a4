/** Plays hooks that take time, for what happens to interfaces by chance, and checks what was run. */
import { type Hook, HOOKS, lossOf } from "../../../src/steps/hooks.ts";
import type { Life } from "../../../src/steps/life.ts";
import { Lives } from "../../../src/steps/lives.ts";
import { lifeOf } from "../../../src/watch/queue.ts";
import { Random } from "../../helpers/random.ts";
import { type Happening, RandomKernel, stateOf } from "./kernel.ts";
import { checkTenure, type Run, Tenure } from "./oracle.ts";

const DELAYS = [[0, 0], [0, 0], [0, 0], [20, 20], [0, 50], [30, 0], [5, 40]] as const;
const GRACE = 7;
const NEVER = { time: 0, elapsed: 0 };
/** Longer than anything waits. */
const LONG = 10_000;

class Play {
  /** What was done, where somebody wants to know. */
  readonly log: string[] | undefined;
  readonly #random: Random;
  readonly #kernel: RandomKernel;
  readonly #hooks: ReadonlySet<Hook>;
  readonly #delays: { readonly up: number; readonly down: number };
  readonly #lives: Lives;
  readonly #initial: "initial" | "accepted";
  readonly #slowest: number;
  readonly #tenures = new Map<Life, Tenure>();
  readonly #running = new Map<Life, Run & { asked: boolean }>();
  #now = 0;
  #at = 0;

  constructor(random: Random, log?: string[]) {
    this.log = log;
    this.#random = random;
    this.#kernel = new RandomKernel(random);
    const [up, down] = random.pick(DELAYS);
    this.#delays = { up, down };
    const all = random.below(2) === 0;
    this.#hooks = new Set(HOOKS.filter(() => all || random.below(2) === 0));
    this.#initial = random.below(3) === 0 ? "accepted" : "initial";
    this.#slowest = random.pick([1, 20, 100]);
    const exists = (index: number): boolean => this.#kernel.exists(index);
    this.#lives = new Lives({ hooks: this.#hooks, delays: this.#delays, exists, now: () => NEVER });
    this.#log(() => `hooks ${[...this.#hooks].join()}, up ${up}, down ${down}, ${this.#initial}`);
  }

  run(): void {
    const random = this.#random;
    for (const happening of this.#kernel.present()) this.#take(happening);
    this.#tick();
    const pace = random.pick([1, 10, 60]);
    for (let i = 4 + random.below(24); i > 0; i--) {
      this.#pass(random.below(pace));
      for (const happening of this.#kernel.change()) this.#take(happening);
      this.#tick();
    }
    for (const happening of this.#kernel.rest()) this.#take(happening);
    this.#tick();
    this.#pass(LONG);
    for (const tenure of this.#tenures.values()) checkTenure(tenure, this.#hooks, this.#delays, GRACE);
    this.#checkOrder();
    if (random.below(2) === 0) this.#close();
  }

  /** At the end, what hooks have begun is ended, and nothing else is run. */
  #close(): void {
    const before = new Map([...this.#tenures].map(([life, { runs }]) => [life, runs.length]));
    for (const life of this.#lives.all()) life.close();
    this.#tick();
    this.#pass(LONG);
    for (const [life, tenure] of this.#tenures) {
      for (const { step } of tenure.runs.slice(before.get(life))) {
        if (lossOf(step.hook) === undefined) throw new Error(`${step.hook} was run at the end`);
      }
      checkTenure(Object.assign(tenure, { gone: true }), this.#hooks, this.#delays, GRACE);
    }
  }

  #log(text: () => string): void {
    this.log?.push(`${this.#now} ms, ${text()}`);
  }

  #take(happening: Happening): void {
    const { event } = happening;
    const at = ++this.#at;
    this.#log(() =>
      `${at}: ${event.type} ${lifeOf(event)} ${JSON.stringify(stateOf(event.status))} ` +
      `hidden ${event.hiddenFlaps} ssids ${event.ssids} changed ${event.changed}`
    );
    const lives = this.#lives.take(event, this.#now, this.#initial);
    for (const life of lives) {
      const tenure = this.#tenures.get(life);
      if (tenure === undefined) {
        const beginning = event.type === "present" ? this.#initial : "arrival";
        this.#tenures.set(life, new Tenure(happening, beginning, at, this.#now).remember());
      } else if (life.gone) tenure.end(at, this.#now);
      else tenure.take(happening, at, this.#now);
    }
  }

  /** Lets time pass, and does what is due on the way. */
  #pass(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      let next = Infinity;
      for (const { ended } of this.#running.values()) next = Math.min(next, ended);
      for (const life of this.#lives.all()) next = Math.min(next, life.countsAt ?? Infinity);
      if (next > end) break;
      this.#now = Math.max(next, this.#now);
      this.#tick();
    }
    this.#now = end;
  }

  #tick(): void {
    for (let again = true; again;) {
      again = false;
      for (const life of [...this.#lives.all()]) again = this.#look(life) || again;
    }
  }

  /** Does what is due for one. Returns whether anything was. */
  #look(life: Life): boolean {
    life.settle(this.#now);
    const run = this.#running.get(life);
    if (run !== undefined) {
      if (!run.asked && !life.stands(run.step.hook, this.#now)) {
        run.asked = true;
        run.ended = Math.min(run.ended, this.#now + this.#random.below(GRACE + 1));
      }
      if (run.ended > this.#now) return false;
      run.end = ++this.#at;
      this.#running.delete(life);
      this.#log(() => `${run.end}: end of ${run.step.hook} ${life.status.index} ${life.status.name}`);
      return true;
    }
    if (this.#lives.mustWait(life, (other) => !this.#running.has(other))) return false;
    const hook = life.next(this.#now);
    if (hook === undefined) {
      if (!life.done(this.#now)) return false;
      this.#lives.forget(life);
      return true;
    }
    if (!this.#hooks.has(hook)) throw new Error(`${hook} is not wanted`);
    const step = life.tell(hook);
    const begin = ++this.#at;
    this.#log(() => `${begin}: ${hook} ${life.status.index} ${life.status.name} missed ${step.missed}`);
    const ended = this.#now + this.#random.below(this.#slowest);
    const started = { step, begin, began: this.#now, end: Infinity, ended, asked: false };
    const tenure = this.#tenures.get(life)!;
    if (step.event.status !== life.status) throw new Error(`${hook} was run for a state that is over`);
    tenure.runs.push(started);
    this.#running.set(life, started);
    return true;
  }

  /** Of one name, everything of an earlier interface is over before anything of a later one begins. */
  #checkOrder(): void {
    const tenures = [...this.#tenures.values()];
    for (const [i, one] of tenures.entries()) {
      for (const other of tenures.slice(i + 1)) {
        if (one.name !== other.name) continue;
        const [end, begin] = [
          Math.max(...one.runs.map(({ end }) => end)),
          Math.min(...other.runs.map((run) => run.begin)),
        ];
        if (one.runs.length > 0 && other.runs.length > 0 && end > begin) throw new Error(`${one.name} in disorder`);
      }
    }
  }
}

/** Plays what one seed says. Throws, with all that was done, where a rule is broken. */
export function playSteps(seed: number): void {
  try {
    new Play(new Random(seed)).run();
  } catch (error) {
    const log: string[] = [];
    try {
      new Play(new Random(seed), log).run();
    } catch { /* as the first time */ }
    throw new Error(`Seed ${seed}: ${error instanceof Error ? error.stack : error}\n${log.join("\n")}`);
  }
}
