/** A client that speaks HTTP byte by byte, as no library does. */
const ENCODER = new TextEncoder();

/** A connection to a port of this machine. */
export class RawClient implements Disposable {
  readonly #conn: Deno.TcpConn;

  private constructor(conn: Deno.TcpConn) {
    this.#conn = conn;
  }

  static async connect(port: number): Promise<RawClient> {
    return new RawClient(await Deno.connect({ hostname: "127.0.0.1", port }));
  }

  async send(text: string): Promise<void> {
    for (let bytes = ENCODER.encode(text); bytes.length > 0;) bytes = bytes.subarray(await this.#conn.write(bytes));
  }

  /** Says that nothing more is asked. */
  async endSending(): Promise<void> {
    await this.#conn.closeWrite();
  }

  /** All that comes until the other side ends, or resets it. */
  async rest(): Promise<string> {
    return await this.until(() => false);
  }

  /** What comes until it is enough, or the other side ends or resets it. */
  async until(enough: (text: string) => boolean): Promise<string> {
    const decoder = new TextDecoder();
    const buffer = new Uint8Array(1 << 16);
    let text = "";
    try {
      while (!enough(text)) {
        const count = await this.#conn.read(buffer);
        if (count === null) break;
        text += decoder.decode(buffer.subarray(0, count), { stream: true });
      }
    } catch (error) {
      if (!(error instanceof Deno.errors.ConnectionReset)) throw error;
    }
    return text;
  }

  [Symbol.dispose](): void {
    this.#conn.close();
  }
}
