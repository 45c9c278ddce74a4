/** What is asked of a BSD by name is believed only where the name was the interface's before and after. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import {
  get,
  type InterfaceEvent,
  type InterfaceMedia,
  type InterfaceWatcher,
  list,
  NoSuchInterfaceError,
  setFlags,
  watch,
} from "../../../../mod.ts";
import type { BsdPlatform } from "../../../../platforms/contract/platform.ts";
import { mediaText } from "../../../../platforms/bsd/systems/media.ts";
import { SYSTEMS } from "../../../../platforms/bsd/systems/systems.ts";
import { BORN } from "../../../helpers/bsd/kernel.ts";
import { EIO, ENOMEM, ENOTTY, FakeLibc } from "../../../helpers/bsd/libc.ts";

const PLATFORMS = Object.keys(SYSTEMS) as BsdPlatform[];
const UP_RUNNING = BORN | 0x41;
const CABLE = { active: 0x20, link: true };
const NO_CABLE = { active: 0x22, link: false };

/** The same with the text that a system has for it. */
function worded(platform: BsdPlatform, media: Omit<InterfaceMedia, "text">): InterfaceMedia {
  return { ...media, text: mediaText(SYSTEMS[platform].mediaWords(), BigInt(media.active)) };
}

async function next(watcher: InterfaceWatcher): Promise<InterfaceEvent> {
  const { done, value } = await watcher.next();
  assert(!done);
  return value;
}

/** Everything that is told of what was sent so far. */
async function told(watcher: InterfaceWatcher): Promise<string[]> {
  const events: string[] = [];
  let over = false;
  const reading = (async () => {
    while (!over) {
      const { done, value } = await watcher.next();
      if (done) return;
      events.push(`${value.type} ${value.status.name} ${value.type === "changed" ? value.changed.join() : ""}`.trim());
    }
  })();
  for (let i = 0; i < 100; i++) await Promise.resolve();
  over = true;
  await watcher.return();
  await reading;
  return events;
}

/** Does something before the first ioctl of a kind. */
function before(libc: FakeLibc, wanted: number, step: () => void): void {
  libc.onIoctl = (_, request) => {
    if (request !== wanted) return;
    libc.onIoctl = undefined;
    step();
  };
}

