/** Media in words, by each system's if_media.h. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { get, inspect, watch } from "../../../../mod.ts";
import { FakeSystem } from "../../../../src/testing.ts";
import { mediaHardware, mediaText, MediaWords } from "../../../../platforms/bsd/systems/media.ts";
import { SYSTEMS } from "../../../../platforms/bsd/systems/systems.ts";
import type { BsdPlatform } from "../../../../platforms/contract/platform.ts";
import { BORN } from "../../../helpers/bsd/kernel.ts";
import { FakeLibc } from "../../../helpers/bsd/libc.ts";
import { runHere } from "../../../helpers/cli/in_process.ts";
import { compiled } from "../../../helpers/compile.ts";

const PLATFORMS = Object.keys(SYSTEMS) as BsdPlatform[];
const printed = Deno.build.os === "linux" ? compiled("bsd/media.c") : undefined;

Deno.test({
  name: "media: words that a C compiler makes of each header's constants are named as its ifconfig does",
  ignore: printed === undefined,
  fn: () => {
    const seen = new Set<string>();
    for (const line of printed!.trim().split("\n")) {
      const [, platform, word, text] = /^(\w+) (\d+) (.*)$/.exec(line)!;
      assertEquals(mediaText(SYSTEMS[platform as BsdPlatform].mediaWords(), BigInt(word!)), text, line);
      seen.add(platform!);
    }
    assertEquals([...seen].sort(), [...PLATFORMS].sort());
  },
});
if (printed === undefined) console.error("SKIPPED: no C compiler, so media are not held against one");

/** A generator of numbers that are the same in each run (xorshift32). */
function random(seed: number): () => number {
  return () => {
    seed ^= seed << 13;
    seed ^= seed >>> 17;
    seed ^= seed << 5;
    return seed >>> 0;
  };
}

for (const platform of PLATFORMS) {
  const { mediaWords: words, media: { size, active } } = SYSTEMS[platform];
  const mediaWords = words();

  Deno.test(`media ${platform}: any word has a text of one line, and no two have the same`, () => {
    const next = random(0x5eed);
    const words = new Map<string, bigint>();
    const width = mediaWords.wide ? 64n : 32n;
    const hold = (word: bigint): void => {
      const text = mediaText(mediaWords, word);
      assert(/^[ -~]+$/.test(text), text);
      assert((words.get(text) ?? word) === word, `${text}: 0x${word.toString(16)}, 0x${words.get(text)?.toString(16)}`);
      words.set(text, word);
    };
    for (let i = 0; i < 3000; i++) {
      const word = BigInt.asUintN(Number(width), BigInt(next()) << 32n | BigInt(next()));
      hold(word);
      for (let bit = 0n; bit < width; bit += 5n) hold(word ^ (1n << bit));
    }
    for (let low = 0n; low < 0x10000n; low += 1n) hold(low);
    for (let bit = 0n; bit < width; bit += 1n) hold(1n << bit);
  });

  Deno.test(`media ${platform}: a subtype of Ethernet that has a name has a speed, unless it says none`, () => {
    const mute = ["Unknown", "Other"];
    for (const [number, name] of Object.entries(mediaWords.types[1]!.subtypes)) {
      const extended = mediaWords.types[1]!.extended;
      const low = BigInt(number) & (1n << BigInt(mediaWords.subtype[1])) - 1n;
      const high = BigInt(number) >> BigInt(mediaWords.subtype[1]);
      const word = low | high << BigInt(extended?.[0] ?? 0) | 1n << BigInt(mediaWords.type[0]);
      assertEquals(mediaText(mediaWords, word), name);
      const { speed, duplex } = mediaHardware(mediaWords, { active: Number(word), link: true, text: name });
      assertEquals([speed === undefined, duplex], [mute.includes(name), undefined], `${name}: ${speed}`);
      assert(speed === undefined || [1, 10, 100, 1000].includes(speed) || speed % 500 === 0, `${name}: ${speed}`);
    }
  });

  Deno.test(`media ${platform}: a text is made once for as long as the word stays`, () => {
    const request = new DataView(new ArrayBuffer(size));
    const words = new MediaWords(mediaWords);
    request.setUint32(active, mediaWords.wide ? 0x110 : 0x30, true);
    const { text } = words.read(request, active, true);
    assertEquals([text, words.text(mediaWords.wide ? 0x110 : 0x30)], [
      platform === "dragonfly" ? "1000baseCX" : "1000baseT",
      text,
    ]);
    for (let i = 0; i < 1000; i++) assertEquals(words.text(i), mediaText(mediaWords, BigInt(i)));
  });
}

