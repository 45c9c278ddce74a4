/** The decoders and the table on captured messages, without a kernel. */
import { decodeRoute } from "../platforms/bsd/decode.ts";
import { LinkReader } from "../platforms/linux/link.ts";
import { LinkMemory, NEWS, REPEATED } from "../platforms/linux/link_news.ts";
import { LinkScan } from "../platforms/linux/link_scan.ts";
import { Messages, Packet } from "../platforms/linux/netlink.ts";
import { decodeNl80211 } from "../platforms/linux/nl80211.ts";
import { InterfaceTable } from "../src/watch/table.ts";
import type { InterfaceStatus } from "../platforms/contract/status.ts";
import { linuxFixtures, readFixtures } from "../tests/fixtures.ts";

/** A dummy interface without and with its carrier. */
const [down, up] = linuxFixtures().filter(({ says }) => says.name === "d0" && says.whole === true);

interface Loaded {
  readonly messages: Messages;
  readonly link: LinkReader;
  readonly length: number;
}

function load(bytes: Uint8Array): Loaded {
  const packet = Packet.of(bytes);
  return { messages: new Messages(packet), link: new LinkReader(packet), length: bytes.length };
}

function decode({ messages, link, length }: Loaded, known: InterfaceStatus | undefined): InterfaceStatus {
  messages.begin(length).next();
  return link.load(messages.start, messages.end).status(known);
}

const first = load(down!.bytes);
const second = load(up!.bytes);
const known = decode(first, undefined);

const scan = new LinkScan(first.messages.packet);
Deno.bench("decode: RTM_NEWLINK to index, flags and name", () => {
  scan.begin(first.length).next();
});

const memory = new LinkMemory(first.messages.packet);
first.messages.begin(first.length).next();
memory.remember(first.messages.start, first.messages.end, known.index, known, NEWS);
Deno.bench("event: RTM_NEWLINK that repeats the one before it", () => {
  first.messages.begin(first.length).next();
  const { start, end } = first.messages;
  const { index } = first.link.at(start, end);
  if (memory.compare(start, end, index, known) !== REPEATED) throw new Error("not repeated");
});

Deno.bench("decode: RTM_NEWLINK that says nothing new, every field compared", () => {
  decode(first, known);
});

Deno.bench("decode: RTM_NEWLINK to a new InterfaceStatus", () => {
  decode(first, undefined);
});

let told = 0;
const table = new InterfaceTable({ event: () => told++ });
let current = known;
table.set(known);

Deno.bench("table: a status that is known", () => {
  table.set(current);
});

Deno.bench("decode, table and event: RTM_NEWLINK that changes flags and state", () => {
  current = decode(current.up && current.running ? first : second, current);
  table.set(current);
});

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
