import { assert, assertEquals, assertThrows } from "@std/assert";
import { InvalidInputError } from "../../../../mod.ts";
import { bsdConnected, type BsdPlatform, decodeRoute } from "../../../../src/bsd.ts";
import { SYSTEMS } from "../../../../platforms/bsd/systems/systems.ts";
import { decodeFreebsdNetlink } from "../../../../src/bsd.ts";
import { Builder } from "../../../../src/fake/bsd/builder.ts";
import { readFixtures } from "../../../helpers/fixtures.ts";

type Loose = Readonly<Record<string, unknown>>;

function assertSays(got: Loose, says: Loose): void {
  for (const [field, value] of Object.entries(says)) {
    if (field === "addresses") {
      const [want] = value as Loose[];
      const [address] = got.addresses as Loose[];
      for (const [part, expected] of Object.entries(want!)) assertEquals(address?.[part], expected, part);
    } else assertEquals(got[field], value ?? undefined, field);
  }
}

/** The captured messages, by the kernel that sent them: the first file of each is of NetBSD 7 and of FreeBSD 15. */
const CAPTURED = {
  netbsd: ["messages", "messages-8", "messages-10"],
  freebsd: ["messages", "messages-12", "messages-14", "messages-15"],
} as const;

for (const platform of ["netbsd", "freebsd"] as const) {
  for (const file of CAPTURED[platform]) {
    Deno.test(`route ${platform}: every captured message of ${file} decodes to what it says`, () => {
      const fixtures = readFixtures(`${platform}/${file}.hex`);
      assert(fixtures.length > 40);
      for (const { says, bytes } of fixtures) {
        const decoded = decodeRoute(bytes, platform) as unknown as Loose[];
        assertEquals(decoded.length, 1);
        assertSays(decoded[0]!, says);
      }
    });
  }

  Deno.test(`route ${platform}: every captured list decodes whole, with a name for each interface`, () => {
    for (const { says, bytes } of readFixtures(`${platform}/lists.hex`)) {
      const decoded = decodeRoute(bytes, platform) as unknown as Loose[];
      assertEquals(decoded.length, says.messages);
      for (const one of decoded) {
        assertEquals(one.error, undefined);
        if (one.message === "RTM_IFINFO") assert(typeof one.name === "string" && one.name !== "");
      }
    }
  });
}

Deno.test("route freebsd: its netlink is read with its own numbers", () => {
  for (const { says, bytes } of readFixtures("freebsd/netlink.hex")) {
    assertSays(decodeFreebsdNetlink(bytes)[0] as unknown as Loose, says);
  }
});

const CASES = (Object.keys(SYSTEMS) as BsdPlatform[]).flatMap((platform) =>
  SYSTEMS[platform].layouts.map((_, version) => ({ platform, version, build: new Builder(SYSTEMS[platform], version) }))
);
const TAP = {
  index: 7,
  name: "tap7",
  flags: 0x8843,
  linkState: 0,
  mtu: 1400,
  address: Uint8Array.of(2, 0, 0, 0, 0, 7),
};
const ADDRESS = { ip: [10, 1, 2, 3], prefixLength: 20 } as const;

for (const { platform, version, build } of CASES) {
  Deno.test(`route ${platform}: messages of layout ${version} decode to what they were built from`, () => {
    const listed = decodeRoute(build.interface(TAP, true), platform)[0] as unknown as Loose;
    assertSays(listed, {
      message: "RTM_IFINFO",
      index: 7,
      name: "tap7",
      flags: 0x8843,
      mtu: 1400,
      type: "ether",
      hardwareAddress: "02:00:00:00:00:07",
      linkState: platform === "darwin" ? null : "unknown",
    });
    const live = decodeRoute(build.interface(TAP, false), platform)[0] as unknown as Loose;
    assertSays(live, { index: 7, name: null, flags: 0x8843 });
    for (const name of ["RTM_NEWADDR", "RTM_DELADDR"] as const) {
      const message = decodeRoute(build.address(name, TAP, ADDRESS, false), platform)[0] as unknown as Loose;
      assertSays(message, { message: name, index: 7, name: "tap7" });
      assertSays((message.addresses as Loose[])[0]!, {
        address: "10.1.2.3",
        prefixLength: 20,
        broadcast: "10.1.15.255",
      });
    }
    for (const prefixLength of [0, 1, 8, 9, 31, 32]) {
      const bytes = build.address("RTM_NEWADDR", TAP, { ...ADDRESS, prefixLength }, true);
      const [message] = decodeRoute(bytes, platform) as unknown as { addresses: Loose[] }[];
      assertEquals(message?.addresses[0]?.prefixLength, prefixLength);
    }
    const link = decodeRoute(build.hardwareAddress("RTM_NEWADDR", TAP), platform)[0] as unknown as Loose;
    assertSays(link, { index: 7, name: "tap7", hardwareAddress: "02:00:00:00:00:07" });
    assertEquals(link.addresses, []);
    const inet = decodeRoute(build.address("RTM_NEWADDR", TAP, ADDRESS, false), platform)[0] as unknown as Loose;
    assertEquals(inet.hardwareAddress, undefined); // the message names the interface, but not for that
    if (SYSTEMS[platform].announcements) {
      for (const [what, name] of [[0, "arrival"], [1, "departure"]] as const) {
        const bytes = build.announce(9, "sixteen-letters!", what); // fills its 16 bytes, without a NUL
        assertEquals(decodeRoute(bytes, platform), [
          { message: "RTM_IFANNOUNCE", index: 9, name: "sixteen-letters!", what: name },
        ]);
      }
    }
  });

  Deno.test(`route ${platform}: a message of layout ${version} that is torn anywhere is an error`, () => {
    for (const whole of [build.interface(TAP, true), build.address("RTM_NEWADDR", TAP, ADDRESS, false)]) {
      for (let length = 1; length < whole.length; length++) {
        const cut = whole.slice(0, length);
        assertEquals(decodeRoute(cut, platform).length, 1);
        assert("error" in decodeRoute(cut, platform)[0]!, `${length} bytes`);
        if (length < 4) continue;
        new DataView(cut.buffer).setUint16(0, length, true); // a length that fits, and a message that does not
        assertEquals(decodeRoute(cut, platform).length, 1);
      }
    }
  });
}

