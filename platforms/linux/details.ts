import { type KnownInterface, type LinkDetails, NO_DETAILS, STAND_ON_PORTS } from "../contract/details.ts";
import { type LinkFacts, nameRelations } from "../contract/status.ts";
import { EthtoolRequests } from "./ethtool.ts";
import { optional } from "./generic.ts";
import type { LinuxLibc } from "./libc.ts";
import { LinkDetailsReader } from "./link_details.ts";
import type { Messages } from "./netlink.ts";
import type { Requests } from "./requests.ts";

type Known = { -readonly [field in keyof KnownInterface]: KnownInterface[field] };

/** What a message says of a link. */
function knownOf(link: LinkFacts, { packet, start, end }: Messages): Known {
  const details: LinkDetails = new LinkDetailsReader(packet).read(start, end);
  return { ...link, ...details, hardware: NO_DETAILS.hardware };
}

/** Collects interfaces, each once: what points in a circle, as the ends of a veth pair do, is walked once. */
class Collection {
  readonly found = new Map<number, Known>();
  readonly #requests: Requests;
  readonly #names = new Map<number, string | undefined>();

  constructor(requests: Requests) {
    this.#requests = requests;
  }

  /** Asks for one; undefined where it is not there. */
  ask(nameOrIndex: string | number): Known | undefined {
    let found: Known | undefined;
    this.#requests.link(nameOrIndex, (link, messages) => found = this.#add(link, messages));
    return found;
  }

  /** Asks for one in another network namespace, whose index may be that of another one here; undefined where it may not. */
  askElsewhere(index: number, netnsId: number): Known | undefined {
    let found: Known | undefined;
    optional(() => this.#requests.link(index, (link, messages) => void (found = knownOf(link, messages)), netnsId));
    return found;
  }

  /** Asks for the ports of one. */
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
    const nameOf = (index: number): string | undefined => this.#nameOf(index);
    for (const known of this.found.values()) {
      nameRelations(known, nameOf);
      if (known.bond?.activePortIndex !== undefined) {
        known.bond = { ...known.bond, activePort: nameOf(known.bond.activePortIndex) };
      }
      known.wireless = this.#requests.wireless(known);
    }
  }

  #nameOf(index: number): string | undefined {
    const name = this.found.get(index)?.name ?? this.#names.get(index) ?? this.#requests.link(index)?.name;
    this.#names.set(index, name);
    return name;
  }
}

/** Those that one stands on, where it is not connected. */
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

/** An interface with all that is known of it, then those that it has to do with. */
export function readDetails(libc: LinuxLibc, requests: Requests, nameOrIndex: string | number): KnownInterface[] {
  const collection = new Collection(requests);
  const first = collection.ask(nameOrIndex);
  const addresses = first && requests.addressDetails(first.index);
  if (first === undefined || addresses === undefined) return [];
  first.addresses = addresses;
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

/** Asks the drivers of those that may be the cause, and that of the first. */
function askHardware(libc: LinuxLibc, first: Known, all: Iterable<Known>): void {
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
