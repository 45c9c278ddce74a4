import {
  ADDED,
  type BadRequest,
  headOf,
  HeadReader,
  type HttpAnswer,
  type HttpRequest,
  textAnswer,
  VERSION,
} from "./http.ts";

export type Answerer = (request: HttpRequest) => HttpAnswer;

/** What a connection may take. Times are in milliseconds. */
export interface Limits {
  /** How many there may be. For another one, that of which nothing has gone on for longest is closed. */
  readonly connections: number;
  /** How long one may wait for a request. */
  readonly idle: number;
  /** How long the head of a request may take from its beginning. */
  readonly head: number;
  /** How long a reader may take nothing of an answer. */
  readonly write: number;
  /** How long one may hold up the end. */
  readonly last: number;
}

/** What is usual. */
export const LIMITS: Limits = { connections: 64, idle: 30_000, head: 10_000, write: 10_000, last: 1000 };
/** How long what comes behind the last answer is read, in milliseconds. */
const LINGER = 1000;
/** How much is written at once. */
const AT_ONCE = 1 << 16;

const ENCODER = new TextEncoder();

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

/** A connection, with the requests that come over it. */
export class Connection {
  readonly #conn: Deno.TcpConn;
  readonly #limits: Limits;
  readonly #touched: () => void;
  readonly #heads = new HeadReader();
  readonly #bytes = new Uint8Array(ADDED);
  /** How many bytes came, null where the other side has ended its own; undefined where none are waited for. */
  #coming: Promise<number | null> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;
  #last = false;
  #answering = false;

  /** `touched` is called where something of it goes on. */
  constructor(conn: Deno.TcpConn, limits: Limits, touched: () => void) {
    this.#conn = conn;
    this.#limits = limits;
    this.#touched = touched;
  }

  /** Answers what is asked, until one side ends it. */
  async serve(answer: Answerer): Promise<void> {
    try {
      do {
        const request = await this.#request();
        if (request === undefined) return;
        const begun = await this.#begin();
        this.#answering = true;
        await this.#answer(request, answer, begun);
        this.#answering = false;
      } while (!this.#last);
      await this.#linger();
    } catch {
      // The other side is gone, or too slow, or it was closed meanwhile.
    } finally {
      this.close();
    }
  }

  /** Closes it; where an answer is being written, behind that. */
  end(): void {
    if (this.#answering) this.#last = true;
    else this.close();
  }

  close(): void {
    clearTimeout(this.#timer);
    if (this.#closed) return;
    this.#closed = true;
    this.#conn.close();
  }

  /** From now on it is closed where nothing goes on for so long. */
  #within(time: number): void {
    if (this.#closed) throw new Deno.errors.Interrupted("The connection is closed");
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.close(), time);
    this.#touched();
  }

  /** The next request; undefined where there is none. */
  async #request(): Promise<HttpRequest | BadRequest | undefined> {
    this.#within(this.#limits.idle);
    for (let begun = false;;) {
      const request = this.#heads.next();
      if (request !== undefined) return request;
      // The time for a head runs from its beginning, however its bytes come.
      if (!begun && this.#heads.begun) this.#within(this.#limits.head);
      begun = this.#heads.begun;
      const count = await this.#read();
      if (count === null) return undefined;
      this.#coming = undefined;
      this.#heads.add(this.#bytes.subarray(0, count));
    }
  }

  #read(): Promise<number | null> {
    if (this.#coming === undefined) {
      this.#coming = this.#conn.read(this.#bytes);
      this.#coming.catch(() => {}); // it may be closed when nobody waits
    }
    return this.#coming;
  }

  /**
   * Finds out whether somebody waits for the answer, before anything is asked for it. Where the other side has ended its
   * own, it may be gone, or have said all that it had to say. It says which where the answer begins: the first write to
   * who is gone makes the second one fail. Returns how many bytes of the answer are written.
   */
  async #begin(): Promise<number> {
    if (await Promise.race([this.#read(), nextTurn()]) !== null) return 0;
    const begun = ENCODER.encode(VERSION);
    await this.#write(begun.subarray(0, 1));
    await nextTurn();
    await this.#write(begun.subarray(1));
    return begun.length;
  }

  /** Writes an answer, of which so many bytes are written. */
  async #answer(request: HttpRequest | BadRequest, answer: Answerer, begun: number): Promise<void> {
    const bad = "why" in request;
    const said = bad ? textAnswer(request.status, `${request.why}\n`) : answer(request);
    this.#last ||= bad || !request.keep;
    const head = ENCODER.encode(headOf(said, !this.#last)).subarray(begun);
    // Of an answer to HEAD there is the length of the body, and no body.
    const body = !bad && request.method === "HEAD" ? new Uint8Array(0) : said.body;
    const first = new Uint8Array(head.length + Math.min(body.length, AT_ONCE));
    first.set(head);
    first.set(body.subarray(0, AT_ONCE), head.length);
    await this.#write(first);
    await this.#write(body.subarray(AT_ONCE));
  }

  async #write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) {
      this.#within(this.#limits.write);
      at += await this.#conn.write(bytes.subarray(at, at + AT_ONCE));
    }
  }

  /** What comes behind the last answer is read for a moment: closing with it unread would take the answer back. */
  async #linger(): Promise<void> {
    await this.#conn.closeWrite();
    this.#within(LINGER);
    while (await this.#read() !== null) this.#coming = undefined;
  }
}
