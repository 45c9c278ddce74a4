import type { Rehearsal, Subscription } from "../../contract/backend.ts";
import type { Capabilities } from "../../contract/capabilities.ts";
import type { Clock } from "../../contract/clock.ts";
import { NOTHING } from "../../common/drain.ts";
import { EventReader, type EventSource } from "./event_reader.ts";
import { buildRequest, Messages, Packet, textPayload, u32Payload } from "../wire/netlink.ts";
import * as N from "../wire/numbers.ts";

/** An index that no kernel uses, because they count from 1. So data that is kept by index has a separate place. */
const INDEX = 0x7fffffff;
const BORN = N.IFF_UP | N.IFF_BROADCAST | N.IFF_MULTICAST;

/** A link message for an ordinary card; with `more`, it has an attribute that not every message has. */
function linkMessage(carrier: boolean, mtu: number, more: boolean): Uint8Array {
  const flags = carrier ? BORN | N.IFF_RUNNING | N.IFF_LOWER_UP : BORN;
  const header = new Uint8Array(new Uint32Array([N.ARPHRD_ETHER << 16, INDEX, flags, 0]).buffer);
  // The kind is never wireless, so nl80211 is not asked about it.
  const kind = buildRequest(0, 0, 0, new Uint8Array(0), [[N.IFLA_INFO_KIND, textPayload("veth")]]);
  return buildRequest(N.RTM_NEWLINK, 0, 0, header, [
    [N.IFLA_IFNAME, textPayload("eth0")],
    [N.IFLA_OPERSTATE, Uint8Array.of(N.IF_OPER_NAMES.indexOf(carrier ? "up" : "down"))],
    [N.IFLA_LINKMODE, Uint8Array.of(0)],
    [N.IFLA_MTU, u32Payload(mtu)],
    [N.IFLA_CARRIER, Uint8Array.of(carrier ? 1 : 0)],
    [N.IFLA_CARRIER_CHANGES, u32Payload(1)],
    [N.IFLA_CARRIER_UP_COUNT, u32Payload(1)],
    [N.IFLA_CARRIER_DOWN_COUNT, u32Payload(0)],
    [N.IFLA_ADDRESS, Uint8Array.of(2, 0, 0, 0, 0, 1)],
    [N.IFLA_STATS64, new Uint8Array(200)],
    [N.IFLA_LINKINFO, kind.subarray(N.NLMSG_HDRLEN)],
    ...(more ? [[N.IFLA_AF_SPEC, new Uint8Array(400)] as const] : []),
  ]);
}

/** An IPv4 address that comes or goes. */
function addressMessage(type: number): Uint8Array {
  const header = new Uint8Array(8);
  header.set([N.AF_INET, 24, 0, N.RT_SCOPE_UNIVERSE]);
  new Uint32Array(header.buffer)[1] = INDEX;
  return buildRequest(type, 0, 0, header, [
    [N.IFA_ADDRESS, Uint8Array.of(192, 0, 2, 1)],
    [N.IFA_LOCAL, Uint8Array.of(192, 0, 2, 1)],
    [N.IFA_FLAGS, u32Payload(0)],
    [N.IFA_CACHEINFO, new Uint8Array(N.IFA_CACHEINFO_LEN)],
  ]);
}

/** Datagrams that arrive one at a time. */
class MadeUp implements EventSource {
  readonly messages = new Messages(new Packet(2048));
  #next: Uint8Array | undefined;

  say(message: Uint8Array): void {
    this.#next = message;
  }

  receive(): number {
    const message = this.#next;
    if (message === undefined) return NOTHING;
    this.#next = undefined;
    this.messages.packet.u8.set(message);
    this.messages.begin(message.length);
    return message.length;
  }
}

/** A kernel with one card, which loses its carrier and gets it back, and with an address that comes and goes. */
export function linuxRehearsal(capabilities: Capabilities, clock?: Clock): Rehearsal {
  const source = new MadeUp();
  const reader = new EventReader(source, new Set());
  const [down, up, longer] = [
    linkMessage(false, 1500, false),
    linkMessage(true, 1500, false),
    linkMessage(true, 1400, true),
  ];
  const [came, went] = [addressMessage(N.RTM_NEWADDR), addressMessage(N.RTM_DELADDR)];
  const script = [up, down, up, down, up, longer, came, went];
  let at = 0;
  let ready = (): void => {};
  const subscription: Subscription = {
    events: "kernel",
    snapshot: () => [],
    drain: (sink, limit) => reader.drain(sink, limit),
    pause: () => {},
    close: () => Promise.resolve(),
  };
  return {
    backend: {
      capabilities,
      clock,
      list: () => [],
      get: () => undefined,
      setFlags: () => {},
      subscribe: (options) => {
        ready = options.ready;
        return subscription;
      },
    },
    say: () => {
      source.say(script[at++ % script.length]!);
      ready();
    },
  };
}
