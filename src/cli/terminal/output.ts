import { escapedByte } from "../../../platforms/common/byte_text.ts";
import type { InterfaceMedia, InterfaceStatus, WirelessState } from "../../../platforms/contract/status.ts";

const ENCODER = new TextEncoder();

/** Thrown where the reader of the output is gone: there is nobody to tell anything to. */
export class OutputClosed extends Error {}

async function writeWhole(output: { write(bytes: Uint8Array): Promise<number> }, text: string): Promise<void> {
  const bytes = ENCODER.encode(text);
  for (let at = 0; at < bytes.length;) at += await output.write(bytes.subarray(at));
}

/** Writes to standard output, whole and at once. */
export async function print(text: string): Promise<void> {
  try {
    await writeWhole(Deno.stdout, text);
  } catch (error) {
    if (error instanceof Deno.errors.BrokenPipe) throw new OutputClosed();
    throw new Error(`Cannot write the output: ${error instanceof Error ? error.message : error}`, { cause: error });
  }
}

/** Writes a line to standard output. */
export function printLine(line: string): Promise<void> {
  return print(`${line}\n`);
}

/** So many lines for standard error may wait to be taken: what comes beyond is lost. */
const MOST_WAITING = 1000;
/** How long the last ones may take at the end. In milliseconds. */
const LAST_LINES = 500;
let waiting = 0;
let taken: Promise<void> = Promise.resolve();

/**
 * Writes a line to standard error, behind the name of the command, and does not wait until it was taken: what goes on must
 * neither stop nor be deaf to signals because a terminal is stopped or nobody reads a pipe.
 */
export function printError(text: string): void {
  if (waiting >= MOST_WAITING) return;
  waiting++;
  taken = taken
    .then(() => writeWhole(Deno.stderr, `netflags: ${text}\n`))
    .catch(() => {}) // nobody reads it
    .finally(() => waiting--);
}

/** Waits until all lines for standard error were taken, or for a moment. */
export async function errorsPrinted(): Promise<void> {
  if (waiting > 0) await withinTime(LAST_LINES, taken);
}

/** Waits for a write, as long as somebody may take it: whether it was taken in so many milliseconds. */
export async function withinTime(ms: number, write: Promise<void>): Promise<boolean> {
  const over = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => over.resolve(false), ms);
  write.then(() => over.resolve(true), over.reject);
  try {
    return await over.promise;
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Control characters, marks that are not seen or turn the order of a text, and the ends of lines and paragraphs. A name
 * or an SSID may hold any of them, and by them an output could be forged.
 */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** A text with nothing to escape, told without the tables of Unicode: nearly every text is one. */
const FIT = /^[\x20-\x5b\x5d-\x7e]*$/;

/**
 * A text that comes from outside, fit for a line of a terminal: `\x1b` or `\u{202e}` in the place of a character that is
 * not, `\xff` in the place of a byte that is no UTF-8, and a backslash doubled, so that no two texts look the same.
 */
export function plain(text: string): string {
  if (FIT.test(text)) return text;
  return text.replaceAll("\\", "\\\\").replace(UNSAFE, (char) => {
    const code = escapedByte(char) ?? char.codePointAt(0)!;
    const hex = code.toString(16).padStart(2, "0");
    return code < 0x80 || code !== char.codePointAt(0) ? `\\x${hex}` : `\\u{${hex}}`;
  });
}

/** A text in which bytes that are no UTF-8 are written `\xff`, and all else stands as it is. */
export function writtenBytes(text: string): string {
  return text.replace(/\p{Cs}/gu, plain);
}

/** The same in quotation marks; those that stand in it get a backslash. */
export function quoted(text: string): string {
  return `"${plain(text).replaceAll('"', '\\"')}"`;
}

/** One word of a list: in quotation marks where it would otherwise pass for several words, or for none. */
export function word(text: string): string {
  return text === "" || /[\s,"]/.test(text) ? quoted(text) : plain(text);
}

/** A value as JSON on one line, in which every such character is escaped: it too may be read in a terminal. */
export function asJson(value: unknown): string {
  const escape = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return JSON.stringify(value).replace(UNSAFE, (char) => char.split("").map(escape).join(""));
}

/** What a BSD driver says of its medium, as ifconfig does: its word in words, and the link where it is not there. */
export function describeMedia({ text, link }: InterfaceMedia): string {
  return link === true ? text : `${text}, ${link === false ? "no carrier" : "link not known"}`;
}

/** The channels of a wireless device in MHz: a multi-link device has one for each link. */
export function frequencies({ frequency, links = [] }: WirelessState): number[] {
  return [frequency, ...links.map((link) => link.frequency)].filter((one) => one !== undefined);
}

/** Each address of an interface, with the length of its prefix. */
export function addressWords({ addresses = [] }: InterfaceStatus): string[] {
  return addresses.map(({ address, prefixLength }) => `${address}/${prefixLength}`);
}

/** Whether an interface is connected, in a word. */
export function connectedWord(connected: boolean | undefined): string {
  return connected === undefined ? "unknown" : connected ? "yes" : "no";
}

const FAMILIES = { inet: "IPv4", inet6: "IPv6" } as const;

/** The default traffic that leaves by an interface, in words: `IPv4+IPv6`; undefined if there is none, or if nobody says. */
export function defaultRouteText({ defaultRoute = [], connected }: InterfaceStatus): string | undefined {
  if (defaultRoute.length === 0) return undefined;
  const families = defaultRoute.map((family) => FAMILIES[family]).join("+");
  return connected === false ? `${families}, dead` : families;
}

/** The colours of the terminal by their numbers (ECMA-48, SGR). */
const RED = 31;
const GREEN = 32;
const YELLOW = 33;

/** Colours a text by whether an interface works: on a terminal only, and never with NO_COLOR. */
export function paintConnected(text: string, connected: boolean | undefined): string {
  if (!Deno.stdout.isTerminal() || Deno.noColor) return text;
  return `\x1b[${connected === true ? GREEN : connected === false ? RED : YELLOW}m${text}\x1b[39m`;
}

/**
 * How many columns the terminal has; undefined where the output is not a terminal, and so nothing needs to fit, and where
 * the terminal does not know: a serial console, or a pty that nobody gave a size, has 0.
 */
export function terminalWidth(): number | undefined {
  if (!Deno.stdout.isTerminal()) return undefined;
  try {
    return Deno.consoleSize().columns || undefined;
  } catch {
    return undefined;
  }
}
