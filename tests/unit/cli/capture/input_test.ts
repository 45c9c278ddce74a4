/** How much memory the reading of a slow input takes: as much as what is kept of it, and not as the pieces are many. */
import { assert } from "@std/assert";
import { decodeCapture } from "../../../../src/cli/capture/decode.ts";
import { Source } from "../../../../src/cli/capture/source.ts";
import { readRecord } from "../../../../src/cli/timeline/record.ts";
import { LINUX_CAPTURE } from "../../../helpers/cli/captures.ts";

/** So many bytes, each alone in a piece that has as much room as a read from a pipe has. */
const COUNT = 6000;
const ROOM = 1 << 16;
/** All pieces together would be 393 MB. */
const MOST = 200e6;

async function* oneByOne(bytes: Uint8Array, most: (bytes: number) => void): AsyncGenerator<Uint8Array, void> {
  const before = Deno.memoryUsage().external;
  for (let i = 0; i < bytes.length; i++) {
    const piece = new Uint8Array(ROOM);
    piece[0] = bytes[i]!;
    yield await Promise.resolve(piece.subarray(0, 1));
    if (i % 100 === 0) most(Deno.memoryUsage().external - before);
  }
}

async function decode(pieces: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const _ of decodeCapture(new Source(pieces), LINUX_CAPTURE)) { /* all of it */ }
}

const record = (pieces: AsyncIterable<Uint8Array>) => readRecord(pieces, { event: () => {}, wrong: () => {} });
const text = (written: string) => new TextEncoder().encode(written);
/** A netlink message whose end does not come. */
const ENDLESS = Uint8Array.from({ length: COUNT }, (_, i) => i === 2 ? 1 : i === 4 ? 16 : 0);

for (
  const [name, bytes, read] of [
    ["a line of a record", text("x".repeat(COUNT)), record],
    ["a line that was ended late", text(`${"x".repeat(COUNT)}\n`), record],
    ["a message", ENDLESS, decode],
    ["plain hexadecimal", text(ENDLESS.toHex().slice(0, COUNT)), decode],
    ["a comment in hexadecimal", text(`1400 # ${"x".repeat(COUNT)}`), decode],
  ] as const
) {
  Deno.test(`input: ${name} that comes byte by byte takes the memory of its bytes`, async () => {
    let most = 0;
    await read(oneByOne(bytes, (now) => most = Math.max(most, now)));
    assert(most < MOST, `${Math.round(most / 1e6)} MB`);
  });
}
