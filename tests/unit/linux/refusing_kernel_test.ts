/** Kernels, and what stands before them, that refuse to tell changes, or tell less of them than Linux does. */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { active, capabilities, get, waitFor, watch } from "../../../mod.ts";
import { runHere } from "../../helpers/cli/in_process.ts";
import { EPERM, FakeLinux } from "../../helpers/linux/kernel.ts";
import * as N from "../../../platforms/linux/wire/numbers.ts";

const WORKING = { flags: 0x11043, operState: 6, carrier: true } as const;

Deno.test("refusing kernel: where no event is told, watch and waitFor compare, and capabilities say so", async () => {
  using time = new FakeTime();
  using kernel = new FakeLinux();
  for (const group of [N.RTNLGRP_LINK, N.RTNLGRP_IPV4_IFADDR, N.RTNLGRP_IPV6_IFADDR]) kernel.refusedGroups.add(group);
  kernel.set("eth0");
  assertEquals((await waitFor("eth0", "present", { timeout: 100 })).name, "eth0"); // true already: found at once
  await using watcher = watch();
  assertEquals(capabilities().events, "poll");
  const waiting = waitFor("eth1", "connected", { timeout: 10_000 });
  kernel.set("eth0", WORKING);
  kernel.set("eth1", WORKING);
  await time.tickAsync(1000);
  const told = [await watcher.next(), await watcher.next()];
  assertEquals(told.map(({ value }) => [value?.type, value?.status.name]), [["changed", "eth0"], ["added", "eth1"]]);
  assertEquals((await waiting).name, "eth1");
  await watcher.return();
  assertEquals(kernel.sockets, 0);
});

Deno.test("refusing kernel: where only links are told, addresses are compared", async () => {
  using time = new FakeTime();
  using kernel = new FakeLinux();
  kernel.refusedGroups.add(N.RTNLGRP_IPV4_IFADDR);
  kernel.set("eth0");
  await using watcher = watch({ addresses: true });
  assertEquals(capabilities().events, "partial");
  kernel.set("eth0", WORKING);
  assertEquals((await watcher.next()).value?.status.connected, true); // at once
  let asked = 0;
  kernel.onRequest = (what) => void (what === "links" && asked++);
  await time.tickAsync(3000);
  assertEquals(asked >= 3, true);
});

Deno.test("refusing kernel: one that reports no operational state is read by the carrier, and its messages are whole", async () => {
  using kernel = new FakeLinux();
  kernel.withoutOperState = true;
  kernel.set("eth0", { flags: 0x1003 });
  await using watcher = watch({ initial: true });
  assertEquals((await watcher.next()).value?.status.connected, false);
  kernel.set("eth0", { flags: 0x11043, carrier: true });
  const { value } = await watcher.next();
  assertEquals([value?.status.connected, value?.status.operState], [true, undefined]);
  assertEquals([active().map(({ name }) => name), get("eth0")?.connected], [["eth0"], true]);
});

Deno.test("refusing kernel: commands say once that networks are not told, where an interface may have one", async () => {
  const says =
    /^netflags: Cannot read wireless interfaces: EPERM \(Operation not permitted\): a sandbox or a security policy [^\n]*; it is done without\n(netflags: watching\n)?$/;
  for (const args of [["list"], ["show", "eth0"], ["list", "--json"], ["watch", "--initial", "--count", "1"]]) {
    using kernel = new FakeLinux();
    kernel.set("eth0", WORKING);
    kernel.refused.set(N.NETLINK_GENERIC, EPERM);
    const { status, stdout, stderr } = await runHere(args);
    assertEquals(status, 0);
    assertStringIncludes(stdout, "eth0");
    assertMatch(stderr, says, args.join(" "));
  }
  using kernel = new FakeLinux();
  kernel.set("veth0", { ...WORKING, kind: "veth" }); // which has no network in any case
  kernel.refused.set(N.NETLINK_GENERIC, EPERM);
  assertEquals((await runHere(["list"])).stderr, "");
});
