import type { Between } from "./between.ts";
import { type Delays, Motion } from "./motion.ts";

/** Whether something holds; undefined if the system does not say. */
export type Held = boolean | undefined;

/** How the first state is reported: as what came, as what is found, or not at all. */
export type Beginning = "arrival" | "initial" | "accepted";

/** Something that comes and goes: whether it holds, and which of its two hooks is due. */
export class Pair {
  readonly #motion: Motion;
  #now: Held;
  /** Whether it held when it last counted. */
  #counted: Held;
  /** Which of its hooks was run last. "owed": none, and its first state is reported whatever it is. */
  #last: "gain" | "loss" | "owed" | undefined;
  #lost = false;
  #dipped = false;
  #renewed = false;
  #flips = 0;
  #losses = 0;
  #network: string | undefined;

  constructor(now: Held, beginning: Beginning, delays: Delays, network: string | undefined, time: number) {
    this.#motion = new Motion(delays);
    this.#now = now;
    if (beginning === "accepted") {
      this.#counted = now;
      this.#last = now === undefined ? undefined : now ? "gain" : "loss";
      this.#network = network;
      return;
    }
    if (beginning === "initial") this.#last = "owed";
    else if (now !== undefined) this.#counted = false; // what comes has lost nothing
    if (now !== this.#counted) this.#motion.move(time);
  }

  /** Whether it holds at this moment. */
  get now(): Held {
    return this.#now;
  }

  /** Whether a loss counts for which no hook was run. */
  get lost(): boolean {
    return this.#lost;
  }

  /** Whether the hook of the gain was run last, so that a loss must end what it has begun. */
  get begun(): boolean {
    return this.#last === "gain";
  }

  /** Whether the hook of a loss has something to say to those who have a hook of the gain as well. */
  get lossDue(): boolean {
    return this.#last === "gain" || this.#last === "owed";
  }

  /** Whether the hook of the gain is due, once no loss is. */
  get gained(): boolean {
    return this.#counted === true && this.#now === true && this.#last !== "gain";
  }

  /** The network that the hook of the gain was run for. */
  get network(): string | undefined {
    return this.#network;
  }

  /** A number that stays as long as it holds without a loss; undefined before the hook of the gain and after a loss. */
  get held(): number | undefined {
    return this.#last === "gain" && !this.#lost && this.#counted !== false ? this.#losses : undefined;
  }

  /** When its last move counts; undefined if it is at rest. */
  get countsAt(): number | undefined {
    return this.#motion.countsAt(this.#direction);
  }

  /** Takes the next state, what happened before it, and whether what holds is another one: the network changed. */
  see(now: Held, { flips, dipped }: Between, renewed: boolean, time: number): void {
    if (now === this.#now && flips === 0 && !dipped && !renewed) return;
    const turned = now !== undefined && this.#now !== undefined && now !== this.#now;
    this.#dipped ||= dipped || (turned && !now);
    this.#renewed ||= renewed;
    this.#flips += flips + Number(turned);
    this.#now = now;
    this.#motion.move(time);
  }

  /** Counts its last move if it is time. */
  settle(time: number): void {
    const at = this.countsAt;
    if (at === undefined || time < at) return;
    const { delays } = this.#motion;
    const held = this.#counted === true;
    const fell = this.#now === false && (held || this.#last === "owed");
    // A loss that is over counts where no delay forgives it, or where it never came to rest.
    const forgiven = delays.down > 0 || (!held && delays.up > 0);
    const dipped = this.#dipped && (!forgiven || this.#motion.restless(this.#direction, time));
    if (fell || dipped || (this.#renewed && held)) this.#lost = true;
    this.#rest();
  }

  /** Makes a loss of what was begun, whatever holds. */
  end(): void {
    this.#lost ||= this.begun;
    this.#counted = this.#now = false;
  }

  /** Forgets a loss that ends nothing. */
  forgive(): void {
    this.#lost = false;
  }

  /** How often it came or went without a hook of its own, if the hook that is due is run now. */
  get missed(): number {
    const due = this.#lost && this.#counted === true && this.#now === true ? 2 : 1;
    return Math.max(0, this.#flips - due);
  }

  /** The hook of the loss is run. */
  tellLoss(): void {
    const { missed } = this;
    this.#lost = false;
    this.#last = "loss";
    this.#losses++;
    this.#flips = this.gained ? missed + 1 : 0; // the hook of the gain is about the same flips
    this.#dipped = this.#renewed = false; // it is run for all losses until now
    if (this.#now !== true || this.#counted === true) this.#rest();
  }

  /** The hook of the gain is run. */
  tellGain(network: string | undefined): void {
    this.#last = "gain";
    this.#network = network;
    this.#flips = 0;
    this.#rest(); // it is run for what holds now, whatever happened before
  }

  /** So many of its flips were reported by a hook of another kind. */
  tellFlips(count: number): void {
    this.#flips = Math.max(0, this.#flips - count);
  }

  #rest(): void {
    if (this.#now !== undefined) this.#counted = this.#now;
    this.#dipped = this.#renewed = false;
    this.#motion.stop();
  }

  get #direction(): keyof Delays | undefined {
    if (this.#now === this.#counted && !this.#renewed) return undefined;
    return this.#now === true ? "up" : "down";
  }
}
