/** Captures in their forms: bytes, hexadecimal, pcap and pcapng. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { LINUX } from "../../../../platforms/linux/system.ts";
import { decodeNetlink } from "../../../../src/linux.ts";
import { decodeRoute } from "../../../../src/bsd.ts";
import { decodeCapture, decodePacket } from "../../../../src/cli/capture/decode.ts";
import { formatOf } from "../../../../src/cli/capture/format.ts";
import { isoTime } from "../../../../src/cli/options/time.ts";
import { Framer } from "../../../../src/cli/capture/frames.ts";
import { Progress } from "../../../../src/cli/capture/progress.ts";
import { Source } from "../../../../src/cli/capture/source.ts";
import {
  decodeAll,
  inOneBuffer,
  inPieces,
  joined,
  LINUX_CAPTURE,
  nlmonFile,
  nlmonPackets,
  padded,
  pcapngOf,
  pcapOf,
  TIME,
} from "../../../helpers/cli/captures.ts";
import { linuxFixtures, readFixtures } from "../../../helpers/fixtures.ts";

const text = (written: string) => new TextEncoder().encode(written);
/** Five messages of Linux, as they are received. */
const MESSAGES = padded(linuxFixtures().slice(0, 5).map(({ bytes }) => bytes));
const DECODED = decodeNetlink(MESSAGES) as unknown[];

Deno.test("capture: no captured message is taken for a text or a file of packets", () => {
  const files = [
    "linux/nl80211.hex",
    "linux/details.hex",
    "linux/inventory.hex",
    "linux/ethtool.hex",
    "netbsd/messages.hex",
    "netbsd/lists.hex",
  ];
  const all = [...linuxFixtures(), ...[...files, "freebsd/messages.hex", "freebsd/lists.hex"].flatMap(readFixtures)];
  assert(all.length > 50);
  for (const { bytes, title } of all) assertEquals(formatOf(bytes), "binary", title);
  // Every length that a message can have, and every version of a routing socket.
  for (let length = 4; length < 0x10000; length++) {
    const low = [length & 0xff, length >> 8];
    assertEquals(formatOf(Uint8Array.of(...low, 0, 0)), "binary");
    for (let version = 3; version <= 7; version++) {
      assertEquals(formatOf(Uint8Array.of(...low, version, length & 0x1f)), "binary");
    }
  }
  for (let high = 0; high <= 0x10; high++) assertEquals(formatOf(Uint8Array.of(0x40, 0x40, high, 0)), "binary");
  assertEquals([formatOf(text("40 00")), formatOf(text("\n\n\n\n")), formatOf(text("\uFEFF40"))], [
    "hex",
    "hex",
    "hex",
  ]);
  assertEquals([formatOf(pcapOf([])), formatOf(pcapOf([], { little: false }))], ["pcap", "pcap"]);
  assertEquals([formatOf(pcapngOf([])), formatOf(pcapngOf([], { little: false }))], ["pcapng", "pcapng"]);
});

Deno.test("capture: bytes in pieces of any size decode as the whole does", async () => {
  for (const size of [1, 3, 7, 64, 1447, 1449, 5000, 1 << 20]) {
    assertEquals(await decodeAll(MESSAGES, LINUX_CAPTURE, size), DECODED as Record<string, unknown>[]);
    for (const cut of [1, 5, 17, 300]) {
      const torn = MESSAGES.subarray(0, -cut);
      assertEquals(
        await decodeAll(torn, LINUX_CAPTURE, size),
        decodeNetlink(torn) as unknown as Record<string, unknown>[],
      );
    }
  }
  const route = joined(readFixtures("netbsd/messages.hex").slice(0, 5).map(({ bytes }) => bytes));
  const decode = (bytes: Uint8Array) => decodeRoute(bytes, "netbsd");
  const captured = { ...LINUX_CAPTURE, framing: "route", decode } as const;
  for (const size of [1, 5, 100]) {
    assertEquals(await decodeAll(route, captured, size), decode(route) as unknown as Record<string, unknown>[]);
  }
  assertEquals(await decodeAll(new Uint8Array(0)), []);
});

