import type { Moment } from "../../../platforms/contract/clock.ts";
import { isEnd } from "../../table/event.ts";
import { LifeHistory } from "../../watch/history.ts";
import { Course, type Stamp } from "./course.ts";
import { type Look, lookOf, type PictureEvent, sameLook } from "./event.ts";

/** What was so from a moment on, and what happened then that the look before and after does not tell. */
export interface Step {
  /** When, by the one steady clock of the model. */
  readonly at: number;
  /** undefined: the interface is not there. */
  readonly look: Look | undefined;
  /** How often the line rose or fell. */
  readonly turns: number;
  /** Changes of the carrier that no event showed. */
  readonly hidden: number;
}

/** So many steps are kept of one interface at most, and so many of all, but for a few of each. */
const MOST_STEPS = 2048;
const MOST_IN_ALL = 300_000;
/** So many interfaces are kept. */
const MOST_ROWS = 1000;

/** An event, at its moment by the one steady clock of the model. */
type Placed = PictureEvent & Moment;

/** The steps of one interface. */
export class Row {
  readonly index: number;
  readonly generation: number;
  readonly history: LifeHistory;
  readonly #recent: boolean;
  #name: string;
  #steps: Step[];
  #last: Moment;
  #gone: Moment | undefined;

  /** `recent`: where there are too many steps, the oldest are forgotten; else all become coarser. */
  constructor(first: Placed, start: Moment, recent: boolean, most = MOST_STEPS) {
    const { status: state, previous, type, generation, time, elapsed } = first;
    const came = type === "added";
    this.index = state.index;
    this.generation = generation;
    this.#name = state.name;
    this.#recent = recent;
    const before = type === "changed" || isEnd(type);
    const begin = before && start.elapsed < elapsed ? start : { time, elapsed };
    this.history = new LifeHistory(previous ?? state, generation, begin, came);
    this.#last = begin;
    this.#steps = [{ at: begin.elapsed, look: lookOf(previous ?? state), turns: 0, hidden: 0 }];
    this.take(first, most);
  }

  get name(): string {
    return this.#name;
  }

  /** The moment of the latest event. */
  get last(): Moment {
    return this.#last;
  }

  /** When it was removed, or left what was asked for; undefined while it is there. */
  get gone(): Moment | undefined {
    return this.#gone;
  }

  /** In order, and never empty. */
  get steps(): readonly Step[] {
    return this.#steps;
  }

