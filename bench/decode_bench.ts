/**
 * The road that the product takes, on captured messages and without a kernel: a datagram to an event, a list to
 * statuses, a message that is no news; and the steps of which it is made.
 */
import { watch } from "../mod.ts";
import { decodeRoute } from "../platforms/bsd/wire/decode.ts";
import { clockOf } from "../platforms/common/clock.ts";
import type { LinkFacts } from "../platforms/contract/status.ts";
import { currentBackend, useBackend } from "../platforms/current.ts";
import { EventReader } from "../platforms/linux/listen/event_reader.ts";
import { LinkReader } from "../platforms/linux/wire/link.ts";
import { Messages, nextAttribute, Packet } from "../platforms/linux/wire/netlink.ts";
import { decodeNl80211 } from "../platforms/linux/wire/nl80211.ts";
import * as N from "../platforms/linux/wire/numbers.ts";
import { Snapshot } from "../src/table/snapshot.ts";
import { InterfaceTable } from "../src/table/table.ts";
import { linuxFixtures, readFixtures } from "../tests/helpers/fixtures.ts";
import { Datagram, replayed } from "./replay.ts";
import { road } from "./road.ts";

const clock = clockOf(currentBackend());

/** A dummy interface without and with its carrier. */
const [down, up] = linuxFixtures().filter(({ says }) => says.name === "d0" && says.whole === true);

let reported = 0;
const { backend: kernel, say } = road();
{
  using _ = useBackend(kernel);
  const watcher = watch();
  Deno.bench("road: a datagram to an event, as a watcher gets it", async () => {
    const next = watcher.next();
    say();
    if ((await next).done) throw new Error("no event");
  });
}

/** A table that knows the interface, with what reads its messages. */
function known(wanted: boolean): { readonly source: Datagram; read(): void } {
  const source = new Datagram(down!.bytes);
  const table = new InterfaceTable(false, () => wanted, clock);
  const reader = new EventReader(source, new Set());
  const read = (): void => {
    source.arrive();
    reader.drain(table, 1);
  };
  read();
  table.take();
  return { source, read };
}

const repeated = known(true);
Deno.bench("road: a message that is no news, to where it ends", () => {
  repeated.read();
});

const other = known(false);
const { messages } = other.source;
Deno.bench("road: a message of an interface that nobody asked for, to where it ends", () => {
  messages.packet.u32[6]! ^= 0x10000; // ifi_flags: LOWER_UP
  other.read();
});

/** So many links with other indexes. */
const LINKS = 1000;

function manyLinks(): Uint8Array<ArrayBuffer> {
  const one = up!.bytes;
  const size = (one.length + 3) & ~3;
  const all = new Uint8Array(new ArrayBuffer(LINKS * size));
  const view = new DataView(all.buffer);
  for (let i = 0; i < LINKS; i++) {
    all.set(one, i * size);
    view.setInt32(i * size + 20, i + 1, true); // ifi_index
  }
  return all;
}

const listed = replayed(manyLinks());
Deno.bench(`road: a list of ${LINKS} links to statuses`, () => {
  reported += listed.list({ addresses: false }).length;
});

const compared = new InterfaceTable(false, undefined, clock);
Deno.bench(`road: a list of ${LINKS} links compared with what is known`, () => {
  compared.replace(new Snapshot(listed.list({ addresses: false }), false), false);
  reported += compared.take().length;
});

interface Loaded {
  readonly messages: Messages;
  readonly link: LinkReader;
  readonly length: number;
}

function load(bytes: Uint8Array): Loaded {
  const packet = Packet.of(bytes);
  return { messages: new Messages(packet), link: new LinkReader(packet), length: bytes.length };
}

function decode({ messages, link, length }: Loaded): LinkFacts {
  messages.begin(length).next();
  return link.load(messages.start, messages.end).facts();
}

const first = load(down!.bytes);

let kept: LinkFacts | undefined;
Deno.bench("step: RTM_NEWLINK to the facts of a link", () => {
  kept = decode(first);
});

let read = 0;
Deno.bench("step: both readings of the clock that an event needs", () => {
  read += clock.time() + clock.elapsed();
});

const table = new InterfaceTable(false, undefined, clock);
const { index } = decode(first);
table.apply(index, decode(first));
table.take();
Deno.bench("step: RTM_NEWLINK that says nothing new, every field compared", () => {
  table.apply(index, decode(first));
});

/** The word of a counter in a message: counters that go back are those of another interface with the index. */
function counterOf({ messages, length }: Loaded, type: number): number {
  messages.begin(length).next();
  const first = messages.start + N.IFINFOMSG_LEN;
  return (nextAttribute(messages.packet, type, first, messages.end) + N.NLA_HDRLEN) >> 2;
}

const counted = [load(down!.bytes), load(up!.bytes)].map((loaded) => {
  const { u32 } = loaded.messages.packet;
  for (const type of [N.IFLA_CARRIER_CHANGES, N.IFLA_CARRIER_UP_COUNT, N.IFLA_CARRIER_DOWN_COUNT]) {
    u32[counterOf(loaded, type)] = 0;
  }
  return { ...loaded, u32, counter: counterOf(loaded, N.IFLA_CARRIER_CHANGES) };
});
const changing = new InterfaceTable(false, undefined, clock);
changing.apply(index, decode(counted[0]!));
changing.take();
let turn = 0;
Deno.bench("step: RTM_NEWLINK that changes flags and state, to an event", () => {
  const message = counted[++turn % 2]!;
  message.u32[message.counter] = turn;
  changing.apply(index, decode(message));
  const events = changing.take();
  if (events[0]?.type !== "changed") throw new Error(`turn ${turn}: another interface`);
  reported += events.length;
});
console.error(`checksum ${kept?.index} ${reported} ${read > 0}`);

const wireless = readFixtures("linux/nl80211.hex");
Deno.bench(`decode: ${wireless.length} nl80211 events, as \`decode\` does`, () => {
  for (const { bytes } of wireless) decodeNl80211(bytes);
});

for (const platform of ["netbsd", "freebsd"] as const) {
  const lists = readFixtures(`${platform}/lists.hex`);
  const bytes = lists.reduce((sum, list) => sum + list.bytes.length, 0);
  Deno.bench(`decode: ${platform} sysctl lists, ${bytes} bytes, as \`decode\` does`, () => {
    for (const list of lists) decodeRoute(list.bytes, platform);
  });
}
