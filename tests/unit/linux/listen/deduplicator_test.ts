import { assertEquals } from "@std/assert";
import { LinkReader } from "../../../../platforms/linux/wire/link.ts";
import { LinkDeduplicator, NEWS, REPEATED, STATE } from "../../../../platforms/linux/listen/deduplicator.ts";
import {
  buildRequest,
  Messages,
  Packet,
  type RequestAttribute,
  textPayload,
  u32Payload,
} from "../../../../platforms/linux/wire/netlink.ts";
import * as N from "../../../../platforms/linux/wire/numbers.ts";
import { datagram, nest } from "../../../helpers/linux/messages.ts";

const IFLA_QDISC = 6;
const IFLA_STATS = 7;
const IFLA_INFO_DATA = 2;
const text = (value: string): Uint8Array => textPayload(value);

interface Link {
  readonly index?: number;
  readonly flags?: number;
  readonly change?: number;
  readonly hardware?: number;
  readonly attributes?: readonly RequestAttribute[];
}

const NAME: RequestAttribute = [N.IFLA_IFNAME, text("eth0")];
const MTU: RequestAttribute = [N.IFLA_MTU, u32Payload(1500)];
const STATS: RequestAttribute = [IFLA_STATS, new Uint8Array(24)];

function message({ index = 1, flags = 0x1043, change = 0, hardware = 1, attributes = [NAME, MTU, STATS] }: Link = {}) {
  return buildRequest(
    16,
    0,
    0,
    new Uint8Array(new Uint32Array([hardware << 16, index, flags, change]).buffer),
    attributes,
  );
}