for (const platform of PLATFORMS) {
  const system = SYSTEMS[platform];
  const firstMedia = system.mediaRequests[0]!;

  Deno.test(`bsd names ${platform}: a driver that answers nothing while its interface goes has not lost its media`, async () => {
    using _ = new FakeTime(); // so that no comparison finds anything
    using libc = new FakeLibc(platform, { detectsOverflow: true });
    const { kernel } = libc;
    kernel.create("em0", { flags: UP_RUNNING });
    kernel.mediaOf.set("em0", CABLE);
    const watcher = watch({ poll: 0 });
    before(libc, firstMedia, () => {
      kernel.destroy("em0");
      kernel.create("em9"); // has its index
    });
    kernel.tell("em0", UP_RUNNING | 0x100);
    assertEquals(await told(watcher), ["removed em0", "added em9"]);
  });

  Deno.test(`bsd names ${platform}: what has another's name by now says nothing of the one that had it`, async () => {
    for (const wanted of [system.SIOCGIFFLAGS, firstMedia]) {
      using _ = new FakeTime();
      using libc = new FakeLibc(platform, { detectsOverflow: true });
      const { kernel } = libc;
      kernel.create("em0", { flags: UP_RUNNING });
      kernel.mediaOf.set("em0", CABLE);
      const watcher = watch({ poll: 0 });
      before(libc, wanted, () => {
        kernel.destroy("em0");
        kernel.create("lo7"); // takes the index
        kernel.create("em0", { flags: BORN | 0x80 }); // and this one the name
        kernel.mediaOf.set("em0", NO_CABLE);
      });
      kernel.tell("em0", UP_RUNNING | 0x100);
      const announced = system.announcements ? ["added em0"] : [];
      assertEquals(await told(watcher), ["removed em0", "added lo7", ...announced]);
    }
  });

  Deno.test(`bsd names ${platform}: a list has each interface with its own media, or not at all`, () => {
    using libc = new FakeLibc(platform);
    const { kernel } = libc;
    kernel.create("em0");
    kernel.create("em1");
    kernel.mediaOf.set("em0", CABLE);
    before(libc, firstMedia, () => {
      kernel.destroy("em0");
      kernel.create("em7");
      kernel.create("em0");
      kernel.mediaOf.set("em0", NO_CABLE);
      kernel.mediaOf.set("em7", CABLE);
    });
    assertEquals(list().map(({ index, name, media }) => [index, name, media?.link]), [
      [1, "em7", true],
      [2, "em1", undefined],
    ]);
    before(libc, firstMedia, () => kernel.destroy("em7"));
    assertEquals(list().map(({ name }) => name), ["em1", "em0"]);
  });

  Deno.test(`bsd names ${platform}: flags are not set by what another interface had, and not said to be set`, () => {
    for (const wanted of [system.SIOCGIFFLAGS, system.SIOCSIFFLAGS]) {
      using libc = new FakeLibc(platform);
      const { kernel } = libc;
      kernel.create("em0");
      before(libc, wanted, () => {
        kernel.destroy("em0");
        kernel.create("em7");
        kernel.create("em0", { flags: BORN | 0x1000 });
      });
      assertThrows(() => setFlags("em0", { up: true }), NoSuchInterfaceError);
      if (wanted === system.SIOCGIFFLAGS) assertEquals(kernel.of("em0").flags, BORN | 0x1000);
    }
  });

  Deno.test(`bsd names ${platform}: the errors of its source for "no media" mean that, and nothing is asked again`, () => {
    for (const errno of system.noMedia) {
      using libc = new FakeLibc(platform);
      libc.kernel.create("em0");
      libc.mediaFails = errno;
      const watcher = watch({ poll: 0 });
      const asked = libc.calls.sysctl;
      assertEquals(get("em0")?.media, undefined);
      assertEquals(libc.calls.sysctl, asked + 2); // one list, with its length
      void watcher.return();
    }
  });

  Deno.test(`bsd names ${platform}: the errors of its source for "gone" mean that`, () => {
    for (const errno of system.gone) {
      using libc = new FakeLibc(platform);
      libc.kernel.create("em0");
      libc.mediaFails = errno; // and its index says that it is still there: it is going
      assertEquals(list(), []);
    }
  });

  for (const errno of [EIO, ENOMEM]) {
    Deno.test(`bsd names ${platform}: media that cannot be had (errno ${errno}) are not lost, and asked for again`, async () => {
      using time = new FakeTime();
      using libc = new FakeLibc(platform, { detectsOverflow: true });
      const { kernel } = libc;
      kernel.create("em0", { flags: UP_RUNNING });
      kernel.mediaOf.set("em0", CABLE);
      await using watcher = watch({ poll: 0 });
      libc.mediaFails = errno;
      kernel.down("em0");
      const down = await next(watcher); // what can be had is told
      assertEquals([down.status.flags, down.status.media], [BORN, worded(platform, CABLE)]);
      await time.tickAsync(20);
      kernel.mediaOf.set("em0", NO_CABLE);
      libc.mediaFails = undefined;
      await time.tickAsync(1000); // the longest time between two tries
      const media = await next(watcher);
      assertEquals([media.changed.includes("media"), media.status.media], [true, worded(platform, NO_CABLE)]);
    });
  }

  Deno.test(`bsd names ${platform}: a driver that keeps to an error of its own has no media to tell`, async () => {
    using time = new FakeTime();
    using libc = new FakeLibc(platform, { detectsOverflow: true });
    const { kernel } = libc;
    kernel.create("em0", { flags: UP_RUNNING });
    kernel.create("em1");
    libc.mediaFails = EIO;
    assertEquals(list().length, 2); // the rest of a list is not lost for it
    await using watcher = watch({ poll: 0 });
    await time.tickAsync(10_000);
    const asked = libc.calls.sysctl;
    await time.tickAsync(60_000);
    assertEquals(libc.calls.sysctl, asked);
    kernel.up("em1");
    assertEquals((await next(watcher)).status.name, "em1");
  });
}

