/** The fake system of a BSD: what it tells comes through the bytes, questions and silences of that BSD's kernel. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import {
  capabilities,
  get,
  type InterfaceAddress,
  type InterfaceEvent,
  type InterfaceStatus,
  type InterfaceWatcher,
  InvalidInputError,
  list,
  NoSuchInterfaceError,
  setFlags,
  UnsupportedError,
  watch,
} from "../../../mod.ts";
import { SYSTEMS } from "../../../platforms/bsd/systems/systems.ts";
import type { BsdPlatform } from "../../../platforms/contract/platform.ts";
import { type FakeInterface, fakeStatus, FakeSystem } from "../../../src/testing.ts";
import { BORN, FakeKernel } from "../../helpers/bsd/kernel.ts";
import { ADDRESS } from "../../helpers/made_up.ts";

const PLATFORMS = Object.keys(SYSTEMS) as BsdPlatform[];
const UP_RUNNING = BORN | 0x41;
const LINK_UP = { netbsd: 2, freebsd: 2, openbsd: 4, dragonfly: 2, darwin: 0 } as const;
/** The longest time in which a comparison finds what nobody told: after an event, or by poll. */
const COMPARED = 1000;

const IPV6: InterfaceAddress = { ...ADDRESS, family: "inet6", address: "fe80::1:2", prefixLength: 64 };

async function next(watcher: InterfaceWatcher): Promise<InterfaceEvent> {
  const { done, value } = await watcher.next();
  assert(!done);
  return value;
}

async function settle(): Promise<void> {
  for (let i = 0; i < 60; i++) await Promise.resolve();
}

function told({ type, changed, resync, status }: InterfaceEvent): string {
  const { name, index, flags, linkState, mtu, connected } = status;
  const addresses = status.addresses?.map(({ address, prefixLength, broadcast }) =>
    `${address}/${prefixLength} ${broadcast}`
  );
  return [
    type,
    name,
    index,
    `0x${flags.toString(16)}`,
    linkState,
    mtu,
    connected,
    addresses?.join("; "),
    changed.join(),
    resync ? "resync" : "",
  ].join(" ");
}

/** Everything that a watcher is told, one event as it happens, of steps that are done one after the other. */
async function tellings(steps: readonly (() => void)[], time: number, each = 0): Promise<string[]> {
  using clock = new FakeTime();
  const watcher = watch({ addresses: true, poll: 0 });
  const events: string[] = [];
  const reading = (async () => {
    for await (const event of watcher) events.push(told(event));
  })();
  await settle();
  for (const step of steps) {
    step();
    await settle();
    if (each > 0) await clock.tickAsync(each);
    events.push("-");
  }
  await clock.tickAsync(time);
  watcher.close();
  await reading;
  return events;
}

