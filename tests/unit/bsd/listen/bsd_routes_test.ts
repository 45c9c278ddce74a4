/** The default routes of the BSDs as state: on the kernels in memory, which behave as the sources of each say. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { get, type InterfaceWatcher, list, route, waitFor, WaitTimeoutError, watch } from "../../../../mod.ts";
import * as C from "../../../../platforms/bsd/systems/common.ts";
import { SYSTEMS } from "../../../../platforms/bsd/systems/systems.ts";
import type { BsdPlatform } from "../../../../platforms/contract/platform.ts";
import type { FakeBsdKernel } from "../../../../src/fake/bsd/kernel.ts";
import { madeRoute } from "../../../../src/fake/bsd/routes.ts";
import { FakeSystem } from "../../../../src/testing.ts";
import { FakeKernel } from "../../../helpers/bsd/kernel.ts";
import { FakeLibc } from "../../../helpers/bsd/libc.ts";
import { VERSIONS } from "../../../helpers/bsd/versions.ts";
import { still } from "../../../helpers/still.ts";
import { FakeTime } from "@std/testing/time";

const PLATFORMS = Object.keys(SYSTEMS) as BsdPlatform[];
/** UP, LOOPBACK, RUNNING, MULTICAST */
const LOOPBACK = 0x8049;
const ANY = { ip: [0, 0, 0, 0], prefixLength: 0 } as const;

/** em0 and em1, with a link and addresses of both families, and lo0; tun0 without a link state. */
function uplinks(platform: BsdPlatform | "linux"): FakeSystem {
  // macOS says nothing of a carrier: a comparison would find it, and no time passes here.
  const system = new FakeSystem({ platform, ...platform === "darwin" ? { silentChanges: "none" } : {} });
  for (const [at, name] of ["em0", "em1"].entries()) {
    system.plug(name);
    system.up(name);
    system.addAddress(name, `192.0.2.${at + 2}/31`);
    system.addAddress(name, `2001:db8:${at}::2/64`);
  }
  return system;
}

/** By which interface each family leaves, and whether that is dead. */
function defaults(): string[] {
  return list({ routes: true }).flatMap(({ name, defaultRoute = [], connected }) =>
    defaultRoute.map((family) => `${name} ${family}${connected === false ? " dead" : ""}`)
  );
}

async function told(watcher: InterfaceWatcher, count: number): Promise<unknown[]> {
  const events: unknown[] = [];
  for (let i = 0; i < count; i++) {
    const { value } = await watcher.next();
    assert(value !== undefined);
    events.push([value.type, value.status.name, value.status.defaultRoute]);
  }
  return events;
}

async function settle(): Promise<void> {
  for (let i = 0; i < 60; i++) await Promise.resolve();
}

