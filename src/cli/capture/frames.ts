/** How messages stand in a stream of bytes: netlink's (u32 length, padded to 4) or a routing socket's (u16 length). */
export type Framing = "netlink" | "route";

/** Whole messages, and where in the stream they stand. */
export interface Piece {
  readonly bytes: Uint8Array;
  readonly base: number;
  /** How many bytes follow that cannot be framed, beyond those that are here. */
  readonly beyond: number;
}

/** sizeof(struct nlmsghdr); of a routing message: length, version and type. */
const HEADER: Readonly<Record<Framing, number>> = { netlink: 16, route: 4 };
/** No message is longer: what says so is no message. A kernel sends 32 KiB of them at once. */
export const MOST = 1 << 20;

/** Cuts a stream of messages where one ends, whatever the pieces are in which it comes. */
export class Framer {
  readonly #framing: Framing;
  /** What was taken and is no whole message yet. */
  #kept = new Uint8Array(0);
  #length = 0;
  /** How many bytes there must be before another message can be whole. */
  #needed = 0;
  #base = 0;
  /** Whether a length was found that is none; what stands behind it is only counted. */
  #broken = false;
  #beyond = 0;

  constructor(framing: Framing) {
    this.#framing = framing;
  }

  /** Takes bytes; returns the messages that are whole with them. */
  push(bytes: Uint8Array): Piece | undefined {
    if (this.#broken) {
      this.#keep(bytes);
      return undefined;
    }
    this.#append(bytes);
    if (this.#length < this.#needed) return undefined;
    const end = this.#wholeUntil();
    const piece = { bytes: this.#kept.slice(0, end), base: this.#base, beyond: 0 };
    const rest = this.#kept.slice(end, this.#length);
    this.#base += end;
    this.#length = 0;
    if (this.#broken) this.#keep(rest);
    else this.#append(rest);
    return end === 0 ? undefined : piece;
  }

  /** What is left at the end: nothing, or a message that is not whole. */
  end(): Piece | undefined {
    const piece = { bytes: this.#kept.slice(0, this.#length), base: this.#base, beyond: this.#beyond };
    this.#base += this.#length + this.#beyond;
    [this.#length, this.#needed, this.#broken, this.#beyond] = [0, 0, false, 0];
    return piece.bytes.length === 0 ? undefined : piece;
  }

  #append(bytes: Uint8Array): void {
    const length = this.#length + bytes.length;
    if (length > this.#kept.length) {
      const room = new Uint8Array(2 * length);
      room.set(this.#kept.subarray(0, this.#length));
      this.#kept = room;
    }
    this.#kept.set(bytes, this.#length);
    this.#length = length;
  }

  /** Takes what no message stands in: the first of it, and how much there is. */
  #keep(bytes: Uint8Array): void {
    const kept = bytes.subarray(0, Math.max(0, MOST - this.#length));
    this.#append(kept);
    this.#beyond += bytes.length - kept.length;
  }

  /** Where the last whole message ends. */
  #wholeUntil(): number {
    const header = HEADER[this.#framing];
    const view = new DataView(this.#kept.buffer, 0, this.#length);
    let at = 0;
    for (;;) {
      this.#needed = header;
      if (at + header > this.#length) return at;
      const length = this.#framing === "netlink" ? view.getUint32(at, true) : view.getUint16(at, true);
      if (length < header || length > MOST) {
        this.#broken = true;
        return at;
      }
      this.#needed = this.#framing === "netlink" ? (length + 3) & ~3 : length;
      if (at + this.#needed > this.#length) return at;
      at += this.#needed;
    }
  }
}
