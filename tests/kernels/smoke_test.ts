/** What must work under every kernel, in a minute: the commands, held against `ip`. */
import { assertEquals, assertMatch } from "@std/assert";
import { capabilities, get, list, watch } from "../../mod.ts";
import { netflags, Running } from "../helpers/cli/netflags.ts";
import { assertAsIp, clear, eventually, ip, ipLinks, linkListeners, liveTest } from "../helpers/live/system.ts";

liveTest("smoke: list is what ip shows, in every field, and show tells one of it", async () => {
  try {
    ip("link add dev va type veth peer name vb");
    ip("link set va up");
    await eventually(() => assertAsIp(list()), 20000);
    const { status, stdout } = await netflags(["list", "--json"]);
    const told: { name: string; index: number; mtu: number }[] = JSON.parse(stdout);
    assertEquals(
      [status, told.map(({ name, index, mtu }) => [name, index, mtu])],
      [0, ipLinks().map(({ ifname, ifindex, mtu }) => [ifname, ifindex, mtu])],
    );
    const shown = await netflags(["show", "va"]);
    assertEquals(shown.status, 0);
    assertMatch(shown.stdout, /^name +va$/m);
    assertMatch(shown.stdout, /^flags +0x1003 <UP,BROADCAST,MULTICAST>$/m);
  } finally {
    clear();
  }
});

liveTest("smoke: watch tells a change as it happens, and wait returns with it", async () => {
  try {
    await using watching = new Running(["watch", "--json", "--initial"]);
    assertEquals(JSON.parse(await watching.line()).type, "watching");
    assertEquals(JSON.parse(await watching.line()).status.name, "lo");
    const waiting = netflags(["wait", "va", "connected", "--timeout", "120"]);
    await eventually(() => assertEquals(linkListeners().length, 2), 60000);
    ip("link add dev va type veth peer name vb");
    ip("link set va up");
    ip("link set vb up");
    assertEquals((await waiting).status, 0);
    let last: { type: string; status: { name: string; connected: boolean } };
    do last = JSON.parse(await watching.line()); while (!(last.status.name === "va" && last.status.connected));
    ip("link del va");
    do last = JSON.parse(await watching.line()); while (!(last.status.name === "va" && last.type === "removed"));
    watching.signal("SIGTERM");
    assertEquals(await watching.status(), 0);
  } finally {
    clear();
  }
});

liveTest("smoke: what it says it can do is what this kernel can", async () => {
  const [major, minor] = Deno.osRelease().split(".").map(Number);
  const watcher = watch({ initial: true });
  assertEquals((await watcher.next()).value?.status.name, "lo");
  assertEquals(capabilities().events, "kernel");
  assertEquals(get("a-name-of-more-than-15-bytes"), undefined);
  assertEquals(capabilities().altNames, major! > 5 || (major === 5 && minor! >= 5));
  await watcher.return();
});