/** A stream of messages at a place in a packet that is not its start. */
class Stream {
  readonly #packet = new Packet(65536);
  readonly news = new LinkDeduplicator(this.#packet);
  readonly #reader = new LinkReader(this.#packet);

  #put(bytes: Uint8Array): { start: number; end: number; index: number } {
    const other = message({ index: 9, attributes: [] });
    const both = datagram(other, bytes);
    this.#packet.u8.fill(0xee);
    this.#packet.u8.set(both);
    const walk = new Messages(this.#packet).begin(other.length + bytes.length);
    walk.next();
    walk.next();
    return { start: walk.start, end: walk.end, index: this.#reader.at(walk.start, walk.end).index };
  }

  /** What it says; it is remembered as one that was told. */
  tell(bytes: Uint8Array): number {
    const { start, end, index } = this.#put(bytes);
    const said = this.news.compare(start, end, index);
    if (said === REPEATED) return said;
    this.#reader.load(start, end);
    this.news.remember(start, end, index, said);
    return said;
  }

  /** What it says; where that is another state it is passed over, as of one whom nobody wants. */
  pass(bytes: Uint8Array): number {
    const { start, end, index } = this.#put(bytes);
    const said = this.news.compare(start, end, index);
    if (said === STATE) this.news.passOver(start, index);
    return said;
  }
}

/** What a second message says behind a first one, and what it says again. */
function after(first: Link, second: Link): [number, number] {
  const stream = new Stream();
  assertEquals(stream.tell(message(first)), NEWS);
  assertEquals(stream.tell(message(first)), REPEATED);
  return [stream.tell(message(second)), stream.tell(message(second))];
}

Deno.test("link news: another state of the same names is told as that, whichever word of it changed", () => {
  assertEquals(after({}, { flags: 0x1003 }), [STATE, REPEATED]);
  for (
    const type of [
      N.IFLA_OPERSTATE,
      N.IFLA_LINKMODE,
      N.IFLA_CARRIER,
      N.IFLA_CARRIER_CHANGES,
      N.IFLA_CARRIER_UP_COUNT,
      N.IFLA_CARRIER_DOWN_COUNT,
      N.IFLA_MTU,
      N.IFLA_ADDRESS,
      N.IFLA_LINK,
      N.IFLA_LINK_NETNSID,
    ]
  ) {
    for (const order of [[0, 1, 2], [2, 1, 0]] as const) { // it may stand first or last
      const link = (value: number): Link => {
        const all: RequestAttribute[] = [[type, u32Payload(value)], NAME, STATS];
        return { attributes: order.map((i) => all[i]!) };
      };
      assertEquals(after(link(1), link(2)), [STATE, REPEATED], `attribute ${type}`);
    }
  }
  const address = (last: number): Link => ({
    attributes: [NAME, [N.IFLA_ADDRESS, Uint8Array.of(2, 0, 0, 0, 0, last)]],
  });
  assertEquals(after(address(1), address(2)), [STATE, REPEATED]); // in its second word
});

Deno.test("link news: another master may bring an interface into a selection, and is news", () => {
  const port = (master: number): Link => ({ attributes: [NAME, [N.IFLA_MASTER, u32Payload(master)], STATS] });
  assertEquals(after(port(3), port(4)), [NEWS, REPEATED]);
  assertEquals(after({ attributes: [NAME, STATS] }, port(4)), [NEWS, REPEATED]);
});

Deno.test("link news: what nobody is told of does not make a message new", () => {
  const link = (attribute: RequestAttribute): Link => ({ attributes: [NAME, attribute, MTU] });
  assertEquals(after({}, { change: 0xffffffff }), [REPEATED, REPEATED]);
  assertEquals(after(link(STATS), link([IFLA_STATS, new Uint8Array(24).fill(7)])), [REPEATED, REPEATED]);
  assertEquals(after(link([IFLA_QDISC, text("fifo")]), link([IFLA_QDISC, text("tbf0")])), [REPEATED, REPEATED]);
});

Deno.test("link news: another name, type, kind, length or attribute is news", () => {
  const link = (...attributes: RequestAttribute[]): Link => ({ attributes: [NAME, ...attributes, MTU] });
  const names = (...all: string[]) =>
    link([N.IFLA_PROP_LIST, nest(...all.map((one) => [N.IFLA_ALT_IFNAME, text(one)] as const))]);
  const info = (...attributes: RequestAttribute[]) => link([N.IFLA_LINKINFO, nest(...attributes)]);
  const kind = (name: string): RequestAttribute => [N.IFLA_INFO_KIND, text(name)];
  const data = (value: number): RequestAttribute => [IFLA_INFO_DATA, u32Payload(value)];
  for (
    const [first, second] of [
      [{}, { hardware: 772 }],
      [{}, { attributes: [[N.IFLA_IFNAME, text("eth1")], MTU, STATS] }],
      [{}, { attributes: [NAME, MTU] }],
      [names("a"), names("b")],
      [names("first", "second"), names("first", "secone")],
      [info(kind("veth")), info(kind("vlan"))],
      [info(data(1), kind("veth")), info(data(2), kind("veth"))], // the kernel has the kind first
      [info(data(1), kind("veth")), info(data(1), kind("vlan"))],
      [link([40, u32Payload(1)]), link([41, u32Payload(1)])],
      [link([40, new Uint8Array(0)]), link([41, new Uint8Array(0)])],
      [{ attributes: [NAME, [40, new Uint8Array(0)]] }, { attributes: [NAME, [41, new Uint8Array(0)]] }],
    ] as const
  ) assertEquals(after(first, second), [NEWS, REPEATED], JSON.stringify(second));
  // What else stands beside the kind are timers and settings.
  assertEquals(after(info(kind("bridge"), data(1)), info(kind("bridge"), data(2))), [REPEATED, REPEATED]);
  assertEquals(after(info(), info()), [REPEATED, REPEATED]);
  const empty = (type: number): Link => link([N.IFLA_LINKINFO, nest([type, new Uint8Array(0)])]);
  assertEquals(after(empty(N.IFLA_INFO_KIND), empty(N.IFLA_INFO_KIND)), [REPEATED, REPEATED]);
});

Deno.test("link news: what was passed over is told whole, once, before the next change", () => {
  const stream = new Stream();
  stream.tell(message());
  assertEquals(stream.news.missed(1), undefined);
  assertEquals(stream.pass(message()), REPEATED);
  assertEquals(stream.pass(message({ flags: 0x1002 })), STATE);
  assertEquals(stream.pass(message({ flags: 0x1002 })), STATE); // nobody was told of it
  assertEquals(
    stream.pass(message({ flags: 0x1003, attributes: [NAME, [N.IFLA_MTU, u32Payload(1400)], STATS] })),
    STATE,
  );
  const missed = stream.news.missed(1);
  assertEquals([missed?.index, missed?.name, missed?.type, missed?.flags, missed?.mtu], [
    1,
    "eth0",
    "ether",
    0x1003,
    1400,
  ]);
  assertEquals(stream.news.missed(1), undefined);
  assertEquals(
    stream.tell(message({ flags: 0x1003, attributes: [NAME, [N.IFLA_MTU, u32Payload(1400)], STATS] })),
    REPEATED,
  );
});

Deno.test("link news: who is told what was passed over is not told it again", () => {
  const stream = new Stream();
  stream.tell(message());
  stream.pass(message({ flags: 0x1002 }));
  assertEquals(stream.tell(message({ flags: 0x1002 })), STATE); // somebody wants it by now
  assertEquals([stream.news.missed(1), stream.tell(message({ flags: 0x1002 }))], [undefined, REPEATED]);
  stream.pass(message());
  assertEquals(stream.tell(message({ attributes: [NAME, MTU] })), NEWS);
  assertEquals([stream.news.missed(1), stream.tell(message({ attributes: [NAME, MTU] }))], [undefined, REPEATED]);
});

Deno.test("link news: each interface for itself, and none that was forgotten", () => {
  const stream = new Stream();
  assertEquals([stream.tell(message()), stream.tell(message({ index: 2 }))], [NEWS, NEWS]);
  assertEquals([stream.tell(message()), stream.tell(message({ index: 2, flags: 0 }))], [REPEATED, STATE]);
  stream.news.forget(1);
  assertEquals([stream.news.missed(1), stream.tell(message()), stream.tell(message({ index: 2, flags: 0 }))], [
    undefined,
    NEWS,
    REPEATED,
  ]);
  stream.news.clear();
  assertEquals([stream.tell(message()), stream.tell(message({ index: 2, flags: 0 }))], [NEWS, NEWS]);
  stream.news.passOver(0, 7); // nobody knows it: nothing comes of it
  assertEquals(stream.news.missed(7), undefined);
});

Deno.test("link news: a message of thousands of names is compared to its last byte", () => {
  const names = (last: string): Link => {
    const all = Array.from(
      { length: 400 },
      (_, i): RequestAttribute => [N.IFLA_ALT_IFNAME, text(i === 399 ? last : `port${i}`)],
    );
    return { attributes: [NAME, [N.IFLA_PROP_LIST, nest(...all)], MTU] };
  };
  assertEquals(after(names("lasta"), names("lastb")), [NEWS, REPEATED]);
  assertEquals(after(names("lasta"), { ...names("lasta"), flags: 0 }), [STATE, REPEATED]);
});