Deno.test("capture: what is no message is told with its place, and all behind it is counted, not kept", async () => {
  const noise = new Uint8Array(3 << 20).fill(7);
  const whole = joined([MESSAGES, noise]);
  const told = await decodeAll(whole, LINUX_CAPTURE, 1 << 16);
  assertEquals(told, decodeNetlink(whole) as unknown as Record<string, unknown>[]);
  assertEquals(
    told.at(-1)?.error,
    `Cannot decode netlink message at byte ${MESSAGES.length}: length 117901063 with ${noise.length} bytes left`,
  );
  const framer = new Framer("netlink");
  framer.push(whole);
  assert(framer.end()!.bytes.length <= 1 << 20);
  // A torn attribute in a piece that is not the first.
  const broken = MESSAGES.slice();
  broken[MESSAGES.length - 4] = 99;
  assertEquals(
    await decodeAll(broken, LINUX_CAPTURE, 64),
    decodeNetlink(broken) as unknown as Record<string, unknown>[],
  );
});

const PLAIN = MESSAGES.toHex();
const WRITTEN: Record<string, string> = {
  "one line": PLAIN,
  "lines": PLAIN.replace(/(.{60})/g, "$1\n"),
  "pairs": PLAIN.replace(/(..)/g, "$1 "),
  "colons": PLAIN.replace(/(..)(?=.)/g, "$1:"),
  "words": PLAIN.toUpperCase().replace(/(.{8})/g, "$1\r\n"),
  "0x": PLAIN.replace(/(..)/g, "0x$1, "),
  "comments": `# a message\n${PLAIN.replace(/(.{32})/g, "$1 # and more\n")}`,
  "with a mark": `\uFEFF${PLAIN}`,
};

for (const [name, written] of Object.entries(WRITTEN)) {
  Deno.test(`capture: hexadecimal as ${name}`, async () => {
    for (const size of [1 << 20, 1000, 1]) {
      assertEquals(
        await decodeAll(text(written), LINUX_CAPTURE, size),
        DECODED as Record<string, unknown>[],
        `${size}`,
      );
    }
    assertEquals((await decodeAll(text(written), { ...LINUX_CAPTURE, format: "hex" })).length, 5);
  });
}

/** The error of a text that is no hexadecimal: the last element, behind what stands before it. */
async function whyNot(written: string): Promise<string> {
  return String((await decodeAll(text(written))).at(-1)?.error);
}

Deno.test("capture: what is no hexadecimal is told with its line, behind what stands before it", async () => {
  assertStringIncludes(await whyNot("40 00\n4g"), `line 2: "g"`);
  assertStringIncludes(await whyNot("40 000 1"), "line 1: an odd number of digits");
  assertStringIncludes(await whyNot("40 0"), "line 1: an odd number of digits");
  assertStringIncludes(await whyNot("hello there\n40 00\n"), `line 1: "h"`);
  const told = await decodeAll(text(`${PLAIN}\nand so on\n`));
  assertEquals([told.length, told.slice(0, 5)], [6, DECODED as Record<string, unknown>[]]);
  assertStringIncludes(String(told[5]!.error), "line 2");
});

Deno.test("capture: a dump with offsets is refused, and never read as if they were bytes", async () => {
  const [first, second] = [PLAIN.slice(0, 32), PLAIN.slice(32, 64)].map((row) => row.replace(/(.{4})/g, "$1 "));
  for (
    const written of [
      `00000000: ${first} ....\n00000010: ${second} ....\n`, // xxd
      `00000000: ${first}\n00000010: ${second}\n`,
      `00000000  ${first}\n00000010  ${second}\n`, // hexdump -C
      `0000000 ${first}\n0000020 ${second}\n`, // od, hexdump
      `\t0x0000:  ${first}\n\t0x0010:  ${second}\n`, // tcpdump -x
      "0000000\n",
    ]
  ) {
    const told = await decodeAll(text(written));
    assertEquals(told.length, 1, written);
    assertStringIncludes(String(told[0]!.error), "begins with an offset");
    assertStringIncludes(String(told[0]!.error), "xxd -p");
  }
});

