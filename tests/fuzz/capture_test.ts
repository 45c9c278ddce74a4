/** Captures that nobody wrote: every reader must end, throw nothing, and say what it could not read. */
import { assert, assertEquals } from "@std/assert";
import { formatOf } from "../../src/cli/capture/format.ts";
import {
  decodeAll,
  LINUX_CAPTURE,
  nlmonFile,
  nlmonPackets,
  padded,
  pcapngOf,
  pcapOf,
} from "../helpers/cli/captures.ts";
import { linuxFixtures } from "../helpers/fixtures.ts";
import { mutate } from "../helpers/linux/generate.ts";
import { withSeed } from "../helpers/random.ts";
import { rounds } from "../helpers/rounds.ts";

/** A whole capture is decoded in each round, by pieces: as many rounds as ten thousand bytes each allow. */
const SHARE = 20;

const text = (written: string) => new TextEncoder().encode(written);

function samples(): Uint8Array[] {
  const packets = nlmonPackets().map(({ packet }) => packet);
  const few = packets.filter((packet) => packet.length < 200);
  const messages = padded(linuxFixtures().slice(0, 1).map(({ bytes }) => bytes));
  return [
    nlmonFile(),
    ...[true, false].flatMap((little) => [pcapOf(few, { little, nanoseconds: little }), pcapngOf(few, { little })]),
    messages,
    ...[messages.toHex(), messages.toHex().replace(/(..)/g, "0x$1, "), nlmonFile().toHex()].map(text),
  ];
}

Deno.test("fuzz: captures of every form with bytes changed, moved and cut off, in pieces of any size", async () => {
  const all = samples();
  await withSeed(async (random) => {
    let round = 0;
    for (const _round of rounds()) {
      if (round++ % SHARE !== 0) continue;
      const bytes = mutate(random, random.pick(all));
      const format = random.pick([undefined, undefined, "binary", "hex", "pcap"] as const);
      const captured = { ...LINUX_CAPTURE, format };
      const told = await decodeAll(bytes, captured, 1 + random.below(bytes.length + 1));
      assert(told.length <= bytes.length + 1, "more messages than bytes");
      for (const message of told) assert("message" in message || typeof message.error === "string");
      JSON.stringify(told);
      // The pieces in which it comes make no difference.
      assertEquals(await decodeAll(bytes, captured), told);
    }
  });
});

Deno.test("fuzz: noise is never more than what it is", async () => {
  await withSeed(async (random) => {
    let round = 0;
    for (const _round of rounds()) {
      if (round++ % SHARE !== 0) continue;
      const printable = random.below(2) === 0;
      const one = () => printable ? random.pick([..."0123456789abcdefx:* |\n"]).charCodeAt(0) : random.below(256);
      const bytes = Uint8Array.from({ length: random.below(300) }, one);
      if (printable) assertEquals(formatOf(bytes), "hex");
      const told = await decodeAll(bytes, LINUX_CAPTURE, 1 + random.below(50));
      for (const message of told) assert("message" in message || typeof message.error === "string");
      assertEquals(await decodeAll(bytes), told);
    }
  });
});
