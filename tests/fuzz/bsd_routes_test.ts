/** Messages and answers about routes of the BSDs with bytes changed, moved and cut off. */
import { assert, assertEquals } from "@std/assert";
import { route, SystemError, UnsupportedError } from "../../mod.ts";
import { type BsdPlatform, decodeRoute } from "../../src/bsd.ts";
import * as C from "../../platforms/bsd/systems/common.ts";
import { SYSTEMS } from "../../platforms/bsd/systems/systems.ts";
import { RouteReader } from "../../platforms/bsd/wire/route.ts";
import { MalformedMessageError } from "../../platforms/contract/errors.ts";
import { answering } from "../helpers/bsd/answering.ts";
import { readFixtures } from "../helpers/fixtures.ts";
import { mutate } from "../helpers/linux/generate.ts";
import { type Random, withSeed } from "../helpers/random.ts";
import { rounds } from "../helpers/rounds.ts";

const PLATFORMS = Object.keys(SYSTEMS) as BsdPlatform[];

/** Whether the first message is about a short prefix, as it is looked at in a flood; undefined if it says none. */
function isShort(bytes: Uint8Array, platform: BsdPlatform): boolean | undefined {
  const reader = new RouteReader(SYSTEMS[platform], new Uint8Array(bytes));
  try {
    if (!reader.begin(bytes.length).next()) return undefined;
    const { message } = reader;
    return message !== undefined && "route" in message ? reader.isShort(message.route, 4) : undefined;
  } catch (error) {
    if (error instanceof MalformedMessageError) return undefined;
    throw error;
  }
}

Deno.test("fuzz: a route that is looked at in a flood is short where its decoder says so", () => {
  const fixtures = PLATFORMS.map((platform) => readFixtures(`${platform}/routes.hex`).map(({ bytes }) => bytes));
  withSeed((random) => {
    let compared = 0;
    for (const _round of rounds()) {
      const at = random.below(PLATFORMS.length);
      const bytes = mutate(random, random.pick(fixtures[at]!));
      const [decoded] = decodeRoute(bytes, PLATFORMS[at]!);
      const short = isShort(bytes, PLATFORMS[at]!);
      if (decoded === undefined || !("prefixLength" in decoded) || short === undefined) continue;
      compared++;
      const isHost = (decoded.flags & C.RTF_HOST) !== 0;
      const known = typeof decoded.family === "string";
      if (known) assertEquals(short, !isHost && decoded.prefixLength <= 4, JSON.stringify(decoded));
      else if (isHost || decoded.family !== 0) assertEquals(short, false);
    }
    assert(compared > 100);
  });
});

Deno.test("fuzz: of random answers none ends the program, and none names an interface that is not there", () => {
  let random: Random;
  withSeed((seeded) => {
    random = seeded;
    const kernels = PLATFORMS.map((platform) => () =>
      answering(platform, (_request, right) => [mutate(random, right()), right({ errno: C.ESRCH })])
    );
    let left = 0;
    let kernel: ReturnType<typeof answering>["kernel"] | undefined;
    for (const _round of rounds()) {
      if (left-- === 0) {
        kernel?.[Symbol.dispose]();
        kernel = random.pick(kernels)().kernel;
        left = 500;
      }
      try {
        for (const one of route(random.pick(["203.0.113.9", "2001:db8::1"]))) assertEquals(one.name, "em0");
      } catch (error) {
        assert(error instanceof SystemError || error instanceof UnsupportedError, String(error));
      }
    }
    kernel?.[Symbol.dispose]();
  });
});