for (const platform of PLATFORMS) {
  still(`bsd routes ${platform}: a route that moves is an event of both interfaces, told once`, async () => {
    using system = uplinks(platform);
    assertEquals(defaults(), []);
    system.addRoute("em0", "0.0.0.0/0", { gateway: "192.0.2.3" });
    system.addRoute("em0", "::/0", { gateway: "fe80::1" });
    assertEquals(defaults(), ["em0 inet", "em0 inet6"]);
    assertEquals(get("em0", { routes: true })?.defaultRoute, ["inet", "inet6"]);
    assertEquals([get("em0")?.defaultRoute, list()[0]?.defaultRoute], [undefined, undefined]);
    await using watcher = watch({ routes: true, changes: "defaultRoute" });
    await using others = watch({ changes: "mtu" });
    await settle();
    system.removeRoute("em0", "0.0.0.0/0");
    system.addRoute("em1", "0.0.0.0/0", { gateway: "192.0.2.2" });
    assertEquals(await told(watcher, 2), [["changed", "em0", ["inet6"]], ["changed", "em1", ["inet"]]]);
    system.removeRoute("em0", "::/0");
    assertEquals(await told(watcher, 1), [["changed", "em0", []]]);
    system.set({ name: "em0", mtu: 1400 });
    system.addRoute("em1", "::/0", { gateway: "fe80::1" });
    assertEquals(await told(watcher, 1), [["changed", "em1", ["inet", "inet6"]]]);
    void others;
  });

  still(
    `bsd routes ${platform}: route() says interface, router, source and table, and what has an address of its own`,
    async () => {
      using system = uplinks(platform);
      system.add("lo0", { type: "loopback" });
      system.set({ name: "lo0", type: "loopback", flags: 0x8049 });
      system.addAddress("lo0", "127.0.0.1/8");
      assertEquals(route(), []);
      assertEquals(route("203.0.113.9"), []);
      system.addRoute("em0", "0.0.0.0/0", { gateway: "192.0.2.3" });
      system.addRoute("em1", "::/0", { gateway: "fe80::1" });
      const table = platform === "openbsd" ? 0 : undefined;
      const inet = { family: "inet" as const, type: "unicast", table, connected: true };
      const em0 = { ...inet, index: 1, name: "em0", source: "192.0.2.2" };
      const inet6 = {
        ...inet,
        family: "inet6" as const,
        index: 2,
        name: "em1",
        gateway: "fe80::1",
        source: "2001:db8:1::2",
        destination: undefined,
      };
      assertEquals(route(), [{ ...em0, gateway: "192.0.2.3", destination: undefined }, inet6]);
      assertEquals(route("203.0.113.9"), [{ ...em0, gateway: "192.0.2.3", destination: "203.0.113.9" }]);
      assertEquals(route("192.0.2.3").map(({ name, type, gateway }) => [name, type, gateway]), [
        ["lo0", "local", undefined],
      ]);
      assertEquals(route("127.0.0.1").map(({ name, type }) => [name, type]), [["lo0", "local"]]);
      assertEquals(route("224.0.0.1")[0]?.type, "multicast");
      assertEquals(route("2001:db8:0::99").map(({ name, gateway }) => [name, gateway]), [["em0", undefined]]);
      await settle();
    },
  );

  still(
    `bsd routes ${platform}: one that is dead stays, and is told as such; OpenBSD takes another one that works`,
    async () => {
      using system = uplinks(platform);
      system.addRoute("em0", "0.0.0.0/0", { gateway: "192.0.2.3" });
      if (platform === "openbsd") system.addRoute("em1", "0.0.0.0/0", { gateway: "192.0.2.2", metric: 56 });
      await using watcher = watch({ routes: true, changes: ["defaultRoute", "connected"] });
      await settle();
      const steps: readonly (() => unknown)[] = [() => system.unplug("em0"), () => system.plug("em0")]
        .concat([() => system.down("em0"), () => system.up("em0")]);
      for (const [at, step] of steps.entries()) {
        step();
        const dead = at % 2 === 0;
        const moved = dead && platform === "openbsd";
        assertEquals(defaults(), [moved ? "em1 inet" : dead ? "em0 inet dead" : "em0 inet"], `step ${at}`);
        const expected = [["changed", "em0", moved ? [] : ["inet"]]];
        if (platform === "openbsd") expected.push(["changed", "em1", moved ? ["inet"] : []]);
        assertEquals((await told(watcher, expected.length)).sort(), expected, `step ${at}`);
      }
      assertEquals((await waitFor("em0", ["connected", "default-route"], { timeout: 0 })).name, "em0");
    },
  );

  still(`bsd routes ${platform}: a VPN takes the default by two halves, as on Linux`, async () => {
    for (const one of [platform, "linux"] as const) {
      using system = uplinks(one);
      system.add("tun0", one === "linux" ? { kind: "dummy" } : { type: "ppp" });
      if (one !== "linux") system.set({ name: "tun0", type: "ppp", flags: 0x8051 });
      else system.up("tun0");
      system.addAddress("tun0", "10.8.0.2/24");
      system.addRoute("em0", "0.0.0.0/0", { gateway: "192.0.2.3" });
      await using watcher = watch({ routes: true, changes: "defaultRoute" });
      await settle();
      system.addRoute("tun0", "0.0.0.0/1", { gateway: "10.8.0.1" });
      system.addRoute("tun0", "128.0.0.0/1", { gateway: "10.8.0.1" });
      assertEquals(await told(watcher, 2), [["changed", "em0", []], ["changed", "tun0", ["inet"]]], one);
      assertEquals(defaults(), ["tun0 inet"]);
      system.removeRoute("tun0", "0.0.0.0/1");
      system.removeRoute("tun0", "128.0.0.0/1");
      assertEquals(await told(watcher, 2), [["changed", "tun0", []], ["changed", "em0", ["inet"]]], one);
    }
  });

  still(`bsd routes ${platform}: its interface is destroyed, and comes back without it`, async () => {
    using system = uplinks(platform);
    system.addRoute("em0", "0.0.0.0/0", { gateway: "192.0.2.3" });
    await using watcher = watch({ routes: true, names: "em*" });
    await settle();
    system.remove("em0");
    if (!SYSTEMS[platform].announcements) return assertEquals(defaults(), []); // a comparison finds it
    const { value } = await watcher.next();
    assertEquals([value?.type, value?.status.name], [value?.type, "em0"]);
    system.plug("em0");
    for (;;) {
      const { value: event } = await watcher.next();
      if (event?.type === "added") break;
    }
    assertEquals(defaults(), []);
  });

  Deno.test(`bsd routes ${platform}: one that rejects or swallows everything is none`, () => {
    using kernel = new FakeKernel(platform);
    kernel.create("em0", { flags: 0x8843, ips: [{ ip: [192, 0, 2, 2], prefixLength: 24 }] });
    for (const flag of [C.RTF_REJECT, C.RTF_BLACKHOLE]) {
      const one = madeRoute(SYSTEMS[platform], kernel.of("em0"), "0.0.0.0/0");
      assertEquals(kernel.routes.add({ ...one, flags: one.flags | flag }), 0);
      assertEquals([defaults(), route(), route("203.0.113.9")], [[], [], []]);
      kernel.routes.remove({ ...ANY, out: 1 });
    }
  });
}

