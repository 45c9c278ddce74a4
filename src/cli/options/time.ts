/** How times are written. */

/**
 * ISO 8601, to the microsecond, with the local zone's offset.
 *
 * @format date-time
 * @pattern ^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}[+-][0-9]{2}:[0-9]{2}$
 */
export type IsoTime = string;

function digits(value: number, count = 2): string {
  return String(Math.trunc(Math.abs(value))).padStart(count, "0");
}

function dayOf(date: Date): string {
  return `${digits(date.getFullYear(), 4)}-${digits(date.getMonth() + 1)}-${digits(date.getDate())}`;
}

function clockOf(date: Date): string {
  return `${digits(date.getHours())}:${digits(date.getMinutes())}:${digits(date.getSeconds())}`;
}

/** The local date of a time in milliseconds since the Unix epoch. */
export function day(time: number): string {
  return dayOf(new Date(time));
}

/** The local time of day, to the millisecond. */
export function clock(time: number): string {
  const date = new Date(time);
  return `${clockOf(date)}.${digits(date.getMilliseconds(), 3)}`;
}

/** A time in milliseconds since the Unix epoch as ISO 8601, to the microsecond, with the offset of the local zone. */
export function isoTime(time: number): IsoTime {
  const micros = Math.floor(time * 1000);
  const date = new Date(Math.floor(micros / 1000));
  const offset = -date.getTimezoneOffset();
  const fraction = digits(micros - Math.floor(micros / 1_000_000) * 1_000_000, 6);
  return `${dayOf(date)}T${clockOf(date)}.${fraction}${offset < 0 ? "-" : "+"}${digits(offset / 60)}:${
    digits(offset % 60)
  }`;
}

/** The end of the last year that four digits can write, less a day for the zones. */
const LAST_TIME = Date.UTC(9999, 11, 31);

/** Whether a number is a time in milliseconds since the Unix epoch that {@linkcode isoTime} can write. */
export function isDate(time: number): boolean {
  return time >= 0 && time <= LAST_TIME;
}