Deno.test("route: the sign that NetBSD extends is not part of the flags", () => {
  const build = new Builder(SYSTEMS.netbsd);
  const [message] = decodeRoute(build.interface({ ...TAP, flags: 0xffff8843 }, false), "netbsd") as unknown as Loose[];
  assertEquals(message?.flags, 0x8843);
});

Deno.test("route: OpenBSD has seven link states", () => {
  const build = new Builder(SYSTEMS.openbsd);
  const states = [0, 1, 2, 3, 4, 5, 6, 7].map((linkState) =>
    (decodeRoute(build.interface({ ...TAP, linkState }, false), "openbsd")[0] as unknown as Loose).linkState
  );
  assertEquals(states, ["unknown", "down", "down", "down", "up", "up", "up", undefined]);
});

Deno.test("route: a list whose layout does not fit is refused, not guessed at", () => {
  for (const { platform, build } of CASES) {
    const bytes = build.interface(TAP, true);
    const at = bytes.findIndex((byte, i) => i > 16 && byte === 18 && bytes[i + 1] === 7) + 1;
    bytes[at] = 8; // sdl_index is another interface's
    const [message] = decodeRoute(bytes, platform) as unknown as { error?: string }[];
    assert(message?.error?.includes("layout is not known"), `${platform}: ${message?.error}`);
  }
});

Deno.test("route: NetBSD's longer if_data, as a fork has it, is found where its address says", () => {
  const build = new Builder(SYSTEMS.netbsd);
  const short = build.interface(TAP, true);
  const long = new Uint8Array([...short.subarray(0, 152), ...new Uint8Array(16), ...short.subarray(152)]);
  new DataView(long.buffer).setUint16(0, long.length, true);
  assertEquals((decodeRoute(long, "netbsd")[0] as unknown as Loose).name, "tap7");
});

Deno.test("route: lengths that do not fit end the walk at once", () => {
  const good = new Builder(SYSTEMS.netbsd).announce(3, "tap0", 0);
  for (const length of [0, 1, 2, 3, 25, 0x1800, 0xffff]) { // 0x1800: 24 in the other byte order
    const bytes = good.slice();
    new DataView(bytes.buffer).setUint16(0, length, true);
    const decoded = decodeRoute(bytes, "netbsd");
    assertEquals(decoded.length, 1);
    assert("error" in decoded[0]!);
  }
  for (let length = 4; length < 24; length++) {
    const bytes = good.slice(0, length);
    new DataView(bytes.buffer).setUint16(0, length, true);
    assert("error" in decodeRoute(bytes, "netbsd")[0]!, `announcement of ${length} bytes`);
  }
});

Deno.test("route: socket addresses of every length stay within their message", () => {
  for (const { platform, build } of CASES) {
    const bytes = build.address("RTM_NEWADDR", TAP, ADDRESS, false);
    for (let at = 16; at < bytes.length; at++) {
      for (const value of [0, 1, 2, 3, 4, 7, 8, 20, 28, 200, 255]) {
        const changed = bytes.slice();
        changed[at] = value;
        const decoded = decodeRoute(changed, platform);
        assertEquals(decoded.length, 1);
        JSON.stringify(decoded);
      }
    }
  }
});

Deno.test("route: another version is told, and the next message is read", () => {
  const good = new Builder(SYSTEMS.netbsd).announce(3, "tap0", 0);
  const bad = good.slice();
  bad[2] = 9;
  const decoded = decodeRoute(new Uint8Array([...bad, ...good]), "netbsd") as unknown as Loose[];
  assertEquals(decoded.length, 2);
  assert(String(decoded[0]!.error).includes("version 9"));
  assertEquals(decoded[1]!.name, "tap0");
  assertThrows(() => decodeRoute(good, "plan9" as BsdPlatform), InvalidInputError, `"plan9"`);
});

Deno.test("route: connected on a BSD", () => {
  const running = 0x8843;
  const media = (link: boolean | undefined) => ({ active: 0, link });
  assertEquals(bsdConnected(0x8842, "ether", "up", undefined), false);
  assertEquals(bsdConnected(running, "ether", "up", undefined), true);
  assertEquals(bsdConnected(running, "ether", "down", undefined), false);
  assertEquals(bsdConnected(running, "ether", "unknown", undefined), true);
  assertEquals(bsdConnected(running, "ieee80211", "unknown", undefined), false);
  assertEquals(bsdConnected(running, "ether", "up", media(false)), false);
  assertEquals(bsdConnected(running, "ether", "up", media(undefined)), true);
  assertEquals(bsdConnected(running, "ether", undefined, undefined), undefined);
  assertEquals(bsdConnected(running, "ether", undefined, media(true)), true);
  assertEquals(bsdConnected(running, "loopback", undefined, undefined), true);
  assertEquals(bsdConnected(0x8803, "tunnel", undefined, undefined), false);
});