Deno.test("media: what the name of a subtype tells of speed and connector", () => {
  const told = (platform: BsdPlatform, active: number) => {
    const { speed, duplex, port, link } = mediaHardware(SYSTEMS[platform].mediaWords(), {
      active,
      link: true,
      text: "",
    });
    return [speed, duplex, port, link];
  };
  assertEquals(told("freebsd", 0x100030), [1000, "full", "tp", true]); // 1000baseT
  assertEquals(told("freebsd", 0x200026), [100, "half", "tp", true]); // 100baseTX
  assertEquals(told("freebsd", 0x23), [10, undefined, "tp", true]); // 10baseT/UTP
  assertEquals(told("freebsd", 0x24), [10, undefined, "bnc", true]); // 10base2/BNC
  assertEquals(told("freebsd", 0x25), [10, undefined, "aui", true]); // 10base5/AUI
  assertEquals(told("freebsd", 0x100033), [10000, "full", "fibre", true]); // 10Gbase-SR
  assertEquals(told("freebsd", 0x100036), [10000, "full", "da", true]); // 10Gbase-Twinax
  assertEquals(told("freebsd", 0x10082f), [100000, "full", "da", true]); // 100GBase-CR4
  assertEquals(told("freebsd", 0x827), [50000, undefined, undefined, true]); // PCIExpress-50G
  assertEquals(told("netbsd", 0x10003d), [2500, "full", "tp", true]); // 2.5GBASE-T
  assertEquals(told("openbsd", 0x10000000117), [10000, "full", "da", true]); // 10GSFP+Cu
  assertEquals(told("netbsd", 0x20), [undefined, undefined, undefined, true]); // autoselect
  assertEquals(told("netbsd", 0x30091), [undefined, undefined, undefined, true]); // wireless: its rate is no speed
});

Deno.test("media openbsd: the options above the 32nd bit are told, and a change of them alone", async () => {
  using time = new FakeTime();
  using libc = new FakeLibc("openbsd", { detectsOverflow: true });
  const { kernel } = libc;
  kernel.create("em0", { flags: BORN | 0x41, linkState: 4 });
  kernel.mediaOf.set("em0", { active: 0x10000000110, link: true });
  assertEquals(get("em0")?.media, { active: 0x10000000110, link: true, text: "1000baseT full-duplex" });
  await using watcher = watch({ poll: 1000 });
  kernel.mediaOf.set("em0", { active: 0x20000000110, link: true });
  const changed = watcher.next();
  await time.tickAsync(1000);
  assertEquals((await changed).value?.status.media?.text, "1000baseT half-duplex");
  libc.instance = 1; // of a word that no number holds whole
  const other = watcher.next();
  await time.tickAsync(1000);
  const { changed: fields, status: { media } } = (await other).value!;
  assertEquals([fields, media], [["media"], {
    active: 0x20000000110,
    link: true,
    text: "1000baseT half-duplex instance 1",
  }]);
});

Deno.test("media: show, explain and watch say it in words, and the hardware by it", async () => {
  using system = new FakeSystem({ platform: "freebsd" });
  system.set({ name: "em0", flags: 0x8843, linkState: "up", media: { active: 0x100030, link: true } });
  const say = async (...args: string[]) => (await runHere(args)).stdout;
  assertStringIncludes(await say("show", "em0"), "medium             1000baseT full-duplex (0x100030)\n");
  assertStringIncludes(await say("show", "em0"), "connector          tp\n");
  assertStringIncludes(
    await say("explain", "em0", "--verbose"),
    "medium             1000baseT full-duplex (0x100030), link yes\n",
  );
  const { hardware, causes } = inspect("em0")!;
  assertEquals([hardware?.speed, hardware?.duplex, hardware?.link, causes], [1000, "full", true, []]);
  system.set({ name: "em0", linkState: "down", media: { active: 0x20, link: false } });
  assertStringIncludes(await say("show", "em0"), "medium             autoselect, no carrier (0x20)\n");
  assertStringIncludes(await say("explain", "em0"), "its medium says so: autoselect");
  assertEquals(inspect("em0")?.causes.map(({ code }) => code), ["no-carrier"]);
  system.set({ name: "lo0", type: "loopback", flags: 0x8049 });
  assertEquals(inspect("lo0")?.hardware, undefined);
  assertEquals(inspect("none0"), undefined);
  const station = { type: "station", ssid: undefined, ssidHex: undefined, frequency: undefined };
  system.set({ name: "wlan0", flags: 0x8843, wireless: station, media: { active: 0x80, link: false } });
  assertEquals(inspect("wlan0")?.causes.map(({ code }) => code), ["not-associated"]);
});

Deno.test("media: a change is told in words", async () => {
  using system = new FakeSystem({ platform: "netbsd" });
  system.set({ name: "wm0", flags: 0x8843, linkState: "up", media: { active: 0x100026, link: true } });
  const running = runHere(["watch", "wm0", "--count", "2"]);
  while (system.subscriptions === 0) await new Promise((resolve) => setImmediate(resolve));
  system.set({ name: "wm0", hardwareAddress: "02:00:00:00:00:09", media: { active: 0x100030, link: true } });
  for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve));
  system.set({ name: "wm0", linkState: "down", media: { active: 0x20, link: false } });
  const { stdout } = await running;
  assertStringIncludes(stdout, "media 100baseTX full-duplex -> 1000baseT full-duplex");
  assertStringIncludes(stdout, "media 1000baseT full-duplex -> autoselect, no carrier");
});
