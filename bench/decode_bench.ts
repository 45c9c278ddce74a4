/** The decoders and the table on captured messages, without a kernel. */
import { decodeRoute } from "../platforms/bsd/wire/decode.ts";
import { clockOf } from "../platforms/common/clock.ts";
import { currentBackend } from "../platforms/current.ts";
import { LinkReader } from "../platforms/linux/wire/link.ts";
import { LinkNews, NEWS, REPEATED } from "../platforms/linux/listen/link_news.ts";
import { LinkScan } from "../platforms/linux/wire/link_scan.ts";
import { Messages, Packet } from "../platforms/linux/wire/netlink.ts";
import { decodeNl80211 } from "../platforms/linux/wire/nl80211.ts";
import type { LinkFacts } from "../platforms/contract/status.ts";
import { InterfaceTable } from "../src/table/table.ts";
import { linuxFixtures, readFixtures } from "../tests/helpers/fixtures.ts";

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

function decode({ messages, link, length }: Loaded): LinkFacts {
  messages.begin(length).next();
  return link.load(messages.start, messages.end).facts();
}

const first = load(down!.bytes);
const second = load(up!.bytes);

const scan = new LinkScan(first.messages.packet);
Deno.bench("decode: RTM_NEWLINK to index, flags and name", () => {
  scan.begin(first.length).next();
});

const news = new LinkNews(first.messages.packet);
first.messages.begin(first.length).next();
const { index } = first.link.load(first.messages.start, first.messages.end);
news.remember(first.messages.start, first.messages.end, index, NEWS);
Deno.bench("event: RTM_NEWLINK that repeats the one before it", () => {
  first.messages.begin(first.length).next();
  const { start, end } = first.messages;
  if (news.compare(start, end, first.link.at(start, end).index) !== REPEATED) throw new Error("not repeated");
});

let kept: LinkFacts | undefined;
Deno.bench("decode: RTM_NEWLINK to the facts of a link", () => {
  kept = decode(first);
});

const clock = clockOf(currentBackend());
let read = 0;
Deno.bench("clock: both readings that an event needs", () => {
  read += clock.time() + clock.elapsed();
});

const table = new InterfaceTable(false, undefined, clock);
table.apply(index, decode(first));
table.take();
Deno.bench("decode and table: RTM_NEWLINK that says nothing new, every field compared", () => {
  table.apply(index, decode(first));
});

let turn = 0;
let told = 0;
Deno.bench("decode, table and event: RTM_NEWLINK that changes flags and state", () => {
  table.apply(index, decode(++turn % 2 === 0 ? first : second));
  told += table.take().length;
});
console.error(`checksum ${kept?.index} ${told} ${read > 0}`);

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
