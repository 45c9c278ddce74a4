/** Bytes that are read in pieces, so that a capture of any length takes the same memory. */

/** Reads a stream by numbers of bytes. */
export class Source {
  readonly #chunks: AsyncIterator<Uint8Array>;
  /** What was read and not taken yet: the bytes from `#at` to `#end`. */
  #buffer = new Uint8Array(0);
  #at = 0;
  #end = 0;
  #taken = 0;

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** How many bytes were taken. */
  get offset(): number {
    return this.#taken;
  }

  /** How many bytes are there without reading. */
  get ready(): number {
    return this.#end - this.#at;
  }

  /** Reads until there are so many, or the end; returns how many there are. */
  async fill(count: number): Promise<number> {
    while (this.ready < count) {
      const { done, value } = await this.#chunks.next();
      if (done) break;
      this.#add(value);
    }
    return this.ready;
  }

  #add(chunk: Uint8Array): void {
    const ready = this.ready;
    if (this.#end + chunk.length > this.#buffer.length) {
      const room = ready + chunk.length;
      const buffer = room > this.#buffer.length ? new Uint8Array(2 * room) : this.#buffer;
      buffer.set(this.#buffer.subarray(this.#at, this.#end));
      [this.#buffer, this.#at, this.#end] = [buffer, 0, ready];
    }
    this.#buffer.set(chunk, this.#end);
    this.#end += chunk.length;
  }

  /** The bytes that are there, at most so many; they are the caller's until the next call. */
  peek(count: number): Uint8Array {
    return this.#buffer.subarray(this.#at, Math.min(this.#end, this.#at + count));
  }

  /** Takes the bytes that are there, at most so many; they are the caller's until the next call. */
  take(count: number): Uint8Array {
    const bytes = this.peek(count);
    this.#at += bytes.length;
    this.#taken += bytes.length;
    return bytes;
  }

  /** Takes so many bytes and keeps none; returns how many there were. */
  async skip(count: number): Promise<number> {
    let left = count;
    while (left > 0 && await this.fill(1) > 0) left -= this.take(left).length;
    return count - left;
  }

  /** What is left, in the pieces in which it comes. */
  async *rest(): AsyncGenerator<Uint8Array, void> {
    while (await this.fill(1) > 0) yield this.take(this.ready);
  }
}