/** em0 and em1 with a default by em0, over a C library. */
function overLibc(platform: BsdPlatform, capacity = Infinity): FakeLibc {
  const libc = new FakeLibc(platform, { detectsOverflow: true, capacity });
  const { kernel } = libc;
  for (const at of [1, 2]) {
    kernel.create(`em${at - 1}`, { flags: 0x8843, ips: [{ ip: [192, 0, at, 2], prefixLength: 24 }] });
  }
  kernel.routes.add(madeRoute(SYSTEMS[platform], kernel.of("em0"), "0.0.0.0/0", { gateway: "192.0.1.1" }));
  return libc;
}

/** Routes of others: hosts and networks. */
function flood(kernel: FakeBsdKernel, platform: BsdPlatform, count: number): void {
  for (let i = 0; i < count; i++) {
    const host = i % 2 === 0 ? "/32" : "/24";
    kernel.routes.add(
      madeRoute(SYSTEMS[platform], kernel.of("em1"), `10.${i >> 8}.${i & 255}.0${host}`, { gateway: "192.0.2.1" }),
    );
  }
}

for (const platform of PLATFORMS) {
  still(`bsd routes ${platform}: routes of others are not asked about, and the default is afterwards`, async () => {
    using libc = overLibc(platform);
    const { kernel } = libc;
    await using watcher = watch({ routes: true, poll: 0, changes: "defaultRoute" });
    await settle();
    const before = libc.calls.write;
    flood(kernel, platform, 400);
    const again = madeRoute(SYSTEMS[platform], kernel.of("em0"), "0.0.0.0/0", { gateway: "192.0.1.1" });
    assertEquals(kernel.routes.add(again), C.EEXIST); // in vain, and every listener hears of that too
    await settle();
    // Of a queue that overflows without a word, so many may have pushed out one that counts: that is one question.
    const silent = SYSTEMS[platform].SO_RERROR === undefined && !SYSTEMS[platform].desync;
    const asked = libc.calls.write - before;
    assertEquals(asked, silent ? 2 : 0);
    for (let few = 0; few < 4; few++) { // as many in all, and few at once
      flood(kernel, platform, 40);
      await settle();
    }
    assertEquals(libc.calls.write - before, asked);
    kernel.routes.change(ANY, { out: 2, gateway: [192, 0, 2, 1] }); // RTM_CHANGE
    assertEquals(await told(watcher, 2), [["changed", "em0", []], ["changed", "em1", ["inet"]]]);
    assertEquals(libc.calls.write - before - asked, 2); // one question of each family
  });

  still(
    `bsd routes ${platform}: a flood of routes costs nobody a resync where the kernel can keep them apart`,
    async () => {
      using libc = overLibc(platform, 8);
      const { kernel } = libc;
      const apart = SYSTEMS[platform].filter !== undefined;
      await using asked = watch({ routes: true, poll: 0 });
      await using other = watch({ poll: 0 });
      await settle();
      flood(kernel, platform, 300); // the queues hold eight
      kernel.setHardwareAddress("em0", Uint8Array.of(2, 0, 0, 0, 0, 9));
      await settle();
      const lists = libc.given.lists.length;
      kernel.routes.change(ANY, { out: 2, gateway: [192, 0, 2, 1] });
      kernel.down("em1");
      const resyncs: boolean[] = [];
      for (const watcher of [asked, other]) {
        for (;;) {
          const { value } = await watcher.next();
          assert(value !== undefined);
          resyncs.push(value.resync);
          if (value.status.name === "em1" && !value.status.up) break;
        }
      }
      if (apart) assertEquals(resyncs.filter(Boolean), []);
      assertEquals(defaults(), ["em1 inet dead"]);
      void lists;
    },
  );

  still(
    `bsd routes ${platform}: who did not ask opens no socket for routes, asks nothing, and is told nothing`,
    async () => {
      using libc = overLibc(platform);
      await using watcher = watch({ poll: 0 });
      await settle();
      libc.kernel.routes.change(ANY, { out: 2, gateway: [192, 0, 2, 1] });
      libc.kernel.down("em1");
      const { value } = await watcher.next();
      assertEquals([value?.status.name, value?.status.defaultRoute], ["em1", undefined]);
      assertEquals([
        libc.calls.write,
        [...libc.domains.values()].filter((one) => one === SYSTEMS[platform].route).length,
      ], [0, 1]);
    },
  );

  still(`bsd routes ${platform}: all sockets are closed in the end`, async () => {
    using libc = overLibc(platform);
    const watcher = watch({ routes: true, poll: 0 });
    await settle();
    list({ routes: true });
    route();
    await watcher.return();
    await settle();
    assertEquals([...libc.open.keys()], []);
  });
}

