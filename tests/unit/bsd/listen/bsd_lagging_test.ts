/**
 * What a watcher tells that reads late: the messages of an interface that is gone are still queued, and its index is
 * already another one's. Seen on FreeBSD 15.1, where a storm was read two seconds behind: a new lo1 was told as a bridge
 * that is up, with an address that a third one had had.
 */
import { assertEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { type InterfaceWatcher, watch } from "../../../../mod.ts";
import { BORN } from "../../../helpers/bsd/kernel.ts";
import { FakeLibc } from "../../../helpers/bsd/libc.ts";
import { VERSIONS } from "../../../helpers/bsd/versions.ts";

/** IFT_BRIDGE and IFT_LOOP of sys/net/if_types.h, and the flags of a new lo. */
const [BRIDGE, LOOP] = [209, 24];
const LOOPBACK = { type: LOOP, flags: 0x8008, address: new Uint8Array(0) } as const;
const IPV4 = { ip: [10, 0, 0, 1], prefixLength: 24 } as const;

/** What is told of everything that was sent so far. */
async function told(watcher: InterfaceWatcher): Promise<string[]> {
  const events: string[] = [];
  const reading = (async () => {
    for await (const { type, status: { name, type: kind, up, addresses = [] } } of watcher) {
      events.push(`${type} ${name} ${kind} ${up ? "up" : "down"} ${addresses.length}`);
    }
  })();
  for (let i = 0; i < 400; i++) await Promise.resolve();
  await watcher.return();
  await reading;
  return events;
}

for (const version of VERSIONS.filter(({ announcements }) => announcements)) {
  const { name, platform } = version;

  Deno.test(`bsd lagging ${name}: what one that is gone did is not told of the next one with its index`, async () => {
    using _ = new FakeTime();
    using libc = new FakeLibc(platform, { version, detectsOverflow: true });
    const { kernel } = libc;
    const watcher = watch({ poll: 0, addresses: true });
    kernel.create("bridge0", { type: BRIDGE, flags: BORN });
    kernel.up("bridge0");
    kernel.addAddress("bridge0", IPV4);
    kernel.destroy("bridge0");
    kernel.create("lo1", LOOPBACK);
    assertEquals(await told(watcher), ["added lo1 loopback down 0"]);
  });

  Deno.test(`bsd lagging ${name}: nor is it if the index was nobody's when the first message was read`, async () => {
    using _ = new FakeTime();
    using libc = new FakeLibc(platform, { version, detectsOverflow: true });
    const { kernel } = libc;
    const watcher = watch({ poll: 0 });
    kernel.create("bridge0", { type: BRIDGE, flags: BORN });
    kernel.up("bridge0");
    kernel.destroy("bridge0");
    const list = kernel.list.bind(kernel);
    kernel.list = (index, newest) => {
      const answer = list(index, newest);
      kernel.list = list;
      kernel.create("lo1", LOOPBACK);
      return answer;
    };
    assertEquals(await told(watcher), ["added lo1 loopback down 0"]);
  });

  Deno.test(`bsd lagging ${name}: nor what was queued behind the departure of one that was known`, async () => {
    using _ = new FakeTime();
    using libc = new FakeLibc(platform, { version, detectsOverflow: true });
    const { kernel } = libc;
    kernel.create("bridge0", { type: BRIDGE, flags: BORN });
    const watcher = watch({ poll: 0 });
    for (const one of ["bridge0", "bridge1"]) {
      kernel.destroy(one);
      kernel.create("bridge1", { type: BRIDGE, flags: BORN });
      kernel.up("bridge1");
    }
    kernel.destroy("bridge1");
    kernel.create("lo1", LOOPBACK);
    const events = await told(watcher);
    assertEquals(events.filter((event) => event.includes("bridge1")), []);
    assertEquals(events.filter((event) => event.includes("lo1")), ["added lo1 loopback down 0"]);
  });
}

Deno.test("bsd lagging: one that got another name before anybody read is told once, under that, and so is what it does", async () => {
  for (const version of VERSIONS.filter(({ platform }) => platform === "freebsd")) {
    using _ = new FakeTime();
    using libc = new FakeLibc("freebsd", { version, detectsOverflow: true });
    const { kernel } = libc;
    const watcher = watch({ poll: 0 });
    kernel.create("epair0a");
    kernel.up("epair0a");
    kernel.rename("epair0a", "wan0");
    kernel.down("wan0");
    assertEquals(await told(watcher), ["added wan0 ether down 0"], version.name);
  }
});
