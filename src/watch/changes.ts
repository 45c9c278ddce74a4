import { checkWord } from "../../platforms/common/options.ts";
import { InvalidInputError } from "../../platforms/contract/errors.ts";
import type { StatusField } from "../../platforms/contract/status.ts";
import { STATUS_FIELDS } from "../table/compare.ts";
import { type InterfaceEvent, isEnd, mergeEvents } from "../table/event.ts";
import { lifeOf } from "./queue.ts";
import type { WatchOptions } from "./watch_options.ts";

/**
 * Passes over the events in which no field changed that was asked for. They are merged into the interface's next event,
 * with their hidden flaps. An end that is passed over is the end of them, too: who comes back is an arrival.
 */
export class ChangeFilter {
  readonly #fields: ReadonlySet<StatusField>;
  /** What was passed over of each interface. */
  readonly #held = new Map<string, InterfaceEvent>();

  constructor(fields: ReadonlySet<StatusField>) {
    this.#fields = fields;
  }

  /** The event to report; undefined for none. */
  pass(event: InterfaceEvent): InterfaceEvent | undefined {
    const life = lifeOf(event);
    const held = this.#held.get(life);
    this.#held.delete(life);
    const merged = held === undefined ? event : mergeEvents(held, event);
    if (merged === undefined) return undefined; // it came and went
    if (event.changed.some((field) => this.#fields.has(field))) return merged;
    if (!isEnd(merged.type)) this.#held.set(life, merged);
    return undefined;
  }
}

/**
 * The filter for the fields that were asked for; undefined for any field.
 *
 * @throws {InvalidInputError} One of them is no field, there is none, or it would never change.
 */
export function changeFilter({ changes, addresses, routes }: WatchOptions): ChangeFilter | undefined {
  if (changes === undefined) return undefined;
  const fields = typeof changes === "string" ? [changes] : changes;
  if (fields.length === 0) {
    throw new InvalidInputError("Cannot watch interfaces with changes []: give one field or more");
  }
  for (const field of fields) checkWord("field", field, STATUS_FIELDS);
  if (addresses === false && fields.includes("addresses")) {
    throw new InvalidInputError(
      "Cannot watch changes of addresses with addresses false: leave addresses out, or make it true",
    );
  }
  if (routes !== true && fields.includes("defaultRoute")) {
    throw new InvalidInputError(
      "Cannot watch changes of defaultRoute without routes: give routes: true, or leave defaultRoute out",
    );
  }
  return new ChangeFilter(new Set(fields));
}
