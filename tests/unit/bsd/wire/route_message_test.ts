/** Messages about routes: what they decode to, on every system, and that no bytes are too bad. */
import { assert, assertEquals } from "@std/assert";
import { type BsdPlatform, decodeRoute } from "../../../../src/bsd.ts";
import * as C from "../../../../platforms/bsd/systems/common.ts";
import { SYSTEMS } from "../../../../platforms/bsd/systems/systems.ts";
import { RouteReader } from "../../../../platforms/bsd/wire/route.ts";
import { Builder, type BuiltRoute } from "../../../../src/fake/bsd/builder.ts";
import { readFixtures } from "../../../helpers/fixtures.ts";

type Loose = Readonly<Record<string, unknown>>;

const PLATFORMS = Object.keys(SYSTEMS) as BsdPlatform[];
const LAYOUTS = PLATFORMS.flatMap((platform) =>
  SYSTEMS[platform].layouts.map((_, version) => ({ platform, version, build: new Builder(SYSTEMS[platform], version) }))
);
const LINK = {
  index: 3,
  name: "em0",
  flags: 0x8843,
  linkState: 0,
  mtu: 1500,
  address: Uint8Array.of(2, 0, 0, 0, 0, 3),
};
const DEFAULT: BuiltRoute = { ip: [0, 0, 0, 0], prefixLength: 0, flags: 0x843, index: 3, gateway: [192, 0, 2, 1] };

const first = (bytes: Uint8Array, platform: BsdPlatform): Loose => decodeRoute(bytes, platform)[0] as unknown as Loose;

for (const platform of PLATFORMS) {
  Deno.test(`route messages ${platform}: annotated bytes decode to what they say`, () => {
    const fixtures = readFixtures(`${platform}/routes.hex`);
    assert(fixtures.length >= 5);
    for (const { title, says, bytes } of fixtures) {
      const [one, ...more] = decodeRoute(bytes, platform) as unknown as Loose[];
      assertEquals(more.length, 0);
      for (const [field, value] of Object.entries(says)) {
        assertEquals(one![field], value ?? undefined, `${title}: ${field}`);
      }
    }
  });

  Deno.test(`route messages ${platform}: one that is torn anywhere is an error, or lacks no more than padding`, () => {
    for (const { bytes } of readFixtures(`${platform}/routes.hex`)) {
      for (let length = 1; length < bytes.length; length++) {
        const cut = bytes.slice(0, length);
        assert("error" in first(cut, platform), `${length} bytes`);
        if (length < 4) continue;
        new DataView(cut.buffer).setUint16(0, length, true); // a length that fits, and a message that does not
        assert("error" in first(cut, platform) || length > bytes.length - 8, `${length} of ${bytes.length} bytes`);
      }
    }
  });
}

for (const { platform, version, build } of LAYOUTS) {
  Deno.test(`route messages ${platform}: those of layout ${version} decode to what they were built from`, () => {
    const answer = build.route("RTM_GET", { ...DEFAULT, link: LINK, ifa: [192, 0, 2, 2], pid: 9, seq: -5, errno: 0 });
    assertEquals(first(answer, platform), {
      message: "RTM_GET",
      family: "inet",
      destination: "0.0.0.0",
      prefixLength: 0,
      index: 3,
      gateway: "192.0.2.1",
      source: "192.0.2.2",
      flags: 0x843,
      table: platform === "openbsd" ? 0 : undefined,
      pid: 9,
      seq: 0xfffffffb,
      errno: 0,
    });
    for (const prefixLength of [0, 1, 4, 7, 8, 9, 31, 32]) {
      const bytes = build.route("RTM_ADD", { ...DEFAULT, ip: [10, 0, 0, 0], prefixLength });
      assertEquals(first(bytes, platform).prefixLength, prefixLength);
    }
    const host = build.route("RTM_DELETE", { ...DEFAULT, ip: [10, 0, 0, 9], prefixLength: 32, flags: C.RTF_HOST });
    assertEquals([first(host, platform).prefixLength, first(host, platform).gateway], [32, undefined]);
  });

  Deno.test(`route messages ${platform}: which prefixes of layout ${version} are short`, () => {
    const isShort = (route: Partial<BuiltRoute>): boolean => {
      const reader = new RouteReader(SYSTEMS[platform], build.route("RTM_ADD", { ...DEFAULT, ...route }));
      assert(reader.begin(reader.u8.length).next());
      const { message } = reader;
      assert(message !== undefined && "route" in message);
      return reader.isShort(message.route, 4);
    };
    const ip6 = new Array<number>(16).fill(0);
    assertEquals([isShort({}), isShort({ ip: ip6 })], [true, true]);
    assertEquals([isShort({ ip: [128, 0, 0, 0], prefixLength: 1 }), isShort({ prefixLength: 1 })], [true, true]);
    assertEquals([isShort({ ip: [0x20, ...ip6.slice(1)], prefixLength: 4 }), isShort({ prefixLength: 5 })], [
      true,
      false,
    ]);
    assertEquals([isShort({ ip: [10, 0, 0, 0], prefixLength: 8 }), isShort({ ip: ip6, prefixLength: 96 })], [
      false,
      false,
    ]);
    assertEquals([isShort({ prefixLength: 32, flags: C.RTF_HOST }), isShort({ ip: ip6, prefixLength: 5 })], [
      false,
      false,
    ]);
  });
}