for (const platform of PLATFORMS) {
  const announces = platform !== "darwin";

  Deno.test(`fake ${platform}: it tells of each step what the bare kernel tells`, async () => {
    const card = "02:00:00:00:00:01";
    const ip = [10, 0, 0, 1];
    const none: InterfaceStatus["addresses"] = [];
    for (const each of [0, COMPARED]) {
      const bare = await (async () => {
        using kernel = new FakeKernel(platform, { detectsOverflow: true });
        kernel.create("lo0", { type: 24, flags: 0x8049, mtu: 33624 });
        return await tellings(
          [
            () => kernel.create("tap0", { address: Uint8Array.of(2, 0, 0, 0, 0, 1) }),
            () => kernel.up("tap0"),
            () => announces && kernel.link("tap0", LINK_UP[platform]),
            () => kernel.addAddress("tap0", { ip, prefixLength: 24 }),
            () => kernel.changeFlags("tap0", kernel.of("tap0").flags | 0x80),
            () => void (kernel.of("tap0").mtu = 1400, platform !== "netbsd" && kernel.tell("tap0")),
            () => kernel.removeAddress("tap0", { ip, prefixLength: 24 }),
            () => kernel.down("tap0"),
            () => kernel.destroy("tap0"),
            () => kernel.create("tap1", { address: Uint8Array.of(2, 0, 0, 0, 0, 1) }),
          ],
          COMPARED,
          each,
        );
      })();
      using system = new FakeSystem({ platform, overflowDetection: true });
      system.set({ name: "lo0", type: "loopback", flags: 0x8049, mtu: 33624, hardwareAddress: card });
      const fake = await tellings(
        [
          () => system.set({ name: "tap0" }),
          () => system.set({ name: "tap0", flags: UP_RUNNING }),
          () => system.set({ name: "tap0", linkState: "up" }),
          () => system.set({ name: "tap0", addresses: [ADDRESS] }),
          () => system.set({ name: "tap0", flags: UP_RUNNING | 0x80 }),
          () => system.set({ name: "tap0", mtu: 1400 }),
          () => system.set({ name: "tap0", addresses: none }),
          () => system.set({ name: "tap0", flags: BORN | 0x80 }),
          () => system.remove("tap0"),
          () => system.set({ name: "tap1" }),
        ],
        COMPARED,
        each,
      );
      assertEquals(fake, bare);
      assert(fake.filter((line) => line !== "-").length >= 6, fake.join("\n"));
    }
  });

  Deno.test(`fake ${platform}: which changes a message tells, and which a comparison finds alone`, async () => {
    const changes: Record<string, Partial<FakeInterface>> = {
      up: { flags: 0x8842 },
      running: { flags: 0x8803 },
      promisc: { flags: 0x8943 },
      noarp: { flags: 0x88c3 },
      link0: { flags: 0x9843 },
      mtu: { mtu: 1400 },
      linkState: { linkState: "down" },
      hardwareAddress: { hardwareAddress: "02:00:00:00:00:09" },
      addresses: { addresses: [ADDRESS] },
      media: { media: { active: 0x20, link: undefined } },
      nothing: {},
    };
    const tells: Record<BsdPlatform, readonly string[]> = {
      netbsd: ["up", "noarp", "link0", "linkState", "hardwareAddress", "addresses"],
      freebsd: ["up", "promisc", "mtu", "linkState", "addresses"],
      openbsd: ["up", "running", "promisc", "noarp", "link0", "mtu", "linkState", "addresses"],
      dragonfly: ["up", "promisc", "mtu", "linkState", "addresses"],
      darwin: ["up", "promisc", "mtu", "addresses"], // which has no link state at all
    };
    const found: string[] = [];
    for (const [what, fields] of Object.entries(changes)) {
      using time = new FakeTime();
      using system = new FakeSystem({ platform });
      system.set({ name: "em0", flags: 0x8843, linkState: "up" });
      await using watcher = watch({ addresses: true, poll: 30_000 });
      let event: InterfaceEvent | undefined;
      void watcher.next().then(({ value }) => event = value);
      system.set({ name: "em0", ...fields });
      await settle();
      if (event !== undefined) found.push(what);
      await time.tickAsync(30_000);
      const changed = what !== "nothing" && !(what === "linkState" && platform === "darwin");
      assertEquals((event as InterfaceEvent | undefined)?.type, changed ? "changed" : undefined, what);
    }
    assertEquals(found, [...tells[platform]]);
  });

  Deno.test(`fake ${platform}: what set gives is what the kernel tells, and what it cannot hold stays undefined`, () => {
    using system = new FakeSystem({ platform });
    const status = system.set({
      name: "em0",
      flags: 0x8843,
      linkState: "up",
      operState: "up",
      linkMode: "dormant",
      altNames: ["wan"],
      masterIndex: 7,
      carrierChanges: 3,
      media: { active: 0x20, link: true },
      addresses: [ADDRESS, IPV6],
    });
    assertEquals(status, get("em0"));
    assertEquals(list(), [status]);
    const expected = fakeStatus({
      name: "em0",
      flags: 0x8843,
      linkState: "up",
      media: { active: 0x20, link: true },
      // The kernel fills the broadcast address in, and tells no scope and no flags of an address.
      addresses: [
        { ...ADDRESS, broadcast: "10.0.0.255", scope: undefined, flags: [] },
        { ...IPV6, scope: undefined, flags: [] },
      ],
    }, platform);
    assertEquals(status, expected);
    assertEquals([status.operState, status.linkMode, status.altNames, status.masterIndex, status.carrierChanges], [
      undefined,
      undefined,
      [],
      undefined,
      undefined,
    ]);
    assertEquals(get("em0")?.wireless, undefined);
    const wireless = { type: "station", ssid: "a", ssidHex: "61", frequency: 2412 };
    assertEquals(
      system.set({ name: "em0", wireless }).wireless,
      platform === "darwin" ? undefined : { ...wireless, frequency: undefined },
    );
  });

  Deno.test(`fake ${platform}: an index that is given up is the next one's, and one that is given is kept`, async () => {
    using time = new FakeTime();
    using system = new FakeSystem({ platform });
    const indexes = ["em0", "em1", "em2"].map((name) => system.set({ name }).index);
    indexes.push(system.set({ name: "em7", index: 7 }).index);
    await using watcher = watch({ poll: 1000 });
    system.remove("em1");
    indexes.push(system.set({ name: "tap0" }).index, system.set({ name: "tap1" }).index);
    assertEquals(indexes, [1, 2, 3, 7, 2, 4]);
    const events: InterfaceEvent[] = [];
    void (async () => {
      for await (const event of watcher) events.push(event);
    })();
    await time.tickAsync(announces ? 0 : 1000);
    await settle();
    const seen = events.map(({ type, status: { name, index } }) => `${type} ${name} ${index}`);
    // Where nothing is announced, a comparison cannot tell a new name from a new interface.
    const reused = announces ? ["removed em1 2", "added tap0 2"] : ["changed tap0 2"];
    assertEquals(seen, [...reused, "added tap1 4"]);
  });

  Deno.test(`fake ${platform}: an IPv4 address is one event, with the broadcast address that the kernel sets`, async () => {
    using time = new FakeTime();
    using system = new FakeSystem({ platform });
    system.set({ name: "em0", flags: 0x8843 });
    await using watcher = watch({ addresses: true, poll: 0 });
    system.set({ name: "em0", addresses: [ADDRESS] });
    const { changed, status: { addresses } } = await next(watcher);
    assertEquals([changed, addresses?.map(({ address, broadcast }) => [address, broadcast])], [
      ["addresses"],
      [["10.0.0.1", "10.0.0.255"]],
    ]);
    let more: unknown;
    void watcher.next().then(({ value }) => more = value);
    await time.tickAsync(10_000); // compared
    assertEquals(more, undefined);
    system.set({ name: "em0", addresses: [{ ...ADDRESS, broadcast: "10.0.0.0" }] });
    await settle();
    assertEquals(get("em0")?.addresses?.map(({ broadcast }) => broadcast), ["10.0.0.0"]);
    assertEquals((more as InterfaceEvent | undefined)?.changed, ["addresses"]);
    system.set({ name: "em0", addresses: [{ ...ADDRESS, broadcast: "10.0.0.0", prefixLength: 16 }] });
    assertEquals(get("em0")?.addresses?.map(({ prefixLength }) => prefixLength), [16]);
  });

  Deno.test(`fake ${platform}: an overflow is told where the system tells it, and found by poll where not`, async () => {
    for (const overflowDetection of [undefined, false, true]) {
      using time = new FakeTime();
      using system = new FakeSystem({ platform, ...(overflowDetection === undefined ? {} : { overflowDetection }) });
      const tells = overflowDetection ?? platform !== "darwin";
      assertEquals(capabilities().overflowDetection, tells);
      system.set({ name: "em0" });
      await using watcher = watch();
      system.set({ name: "em0", flags: UP_RUNNING });
      system.overflow();
      let event: InterfaceEvent | undefined;
      const waiting = next(watcher).then((value) => event = value);
      await settle();
      assertEquals(event?.resync, tells ? true : undefined);
      await time.tickAsync(1000); // poll's default, where an overflow is silent
      assertEquals((await waiting).status.flags, UP_RUNNING);
    }
  });

  Deno.test(`fake ${platform}: setFlags does what the ioctl does, and is told as much`, async () => {
    using _ = new FakeTime();
    using system = new FakeSystem({ platform });
    system.set({ name: "em0" });
    await using watcher = watch({ poll: 0 });
    assertEquals(setFlags("em0", { up: true, link0: true }).flags, UP_RUNNING | 0x1000); // the driver runs
    assertEquals((await next(watcher)).flagsSet, ["UP", "RUNNING", "LINK0"]);
    setFlags("em0", { up: false });
    assertEquals((await next(watcher)).flagsCleared, ["UP", "RUNNING"]);
  });

  Deno.test(`fake ${platform}: what is set silently is found by comparing, and so is all where nothing is told`, async () => {
    for (const options of [{}, { events: "poll" }] as const) {
      using time = new FakeTime();
      using system = new FakeSystem({ platform, ...options });
      system.set({ name: "em0" });
      await using watcher = watch({ poll: 1000 });
      let event: InterfaceEvent | undefined;
      const waiting = next(watcher).then((value) => event = value);
      if (options.events === "poll") system.set({ name: "em0", flags: UP_RUNNING });
      else system.setSilently({ name: "em0", flags: UP_RUNNING });
      await settle();
      assertEquals(event, undefined);
      await time.tickAsync(1000);
      assertEquals((await waiting).flagsSet, ["UP", "RUNNING"]);
    }
  });

  Deno.test(`fake ${platform}: a kernel that is silent about nothing tells each change, and is not compared`, async () => {
    using _ = new FakeTime();
    using system = new FakeSystem({ platform, silentChanges: "none" });
    await using watcher = watch({ poll: 0 });
    system.set({ name: "em0" });
    assertEquals((await next(watcher)).type, "added");
    for (
      const fields of [{ mtu: 1400 }, { hardwareAddress: "02:00:00:00:00:09" }, { media: { active: 1, link: true } }]
    ) {
      system.set({ name: "em0", ...fields });
      assertEquals((await next(watcher)).changed.includes(Object.keys(fields)[0] as keyof InterfaceStatus), true);
    }
    setFlags("em0", { noarp: true });
    assertEquals((await next(watcher)).flagsSet, ["NOARP"]);
    system.remove("em0");
    assertEquals((await next(watcher)).type, "removed");
  });

  Deno.test(`fake ${platform}: what no kernel has room for is refused, and nothing is changed`, () => {
    using system = new FakeSystem({ platform });
    const status = system.set({ name: "em0" });
    const refused: FakeInterface[] = [
      { name: "" },
      { name: "sixteen-letters!" },
      { name: "a\0b" },
      { name: "\ud800" },
      ...[-1, 1.5, 2 ** 32].map((flags) => ({ name: "em0", flags })),
      ...[-1, 1.5, 2 ** 53].map((active) => ({ name: "em0", media: { active, link: true } })),
      { name: "em1", index: 0 },
      { name: "em1", index: 0x10000 },
      { name: "em0", index: 9 },
      { name: "em0", type: "sit" },
      { name: "em0", mtu: -1 },
      { name: "em0", hardwareAddress: "10.0.0.1" },
      ...["10.0.0", "10.0.0.256", "::1"].map((address) => ({ name: "em0", addresses: [{ ...ADDRESS, address }] })),
      ...["10.0.0.1", "1:2", "1::2::3", "::g", "1:2:3:4:5:6:7::8", "::ffff:1.2.3.999"].map((address) => ({
        name: "em0",
        addresses: [{ ...IPV6, address }],
      })),
      ...[-1, 0.5, 33].map((prefixLength) => ({ name: "em0", addresses: [{ ...ADDRESS, prefixLength }] })),
      ...[-1, 129].map((prefixLength) => ({ name: "em0", addresses: [{ ...IPV6, prefixLength }] })),
    ];
    for (const fields of refused) {
      const error = assertThrows(() => system.set({ mtu: 1400, ...fields }), InvalidInputError);
      assertEquals(error.message.split("\n").length, 1);
    }
    assertEquals(list(), [status]);
    assertThrows(() => system.remove("em9"), NoSuchInterfaceError, "em9");
    assertEquals(system.set({ name: "em0", type: "209" }).type, "bridge"); // a number, where somebody knows it
  });

  Deno.test(`fake ${platform}: the shortest and the longest prefix are those of each family`, () => {
    using system = new FakeSystem({ platform });
    for (const [address, longest] of [[ADDRESS, 32], [IPV6, 128]] as const) {
      for (const prefixLength of [0, 1, longest - 1, longest]) {
        const status = system.set({ name: "em0", addresses: [{ ...address, prefixLength }] });
        assertEquals(status.addresses?.map((one) => one.prefixLength), [prefixLength]);
      }
    }
  });

  Deno.test(`fake ${platform}: addresses of every form are the kernel's, in its own words`, () => {
    using system = new FakeSystem({ platform });
    const texts = ["::", "::1", "1::", "fe80::1", "1:2:3:4:5:6:7:8", "2001:db8::a:0:0:1", "::ffff:10.0.0.1"];
    const addresses = texts.map((address) => ({ ...IPV6, address, prefixLength: 128 }));
    const status = system.set({ name: "em0", addresses });
    assertEquals(status.addresses?.map(({ address }) => address), texts);
    const peer = { ...ADDRESS, peer: "10.0.0.2" };
    const [far, none] = system.set({
      name: "gif0",
      flags: 0x8051,
      addresses: [peer, { ...ADDRESS, address: "10.9.0.1" }],
    }).addresses!;
    assertEquals([far?.peer, far?.broadcast, none?.peer], ["10.0.0.2", undefined, undefined]);
  });

  Deno.test(`fake ${platform}: subscriptions and their ends are counted, and a failure ends what watches`, async () => {
    using _ = new FakeTime();
    using system = new FakeSystem({ platform });
    system.set({ name: "em0" });
    const late: string[] = [];
    system.onSnapshot = () => {
      system.onSnapshot = undefined;
      late.push(system.set({ name: "em1", flags: UP_RUNNING }).name);
    };
    const watcher = watch({ poll: 0, initial: true });
    assertEquals([system.subscriptions, system.closings, late], [1, 0, ["em1"]]);
    const there = [await next(watcher), await next(watcher)];
    assertEquals(there.map(({ status: { name } }) => name), ["em0", "em1"]);
    const waiting = watcher.next().catch((error) => error.message);
    system.fail(new UnsupportedError("no more"));
    assertEquals(await waiting, "no more");
    assertEquals([system.subscriptions, system.closings], [0, 1]);
  });
}

