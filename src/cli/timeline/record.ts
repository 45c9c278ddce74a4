import { VERSION } from "../json/version.ts";
import { isDate } from "../options/time.ts";
import type { PictureEvent, PictureState } from "./event.ts";

/** A line that is longer is no event, whatever it holds. */
const LONGEST_LINE = 16 << 20;
const NEWLINE = 10;

/** One line of a record; `text` is undefined where it is too long to be kept. */
interface RecordedLine {
  readonly number: number;
  readonly text: string | undefined;
  /** Whether a line feed ends it: the last line of a record that was cut off has none. */
  readonly whole: boolean;
}

/** The room for a line, unless one needs more. */
const LINE_ROOM = 1 << 12;

/** The bytes of a line. They are copied: a piece of a stream has more room than bytes, and is used again. */
class LineBuffer {
  #bytes = new Uint8Array(LINE_ROOM);
  #length = 0;

  /** How many bytes the line has, those of a line that is too long included. */
  get length(): number {
    return this.#length;
  }

  add(part: Uint8Array): void {
    const length = this.#length + part.length;
    if (length > LONGEST_LINE) this.#bytes = new Uint8Array(LINE_ROOM);
    else {
      if (length > this.#bytes.length) {
        const bytes = new Uint8Array(2 * length);
        bytes.set(this.#bytes.subarray(0, this.#length));
        this.#bytes = bytes;
      }
      this.#bytes.set(part, this.#length);
    }
    this.#length = length;
  }

  /** Takes the line out; undefined where it is too long to be kept. */
  take(): Uint8Array | undefined {
    const length = this.#length;
    this.#length = 0;
    return length > LONGEST_LINE ? undefined : this.#bytes.subarray(0, length);
  }
}

/** The lines of a stream, one after the other: no more than one is kept. */
async function* linesOf(stream: AsyncIterable<Uint8Array>): AsyncIterable<RecordedLine> {
  const decoder = new TextDecoder();
  const buffer = new LineBuffer();
  let number = 1;
  const line = (whole: boolean): RecordedLine => {
    const bytes = buffer.take();
    return { number: number++, text: bytes && decoder.decode(bytes), whole };
  };
  for await (const chunk of stream) {
    for (let from = 0; from < chunk.length;) {
      const end = chunk.indexOf(NEWLINE, from);
      buffer.add(chunk.subarray(from, end < 0 ? chunk.length : end));
      if (end < 0) break;
      yield line(true);
      from = end + 1;
    }
  }
  if (buffer.length > 0) yield line(false);
}

type Fields = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 && value <= 0xffffffff;
}

/** A value that is there and is right, or is not there; throws where it is something else. */
function optional<T>(value: unknown, right: (value: unknown) => value is T): T | undefined {
  if (value === undefined || value === null) return undefined;
  if (right(value)) return value;
  throw new TypeError();
}

const isString = (value: unknown): value is string => typeof value === "string";
/** No run lasts longer than until the last date. */
const isElapsed = (value: unknown): value is number => typeof value === "number" && isDate(value);
const isBoolean = (value: unknown): value is boolean => typeof value === "boolean";
const isLinkState = (value: unknown): value is "unknown" | "down" | "up" =>
  value === "unknown" || value === "down" || value === "up";
/** As long as no kernel's name is. Of an SSID, 32 bytes may be 32 characters. */
const LONGEST_TEXT = 256;

function readState(value: unknown): PictureState {
  if (!isObject(value) || !isCount(value.index) || !isString(value.name) || value.name.length > LONGEST_TEXT) {
    throw new TypeError();
  }
  const wireless = optional(value.wireless, isObject);
  return {
    index: value.index,
    name: value.name,
    up: optional(value.up, isBoolean) ?? false,
    operState: optional(value.operState, isString),
    linkState: optional(value.linkState, isLinkState),
    carrier: optional(value.carrier, isBoolean),
    carrierChanges: optional(value.carrierChanges, isCount),
    connected: optional(value.connected, isBoolean),
    wireless: wireless && { ssid: optional(wireless.ssid, isString)?.slice(0, LONGEST_TEXT) },
  };
}

/** A time in milliseconds, from such a number or from a date with its offset. */
function readTime(value: unknown): number {
  const dated = isString(value) && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)$/.test(value);
  const time = dated ? Date.parse(value) : value;
  if (typeof time === "number" && isDate(time)) return time;
  throw new TypeError();
}

const TYPES = ["present", "added", "changed", "removed", "left"] as const;

function readFields(fields: Fields): PictureEvent {
  const left = fields.type === "removed" && fields.left === true; // of schema 1
  const type = left ? "left" : TYPES.find((one) => one === fields.type);
  if (type === undefined || !isCount(fields.generation) || !Array.isArray(fields.changed)) throw new TypeError();
  const previous = optional(fields.previous, isObject);
  if (type === "changed" && previous === undefined) throw new TypeError();
  return {
    type,
    status: readState(fields.status ?? fields.interface), // of schema 1
    previous: previous && readState(previous),
    changed: fields.changed.filter(isString),
    hiddenFlaps: optional(fields.hiddenFlaps, isCount),
    generation: fields.generation,
    time: readTime(fields.time),
    elapsed: optional(fields.elapsed, isElapsed),
    started: optional(fields.started, isString)?.slice(0, LONGEST_TEXT),
  };
}

/** The event of a line; undefined where it only says which form the others have, or that they begin; a text says why it is neither. */
function readLine(text: string): PictureEvent | string | undefined {
  try {
    const fields: unknown = JSON.parse(text);
    if (!isObject(fields)) return "is no event";
    const { schema } = fields;
    if (schema !== undefined && schema !== 1 && schema !== VERSION) {
      return `has an unknown schema: 1 and ${VERSION} are known`;
    }
    if ((fields.type === undefined || fields.type === "watching") && schema !== undefined) return undefined;
    return readFields(fields);
  } catch {
    return "is no event";
  }
}

/** What to do with what a record holds. */
export interface RecordSink {
  event(event: PictureEvent): void;
  /** A line that is no event; `torn`: it is the last one, and was not written to its end. */
  wrong(line: number, why: string, torn: boolean): void;
}

/** Reads what `netflags watch --json` wrote, to its end. */
export async function readRecord(stream: AsyncIterable<Uint8Array>, sink: RecordSink): Promise<void> {
  for await (const { number, text, whole } of linesOf(stream)) {
    if (text?.trim() === "") continue;
    const read = text === undefined ? `is longer than ${LONGEST_LINE} bytes` : readLine(text);
    if (typeof read !== "string") {
      if (read !== undefined) sink.event(read);
    } else if (whole) sink.wrong(number, read, false);
    else sink.wrong(number, "was cut off", true);
  }
}