for (const version of VERSIONS) {
  still(`bsd routes ${version.name}: a version of each system is asked in its own form`, async () => {
    using libc = new FakeLibc(version.platform, { version, detectsOverflow: version.overflow !== "silent" });
    const { kernel } = libc;
    for (const at of [1, 2]) {
      kernel.create(`em${at - 1}`, { flags: 0x8843, ips: [{ ip: [192, 0, at, 2], prefixLength: 24 }] });
    }
    const numbers = SYSTEMS[version.platform];
    kernel.routes.add(madeRoute(numbers, kernel.of("em0"), "0.0.0.0/0", { gateway: "192.0.1.1" }));
    assertEquals(route().map(({ name, gateway, source }) => [name, gateway, source]), [[
      "em0",
      "192.0.1.1",
      "192.0.1.2",
    ]]);
    await using watcher = watch({ routes: true, poll: 0, changes: "defaultRoute" });
    await settle();
    kernel.routes.change(ANY, { out: 2, gateway: [192, 0, 2, 1] });
    assertEquals(await told(watcher, 2), [["changed", "em0", []], ["changed", "em1", ["inet"]]]);
    const filters = libc.given.filters.map((one) => one.length);
    assertEquals(filters.length > 0, version.filter !== "none");
    assertEquals(libc.given.flags.length, version.platform === "openbsd" ? 1 : 0);
  });
}

still("bsd routes freebsd: of several ways, that is the default which the kernel answers with", async () => {
  using system = uplinks("freebsd");
  system.addRoute("em0", "0.0.0.0/0", { gateway: "192.0.2.3" });
  await using watcher = watch({ routes: true, changes: "defaultRoute" });
  await settle();
  system.addRoute("em1", "0.0.0.0/0", { gateway: "192.0.2.2" });
  assertEquals(await told(watcher, 2), [["changed", "em0", []], ["changed", "em1", ["inet"]]]);
  system.removeRoute("em1", "0.0.0.0/0");
  assertEquals(await told(watcher, 2), [["changed", "em1", []], ["changed", "em0", ["inet"]]]);
});