Deno.test("fake netbsd: of several changes in one set each has its message, and none of what is silent is left behind", async () => {
  using _ = new FakeTime();
  using system = new FakeSystem({ platform: "netbsd" });
  system.set({ name: "wm0", linkState: "down" });
  await using watcher = watch({ poll: 0 });
  const waiting = next(watcher);
  system.set({ name: "wm0", flags: 0x88c3, mtu: 1400, linkState: "up" });
  const [up, link] = [await waiting, await next(watcher)];
  assertEquals([up.flagsSet, up.changed.includes("mtu"), up.status.linkState], [
    ["UP", "RUNNING", "NOARP"],
    true,
    "down",
  ]);
  assertEquals([link.changed.includes("linkState"), link.status.linkState, link.status.connected], [
    true,
    "up",
    true,
  ]);
});

Deno.test("fake freebsd: a renaming is one change of name; on DragonFly an end and an arrival, for nothing tells them apart", async () => {
  for (
    const [platform, expected] of [
      ["freebsd", ["changed wan0 name"]],
      ["dragonfly", ["removed em0", "added wan0"]],
    ] as const
  ) {
    using _ = new FakeTime();
    using system = new FakeSystem({ platform });
    system.set({ name: "em0", flags: 0x8843, media: { active: 0x20, link: true } });
    await using watcher = watch({ poll: 0 });
    assertEquals(system.set({ name: "wan0", index: 1 }).media?.link, true);
    const seen: string[] = [];
    while (seen.length < expected.length) {
      const { type, status: { name }, changed } = await next(watcher);
      seen.push([type, name, ...(type === "changed" ? changed : [])].join(" "));
    }
    assertEquals(seen, [...expected]);
  }
});

