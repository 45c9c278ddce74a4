import { type InterfaceEvent, isEnd } from "../../table/event.ts";
import { now } from "../../table/moment.ts";
import { watch } from "../../watch/watch.ts";
import type { WatchOptions } from "../../watch/watch_options.ts";
import { plain } from "../terminal/output.ts";
import { tellHowChangesCome, tellRefusals } from "../terminal/trouble.ts";
import { DRAWN, type Span, TYPED } from "./cells.ts";
import { lookOf } from "./event.ts";
import { Model } from "./model.ts";
import { render, shownScale, type View } from "./screen.ts";
import { hasUtf8, painted, Terminal, terminalSize } from "./terminal.ts";

/** What a column may be, in milliseconds. */
const SCALES = [100, 200, 500, 1000, 2000, 5000, 10_000, 30_000, 60_000, 300_000, 600_000] as const;
const FIRST_SCALE = 1000;
/** It is drawn no more often than so many milliseconds apart. */
const LEAST_PAUSE = 200;
const MOST_LOG = 500;

/** What to show, and for how long. */
export interface LiveOptions {
  readonly watching: WatchOptions;
  /** How many events to tell. */
  readonly count: number;
  /** An event in words. */
  textOf(event: InterfaceEvent): string;
}

/** A picture that follows what happens, until a key or a signal ends it. */
class Live {
  readonly #model = new Model(true, now());
  readonly #log: Span[] = [];
  readonly #terminal: Terminal;
  readonly #utf8: boolean;
  readonly #failed: (error: unknown) => void;
  /** Which of the scales somebody chose. Until then the picture begins zoomed in, and its columns grow as it fills. */
  #chosen: number | undefined;
  /** When the first event happened: the picture begins there, and not while the command was still starting. */
  #first: number | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** When it is due to be drawn. */
  #due = Infinity;
  #drawn = -Infinity;
  #drawing = false;
  /** Whether it is to be drawn again when what is being written is written. */
  #again = false;

  constructor(terminal: Terminal, utf8: boolean, failed: (error: unknown) => void) {
    this.#terminal = terminal;
    this.#utf8 = utf8;
    this.#failed = failed;
  }

  take(event: InterfaceEvent, text: string | undefined): void {
    this.#model.take(event);
    this.#first ??= this.#model.until(event).elapsed;
    if (text !== undefined) this.note(text, isEnd(event.type) ? "off" : lookOf(event.status).tone);
    this.#drawIn(0);
  }

  /** Adds a line to the log. */
  note(text: string, tone: Span["tone"]): void {
    this.#log.push({ text, tone });
    if (this.#log.length > 2 * MOST_LOG) this.#log.splice(0, MOST_LOG);
    this.#drawIn(0);
  }

  /** Goes to a finer scale (-1) or a coarser one (1), from what is seen. */
  zoom(by: -1 | 1): void {
    const seen = shownScale(this.#model, this.#view());
    const next = by > 0 ? SCALES.findIndex((one) => one > seen) : SCALES.findLastIndex((one) => one < seen);
    this.#chosen = next >= 0 ? next : by > 0 ? SCALES.length - 1 : 0;
    this.#drawIn(0);
  }

  /** Draws all of it anew: the terminal has another size, or somebody else wrote to it. */
  redraw(): void {
    this.#terminal.clear();
    this.#drawIn(0);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#due = -Infinity; // nothing is due before
  }

  /** What is left to see when the terminal was given back: the interfaces, and the time. */
  last(): string {
    const { width } = terminalSize();
    const rows = Math.max(1, Math.min(this.#model.rows().length, terminalSize().height - 3));
    const lines = render(this.#model, { ...this.#view(), log: [], width, height: Math.max(6, rows + 2) });
    return lines.slice(1).map((line) => `${painted(line, this.#utf8)}\n`).join("");
  }

  #view(): View {
    const glyphs = this.#utf8 ? DRAWN : TYPED;
    const { time, elapsed } = this.#model.until(now());
    const [scale, since] = this.#chosen === undefined ? [FIRST_SCALE, this.#first] : [SCALES[this.#chosen]!, undefined];
    return { ...terminalSize(), now: elapsed, ahead: time - elapsed, scale, since, glyphs, log: this.#log };
  }

  #drawIn(time: number): void {
    const at = Math.max(performance.now() + time, this.#drawn + LEAST_PAUSE);
    if (at >= this.#due) return;
    this.#due = at;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#draw(), Math.max(0, at - performance.now()));
  }

  async #draw(): Promise<void> {
    this.#due = Infinity;
    this.#again = this.#drawing;
    if (this.#drawing) return; // a slow terminal
    this.#drawing = true;
    try {
      const view = this.#view();
      this.#model.forget(view.now - view.scale * view.width); // those that left the picture
      await this.#terminal.show(render(this.#model, view), view.width, view.height);
      this.#drawn = performance.now();
      const column = shownScale(this.#model, view);
      this.#drawIn(this.#again ? 0 : column - view.now % column); // the picture moves by a column
    } catch (error) {
      this.#failed(error);
    } finally {
      this.#drawing = false;
    }
  }
}

/** Draws what happens on a terminal, until `q`, Ctrl-C, a signal or a count of events ends it. */
export async function showLive({ watching, count, textOf }: LiveOptions): Promise<void> {
  const utf8 = hasUtf8();
  const terminal = new Terminal(utf8);
  let failure: { readonly error: unknown } | undefined;
  const end = (): void => watcher.close();
  const live = new Live(terminal, utf8, (error) => {
    failure ??= { error };
    end();
  });
  using watcher = watch({
    ...watching,
    initial: true,
    onTrouble: (error) => live.note(`${plain(error.message)}: trying again`, "doubtful"),
  });
  tellHowChangesCome();
  tellRefusals();
  const listeners = [
    ...(["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const).map((signal) => [signal, end] as const),
    ["SIGWINCH", () => live.redraw()] as const,
  ];
  for (const [signal, listener] of listeners) Deno.addSignalListener(signal, listener);
  try {
    terminal.take();
    live.redraw();
    terminal.keys((key) => {
      if (key === "q" || key === "Q" || key === "\x03") end();
      else if (key === "+" || key === "=") live.zoom(-1);
      else if (key === "-") live.zoom(1);
      else if (key === "\x0c") live.redraw();
    }, end);
    let printed = 0;
    for await (const event of watcher) {
      const tells = event.type !== "present" || watching.initial === true;
      live.take(event, tells ? textOf(event) : undefined);
      if (tells && ++printed >= count) break;
    }
  } catch (error) {
    failure ??= { error };
  } finally {
    live.stop();
    for (const [signal, listener] of listeners) Deno.removeSignalListener(signal, listener);
  }
  await terminal.giveBack(failure === undefined ? live.last() : "");
  if (failure !== undefined) throw failure.error;
}
