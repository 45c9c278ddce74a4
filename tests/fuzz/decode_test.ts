import { assert, assertEquals } from "@std/assert";
import { decodeNetlink } from "../../platforms/linux/mod.ts";
import { linuxFixtures } from "../fixtures.ts";
import { type Random, withSeed } from "../random.ts";

const ROUNDS = Number(Deno.env.get("NETFLAGS_FUZZ_ROUNDS") ?? 20000);

/** Every decoder must end, throw nothing, and say of each message what it is or why not. */
function check(bytes: Uint8Array): void {
  const decoded = decodeNetlink(bytes);
  assert(decoded.length <= bytes.length / 16 + 1, "more messages than headers");
  for (const message of decoded) assert("message" in message || "error" in message);
  JSON.stringify(decoded);
}

function mutate(random: Random, bytes: Uint8Array): Uint8Array {
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

Deno.test("fuzz: captures with bytes changed, moved and cut off", () => {
  const fixtures = linuxFixtures();
  withSeed((random) => {
    for (let i = 0; i < ROUNDS; i++) check(mutate(random, random.pick(fixtures).bytes));
  });
});

Deno.test("fuzz: noise, with and without a header that fits", () => {
  withSeed((random) => {
    for (let i = 0; i < ROUNDS; i++) {
      const bytes = Uint8Array.from({ length: random.below(200) }, () => random.below(256));
      if (bytes.length >= 16 && random.below(2) === 0) {
        new DataView(bytes.buffer).setUint32(0, bytes.length, true);
        new DataView(bytes.buffer).setUint16(4, random.pick([2, 3, 16, 17, 20, 21]), true);
      }
      check(bytes);
    }
  });
});

Deno.test("fuzz: a capture cut off at every byte", () => {
  for (const { bytes } of linuxFixtures().slice(0, 4)) {
    for (let length = 0; length < bytes.length; length++) {
      const decoded = decodeNetlink(bytes.subarray(0, length));
      assertEquals(decoded.length, length === 0 ? 0 : 1);
      assertEquals(length === 0 || "error" in decoded[0]!, true);
    }
  }
});