/** The answer of netbsd/routes.hex that is the default, changed. */
function changed(change: (bytes: Uint8Array<ArrayBuffer>, view: DataView) => void): Uint8Array<ArrayBuffer> {
  const fixtures = readFixtures("netbsd/routes.hex");
  const bytes = fixtures.find(({ says }) => says.message === "RTM_GET" && says.errno === 0)!.bytes.slice();
  change(bytes, new DataView(bytes.buffer));
  return bytes;
}

Deno.test("route messages: the interface is in the header, or in the link-level address if not there", () => {
  assertEquals(first(changed((_, view) => view.setUint16(4, 0, true)), "netbsd").index, 3);
  assertEquals(first(changed((_, view) => view.setUint16(4, 9, true)), "netbsd").index, 9);
});

Deno.test("route messages: without a mask, nothing but zeros is the default, and all else a host", () => {
  const bare = (a: number): Loose =>
    first(
      changed((bytes, view) => {
        view.setInt32(12, 1 | 2, true); // RTA_DST, RTA_GATEWAY
        bytes[120 + 4] = a;
      }),
      "netbsd",
    );
  assertEquals([bare(0).prefixLength, bare(10).prefixLength], [0, 32]);
});

Deno.test("route messages: a network of another family is told by its number, and one without a family has none", () => {
  const family = (length: number, number: number): Loose =>
    first(changed((bytes) => bytes.set([length, number], 120)), "netbsd");
  assertEquals([family(16, 33).family, family(16, 33).destination], [33, undefined]); // MPLS
  assertEquals([family(0, 2).family, family(1, 2).family], [0, 0]);
  assertEquals(family(7, 2).error, "Cannot decode routing message: an IP address of 7 bytes");
});

Deno.test("route messages: OpenBSD's header may say any length, and the walk stays inside the message", () => {
  const whole = readFixtures("openbsd/routes.hex")[0]!.bytes;
  for (const size of [0, 1, 40, 95, 97, 0x8000, 0xffff]) {
    const bytes = whole.slice();
    new DataView(bytes.buffer).setUint16(4, size, true);
    const decoded = decodeRoute(bytes, "openbsd");
    assertEquals(decoded.length, 1);
    if (size > whole.length) assert("error" in decoded[0]!);
  }
});

Deno.test("route messages: every name that a message may have is that of a number of some system", async () => {
  const url = new URL("../../../../src/cli/json/schema.json", import.meta.url);
  const { definitions } = JSON.parse(await Deno.readTextFile(url));
  const named = new Set(
    PLATFORMS.flatMap((platform) =>
      Array.from({ length: 256 }, (_, type) => decodeRoute(headOf(platform, type), platform)[0])
        .map((one) => one !== undefined && "of" in one ? one.of : one?.message)
    ),
  );
  const names: string[] = [
    ...definitions.OtherName.enum,
    ...definitions.RouteName.enum,
    ...definitions.OtherRouteName.anyOf[0].enum,
  ];
  assert(names.includes("RTM_MISS") && names.includes("RTM_GET"));
  assertEquals(names.filter((name) => !named.has(name)), []);
});

Deno.test("route messages openbsd: RTM_SOURCE has its name", () => {
  assertEquals(decodeRoute(headOf("openbsd", 0x16), "openbsd"), [{ message: "RTM_SOURCE" }]);
});

/** A message that is nothing but its head. */
function headOf(platform: BsdPlatform, type: number): Uint8Array {
  return Uint8Array.of(4, 0, SYSTEMS[platform].layouts[0]!.versions[0]!, type);
}
