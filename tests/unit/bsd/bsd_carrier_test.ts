/** What is said of a carrier where medium, link state and RUNNING do not agree, as drivers of FreeBSD were seen to do. */
import { assert, assertEquals } from "@std/assert";
import { get, holds, inspect, type InterfaceEvent, type InterfaceWatcher, waitFor, watch } from "../../../mod.ts";
import { BORN, FakeKernel } from "../../helpers/bsd/kernel.ts";
import { still } from "../../helpers/still.ts";

const UP_RUNNING = BORN | 0x41;
/** LINK_STATE_DOWN and LINK_STATE_UP of every system but OpenBSD. */
const [DOWN, UP] = [1, 2];
/** 10Gbase-T full-duplex, which epair and vxlan answer with IFM_ACTIVE at any time. */
const ALWAYS_ACTIVE = { active: 0x10002a, link: true };

async function next(watcher: InterfaceWatcher): Promise<InterfaceEvent> {
  const { done, value } = await watcher.next();
  assert(!done);
  return value;
}

still("bsd carrier: a loss that an epair announced is told, though its medium says active at any time", async () => {
  using kernel = new FakeKernel("freebsd");
  kernel.create("epair0a", { flags: UP_RUNNING, linkState: UP });
  kernel.mediaOf.set("epair0a", ALWAYS_ACTIVE);
  await using watcher = watch({ poll: 0, changes: "connected" });
  kernel.link("epair0a", DOWN);
  const { status } = await next(watcher);
  assertEquals([status.linkState, status.media?.link, status.carrier, status.connected], ["down", true, false, false]);
  kernel.link("epair0a", UP);
  assertEquals((await next(watcher)).status.connected, true);
});

still("bsd carrier: who waits for a loss is told of it, and why", async () => {
  using kernel = new FakeKernel("freebsd");
  kernel.create("epair0a", { flags: UP_RUNNING, linkState: UP });
  kernel.mediaOf.set("epair0a", ALWAYS_ACTIVE);
  const lost = waitFor("epair0a", "disconnected", { timeout: 1000 });
  kernel.link("epair0a", DOWN);
  assertEquals((await lost)?.name, "epair0a");
  assertEquals(inspect("epair0a")?.causes.map(({ code }) => code), ["no-carrier"]);
});

Deno.test("bsd carrier: the one of medium and link state that says no is right, on each system that has both", () => {
  for (const platform of ["netbsd", "freebsd", "dragonfly"] as const) {
    using kernel = new FakeKernel(platform);
    for (const [linkState, link] of [[DOWN, true], [UP, false], [DOWN, undefined], [UP, true]] as const) {
      kernel.create("vxlan0", { flags: UP_RUNNING, linkState });
      kernel.mediaOf.set("vxlan0", { active: 0x20, link });
      const works = linkState === UP && link;
      const status = get("vxlan0");
      assertEquals([status?.carrier, status?.connected], [works, works], `${platform} ${linkState} ${link}`);
      assertEquals(holds(status, "disconnected"), !works);
      kernel.destroy("vxlan0");
    }
  }
});

/** UP without RUNNING, and a link state of 0, as FreeBSD's drivers were seen to have it; and what RUNNING makes of it. */
const NOT_READY = [
  { name: "gif0", type: 240, flags: 0x8011, says: "has no tunnel" },
  { name: "vlan7", type: 135, flags: 0x8803, says: "has no parent" },
  { name: "tun0", type: 23, flags: 0x8011, says: "no program has opened it" },
  { name: "office", type: 6, flags: 0x8803, says: "is up, but not running" },
] as const;

for (const { name, says, ...fields } of NOT_READY) {
  Deno.test(`bsd carrier: ${name} that is up, not running and tells no link state cannot carry packets, and explain says why`, () => {
    for (const platform of ["freebsd", "netbsd", "dragonfly"] as const) {
      using kernel = new FakeKernel(platform);
      kernel.create(name, { ...fields, linkState: 0 });
      assertEquals([get(name)?.connected, holds(get(name), "disconnected")], [false, true], platform);
      const causes = inspect(name)?.causes ?? [];
      assertEquals(causes.map(({ code }) => code), ["not-running"]);
      assert(causes[0]!.text.includes(says), causes[0]!.text);
      kernel.of(name).flags |= 0x40;
      assertEquals([get(name)?.connected, inspect(name)?.causes], [true, []]);
    }
  });
}

still(
  "bsd carrier: a tunnel that gets its ends is told, and so is a tun that is opened, which never sets RUNNING",
  async () => {
    using kernel = new FakeKernel("freebsd");
    kernel.create("gif0", { type: 240, flags: 0x8011 });
    kernel.create("tun0", { type: 23, flags: 0x8011 });
    await using watcher = watch({ poll: 0, changes: "connected" });
    kernel.changeFlags("gif0", 0x8051);
    kernel.link("gif0", UP);
    kernel.link("tun0", UP);
    const told = [await next(watcher), await next(watcher)].map(({ status: { name, connected } }) => [name, connected]);
    assertEquals(told, [["gif0", true], ["tun0", true]]);
    kernel.link("tun0", DOWN);
    assertEquals((await next(watcher)).status.connected, false);
  },
);
