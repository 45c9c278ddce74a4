/**
 * What a message costs that changes nothing for anybody, after it was received: nearly all of them are such.
 *
 *   repeated FILE ROUNDS    RTM_NEWLINK again, with other statistics
 *   other FILE ROUNDS       RTM_NEWLINK of an interface that nobody asked for, each time with another state
 *   wireless ROUNDS         RTM_NEWLINK of the wireless extensions, which tells no state
 *   ifinfo SYSTEM ROUNDS    RTM_IFINFO of a BSD to index, flags and link state
 *   endure COUNT            watches, and prints resident bytes after each tenth of so many events
 */
import { watch } from "../../mod.ts";
import { isBsdPlatform, SYSTEMS } from "../../platforms/bsd/systems/systems.ts";
import { RouteReader } from "../../platforms/bsd/wire/route.ts";
import { LinkReader } from "../../platforms/linux/wire/link.ts";
import { LinkNews, REPEATED, STATE } from "../../platforms/linux/listen/link_news.ts";
import { buildRequest, Messages, Packet, textPayload } from "../../platforms/linux/wire/netlink.ts";
import { IFLA_IFNAME, IFLA_WIRELESS, RTM_NEWLINK } from "../../platforms/linux/wire/numbers.ts";
import { Builder } from "../../src/fake/bsd/builder.ts";
import { timed } from "./timed.ts";

/** The links of a dump, each decoded and remembered, as a watcher has them. */
class Known {
  readonly messages: Messages;
  readonly link: LinkReader;
  readonly news: LinkNews;
  readonly #length: number;

  constructor(bytes: Uint8Array) {
    const packet = Packet.of(bytes);
    this.#length = bytes.length;
    this.messages = new Messages(packet);
    this.link = new LinkReader(packet);
    this.news = new LinkNews(packet);
    for (this.messages.begin(bytes.length); this.messages.next();) {
      const { start, end } = this.messages;
      const { index } = this.link.load(start, end).facts();
      this.news.remember(start, end, index, 0);
    }
  }

  /** Compares each message with what is known, as the subscription does; throws where another answer comes. */
  compare(want: number, each: (start: number, index: number) => void): number {
    const { messages, link, news } = this;
    let count = 0;
    for (messages.begin(this.#length); messages.next(); count++) {
      const { start, end } = messages;
      const { index } = link.at(start, end);
      const said = news.compare(start, end, index);
      if (said !== want) throw new Error(`link ${index}: ${said}, not ${want}`);
      each(start, index);
    }
    return count;
  }
}

export function repeated(bytes: Uint8Array, rounds: number): void {
  const known = new Known(bytes);
  timed(rounds, () => known.compare(REPEATED, () => {}));
}

export function other(bytes: Uint8Array, rounds: number): void {
  const known = new Known(bytes);
  const { u32 } = known.messages.packet;
  const change = (): void => {
    for (known.messages.begin(bytes.length); known.messages.next();) u32[(known.messages.start >> 2) + 2]! ^= 0x10000;
  };
  timed(rounds, () => known.compare(STATE, (start, index) => known.news.passOver(start, index)), change);
}

/** As many as a queue holds, one behind the other. */
const MESSAGES = 1000;

export function wireless(rounds: number): void {
  const header = new Uint8Array(new Uint32Array([1 << 16, 3, 0x1003, 0]).buffer);
  const message = buildRequest(RTM_NEWLINK, 0, 0, header, [
    [IFLA_IFNAME, textPayload("wlan0")],
    [IFLA_WIRELESS, new Uint8Array(24)],
  ]);
  const packet = Packet.of(new Uint8Array(Array.from({ length: MESSAGES }, () => [...message]).flat()));
  const messages = new Messages(packet);
  const link = new LinkReader(packet);
  const news = new LinkNews(packet);
  timed(rounds, () => {
    for (messages.begin(packet.u8.length); messages.next();) {
      const { start, end } = messages;
      const { index } = link.at(start, end);
      if (news.compare(start, end, index) !== 0 || link.load(start, end).whole) throw new Error("whole");
    }
    return MESSAGES;
  });
}

export function ifinfo(name: string, rounds: number): void {
  if (!isBsdPlatform(name)) throw new Error(`${name}: there is no such system`);
  const system = SYSTEMS[name];
  const builder = new Builder(system);
  const bytes = new Uint8Array(
    Array.from({ length: MESSAGES }, (_, i) => [
      ...builder.interface({ index: i + 1, name: "tap0", flags: 0x8843, linkState: 1 + (i & 1), mtu: 1500 }, false),
    ]).flat(),
  );
  const reader = new RouteReader(system, bytes);
  let sum = 0;
  timed(rounds, () => {
    for (reader.begin(bytes.length); reader.next();) {
      const { message } = reader;
      if (message === undefined || !("interface" in message)) throw new Error("not an RTM_IFINFO");
      reader.interfaceLayout(message);
      sum += reader.interfaceIndex + reader.flags + (reader.linkState === "up" ? 1 : 0);
    }
    return MESSAGES;
  });
  console.error(`checksum ${sum}`);
}

/** How many samples there are. */
const TENTHS = 10;
const SILENCE = 3000;

export async function endure(count: number): Promise<void> {
  const watcher = watch();
  console.log("ready");
  let silence = setTimeout(() => watcher.close(), 10 * SILENCE);
  let events = 0;
  for await (const { changed } of watcher) {
    if (!changed.includes("mtu")) continue;
    events++;
    if (events % 1000 === 0) {
      clearTimeout(silence);
      silence = setTimeout(() => watcher.close(), SILENCE);
    }
    if (events % Math.round(count / TENTHS) === 0) console.log(`${events} ${Deno.memoryUsage().rss}`);
  }
  clearTimeout(silence);
  console.log(`events ${events}`);
}