  /** How often its carrier changed in an event, and how often between. */
  get flaps(): { readonly seen: number; readonly hidden: number } {
    const { seen, hidden } = this.history.tell(this.#last).flaps.total;
    return { seen, hidden: hidden ?? 0 };
  }

  /** Takes what happened; `most`: of more steps than so many, half as many are left. */
  take(event: Placed, most = MOST_STEPS): void {
    const last = this.#steps.at(-1)!;
    const { status: state, type, hiddenFlaps, time, elapsed } = event;
    // The lines of a record may be mixed.
    const moment = this.#last = elapsed < this.#last.elapsed ? this.#last : { time, elapsed };
    this.#name = state.name;
    this.#gone = isEnd(type) ? moment : undefined;
    const look = isEnd(type) ? undefined : this.#known(lookOf(state));
    const turned = look !== undefined && last.look !== undefined && look.carrier !== last.look.carrier;
    const step = { at: moment.elapsed, look, turns: turned ? 1 : 0, hidden: hiddenFlaps ?? 0 };
    this.history.take({ ...event, ...moment });
    if (step.hidden === 0 && sameLook(look, last.look)) return;
    this.#steps.push(step);
    if (this.#steps.length > most) this.#steps = this.#recent ? this.#steps.slice(-most / 2) : this.#thin(most / 2);
  }

  /** One of the last looks, if it is the same: most come again and again. */
  #known(look: Look): Look {
    for (const before of [this.#steps.at(-1)?.look, this.#steps.at(-2)?.look]) {
      if (before !== undefined && sameLook(before, look)) return before;
    }
    return look;
  }

  /** Steps so near to each other that a picture of all cannot tell them apart become one. */
  #thin(left: number): Step[] {
    const first = this.#steps[0]!.at;
    const grain = (this.#steps.at(-1)!.at - first) / left || 1;
    const fewer: Step[] = [];
    let at = NaN;
    for (const step of this.#steps) {
      const place = Math.floor((step.at - first) / grain);
      const before = fewer.at(-1);
      if (place !== at || before === undefined) fewer.push(step);
      else {
        const { look, turns, hidden } = step;
        fewer[fewer.length - 1] = {
          at: before.at,
          look,
          turns: before.turns + turns,
          hidden: before.hidden + hidden,
        };
      }
      at = place;
    }
    return fewer;
  }
}

/** What happened to each interface: what reports and pictures are made of. It stays small, whatever happens. */
export class Model {
  readonly #rows = new Map<string, Row>();
  readonly #recent: boolean;
  readonly #course = new Course();
  #start: Moment | undefined;
  #end: Moment | undefined;
  #leftOut = 0;
  #outOfOrder = 0;
  /** How many interfaces had the number of a life that another one had later. */
  #others = 0;

  /** `recent`: what lies back too far is forgotten; else it becomes coarser. `begun`: if that was not the first event. */
  constructor(recent: boolean, begun?: Stamp) {
    this.#recent = recent;
    if (begun !== undefined) this.until(begun);
  }

  /** When it began; undefined where nothing happened. */
  get start(): Moment | undefined {
    return this.#start;
  }

  /** The latest moment that is known of; undefined where nothing happened. */
  get end(): Moment | undefined {
    return this.#end;
  }

  /** Goes on to a moment, in which nothing need have happened. Returns the same by the one steady clock of the model. */
  until(stamp: Stamp): Moment {
    const moment = this.#course.at(stamp);
    this.#start ??= moment;
    if (this.#end === undefined || moment.elapsed > this.#end.elapsed) this.#end = moment;
    return moment;
  }

  /** What the wall clock, as it was set at the end, says of a moment. */
  wall(moment: Moment): number {
    return this.#course.wall(moment);
  }

  /** How many interfaces found no place. */
  get leftOut(): number {
    return this.#leftOut;
  }

  /** How many events were reported behind a later one of the same interface: their own times are lost. */
  get outOfOrder(): number {
    return this.#outOfOrder;
  }

  /** The interfaces by index, an earlier life before a later one. */
  rows(): Row[] {
    return [...this.#rows.values()].sort((a, b) => a.index - b.index || a.generation - b.generation);
  }

  take(event: PictureEvent): void {
    const placed = { ...event, ...this.until(event) };
    const life = `${event.status.index} ${event.generation}`;
    const row = this.#continued(life, event);
    const most = Math.min(MOST_STEPS, 2 * Math.ceil(MOST_IN_ALL / (2 * this.#rows.size + 2)));
    if (row !== undefined && placed.elapsed < row.last.elapsed) this.#outOfOrder++;
    if (row !== undefined) row.take(placed, most);
    else if (this.#makeRoom()) this.#rows.set(life, new Row(placed, this.#start ?? placed, this.#recent, most));
    else this.#leftOut++;
  }

  /** The row of this life, unless a record of several runs gives its number to another interface. */
  #continued(life: string, { type, status: { name } }: PictureEvent): Row | undefined {
    const row = this.#rows.get(life);
    // One that is added again was there all the time, and had left what was asked for.
    if (row === undefined || type !== "present" || (row.gone === undefined && row.name === name)) return row;
    this.#rows.delete(life);
    this.#rows.set(`${life} before ${++this.#others}`, row);
    return undefined;
  }

  /** Forgets those that were gone before a place of its steady clock. */
  forget(before: number): void {
    for (const [life, { gone }] of this.#rows) {
      if (gone !== undefined && gone.elapsed < before) this.#rows.delete(life);
    }
  }

  /** Those that are gone make room for those that come. */
  #makeRoom(): boolean {
    if (this.#rows.size < MOST_ROWS) return true;
    for (const [life, { gone }] of this.#rows) {
      if (gone === undefined) continue;
      this.#rows.delete(life);
      this.#leftOut++;
      return true;
    }
    return false;
  }
}
