import type {
  Backend,
  Capabilities,
  SubscribeOptions,
  Subscription,
  WirelessSubscription,
} from "../contract/backend.ts";
import { InvalidInputError, UnsupportedError } from "../contract/errors.ts";
import { type LinuxLibc, linuxLibc } from "./libc.ts";
import type { InterfaceStatus } from "../contract/status.ts";
import { nameRelations } from "../contract/relations.ts";
import type { LinkChange } from "../../src/set_state.ts";
import { type RequestAttribute, textPayload } from "./netlink.ts";
import * as N from "./numbers.ts";
import { NO_ADDRESSES, Requests, withAddresses } from "./requests.ts";
import { LinuxSubscription } from "./subscription.ts";
import { LinuxWireless, optional, WirelessRequests } from "./wireless.ts";

function capabilitiesOf(libc: () => LinuxLibc): Capabilities {
  return {
    platform: "linux",
    flagBits: 32,
    operState: true,
    setOperState: true,
    carrierCounters: true,
    overflowDetection: true,
    announcements: true,
    silentChanges: "while-down",
    altNames: true,
    /** Asked for only where somebody wants to know: wireless support is a module that may be loaded at any time. */
    get accessPoints(): boolean {
      const requests = optional(() => WirelessRequests.open(libc()));
      requests?.close();
      return requests !== undefined;
    },
  };
}

/** Linux, by rtnetlink. */
export class LinuxBackend implements Backend {
  readonly capabilities: Capabilities;
  readonly #libc: () => LinuxLibc;

  /** `libc` gives the C library when it is first needed. */
  constructor(libc: () => LinuxLibc = linuxLibc) {
    this.#libc = libc;
    this.capabilities = capabilitiesOf(libc);
  }

  list(options: { readonly addresses: boolean }): InterfaceStatus[] {
    const requests = new Requests(this.#libc());
    try {
      return requests.list(() => undefined, options.addresses);
    } finally {
      requests.close();
    }
  }

  get(nameOrIndex: string | number): InterfaceStatus | undefined {
    checkNameOrIndex(nameOrIndex);
    const requests = new Requests(this.#libc());
    try {
      const status = requests.link(nameOrIndex);
      if (status === undefined) return undefined;
      const named = nameRelations(requests.completed(status), (index) => requests.link(index)?.name);
      const addresses = requests.addresses(status.index);
      return addresses && withAddresses(named, addresses.get(status.index) ?? NO_ADDRESSES);
    } finally {
      requests.close();
    }
  }

  setFlags(name: string, set: number, clear: number): void {
    this.#change(name, "set flags", set, set | clear, []);
  }

  setLink(name: string, { operState, linkMode }: LinkChange): void {
    const attributes: RequestAttribute[] = [];
    if (linkMode !== undefined) {
      attributes.push([N.IFLA_LINKMODE, Uint8Array.of(N.IF_LINK_MODE_NAMES.indexOf(linkMode))]);
    }
    if (operState !== undefined) {
      attributes.push([N.IFLA_OPERSTATE, Uint8Array.of(N.IF_OPER_NAMES.indexOf(operState))]);
    }
    this.#change(name, "set the state", 0, 0, attributes);
  }

  #change(name: string, operation: string, flags: number, mask: number, attributes: RequestAttribute[]): void {
    checkNameOrIndex(name);
    const requests = new Requests(this.#libc());
    try {
      requests.change(name, operation, flags, mask, attributes);
    } finally {
      requests.close();
    }
  }

  watchWireless(ready: () => void, failed: (error: unknown) => void): WirelessSubscription {
    const wireless = LinuxWireless.open(this.#libc(), ready, failed);
    if (wireless !== undefined) return wireless;
    throw new UnsupportedError(
      "Cannot watch access points: this kernel has no wireless support (no nl80211): load cfg80211, or use another machine",
      { operation: "watch access points" },
    );
  }

  subscribe(options: SubscribeOptions): Subscription {
    return new LinuxSubscription(this.#libc(), options);
  }
}

function checkNameOrIndex(nameOrIndex: string | number): void {
  const fits = typeof nameOrIndex === "number"
    ? Number.isInteger(nameOrIndex) && nameOrIndex > 0 && nameOrIndex <= 0x7fffffff
    : nameOrIndex !== "" && !nameOrIndex.includes("\0") && textPayload(nameOrIndex).length <= N.ALTIFNAMSIZ;
  if (!fits) {
    throw new InvalidInputError(
      `Cannot read interface ${JSON.stringify(nameOrIndex)}: give a name of 1 to 127 bytes or an index from 1 on`,
      { operation: "read the state", interface: String(nameOrIndex) },
    );
  }
}
