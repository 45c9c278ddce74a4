/** How often it is reported, and after how long first, in milliseconds. */
const OFTEN = 250;
const AFTER = 1000;

/** Where progress is reported: a terminal, a clock. */
export interface Teller {
  now(): number;
  write(text: string): void;
}

/** Tells on a line of a terminal how much was read, where that takes longer than a second. */
export class Progress implements Disposable {
  readonly #teller: Teller;
  readonly #size: number | undefined;
  #next: number;
  #reported = false;

  /** `size`: how many bytes there are, where that is known. */
  constructor(teller: Teller, size: number | undefined) {
    this.#teller = teller;
    this.#size = size;
    this.#next = teller.now() + AFTER;
  }

  /** Takes how many bytes were read. */
  at(bytes: number): void {
    const now = this.#teller.now();
    if (now < this.#next) return;
    this.#next = now + OFTEN;
    this.#reported = true;
    const megabytes = (bytes / 1e6).toFixed(1);
    const share = this.#size ? ` (${Math.min(100, Math.floor(100 * bytes / this.#size))}%)` : "";
    this.#teller.write(`\r\x1b[Knetflags: ${megabytes} MB read${share}`);
  }

  /** Takes the line away, so that another can be written. */
  clear(): void {
    if (this.#reported) this.#teller.write("\r\x1b[K");
    this.#reported = false;
  }

  [Symbol.dispose](): void {
    this.clear();
  }
}

const STDERR: Teller = {
  now: () => performance.now(),
  write: (text) => void Deno.stderr.writeSync(new TextEncoder().encode(text)),
};

/** Tells it on standard error; undefined where that is no terminal. */
export function progressAtTerminal(size: number | undefined): Progress | undefined {
  return Deno.stderr.isTerminal() ? new Progress(STDERR, size) : undefined;
}