Deno.test("bsd names: a kernel without SIOCGIFINDEX is asked by if_nametoindex", () => {
  using libc = new FakeLibc("netbsd");
  libc.kernel.create("em0");
  libc.kernel.mediaOf.set("em0", CABLE);
  libc.onIoctl = (number, request) => {
    if (request === SYSTEMS.netbsd.SIOCGIFINDEX) libc.failAt("ioctl", ENOTTY, number);
  };
  assertEquals(get("em0")?.media, worded("netbsd", CABLE));
  assertEquals(setFlags("em0", { up: true }).up, true);
  assertThrows(() => setFlags("em1", { up: true }), NoSuchInterfaceError);
});

Deno.test("bsd names: an index that cannot be had is no departure", async () => {
  using _ = new FakeTime();
  using libc = new FakeLibc("darwin");
  libc.kernel.create("en0", { flags: UP_RUNNING });
  await using watcher = watch({ poll: 0 });
  libc.nameFails = ENOMEM;
  libc.kernel.down("en0");
  const event = await next(watcher);
  assertEquals([event.type, event.status.flags], ["changed", BORN]);
});

Deno.test("bsd names: those that are no UTF-8 stay apart, and each leads to its interface", () => {
  for (const platform of PLATFORMS) {
    using libc = new FakeLibc(platform);
    libc.kernel.create("a\udcfe", { flags: BORN });
    libc.kernel.create("a\udcff", { flags: UP_RUNNING });
    assertEquals(list().map(({ name, up }) => [name, up]), [["a\udcfe", false], ["a\udcff", true]], platform);
    assertEquals(setFlags("a\udcfe", { up: true }).up, true, platform);
    assertEquals([get("a\udcfe")?.up, get("a\ufffd")], [true, undefined], platform);
  }
});

Deno.test("bsd names: a name that does not fit into a request is nobody's, whoever has its beginning", () => {
  for (const platform of PLATFORMS) {
    using libc = new FakeLibc(platform);
    const name = "a".repeat(15);
    libc.kernel.create(name, { flags: BORN });
    for (const other of [`${name}a`, `${name}${"b".repeat(20)}`, `${name}\0`, "", "\0"]) {
      assertThrows(() => setFlags(other, { up: true }), NoSuchInterfaceError, "No such interface");
    }
    assertEquals([libc.kernel.flags(name), libc.calls.ioctl], [BORN, 0], platform);
    assertEquals(setFlags(name, { up: true }).up, true, platform);
  }
});

Deno.test("bsd names: a driver that lacks memory for its answer has media all the same, however long that lasts", async () => {
  using time = new FakeTime();
  using libc = new FakeLibc("netbsd");
  libc.kernel.create("em0", { flags: UP_RUNNING });
  libc.kernel.mediaOf.set("em0", CABLE);
  await using watcher = watch({ poll: 1000 });
  const media: unknown[] = [];
  void (async () => {
    for await (const event of watcher) media.push(event.status.media);
  })();
  libc.mediaFails = ENOMEM;
  for (let i = 0; i < 20; i++) await time.tickAsync(1000);
  libc.mediaFails = undefined;
  libc.kernel.mediaOf.set("em0", NO_CABLE);
  for (let i = 0; i < 3; i++) await time.tickAsync(1000);
  for (let i = 0; i < 20; i++) await Promise.resolve();
  assertEquals(media, [worded("netbsd", NO_CABLE)]);
});
