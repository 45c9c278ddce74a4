/** Link messages that no kernel sent: for properties that must hold of every message. */
import { buildRequest, type RequestAttribute, textPayload, u32Payload } from "../../../platforms/linux/wire/netlink.ts";
import type { FakeWirelessLink } from "./kernel.ts";
import { nest } from "./messages.ts";
import * as N from "../../../platforms/linux/wire/numbers.ts";
import type { Random } from "../random.ts";

const NAMES = ["eth0", "lo", "wlp0s20f3", "a", "veth0123456789a", "br-lan"];
const KINDS = ["ifb", "veth", "bridge", "br"];
/** Attributes that say nothing of the state. */
const IFLA_TXQLEN = 13;
const IFLA_STATS64 = 23;
const IFLA_INFO_DATA = 2;

function byte(random: Random, limit: number): Uint8Array {
  return Uint8Array.of(random.below(limit));
}

/** Values of few kinds, so that messages of one interface often say the same, or differ in one word. */
const MAKERS: readonly ((random: Random) => RequestAttribute)[] = [
  (random) => [N.IFLA_MTU, u32Payload(random.pick([1500, 9000]))],
  (random) => [N.IFLA_OPERSTATE, byte(random, 8)],
  () => [N.IFLA_OPERSTATE, Uint8Array.of(6)],
  (random) => [N.IFLA_LINKMODE, byte(random, 2)],
  (random) => [N.IFLA_CARRIER, byte(random, 2)],
  (random) => [N.IFLA_CARRIER_CHANGES, u32Payload(random.below(3))],
  (random) => [N.IFLA_CARRIER_UP_COUNT, u32Payload(random.below(2))],
  (random) => [N.IFLA_CARRIER_DOWN_COUNT, u32Payload(random.below(2))],
  (random) => [N.IFLA_MASTER, u32Payload(random.below(3))],
  (random) => [N.IFLA_LINK, u32Payload(random.below(3))],
  (random) => [N.IFLA_LINK_NETNSID, u32Payload(random.below(2))],
  (random) => [N.IFLA_ADDRESS, Uint8Array.of(2, 0, 0, 0, 0, random.below(2))],
  (random) => [N.IFLA_ADDRESS, Uint8Array.of(10, 0, 0, random.below(2))],
  (random) => [N.IFLA_PROP_LIST, nest([N.IFLA_ALT_IFNAME, textPayload(random.pick(NAMES))])],
  (random) => [
    N.IFLA_LINKINFO,
    nest([N.IFLA_INFO_KIND, textPayload(random.pick(KINDS))], [IFLA_INFO_DATA, u32Payload(random.below(9))]),
  ],
  (random) => [IFLA_STATS64, new Uint8Array(24).fill(random.below(256))],
  (random) => [IFLA_TXQLEN, u32Payload(random.below(9))],
];

/** An RTM_NEWLINK of one of three interfaces, well formed, with some of the attributes in the kernel's order. */
export function generateLink(random: Random): Uint8Array<ArrayBuffer> {
  const type = random.pick([1, 1, 772, 776]); // ARPHRD_ETHER, ARPHRD_LOOPBACK, ARPHRD_SIT
  const flags = random.pick([0x1003, 0x1002, 0x11043]);
  const header = new Uint8Array(new Uint32Array([type << 16, 1 + random.below(3), flags, 0]).buffer);
  const few = random.below(4) === 0;
  const some = MAKERS.filter(() => random.below(few ? 6 : 40) !== 0).map((make) => make(random));
  return buildRequest(N.RTM_NEWLINK, 0, 0, header, [[N.IFLA_IFNAME, textPayload(random.pick(NAMES))], ...some]);
}

/** The links of an answer about a multi-link device, well formed; what a link lacks is not told of it. */
export function generateMloLinks(random: Random): FakeWirelessLink[] {
  const maybe = <T>(value: T): T | undefined => random.below(3) === 0 ? undefined : value;
  return Array.from({ length: random.below(16) }, () => {
    const [frequency, ssid] = [maybe(random.pick([2412, 5180, 6115])), maybe(random.pick(["", "net", "x".repeat(32)]))];
    return {
      id: random.below(16),
      ...(frequency === undefined ? {} : { frequency }),
      ...(ssid === undefined ? {} : { ssid }),
    };
  });
}

/** The bytes with some of them changed, moved or cut off. */
export function mutate(random: Random, bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const copy = Uint8Array.from(bytes);
  for (let i = random.below(6); i >= 0; i--) {
    const at = random.below(copy.length);
    switch (random.below(4)) {
      case 0:
        copy[at] = random.below(256);
        break;
      case 1:
        copy[at] = random.pick([0, 1, 3, 4, 0x7f, 0x80, 0xff]);
        break;
      case 2: // a length or a type, at the place of an attribute's header
        copy[at & ~3] = random.below(256);
        break;
      default:
        copy.copyWithin(at, random.below(copy.length), random.below(copy.length));
    }
  }
  return random.below(4) === 0 ? copy.subarray(0, random.below(copy.length)) : copy;
}
