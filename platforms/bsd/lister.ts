import { type InterfaceAddress, type LinkFacts, NO_ADDRESSES } from "../contract/status.ts";
import type { RouteKernel } from "./kernel.ts";
import type { InterfaceForms, SystemNumbers } from "./layout.ts";
import { RouteReader } from "./route.ts";
import { bsdFacts, type BsdInterface } from "./status.ts";

/** Reads the interface list (sysctl NET_RT_IFLIST and its like), and asks for the media of each interface. */
export class Lister {
  readonly #system: SystemNumbers;
  readonly #kernel: RouteKernel;

  constructor(system: SystemNumbers, kernel: RouteKernel) {
    this.#system = system;
    this.#kernel = kernel;
  }

  /** Every interface (index 0), or one. */
  list(index: number, addresses: boolean): LinkFacts[] {
    const bytes = this.#kernel.list(index);
    const reader = new RouteReader(this.#system, bytes).begin(bytes.length);
    const found = new Map<number, BsdInterface>();
    const lists = new Map<number, InterfaceAddress[]>();
    while (reader.next()) {
      const { message } = reader;
      if (message === undefined) continue;
      if ("interface" in message) {
        const told = readInterface(reader, message);
        if (told !== undefined) found.set(told.index, told);
      } else if ("address" in message && addresses) {
        const layout = reader.addressLayout(message);
        reader.walkAddress(layout);
        const address = reader.ipAddress();
        const owner = reader.index(layout);
        if (address !== undefined) lists.set(owner, [...lists.get(owner) ?? [], address]);
      }
    }
    return Array.from(found.values(), (told) => {
      const facts = this.facts(told);
      if (addresses) facts.addresses = lists.get(told.index) ?? NO_ADDRESSES;
      return facts;
    });
  }

  /** The facts of an interface with its media, which no message tells. */
  facts(told: BsdInterface): LinkFacts {
    return bsdFacts(this.#system, { ...told, media: this.#kernel.media(told.name) });
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
  };
}
