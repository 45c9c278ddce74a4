import { currentBackend } from "../../../platforms/current.ts";
import { type ScreenLine, textOf } from "./screen.ts";
import { print, withinTime } from "../terminal/output.ts";
import type { Tone } from "./event.ts";
import { unicodeWidth } from "@std/cli/unicode-width";

/** The other screen, without a cursor; and back. */
const [ENTER, LEAVE] = ["\x1b[?1049h\x1b[?25l\x1b[2J", "\x1b[0m\x1b[?25h\x1b[?1049l"] as const;
const COLOURS: Readonly<Record<Tone, string>> = {
  good: "32",
  bad: "31",
  doubtful: "33",
  off: "90",
  mark: "1;35",
  plain: "",
};

/** Whether the environment says that the terminal has UTF-8; where it may not be read, it is taken to have it. */
export function hasUtf8(): boolean {
  const names = ["LC_ALL", "LC_CTYPE", "LANG"] as const;
  if (names.some((variable) => Deno.permissions.querySync({ name: "env", variable }).state !== "granted")) return true;
  return /utf-?8/i.test(names.map((name) => Deno.env.get(name)).find((value) => value) ?? "");
}

/** Whether standard output is a terminal that can be drawn on; where the environment may not be read, any can. */
export function canDraw(): boolean {
  if (!Deno.stdout.isTerminal()) return false;
  const granted = Deno.permissions.querySync({ name: "env", variable: "TERM" }).state === "granted";
  return !granted || Deno.env.get("TERM") !== "dumb";
}

/** A line as a terminal gets it. */
export function painted(line: ScreenLine, utf8: boolean): string {
  return line.map(({ text, tone }) => {
    const shown = utf8 ? text : text.replaceAll("…", "~").replace(/[^\x20-\x7e]/gu, "?");
    const colour = Deno.noColor ? "" : COLOURS[tone];
    return colour === "" ? shown : `\x1b[${colour}m${shown}\x1b[0m`;
  }).join("");
}

/** The terminal's columns and lines; those of most where it does not know them. */
export function terminalSize(): { readonly width: number; readonly height: number } {
  try {
    const { columns, rows } = Deno.consoleSize();
    return { width: columns || 80, height: rows || 24 };
  } catch {
    return { width: 80, height: 24 };
  }
}

/** Takes keys where the platform has no way of its own. */
function takeKeys(): Disposable {
  Deno.stdin.setRaw(true);
  return {
    [Symbol.dispose]: () => {
      try {
        Deno.stdin.setRaw(false);
      } catch { /* the terminal is gone */ }
    },
  };
}

/** How long a terminal may take nothing of what it is given back with. In milliseconds. */
const LAST_PICTURE = 500;

/** The whole of a terminal, until it is given back. Nothing waits for it: it may be stopped, and take nothing. */
export class Terminal {
  readonly #utf8: boolean;
  readonly #keys = Deno.stdin.isTerminal();
  #shown: readonly string[] = [];
  #taken = false;
  #entered = false;
  /** Takes keys as they come, and waits for them. */
  #raw: Disposable | undefined;
  #waiting: Disposable | undefined;

  constructor(utf8: boolean) {
    this.#utf8 = utf8;
  }

  /** Takes the terminal: no line is edited, no key is echoed, and what stood there comes back at the end. */
  take(): void {
    this.#taken = true;
    if (this.#keys) this.#raw = currentBackend().host?.takeKeys?.(0) ?? takeKeys();
  }

  /** Calls back with each key until the terminal is given back, or with `gone` where it is not there any more. */
  keys(pressed: (key: string) => void, gone: () => void): void {
    if (!this.#keys) return;
    const buffer = new Uint8Array(64);
    const take = (count: number | null): boolean => {
      if (count === null || !this.#taken) return false;
      for (const byte of buffer.subarray(0, count)) pressed(String.fromCharCode(byte));
      return true;
    };
    // A read that waits for a key cannot be called off, and would keep a program alive in which this command has ended.
    this.#waiting = currentBackend().host?.onReadable?.(0, () => {
      try {
        if (!take(Deno.stdin.readSync(buffer))) this.#waiting?.[Symbol.dispose]();
      } catch {
        gone();
      }
    }, gone);
    if (this.#waiting !== undefined) return;
    const read = async (): Promise<void> => {
      while (take(await Deno.stdin.read(buffer))) { /* the next one */ }
    };
    read().catch(gone);
  }

  /** Forgets what is shown: the next picture is drawn whole. */
  clear(): void {
    this.#shown = [];
  }

  /** Shows these lines; those that stand there already are not written again. */
  async show(lines: readonly ScreenLine[], width: number, height: number): Promise<void> {
    const next = Array.from({ length: height }, (_, i) => painted(lines[i] ?? [], this.#utf8));
    const all = this.#shown.length !== height;
    let text = all ? "\x1b[2J" : "";
    next.forEach((line, i) => {
      if (all ? line === "" : line === this.#shown[i]) return;
      // Behind a line that is as wide as the screen, the rest of the line is its last character.
      const rest = lines[i] !== undefined && unicodeWidth(textOf(lines[i])) >= width ? "" : "\x1b[K";
      text += `\x1b[${i + 1};1H${line}${rest}`;
    });
    this.#shown = next;
    if (text === "" || !this.#taken) return;
    const first = this.#entered ? "" : ENTER;
    this.#entered = true;
    await print(first + text);
  }

  /** Gives the terminal back as it was, with a text on it. Where it takes neither, it is left as it is. */
  async giveBack(text: string): Promise<void> {
    if (!this.#taken) return;
    this.#taken = false;
    this.#waiting?.[Symbol.dispose]();
    this.#raw?.[Symbol.dispose]();
    await withinTime(LAST_PICTURE, print((this.#entered ? LEAVE : "") + text));
  }
}
