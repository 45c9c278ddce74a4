import { type InterfaceAddress, type LinkFacts, NO_ADDRESSES } from "../../contract/status.ts";
import { IFF_LOOPBACK } from "../systems/common.ts";
import type { Named } from "./asker.ts";
import { type MediaAnswer, NO_MEDIA, type RouteKernel } from "./kernel.ts";
import type { InterfaceForms, SystemNumbers } from "../systems/layout.ts";
import { RouteReader, withFlags } from "../wire/route.ts";
import { bsdFacts, type BsdInterface } from "../wire/status.ts";

/** Returns the media of an interface that was listed just now; undefined if its name is no longer its own. */
export type AskMedia = (who: Named) => MediaAnswer | undefined;

/** An address in a list; with its bytes if its flags have to be asked for. */
interface Listed {
  readonly address: InterfaceAddress;
  readonly ask: Uint8Array | undefined;
}

/** How often to list an interface again that loses its name while its media are asked for. */
const TRIES = 8;

/**
 * Reads the interface list (sysctl NET_RT_IFLIST and its like), and asks for the media of each interface, and for the
 * flags of its IPv6 addresses if the list does not have them.
 */
export class Lister {
  readonly #system: SystemNumbers;
  readonly #kernel: RouteKernel;
  /** Whether the flags of an address had to be asked for, because the list does not have them. */
  asksFlags = false;

  constructor(system: SystemNumbers, kernel: RouteKernel) {
    this.#system = system;
    this.#kernel = kernel;
  }

  /** Every interface (index 0), or one. An interface that goes while it is asked about is not in the list. */
  list(index: number, addresses: boolean, media: AskMedia, tries = TRIES): LinkFacts[] {
    const bytes = this.#kernel.list(index);
    const reader = new RouteReader(this.#system, bytes).begin(bytes.length);
    const found = new Map<number, BsdInterface>();
    const lists = new Map<number, Listed[]>();
    while (reader.next()) {
      const { message } = reader;
      if (message === undefined) continue;
      if ("interface" in message) {
        const told = readInterface(reader, message);
        if (told !== undefined) found.set(told.index, told);
      } else if ("address" in message && addresses) {
        const layout = reader.addressLayout(message);
        reader.walkAddress(layout);
        const owner = reader.index(layout);
        const address = reader.ipAddress(found.get(owner)?.flags);
        const ask = layout.addressFlags === undefined ? reader.ipv6() : undefined;
        if (address !== undefined) lists.set(owner, [...lists.get(owner) ?? [], { address, ask }]);
      }
    }
    const statuses: LinkFacts[] = [];
    for (const told of found.values()) {
      const its = this.#flagged(told, lists.get(told.index) ?? []);
      const answer = media(told); // and whether the name was still its own when the flags were asked for
      if (answer === undefined) {
        if (tries > 1) statuses.push(...this.list(told.index, addresses, media, tries - 1));
        continue;
      }
      const facts = bsdFacts(this.#system, { ...told, ...answer });
      if (addresses) facts.addresses = its;
      statuses.push(facts);
    }
    return statuses;
  }

  /** The addresses of an interface; none if it is gone. */
  addresses(index: number): readonly InterfaceAddress[] {
    const [facts] = this.list(index, true, () => NO_MEDIA, 1);
    return facts?.addresses ?? NO_ADDRESSES;
  }

  /** The addresses of an interface with their flags. Those of a loopback interface are usable at once. */
  #flagged({ name, flags }: BsdInterface, listed: readonly Listed[]): readonly InterfaceAddress[] {
    if (listed.length === 0) return NO_ADDRESSES;
    return listed.map(({ address, ask }) => {
      if (ask === undefined || (flags & IFF_LOOPBACK) !== 0) return address;
      this.asksFlags = true;
      return withFlags(this.#system, address, this.#kernel.addressFlags(name, ask));
    });
  }
}

function readInterface(reader: RouteReader, message: InterfaceForms): BsdInterface | undefined {
  const layout = reader.interfaceLayout(message);
  reader.walkInterface(layout);
  const name = reader.linkName();
  if (name === undefined) return undefined;
  return {
    index: reader.interfaceIndex,
    name,
    type: reader.interfaceType(layout),
    flags: reader.flags,
    linkState: reader.linkState,
    mtu: reader.mtu(layout),
    hardwareAddress: reader.linkAddress(),
    media: undefined,
    wireless: undefined,
  };
}