Deno.test("fake netbsd: where a kernel renames nobody, the fake one does not either", () => {
  for (const platform of ["netbsd", "openbsd", "darwin"] as const) {
    using system = new FakeSystem({ platform });
    system.set({ name: "em0" });
    const error = assertThrows(() => system.set({ name: "wan0", index: 1 }), UnsupportedError);
    assertEquals(
      error.message,
      `Cannot rename interface "em0": ${platform} cannot rename interfaces; remove it, and set another`,
    );
    assertEquals(list().map(({ name }) => name), ["em0"]);
  }
});

Deno.test("fake freebsd: a user's promiscuous mode is told to nobody, a capture's is", async () => {
  using time = new FakeTime();
  using system = new FakeSystem({ platform: "freebsd" });
  system.set({ name: "em0", flags: 0x8843 });
  await using watcher = watch({ poll: 1000 });
  assertEquals(setFlags("em0", { ppromisc: true }).flags, 0x28943);
  let event: InterfaceEvent | undefined;
  const waiting = next(watcher).then((value) => event = value);
  await settle();
  assertEquals(event, undefined);
  await time.tickAsync(1000);
  assertEquals((await waiting).flagsSet, ["PROMISC", "PPROMISC"]);
  system.set({ name: "em0", flags: 0x28b43 });
  assertEquals((await next(watcher)).flagsSet, ["ALLMULTI"]);
});

