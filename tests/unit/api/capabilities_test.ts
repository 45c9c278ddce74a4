/** capabilities(): plain data, which opens nothing, and into which goes what other calls have shown. */
import { assertEquals, assertStrictEquals } from "@std/assert";
import { type Capabilities, capabilities, get, list, watch } from "../../../mod.ts";
import { PLATFORMS } from "../../../platforms/contract/platform.ts";
import { loadBackend, useBackend } from "../../../platforms/current.ts";
import { LinuxBackend } from "../../../platforms/linux/backend.ts";
import * as N from "../../../platforms/linux/wire/numbers.ts";
import { REGISTRY } from "../../../platforms/registry.ts";
import { watchAccessPoints } from "../../../src/linux.ts";
import { FakeSystem } from "../../../src/testing.ts";
import { FakeLibc } from "../../helpers/bsd/libc.ts";
import { EPERM, FakeLinux } from "../../helpers/linux/kernel.ts";

const STATION = 2;

/** Asserts that what capabilities() returns is data, in each way in which data is used. */
function assertData(expected: Capabilities): void {
  const told = capabilities();
  assertEquals(told, expected);
  assertEquals({ ...told }, expected);
  assertEquals(structuredClone(told), expected);
  assertEquals(JSON.parse(JSON.stringify(told)), expected);
  assertEquals(Object.isFrozen(told), true);
  assertStrictEquals(capabilities(), told);
}

Deno.test("capabilities: on each platform they are its row of the limits, and data", async () => {
  for (const platform of PLATFORMS) {
    const makeBackend = await loadBackend(platform);
    using _ = useBackend(makeBackend());
    assertData(REGISTRY[platform].capabilities); // with the system's own library, which is not there: nothing is opened
  }
});

Deno.test("capabilities: of a fake system they are what it was made with, and data", () => {
  for (const platform of PLATFORMS) {
    using system = new FakeSystem({ platform, events: "poll" });
    assertData(system.capabilities);
    assertEquals([system.capabilities.platform, system.capabilities.events], [platform, "poll"]);
  }
});

Deno.test("capabilities: a hundred readings open no socket, and what they told before stays as it was", () => {
  using kernel = new FakeLinux();
  kernel.set("wlan0", { wireless: { type: STATION } });
  const before = capabilities();
  for (let i = 0; i < 100; i++) JSON.stringify({ ...capabilities() });
  assertEquals(kernel.socketCalls.size, 0);
  list();
  const calls = new Map(kernel.socketCalls);
  assertEquals([before.accessPoints, capabilities().accessPoints], [false, true]);
  assertEquals(capabilities() === before, false);
  assertEquals(kernel.socketCalls, calls);
});

Deno.test("capabilities: nothing is opened without the permission, and nothing is asked for", () => {
  using _ = useBackend(
    new LinuxBackend(() => {
      throw new Error("the library was opened");
    }),
  );
  assertData(REGISTRY.linux.capabilities);
});

Deno.test("capabilities: events are told as they are from the first watcher on", async () => {
  const groups = [N.RTNLGRP_LINK, N.RTNLGRP_IPV4_IFADDR, N.RTNLGRP_IPV6_IFADDR];
  for (
    const [refused, addresses, events] of [
      [[], true, "kernel"],
      [groups.slice(1), false, "kernel"], // nobody has asked for addresses
      [groups.slice(1), true, "partial"],
      [groups, true, "poll"],
      [groups, false, "poll"],
    ] as const
  ) {
    using kernel = new FakeLinux();
    for (const group of refused) kernel.refusedGroups.add(group);
    await watch({ addresses }).return();
    assertEquals(capabilities().events, events);
    await watch({ addresses: false }).return();
    assertEquals(capabilities().events, events); // who asks for less takes nothing back
  }
});

Deno.test("capabilities: access points are told as they are from whatever asked nl80211, and a module may come and go", async () => {
  for (
    const ask of [
      () => void list(),
      () => void get("wlan0"),
      () => watch({ initial: true }).return(),
      () => watchAccessPoints().return(),
    ]
  ) {
    using kernel = new FakeLinux();
    kernel.set("wlan0", { wireless: { type: STATION } });
    await ask();
    assertEquals(capabilities().accessPoints, true);
    kernel.hasWireless = false;
    list();
    assertEquals(capabilities().accessPoints, false);
  }
  using kernel = new FakeLinux();
  kernel.set("wlan0", { wireless: { type: STATION } });
  list();
  kernel.refused.set(N.NETLINK_GENERIC, EPERM);
  list();
  assertEquals(capabilities().accessPoints, false);
});

Deno.test("capabilities: alternative names are told as they are when one of more than 15 bytes was asked for", () => {
  using kernel = new FakeLinux();
  kernel.set("eth0");
  kernel.withoutAltNames = true;
  assertEquals([get("eth0")?.name, get("eth9"), capabilities().altNames], ["eth0", undefined, true]);
  assertEquals([get("a-name-of-more-than-15-bytes"), capabilities().altNames], [undefined, false]); // and no error
  kernel.withoutAltNames = false;
  assertEquals([get("a-name-of-more-than-15-bytes"), capabilities().altNames], [undefined, true]);
});

Deno.test("capabilities: on a BSD a watcher shows whether its kernel tells a loss, and polls where it does not", async () => {
  for (const detectsOverflow of [true, false]) {
    using libc = new FakeLibc("netbsd", { detectsOverflow });
    assertEquals([capabilities().overflowDetection, libc.kernel.sockets.size], [true, 0]);
    await watch().return();
    assertEquals(capabilities().overflowDetection, detectsOverflow);
  }
});
