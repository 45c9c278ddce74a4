/**
 * What a message costs after it was received: one that becomes an event, and those that change nothing for anybody, as
 * nearly all do.
 *
 *   event ROUNDS            RTM_NEWLINK and RTM_NEWADDR that change something, to the event that a watcher gets
 *   repeated FILE ROUNDS    RTM_NEWLINK again, with other statistics
 *   other FILE ROUNDS       RTM_NEWLINK of an interface that nobody asked for, each time with another state
 *   wireless ROUNDS         RTM_NEWLINK of the wireless extensions, which tells no state
 *   ifinfo SYSTEM ROUNDS    RTM_IFINFO of a BSD to index, flags and link state
 *   endure COUNT            watches, and prints resident bytes after each tenth of so many events
 *   endure COUNT live       the same with the bytes of the heap that are in use, after a forced collection
 */
import v8 from "node:v8";
import vm from "node:vm";
import { watch } from "../../mod.ts";
import { isBsdPlatform, SYSTEMS } from "../../platforms/bsd/systems/systems.ts";
import { RouteReader } from "../../platforms/bsd/wire/route.ts";
import { useBackend } from "../../platforms/current.ts";
import { EventReader } from "../../platforms/linux/listen/event_reader.ts";
import { buildRequest, Messages, Packet, textPayload } from "../../platforms/linux/wire/netlink.ts";
import { IFLA_IFNAME, IFLA_WIRELESS, RTM_NEWLINK } from "../../platforms/linux/wire/numbers.ts";
import { Builder } from "../../src/fake/bsd/builder.ts";
import { InterfaceTable } from "../../src/table/table.ts";
import { Datagram } from "../replay.ts";
import { road } from "../road.ts";
import { timed, timedAsync } from "./timed.ts";

/** Collects what nobody refers to. */
function collect(): void {
  v8.setFlagsFromString("--expose-gc");
  (vm.runInNewContext("gc") as () => void)();
}

/** What reads messages that arrive in one go, and a table that knows their interfaces. */
class Road {
  readonly source: Datagram;
  readonly #reader: EventReader;
  readonly #table: InterfaceTable;

  constructor(bytes: Uint8Array, wanted: boolean) {
    this.source = new Datagram(bytes);
    this.#reader = new EventReader(this.source, new Set());
    this.#table = new InterfaceTable(false, () => wanted);
    this.read();
  }

  /** Reads them all, as a subscription does; returns how many events they made. */
  read(): number {
    this.source.arrive();
    this.#reader.drain(this.#table, 1);
    return this.#table.take().length;
  }
}

function countOf(bytes: Uint8Array): number {
  let count = 0;
  for (const messages = new Messages(Packet.of(bytes)).begin(bytes.length); messages.next();) count++;
  return count;
}

/** Reads messages that must make no event, again and again. */
function quiet(bytes: Uint8Array, rounds: number, wanted: boolean, prepare?: (messages: Messages) => void): void {
  const road = new Road(bytes, wanted);
  const count = countOf(bytes);
  timed(rounds, () => {
    if (road.read() > 0) throw new Error("an event");
    return count;
  }, () => prepare?.(road.source.messages));
}

export async function event(rounds: number): Promise<void> {
  const { backend, say } = road();
  using _ = useBackend(backend);
  await using watcher = watch();
  await timedAsync(rounds, async () => {
    for (let i = 0; i < MESSAGES; i++) {
      const next = watcher.next();
      say();
      if ((await next).done) throw new Error("no event");
    }
    return MESSAGES;
  });
}

export function repeated(bytes: Uint8Array, rounds: number): void {
  quiet(bytes, rounds, true);
}

export function other(bytes: Uint8Array, rounds: number): void {
  quiet(bytes, rounds, false, (messages) => {
    const { u32 } = messages.packet;
    for (messages.begin(bytes.length); messages.next();) u32[(messages.start >> 2) + 2]! ^= 0x10000;
  });
}

/** As many as a queue holds, one behind the other. */
const MESSAGES = 1000;

export function wireless(rounds: number): void {
  const header = new Uint8Array(new Uint32Array([1 << 16, 3, 0x1003, 0]).buffer);
  const message = buildRequest(RTM_NEWLINK, 0, 0, header, [
    [IFLA_IFNAME, textPayload("wlan0")],
    [IFLA_WIRELESS, new Uint8Array(24)],
  ]);
  quiet(new Uint8Array(Array.from({ length: MESSAGES }, () => [...message]).flat()), rounds, true);
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

export async function endure(count: number, live: boolean): Promise<void> {
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
    if (events % Math.round(count / TENTHS) !== 0) continue;
    if (live) collect();
    const { rss, heapUsed } = Deno.memoryUsage();
    console.log(`${events} ${live ? heapUsed : rss}`);
  }
  clearTimeout(silence);
  console.log(`events ${events}`);
}
