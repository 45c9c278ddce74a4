import { VERSION } from "../json/version.ts";
import { InvalidInputError } from "../../../platforms/contract/errors.ts";
import type { PictureEvent, PictureState } from "./event.ts";

/** A line that is longer is no event, whatever it holds. */
const LONGEST_LINE = 16 << 20;
const NEWLINE = 10;

/** One line of a record; `text` is undefined where it is too long to be kept. */
interface Line {
  readonly number: number;
  readonly text: string | undefined;
  /** Whether a line feed ends it: the last line of a record that was cut off has none. */
  readonly whole: boolean;
}

/** The lines of a stream, one after the other: no more than one is kept. */
async function* linesOf(stream: AsyncIterable<Uint8Array>): AsyncIterable<Line> {
  const decoder = new TextDecoder();
  let parts: Uint8Array[] = [];
  let length = 0;
  let number = 1;
  const line = (whole: boolean): Line => {
    const bytes = new Uint8Array(length > LONGEST_LINE ? 0 : length);
    let at = 0;
    for (const part of parts) {
      bytes.set(part, at);
      at += part.length;
    }
    return { number, text: length > LONGEST_LINE ? undefined : decoder.decode(bytes), whole };
  };
  for await (const chunk of stream) {
    for (let from = 0; from < chunk.length;) {
      const end = chunk.indexOf(NEWLINE, from);
      const part = chunk.subarray(from, end < 0 ? chunk.length : end);
      length += part.length;
      if (length > LONGEST_LINE) parts = [];
      else parts.push(part);
      from += part.length + 1;
      if (end < 0) break;
      yield line(true);
      parts = [];
      length = 0;
      number++;
    }
  }
  if (length > 0) yield line(false);
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

/** The end of the last year that four digits can write, less a day for the zones. */
const LAST_TIME = Date.UTC(9999, 11, 31);

/** A time in milliseconds, from such a number or from a date with its offset. */
function readTime(value: unknown): number {
  const dated = isString(value) && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)$/.test(value);
  const time = dated ? Date.parse(value) : value;
  if (typeof time === "number" && time >= 0 && time <= LAST_TIME) return time;
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
  };
}

/** The event of a line; undefined where it only says which form the others have; a text says why it is neither. */
function readLine(text: string): PictureEvent | string | undefined {
  try {
    const fields: unknown = JSON.parse(text);
    if (!isObject(fields)) return "is no event";
    const { schema } = fields;
    if (schema !== undefined && schema !== 1 && schema !== VERSION) {
      return `has an unknown schema: 1 and ${VERSION} are known`;
    }
    if (fields.type === undefined && schema !== undefined) return undefined;
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

/** What a record is read from. */
export interface OpenRecord {
  readonly bytes: AsyncIterable<Uint8Array>;
  /** How many bytes there are, where that is known. */
  readonly size?: number;
}

/** A file's bytes; those of standard input for "-". */
export async function openRecord(file: string): Promise<OpenRecord> {
  if (file === "-") return { bytes: Deno.stdin.readable };
  try {
    const opened = await Deno.open(file);
    const { isDirectory, isFile, size } = await opened.stat();
    if (!isDirectory) return { bytes: opened.readable, ...(isFile ? { size } : {}) };
    opened.close();
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) {
      throw new InvalidInputError(`Cannot read file "${file}": run with --allow-read, or give it on standard input`);
    }
    throw new InvalidInputError(`Cannot read file "${file}": ${error instanceof Error ? error.message : error}`);
  }
  throw new InvalidInputError(`Cannot read file "${file}": it is a folder`);
}
