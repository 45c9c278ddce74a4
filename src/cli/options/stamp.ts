/** How lines of events tell the time. */
import { choice } from "./option.ts";
import { clock, day, isoTime } from "./time.ts";

const FORMS = ["local", "iso", "none"] as const;

export const TIME = choice(
  "FORM",
  "local (the default), iso or none. local is the time of day, with a line for each new date. iso is ISO 8601 " +
    "with the offset of the local zone.",
  FORMS,
);

/** Puts times before lines. */
export class Stamps {
  readonly #form: typeof FORMS[number];
  #day: string;

  /** `now`: when the first day began, in milliseconds since the Unix epoch. */
  constructor(form: typeof FORMS[number] = "local", now: number = Date.now()) {
    this.#form = form;
    this.#day = day(now);
  }

  /** A line with its time before it, and a line with the date before that where it is another day than before. */
  line(time: number, text: string): string {
    if (this.#form === "none") return text;
    if (this.#form === "iso") return `${isoTime(time)} ${text}`;
    const today = day(time);
    const date = today === this.#day ? "" : `${today}\n`;
    this.#day = today;
    return `${date}${clock(time)} ${text}`;
  }
}