Deno.test("fake darwin: where no message announces, none is made up", async () => {
  using _ = new FakeTime();
  using system = new FakeSystem({ platform: "darwin", announcements: true });
  await using watcher = watch({ poll: 0 });
  system.set({ name: "en0", flags: UP_RUNNING }); // its RTM_IFINFO is of an index that nobody knows
  assertEquals((await next(watcher)).type, "added");
});

Deno.test("fake netbsd: a kernel that is said to announce nothing is one whose interfaces come and go by comparison", async () => {
  using time = new FakeTime();
  using system = new FakeSystem({ platform: "netbsd", announcements: false });
  await using watcher = watch({ poll: 1000 });
  system.set({ name: "em0" });
  let event: InterfaceEvent | undefined;
  const waiting = next(watcher).then((value) => event = value);
  await settle();
  assertEquals(event, undefined);
  await time.tickAsync(1000);
  assertEquals((await waiting).type, "added");
});

Deno.test("fake netbsd: an association of a wireless interface is told with its network", async () => {
  using _ = new FakeTime();
  using system = new FakeSystem({ platform: "netbsd" });
  const station = { type: "station", ssid: undefined, ssidHex: undefined, frequency: undefined };
  system.set({ name: "iwn0", flags: 0x8843, wireless: station, media: { active: 0x80, link: false } });
  await using watcher = watch({ poll: 0 });
  system.set({
    name: "iwn0",
    wireless: { ...station, ssid: "a network", ssidHex: "61206e6574776f726b" },
    media: { active: 0x80, link: true },
  });
  const { changed, status: { wireless, connected } } = await next(watcher);
  assertEquals([changed.includes("wireless"), wireless?.ssid, connected], [true, "a network", true]);
});

Deno.test("fake bsd: a link that comes or goes is told where that system tells it, and found where it does not", async () => {
  for (const platform of ["netbsd", "freebsd", "openbsd", "dragonfly", "darwin"] as const) {
    using time = new FakeTime();
    using system = new FakeSystem({ platform });
    system.set({ name: "em0", flags: 0x8843, linkState: "down", media: { active: 0x22, link: false } });
    await using watcher = watch({ poll: 10_000 });
    for (let i = 0; i < 3; i++) await time.tickAsync(500); // the beginning is looked into
    const told: (boolean | undefined)[] = [];
    void (async () => {
      for await (const event of watcher) told.push(event.status.connected);
    })();
    system.set({ name: "em0", linkState: "up", media: { active: 0x22, link: true } });
    await time.tickAsync(1);
    for (let i = 0; i < 20; i++) await Promise.resolve();
    assertEquals(told, platform === "darwin" ? [] : [true], platform);
    for (let i = 0; i < 10; i++) await time.tickAsync(1000);
    for (let i = 0; i < 20; i++) await Promise.resolve();
    assertEquals(told, [true], platform);
  }
});
