import type { InterfaceStatus } from "../../contract/status.ts";
import { Revisits } from "./revisits.ts";

/** How often an interface is asked about whose state will change without a message, in milliseconds. */
const INTERVAL = 1000;
/**
 * When to ask about an interface that was reported as down and running, in milliseconds after that and after each other:
 * FreeBSD's em clears RUNNING some milliseconds later, and other drivers never do.
 */
const STOPS = [20, 80, 200] as const;
/** When to ask what could not be asked because messages kept coming. */
const BREATH = 20;

/** An interface to ask about now: everything that a list says, or only what its driver says. */
export type Due = readonly [index: number, wanted: "facts" | "state"];

/**
 * The interfaces that are asked about later, because what is known of them cannot last, and no message will say so:
 *
 * - one whose link state and medium contradict each other: FreeBSD's vtnet does not tell that the cable returns;
 * - one with an address that is being verified, if the kernel's messages do not have the flags of addresses;
 * - for a short while, one that is down and whose driver still runs;
 * - a wireless one whose station has ended a scan. A station that finds no network ends five a second. The first is
 *   looked into at once, and the last of a second when that is over: a scan may be all that tells of another network.
 */
export class Later {
  readonly #revisits: Revisits<number | "questions">;
  /** How often each interface was asked about that is down, and whose driver runs. */
  readonly #stopping = new Map<number, number>();
  readonly #scanned: Revisits<number>;
  /** The interfaces of which a scan was looked into within the last second, and whether another has ended since. */
  readonly #scans = new Map<number, boolean>();

  /** `ready` is called when something is due. */
  constructor(ready: () => void) {
    this.#revisits = new Revisits(ready);
    this.#scanned = new Revisits(ready);
  }

  /** Takes the state of an interface. `asksFlags`: whether no message has the flags of addresses. */
  see(status: InterfaceStatus, asksFlags: boolean): void {
    const { index, up, running } = status;
    if (up || !running) this.#stopping.delete(index);
    else if (!this.#stopping.has(index)) this.#stopping.set(index, 0);
    const unsettled = up ? isUnsettled(status, asksFlags) : false;
    const time = unsettled ? INTERVAL : STOPS[this.#stopping.get(index) ?? STOPS.length];
    if (time === undefined) this.#revisits.drop(index);
    else this.#revisits.in(time, index);
  }

  /** A scan has ended. Returns whether to look into it at once. */
  scan(index: number): boolean {
    if (this.#scans.has(index)) {
      this.#scans.set(index, true);
      return false;
    }
    this.#scans.set(index, false);
    this.#scanned.in(INTERVAL, index);
    return true;
  }

  /** Comes back soon, whatever there is to ask. */
  breathe(): void {
    this.#revisits.in(BREATH, "questions");
  }

  /** Takes what is due. */
  due(): Due[] {
    const due: Due[] = [];
    for (const index of this.#revisits.take()) {
      if (index === "questions") continue;
      const tries = this.#stopping.get(index);
      if (tries !== undefined) this.#stopping.set(index, tries + 1);
      due.push([index, "facts"]);
    }
    for (const index of this.#scanned.take()) {
      const again = this.#scans.get(index) === true;
      this.#scans.delete(index);
      if (again && this.scan(index)) due.push([index, "state"]);
    }
    return due;
  }

  /** Drops an interface that is gone. */
  drop(index: number): void {
    this.#revisits.drop(index);
    this.#stopping.delete(index);
    this.#scanned.drop(index);
    this.#scans.delete(index);
  }

  /** Calls nobody for a while. */
  pause(paused: boolean): void {
    this.#revisits.pause(paused);
    this.#scanned.pause(paused);
  }

  close(): void {
    this.#revisits.close();
    this.#scanned.close();
  }
}

function isUnsettled({ linkState, media, addresses }: InterfaceStatus, asksFlags: boolean): boolean {
  if (linkState === "up" && media?.link === false || linkState === "down" && media?.link === true) return true;
  return asksFlags && addresses?.some(({ flags }) => flags.includes("tentative")) === true;
}
