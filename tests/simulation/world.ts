import * as N from "../../platforms/linux/wire/numbers.ts";
import { flagWord, shownOperState } from "../../src/fake/linux/device.ts";
import { counters, type FakeLink, FakeLinux, radio } from "../helpers/linux/kernel.ts";
import type { Random } from "../helpers/random.ts";

const NAMES = ["eth0", "eth1", "wlan0", "br0", "tap0"] as const;
const KINDS: Readonly<Record<string, string>> = { br0: "bridge", tap0: "tun" };

/** How often the carrier of an interface came or went. */
function changesOf({ carrierUps, carrierDowns }: FakeLink): number {
  return carrierUps + carrierDowns;
}

/** What an interface was at one moment, with the flags and the state that messages showed. */
export interface Version extends Readonly<FakeLink> {
  readonly changes: number;
  /** Which life of which interface. */
  readonly life: number;
}

/**
 * The interfaces of a kernel in memory, changed at random as Linux changes them, with all that they ever were. Each
 * change gives its interface a new mtu, so that a state tells which moment it is of.
 */
export class World {
  readonly kernel = new FakeLinux();
  /** What each number of an mtu stands for. */
  readonly history: Version[] = [];
  /** The last moment of each life that was told. */
  readonly told = new Map<number, number>();
  readonly #random: Random;
  readonly #lives = new Map<FakeLink, number>();
  /** The interfaces whose carrier changed, and whose message comes later (net/core/link_watch.c). */
  readonly #late = new Set<FakeLink>();
  /** The interfaces with an access point whose start was not told yet. */
  readonly #starting = new Set<FakeLink>();
  #lastLife = 0;
  #lastText = 0;

  constructor(random: Random) {
    this.#random = random;
    // The kernel holds the wireless device's lock until the start was told.
    this.kernel.onWireless = (link) => this.#tellStart(link);
  }