still("bsd routes freebsd: an address that goes takes its default with it, and no message says so", async () => {
  using system = uplinks("freebsd");
  system.addRoute("em0", "0.0.0.0/0", { gateway: "192.0.2.3" });
  await using watcher = watch({ routes: true, changes: "defaultRoute" });
  await settle();
  system.removeAddress("em0", "192.0.2.2");
  assertEquals(await told(watcher, 1), [["changed", "em0", []]]);
});

still("bsd routes: many messages at once may hide one that was lost where nobody tells of an overflow", async () => {
  using libc = new FakeLibc("darwin", { capacity: 70 });
  const { kernel } = libc;
  kernel.create("em0", { flags: 0x8843, ips: [{ ip: [192, 0, 1, 2], prefixLength: 24 }] });
  await using watcher = watch({ routes: true, poll: 0, changes: "defaultRoute" });
  await settle();
  for (let i = 0; i < 90; i++) kernel.routes.add(madeRoute(SYSTEMS.darwin, kernel.of("em0"), `10.0.${i}.0/24`));
  kernel.routes.add(madeRoute(SYSTEMS.darwin, kernel.of("em0"), "0.0.0.0/0")); // does not fit into the queue
  assertEquals(await told(watcher, 1), [["changed", "em0", ["inet"]]]);
});

for (const platform of PLATFORMS) {
  Deno.test(`bsd routes ${platform}: a comparison finds a default that went without a word`, async () => {
    using time = new FakeTime();
    using kernel = new FakeKernel(platform);
    kernel.create("em0", { flags: 0x8843, ips: [{ ip: [192, 0, 2, 2], prefixLength: 24 }] });
    kernel.routes.add(madeRoute(SYSTEMS[platform], kernel.of("em0"), "0.0.0.0/0"));
    await using watcher = watch({ routes: true, poll: 1000, changes: "defaultRoute" });
    await settle();
    const next = told(watcher, 1);
    kernel.sockets.silently(() => kernel.routes.remove({ ...ANY, out: 1 }));
    await time.tickAsync(1100);
    assertEquals(await next, [["changed", "em0", []]]);
  });
}

for (const platform of PLATFORMS) {
  Deno.test(`bsd routes ${platform}: a question, which every socket hears of, is no reason for another one`, async () => {
    using time = new FakeTime();
    using libc = overLibc(platform);
    await using watcher = watch({ routes: true });
    await settle();
    libc.kernel.down("em1");
    assertEquals((await watcher.next()).value?.status.up, false);
    await time.tickAsync(10_000);
    const [questions, lists] = [libc.calls.write, libc.given.lists.length];
    await time.tickAsync(30_000);
    // macOS does not tell when messages were lost, so that everything is compared each second, and this with it.
    assertEquals(libc.given.lists.length - lists, platform === "darwin" ? 30 : 0);
    assertEquals(libc.calls.write - questions, platform === "darwin" ? 60 : 0);
  });
}

for (const platform of PLATFORMS) {
  Deno.test(`bsd routes ${platform}: a default route over the loopback interface leads nowhere, whatever its flags say`, async () => {
    using system = uplinks(platform);
    system.set({ name: "lo0", type: "loopback", flags: LOOPBACK });
    system.addAddress("lo0", "127.0.0.1/8");
    system.addAddress("lo0", "::1/128");
    // As FreeBSD 15.1 has it after "route change default -reject".
    system.addRoute("lo0", "0.0.0.0/0", { gateway: "127.0.0.1" });
    system.addRoute("lo0", "::/0", { gateway: "::1" });
    assertEquals(defaults(), []);
    assertEquals([route(), route("203.0.113.1"), route("2001:db8:ffff::1")], [[], [], []]);
    await assertRejects(() => waitFor("lo0", "default-route", { timeout: 0 }), WaitTimeoutError);
    // Another one that takes its place is told, and so is what is of this machine.
    system.removeRoute("lo0", "0.0.0.0/0");
    system.addRoute("em1", "0.0.0.0/0", { gateway: "192.0.2.2" });
    assertEquals(defaults(), ["em1 inet"]);
    assertEquals(route("203.0.113.1").map(({ name }) => name), ["em1"]);
  });
}
