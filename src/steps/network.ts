import type { InterfaceEvent } from "../table/event.ts";
import type { InterfaceStatus } from "../../platforms/contract/status.ts";

/** The network that a wireless interface serves or is joined to, as hexadecimal bytes; undefined if there is none. */
export function networkOf({ wireless }: InterfaceStatus): string | undefined {
  return wireless?.ssidHex || undefined;
}

/** Follows an interface from one network to the next. */
export class NetworkTrail {
  #now: string | undefined;
  #last: string | undefined;
  /** The last one as text: starts of access points are reported as text. */
  #text: string | undefined;
  /** The network at the last change of the carrier that an event showed, and how often it changed since. */
  #base: string | undefined;
  #walked = 0;
  /** The network of an access point that has started, while no state shows one: as text. */
  #started: string | undefined;

  constructor(status: InterfaceStatus) {
    this.#now = this.#last = networkOf(status);
    this.#text = this.#base = this.#now === undefined ? undefined : status.wireless?.ssid;
  }

  /** The network that the present state shows. */
  get now(): string | undefined {
    return this.#now;
  }

  /** The network that it is in, or was in last since it was disconnected. */
  get last(): string | undefined {
    return this.#last;
  }

  /** Takes an event. Returns whether starts of access points show a network that no state has shown. */
  see({ status, changed, ssids }: InterfaceEvent): boolean {
    this.#now = networkOf(status);
    let other = false;
    if (this.#now !== undefined) {
      const text = status.wireless?.ssid;
      other = this.#started !== undefined && text !== this.#started;
      this.#started = undefined;
      if (this.#text !== undefined && text !== this.#text) this.#walked++;
      this.#text = text;
      this.#last = this.#now;
    } else if (status.connected === false) this.#last = this.#text = this.#started = undefined;
    else if (this.#text === undefined) this.#started = ssids.at(-1) ?? this.#started;
    const path = this.#base === undefined ? ssids : [this.#base, ...ssids];
    const missed = ssids.length > 0 && changesIn(path) > this.#walked;
    if (changed.includes("carrierChanges")) {
      this.#base = this.#text;
      this.#walked = 0;
    }
    return missed || other;
  }
}

/** How often a list goes from one value to another. */
function changesIn(list: readonly string[]): number {
  return list.filter((one, i) => i > 0 && one !== list[i - 1]).length;
}