Deno.test("capture: short words with 0x are bytes", async () => {
  assertEquals(
    await decodeAll(text("0x10 0x0 0x0000 0x3 0x0 0x0000 0x00000000 0x00000000")),
    decodeNetlink(
      Uint8Array.of(16, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
    ) as unknown as Record<string, unknown>[],
  );
});

/** What the messages of packets say: the fields that the fixture names. */
function assertSays(told: readonly Record<string, unknown>[]): void {
  const expected = nlmonPackets().map(({ says }) => says);
  const named = told.map((message, i) =>
    Object.fromEntries(Object.keys(expected[i] ?? message).map((field) => [field, message[field]]))
  );
  assertEquals(named, [...expected]);
}

Deno.test("capture: what tcpdump wrote of nlmon", async () => {
  const file = nlmonFile();
  for (const size of [1, 33, file.length]) {
    const told = await decodeAll(file, LINUX_CAPTURE, size);
    assertSays(told);
    assert(told.every(({ time }) => typeof time === "string" && new Date(time).getUTCFullYear() === 2026));
  }
});

Deno.test("capture: pcap and pcapng, in both byte orders, with microseconds and nanoseconds", async () => {
  const packets = nlmonPackets().map(({ packet }) => packet);
  for (const little of [true, false]) {
    for (const nanoseconds of [true, false]) {
      const told = await decodeAll(pcapOf(packets, { little, nanoseconds }), LINUX_CAPTURE, 100);
      assertSays(told);
      assert(told.every(({ time }) => time === isoTime(TIME)));
      const block = await decodeAll(pcapngOf(packets, { little, nanoseconds }), LINUX_CAPTURE, 100);
      const simple = block.pop()!; // the first packet again, in a block without a time
      assertEquals([simple.message, simple.time], ["nlctrl", undefined]);
      assertSays(block);
      assert(block.every(({ time }) => time === isoTime(TIME)), `${block[0]?.time}`);
    }
  }
});

Deno.test("capture: a file of packets in hexadecimal", async () => {
  const packets = nlmonPackets().map(({ packet }) => packet);
  for (const file of [nlmonFile(), pcapOf(packets, { little: false }), pcapngOf(packets)]) {
    const whole = await decodeAll(file);
    for (const written of [file.toHex(), file.toHex().replace(/(..)/g, "$1 ").slice(0, -1)]) {
      for (const size of [1, 500, written.length]) {
        assertEquals(await decodeAll(text(written), LINUX_CAPTURE, size), whole);
      }
    }
  }
});

Deno.test("capture: a family that the capture does not name is told as its number, or taken for the one asked for", async () => {
  const packets = nlmonPackets().map(({ packet }) => packet);
  const unnamed = pcapOf(packets.slice(2, 4));
  const [asked, answer] = await decodeAll(unnamed);
  assertEquals([asked?.message, asked?.request], ["generic netlink family 23, which the capture does not name", true]);
  assertEquals([answer?.message, answer?.error], [asked?.message, undefined]);
  const packetsOf = () => LINUX.packets!("nl80211");
  const named = await decodeAll(unnamed, { ...LINUX_CAPTURE, packets: packetsOf });
  assertEquals(named.map(({ message }) => message), [5, "NL80211_CMD_NEW_INTERFACE"]);
  const other = packets[6]!.slice();
  other[15] = 12;
  assertEquals((await decodeAll(pcapOf([other])))[0]?.message, "NETLINK_NETFILTER");
  other[15] = 99;
  assertEquals((await decodeAll(pcapOf([other])))[0]?.message, "netlink family 99");
});

Deno.test("capture: a torn or foreign file of packets is told with its place", async () => {
  const packets = nlmonPackets().map(({ packet }) => packet);
  const errors = async (bytes: Uint8Array, format?: "pcap") => {
    const told = await decodeAll(bytes, { ...LINUX_CAPTURE, format });
    return told.flatMap(({ error }) => error === undefined ? [] : [String(error)]);
  };
  const file = pcapOf(packets.slice(0, 2));
  for (let length = 4; length < file.length; length += 1) {
    const [error, ...more] = await errors(file.subarray(0, length));
    const whole = length === 24 || length === 24 + 16 + packets[0]!.length;
    assertEquals([error?.startsWith("Cannot read capture at byte ") ?? true, error === undefined, more], [
      true,
      whole,
      [],
    ]);
  }
  const blocks = pcapngOf(packets.slice(0, 1));
  for (let length = 5; length < blocks.length; length += 3) {
    const told = await errors(blocks.subarray(0, length));
    assert(told.length <= 1 && (told[0] ?? "Cannot read capture").startsWith("Cannot read capture"), told[0]);
  }
  assertStringIncludes((await errors(pcapOf(packets, { linkType: 1 })))[0]!, "link type 1 is not netlink's (253)");
  assertStringIncludes((await errors(MESSAGES, "pcap"))[0]!, "neither a pcap nor a pcapng");
  assertStringIncludes((await errors(pcapOf([new Uint8Array(20)])))[0]!, "at byte 40: no netlink header");
  const [short] = await errors(pcapOf([packets[6]!], { snapLength: 100 }));
  assertStringIncludes(
    short!,
    `at byte 56: length ${packets[6]!.length - 16} with 84 bytes left (the capture kept 100 of`,
  );
  const swapped = packets[6]!.slice();
  swapped.subarray(16, 20).reverse();
  assertStringIncludes((await errors(pcapOf([swapped])))[0]!, "other byte order");
  const huge = pcapOf([packets[0]!]);
  new DataView(huge.buffer).setUint32(32, 0x7fffffff, true);
  assertStringIncludes((await errors(huge))[0]!, "none is so long");
  const endless = pcapngOf([]);
  new DataView(endless.buffer).setUint32(4, 8, true);
  assertStringIncludes((await errors(endless))[0]!, "a block of 8 bytes");
});

Deno.test("capture: a piece is done with before the next one is read", async () => {
  const texts = [MESSAGES.toHex(), "0x" + MESSAGES.toHex().replace(/(..)(?=.)/g, "$1 0x")].map(text);
  for (const bytes of [MESSAGES, nlmonFile(), ...texts]) {
    const whole = await decodeAll(bytes);
    for (const size of [1, 7, 1000]) {
      const told: unknown[] = [];
      for await (const some of decodeCapture(new Source(inOneBuffer(bytes, size)), LINUX_CAPTURE)) told.push(...some);
      assertEquals(told, whole);
    }
  }
});

Deno.test("capture: a time that no date has is left out", async () => {
  const [packet] = nlmonPackets().map(({ packet }) => packet);
  for (const time of [NaN, Infinity, -1, 8.64e15, 8.64e15 + 1, 2 ** 63, Date.UTC(10000, 0, 1)]) {
    const captured = { bytes: packet!, offset: 0, linkType: 253, length: packet!.length, time };
    const [told] = decodePacket(captured, LINUX_CAPTURE.packets());
    assertEquals(Object.hasOwn(told!, "time"), false, `${time}`);
  }
  // The highest count of a pcapng file, in seconds, in 2^-127 seconds and in 10^-127.
  for (const resolution of [0, 0xff, 0x7f]) {
    const file = pcapngOf([packet!], { nanoseconds: true });
    file.set([resolution], file.findIndex((_, i) => file[i] === 9 && file[i + 2] === 1 && file[i + 4] === 9) + 4);
    const enhanced = file.findLastIndex((_, i) => file[i] === 6 && file[i + 1] === 0 && file[i + 2] === 0);
    file.fill(0xff, enhanced + 12, enhanced + 20);
    const [told, ...more] = await decodeAll(file);
    assertEquals([told?.message, more.length], ["nlctrl", 1]);
    assertEquals(/NaN/.test(JSON.stringify(told)), false);
    assertEquals(Object.hasOwn(told!, "time"), resolution !== 0);
  }
});

Deno.test("capture: a source gives bytes by number, whatever comes", async () => {
  const bytes = Uint8Array.from({ length: 1000 }, (_, i) => i & 0xff);
  const source = new Source(inPieces(bytes, 7));
  assertEquals(await source.fill(10) >= 10, true);
  assertEquals([...source.take(10)], [...bytes.subarray(0, 10)]);
  assertEquals([await source.skip(100), source.offset], [100, 110]);
  assertEquals([await source.fill(5000), source.peek(3)], [890, bytes.subarray(110, 113)]);
  assertEquals([await source.skip(5000), source.ready, source.offset], [890, 0, 1000]);
});

Deno.test("capture: progress is told after a second, four times a second, and taken away", () => {
  let [now, told] = [0, ""];
  {
    using progress = new Progress({ now: () => now, write: (written) => void (told += written) }, 2e6);
    for (; now <= 1500; now += 10) progress.at(now * 1000);
    assertEquals([...told.matchAll(/netflags: [^\r]*/g)].map(([line]) => line), [
      "netflags: 1.0 MB read (50%)",
      "netflags: 1.3 MB read (62%)",
      "netflags: 1.5 MB read (75%)",
    ]);
  }
  assert(told.endsWith("\r\x1b[K"));
  told = "";
  using silent = new Progress({ now: () => 0, write: (written) => void (told += written) }, undefined);
  silent.at(5);
  assertEquals(told, "");
});
