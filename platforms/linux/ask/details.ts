import { type KnownInterface, type LinkDetails, NO_DETAILS, STAND_ON_PORTS } from "../../contract/details.ts";
import { familiesBy, type LinkFacts, nameRelations } from "../../contract/status.ts";
import { EthtoolRequests } from "./ethtool.ts";
import { optional } from "./generic.ts";
import type { NetlinkCalls } from "../libc/calls.ts";
import { LinkDetailsReader } from "../wire/link_details.ts";
import type { Messages } from "../wire/netlink.ts";
import type { Requests } from "./requests.ts";

type Known = { -readonly [field in keyof KnownInterface]: KnownInterface[field] };

/** What a message says about a link. */
function knownOf(link: LinkFacts, { packet, start, end }: Messages): Known {
  const details: LinkDetails = new LinkDetailsReader(packet).read(start, end);
  return { ...link, ...details, hardware: NO_DETAILS.hardware };
}

/** Collects interfaces, each once. So a circle of references, such as a veth pair, is walked once. */
class Collection {
  readonly found = new Map<number, Known>();
  readonly #requests: Requests;
  /** Those that the found ones refer to. */
  readonly #others = new Map<number, LinkFacts | undefined>();

  constructor(requests: Requests) {
    this.#requests = requests;
  }

  /** Asks for one interface; undefined if it does not exist. */
  ask(nameOrIndex: string | number): Known | undefined {
    let found: Known | undefined;
    this.#requests.link(nameOrIndex, (link, messages) => found = this.#add(link, messages));
    return found;
  }

  /**
   * Asks for an interface in another network namespace, where its index may be that of another interface here;
   * undefined if this process may not ask.
   */
  askElsewhere(index: number, netnsId: number): Known | undefined {
    let found: Known | undefined;
    optional(() => this.#requests.link(index, (link, messages) => void (found = knownOf(link, messages)), netnsId));
    return found;
  }

  /** Asks for the ports of an interface. */
  askPorts(master: number): Known[] {
    const found: Known[] = [];
    this.#requests.ports(master, (link, messages) => void found.push(this.#add(link, messages)));
    return found;
  }

  #add(link: LinkFacts, messages: Messages): Known {
    const known = this.found.get(link.index) ?? knownOf(link, messages);
    this.found.set(link.index, known);
    return known;
  }

  /** Fills in names and networks. */
  complete(): void {
    for (const known of this.found.values()) {
      nameRelations(known, (index) => this.#related(index));
      if (known.bond?.activePortIndex !== undefined) {
        known.bond = { ...known.bond, activePort: this.#related(known.bond.activePortIndex)?.name };
      }
      known.wireless = this.#requests.wireless(known);
    }
  }

  #related(index: number): LinkFacts | undefined {
    const other = this.found.get(index) ?? this.#others.get(index) ?? this.#requests.link(index);
    this.#others.set(index, other);
    return other;
  }
}

/** The interfaces below one that is not connected. */
function* below(one: Known, collection: Collection): Iterable<Known> {
  if (one.connected === true) return;
  if (STAND_ON_PORTS.has(one.kind)) yield* collection.askPorts(one.index);
  const { parentIndex, parentNetnsId } = one;
  if (parentIndex === undefined) return;
  if (parentNetnsId !== undefined) {
    one.parentElsewhere = collection.askElsewhere(parentIndex, parentNetnsId);
    return;
  }
  if (collection.found.has(parentIndex)) return;
  const parent = collection.ask(parentIndex);
  if (parent !== undefined) yield parent;
}

/** An interface with all that is known about it, then the related interfaces. */
export function readDetails(libc: NetlinkCalls, requests: Requests, nameOrIndex: string | number): KnownInterface[] {
  const collection = new Collection(requests);
  const first = collection.ask(nameOrIndex);
  const addresses = first && requests.addressDetails(first);
  if (first === undefined || addresses === undefined) return [];
  first.addresses = addresses;
  first.defaultRoute = familiesBy(requests.defaults(), first.index);
  const queue = [first];
  const walked = new Set<Known>();
  for (let one = queue.shift(); one !== undefined; one = queue.shift()) {
    if (walked.has(one)) continue;
    walked.add(one);
    queue.push(...below(one, collection));
  }
  collection.complete();
  askHardware(libc, first, collection.found.values());
  return [...collection.found.values()];
}

/** Asks the drivers of the interfaces that may be the cause, and of the first interface. */
function askHardware(libc: NetlinkCalls, first: Known, all: Iterable<Known>): void {
  const ethtool = EthtoolRequests.open(libc);
  if (ethtool === undefined) return;
  try {
    for (const one of all) {
      if (one === first || (one.up && one.connected === false && one.kind === undefined)) {
        one.hardware = ethtool.get(one.index);
      }
    }
  } finally {
    ethtool.close();
  }
}
