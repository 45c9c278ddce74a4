/** Each fast path beside the slow, obvious decoder: on captures, on captures that were changed, on made-up messages. */
import { assert, assertEquals } from "@std/assert";
import type { InterfaceStatus } from "../../mod.ts";
import { MalformedMessageError } from "../../platforms/contract/errors.ts";
import { LinkReader } from "../../platforms/linux/wire/link.ts";
import { LinkDeduplicator, NEWS, REPEATED, STATE } from "../../platforms/linux/listen/deduplicator.ts";
import { Messages, Packet } from "../../platforms/linux/wire/netlink.ts";
import * as N from "../../platforms/linux/wire/numbers.ts";
import { linuxFixtures } from "../helpers/fixtures.ts";
import { generateLink, mutate } from "../helpers/linux/generate.ts";
import { type Random, withSeed } from "../helpers/random.ts";
import { rounds } from "../helpers/rounds.ts";
import { slowMessages, slowStatus } from "../helpers/linux/slow_link.ts";

const CAPTURES = linuxFixtures().map(({ bytes }) => bytes);

function messages(random: Random): Uint8Array<ArrayBuffer> {
  switch (random.below(4)) {
    case 0:
      return random.pick(CAPTURES);
    case 1:
      return mutate(random, random.pick(CAPTURES));
    case 2:
      return mutate(random, generateLink(random));
    default:
      return generateLink(random);
  }
}

/** What it gives, or that it is malformed. */
function orMalformed<T>(read: () => T): T | "malformed" {
  try {
    return read();
  } catch (error) {
    if (error instanceof MalformedMessageError) return "malformed";
    throw error;
  }
}

function orTorn<T>(read: () => T): T | "malformed" {
  try {
    return read();
  } catch {
    return "malformed";
  }
}

Deno.test("agreement: the full status", () => {
  withSeed((random) => {
    for (const _round of rounds()) {
      const bytes = messages(random);
      const [message] = slowMessages(bytes);
      if (message?.type !== N.RTM_NEWLINK) continue;
      const walk = new Messages(Packet.of(bytes)).begin(bytes.length);
      walk.next();
      const got = orMalformed(() => new LinkReader(walk.packet).load(walk.start, walk.end).facts());
      assertEquals(got, orTorn(() => slowStatus(message.payload)));
    }
  });
});

/**
 * A stream of messages, of which some are passed over where nobody wants them, beside the same stream decoded in full.
 * What is said to repeat must say what the last one said, and what was passed over must be told exactly.
 */
Deno.test("agreement: repeated messages, and messages passed over", () => {
  const found = [0, 0, 0];
  let missed = 0;
  withSeed((random) => {
    const packet = new Packet(8192);
    const news = new LinkDeduplicator(packet);
    const reader = new LinkReader(packet);
    const walk = new Messages(packet);
    const last = new Map<number, InterfaceStatus>();
    let recent: Uint8Array<ArrayBuffer>[] = [];
    for (const _round of rounds()) {
      if (recent.length > 6) recent = recent.slice(1);
      // Often a message again, as it was or with a few bytes of it changed: that is what repetition looks like.
      const bytes = recent.length === 0 || random.below(3) === 0
        ? messages(random)
        : random.below(2) === 0
        ? random.pick(recent)
        : flip(random, random.pick(recent));
      recent.push(bytes);
      packet.u8.set(bytes);
      walk.begin(bytes.length);
      if (orMalformed(() => walk.next()) !== true || walk.type !== N.RTM_NEWLINK) continue;
      const { start, end } = walk;
      if (orMalformed(() => reader.at(start, end)) === "malformed" || reader.family !== N.AF_UNSPEC) continue;
      const { index } = reader;
      const said = news.compare(start, end, index);
      found[said]!++;
      if (random.below(50) === 0) {
        last.delete(index);
        news.forget(index);
        continue;
      }
      const truth = orMalformed(() => reader.load(start, end).facts());
      if (said === REPEATED) {
        assertEquals(truth, last.get(index));
        continue;
      }
      if (said === STATE) {
        assert(truth !== "malformed"); // the same lengths were checked before
        if (random.below(2) === 0) {
          assertEquals([truth.name, truth.altNames], [last.get(index)!.name, last.get(index)!.altNames]);
          news.passOver(start, index);
          last.set(index, truth);
          continue;
        }
      }
      const told = news.missed(index);
      if (told !== undefined) {
        missed++;
        assertEquals(told, last.get(index));
      }
      assertEquals(news.missed(index), undefined);
      if (truth === "malformed") continue;
      last.set(index, truth);
      news.remember(start, end, index, said);
    }
    assert(found[NEWS]! > 0 && found[STATE]! > 0 && found[REPEATED]! > 0 && missed > 0, `not all seen: ${found}`);
  });
});

/** One word of a message changed. */
function flip(random: Random, bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const copy = Uint8Array.from(bytes);
  copy[16 + random.below(Math.max(1, copy.length - 16))] = random.below(4);
  return copy;
}
