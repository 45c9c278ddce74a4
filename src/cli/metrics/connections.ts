import { plain, printError } from "../terminal/output.ts";
import { type Answerer, Connection, LIMITS, type Limits } from "./connection.ts";

/** How many are closed where there is no descriptor left: what asks the kernel needs some, too. */
const MADE_ROOM = 8;
/** How long it is waited before a connection is accepted again, where that failed. In milliseconds. */
const PAUSE = 200;

/** A listener's connections: few, and none for ever. */
export class Connections {
  readonly #listener: Deno.Listener<Deno.TcpConn>;
  readonly #answer: Answerer;
  readonly #limits: Limits;
  /** The first is that of which nothing has gone on for longest. */
  readonly #open = new Set<Connection>();
  readonly #served = new Set<Promise<void>>();
  #most: number;
  #ended = false;

  constructor(listener: Deno.Listener<Deno.TcpConn>, answer: Answerer, limits = LIMITS) {
    this.#listener = listener;
    this.#answer = answer;
    this.#limits = limits;
    this.#most = limits.connections;
  }

  /** How many there are. */
  get open(): number {
    return this.#open.size;
  }

  /** Accepts connections until it is ended. What keeps one from being accepted, as the want of descriptors, passes. */
  async accept(): Promise<void> {
    for (let failed = false; !this.#ended;) {
      try {
        this.#serve(await this.#listener.accept());
        failed = false;
      } catch (error) {
        if (this.#ended) return;
        if (!failed) reportFailure(error);
        failed = true;
        this.#most = Math.max(MADE_ROOM, Math.min(this.#most, this.#open.size - MADE_ROOM));
        this.#makeRoom();
        await new Promise((resolve) => setTimeout(resolve, PAUSE));
      }
    }
  }

  /** Accepts no more, and drops what is not being answered. What is may go on for a moment. */
  async end(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    this.#listener.close();
    for (const connection of this.#open) connection.end();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<void>((resolve) => timer = setTimeout(resolve, this.#limits.last));
    await Promise.race([Promise.all(this.#served), late]);
    clearTimeout(timer);
    for (const connection of this.#open) connection.close();
  }

  #serve(conn: Deno.TcpConn): void {
    const connection = new Connection(conn, this.#limits, () => {
      this.#open.delete(connection);
      this.#open.add(connection);
    });
    this.#open.add(connection);
    this.#makeRoom();
    const served = connection.serve(this.#answer).finally(() => {
      this.#open.delete(connection);
      this.#served.delete(served);
    });
    this.#served.add(served);
  }

  #makeRoom(): void {
    for (const connection of this.#open) {
      if (this.#open.size <= this.#most) return;
      this.#open.delete(connection);
      connection.close();
    }
  }
}

function reportFailure(error: unknown): void {
  const why = plain(error instanceof Error ? error.message : String(error));
  printError(`Cannot accept a connection: ${why}: trying again`);
}
