import type { Unwanted } from "../../contract/backend.ts";
import type { NetlinkSocket } from "../libc/socket.ts";
import { compileFilter, MOST_NAMES } from "../wire/filter.ts";
import { BPF_MAXINSNS } from "../wire/numbers.ts";

/** How many indexes a program holds at least that is tried: with less room there is no use. */
const LEAST = 16;
const NONE: ReadonlySet<number> = new Set();

/** The filter of one socket, and what it drops. */
export class LinkFilter {
  readonly #socket: NetlinkSocket;
  #dropped = NONE;
  #names: Unwanted["names"] = [];
  /** How many indexes fit: the kernel limits the memory of a socket's options (net.core.optmem_max). */
  #room = Math.floor(BPF_MAXINSNS * 0.7);
  /** Whether this kernel has no such filters, as gVisor. */
  #refused = false;

  constructor(socket: NetlinkSocket) {
    this.#socket = socket;
  }

  /** Changes what is dropped. Returns the interfaces about which messages may have been dropped and are wanted now. */
  change(unwanted: Unwanted | undefined): readonly number[] {
    if (this.#refused) return [];
    const { indexes = NONE, names = [] } = unwanted ?? {};
    const dropped = names.length > MOST_NAMES ? NONE : indexes;
    const before = this.#dropped;
    if (dropped.size === 0 && before.size === 0) return [];
    const same = dropped.size === before.size && [...before].every((index) => dropped.has(index));
    if (same && names === this.#names) return [];
    this.#names = names;
    this.#attach(dropped, names);
    return [...before].filter((index) => !this.#dropped.has(index));
  }

  /** The change is atomic. Where there is no room for all, messages of the rest pass. */
  #attach(unwanted: ReadonlySet<number>, names: Unwanted["names"]): void {
    while (unwanted.size > 0 && this.#room >= LEAST) {
      const dropped = unwanted.size <= this.#room ? unwanted : new Set([...unwanted].slice(0, this.#room));
      if (this.#socket.attachFilter(compileFilter(dropped, names))) {
        this.#dropped = dropped;
        return;
      }
      this.#room = Math.min(this.#room, dropped.size) >> 1;
    }
    this.#refused = this.#room < LEAST;
    if (this.#dropped.size > 0) this.#socket.detachFilter();
    this.#dropped = NONE;
  }
}