  get #links(): FakeLink[] {
    return [...this.kernel.links.values()];
  }

  /** The life of an interface that is there. */
  lifeOf(link: FakeLink): number {
    return this.#lives.get(link)!;
  }

  /** One change. Returns what it was, in words. */
  change(): string {
    const links = this.#links;
    const some = links.length === 0 ? undefined : this.#random.pick(links);
    if (some === undefined || this.#random.below(8) === 0) return this.#add();
    switch (this.#random.below(12)) {
      case 0:
        return this.#remove(some);
      case 1:
      case 2:
        return this.#upOrDown(some);
      case 3:
      case 4:
        return this.#flip(some);
      case 5:
      case 6:
        return this.#linkWatch();
      case 7:
        return this.#rename(some);
      case 8:
        return this.#enslave(some);
      case 9:
        return this.#address(some);
      case 10:
        return this.#accessPoint(some);
      default:
        return this.#alias(some);
    }
  }

  /** Tells all that was not told yet. */
  settle(): void {
    for (const link of [...this.#starting]) this.#tellStart(link);
    while (this.#late.size > 0) this.#linkWatch();
  }

  /** Records a moment of an interface. */
  #note(link: FakeLink, fields: Partial<FakeLink>, told: boolean): void {
    Object.assign(link, fields);
    link.mtu = this.history.length;
    const life = this.lifeOf(link);
    const shown = { flags: flagWord(link), operState: shownOperState(link), changes: changesOf(link) };
    this.history.push({ ...link, ...shown, life });
    if (!told) return;
    this.told.set(life, link.mtu);
    this.kernel.tell(link);
  }

  #add(): string {
    const name = NAMES.filter((one) => this.kernel.find(one) === undefined).at(this.#random.below(NAMES.length));
    if (name === undefined) return "nothing";
    const used = new Set(this.history.map(({ index }) => index));
    const free = [...used].filter((index) => !this.kernel.links.has(index));
    const index = free.length > 0 && this.#random.below(3) === 0 ? this.#random.pick(free) : Math.max(0, ...used) + 1;
    const link = this.kernel.setSilently(name, { index });
    const kind = KINDS[name];
    if (kind !== undefined) link.kind = kind;
    this.#lives.set(link, ++this.#lastLife);
    this.#note(link, name === "wlan0" ? { wireless: radio({ type: N.NL80211_IFTYPE_AP }) } : {}, true);
    return `add ${name} as ${index}`;
  }

  #remove(link: FakeLink): string {
    this.#tellStart(link);
    for (const port of this.#links) if (port.master === link.index) this.#note(port, { master: undefined }, true);
    this.#late.delete(link);
    if (link.wireless !== undefined) this.kernel.tellWireless(N.NL80211_CMD_DEL_INTERFACE, link.name);
    this.kernel.remove(link.name);
    return `remove ${link.name}`;
  }

  #upOrDown(link: FakeLink): string {
    if ((link.flags & N.IFF_UP) === 0) {
      this.#note(link, { flags: link.flags | N.IFF_UP }, true);
      this.#late.add(link);
      return `up ${link.name}`;
    }
    this.#tellStart(link);
    if (link.wireless?.ssid !== undefined) { // cfg80211 ends an access point whose interface goes down, and says so
      link.wireless = radio({ type: N.NL80211_IFTYPE_AP });
      this.kernel.tellWireless(N.NL80211_CMD_STOP_AP, link.name);
    }
    const { carrier } = link;
    this.#note(link, {
      flags: link.flags & ~N.IFF_UP,
      carrier: false,
      ...counters(changesOf(link) + (carrier ? 1 : 0)),
      operState: N.IF_OPER_DOWN,
    }, true);
    return `down ${link.name}`;
  }

  /** The carrier changes at once, and nobody is told before link_watch looks at it: it merges what lies between. */
  #flip(link: FakeLink, times = 1 + this.#random.below(3)): string {
    const carrier = times % 2 === 1 ? !link.carrier : link.carrier;
    this.#note(link, { carrier, ...counters(changesOf(link) + times) }, false);
    this.#late.add(link);
    return `flip ${link.name} ${times} times`;
  }

  #linkWatch(): string {
    const [link] = this.#late;
    if (link === undefined) return "nothing";
    this.#late.delete(link);
    this.#note(link, { operState: link.carrier ? N.IF_OPER_UP : N.IF_OPER_DOWN }, (link.flags & N.IFF_UP) !== 0);
    return `link watch of ${link.name}`;
  }

  #rename(link: FakeLink): string {
    const other = this.#random.pick(this.#links);
    const [name, others] = [link.name, other.name];
    if (other === link || this.#random.below(2) === 0) {
      const free = NAMES.filter((one) => this.kernel.find(one) === undefined);
      if (free.length === 0) return "nothing";
      this.#note(link, { name: this.#random.pick(free) }, true);
      return `rename ${name} to ${link.name}`;
    }
    this.#note(link, { name: "tmp0" }, true);
    this.#note(other, { name }, true);
    this.#note(link, { name: others }, true);
    return `swap ${name} and ${others}`;
  }

  #enslave(link: FakeLink): string {
    const bridge = this.#links.find(({ kind }) => kind === "bridge");
    if (link.master !== undefined) this.#note(link, { master: undefined }, true);
    else if (bridge === undefined || bridge === link) return "nothing";
    else this.#note(link, { master: bridge.index }, true);
    return `master of ${link.name}: ${link.master}`;
  }

  #address(link: FakeLink): string {
    const [first] = link.addresses;
    if (first !== undefined && this.#random.below(2) === 0) this.kernel.removeAddress(link, first);
    else this.kernel.addAddress(link, [10, 0, ++this.#lastText >> 8, this.#lastText & 255]);
    return `addresses of ${link.name}`;
  }

  /** A program starts, changes or stops an access point; the kernel tells a stop by the carrier alone, or by a message. */
  #accessPoint(link: FakeLink): string {
    if (link.wireless === undefined || (link.flags & N.IFF_UP) === 0) return "nothing";
    this.#tellStart(link);
    const runs = link.wireless.ssid !== undefined;
    if (runs && this.#random.below(2) === 0) {
      link.wireless = radio({ type: N.NL80211_IFTYPE_AP });
      this.#flip(link, link.carrier ? 1 : 2);
      if (this.#random.below(2) === 0) this.kernel.tellWireless(N.NL80211_CMD_STOP_AP, link.name);
      return `stop the access point of ${link.name}`;
    }
    const ssid = `net${++this.#lastText}`;
    link.wireless = radio({ type: N.NL80211_IFTYPE_AP, ssid });
    this.#flip(link, link.carrier ? 2 : 1);
    this.#starting.add(link);
    return `start ${ssid} on ${link.name}`;
  }

  #tellStart(link: FakeLink): void {
    if (this.#starting.delete(link)) this.kernel.tellWireless(N.NL80211_CMD_START_AP, link.name);
  }

  #alias(link: FakeLink): string {
    this.#note(link, { altNames: link.altNames.length === 0 ? [`${link.name}-alias`] : [] }, true);
    return `alternative names of ${link.name}`;
  }
}
