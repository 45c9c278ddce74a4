/** The states that a watcher knows, at any moment. */
import { assertEquals } from "@std/assert";
import { get, type InterfaceStatus, type InterfaceWatcher, list, watch } from "../../../mod.ts";
import { FakeSystem } from "../../../src/testing.ts";
import { FakeLinux } from "../../helpers/linux/kernel.ts";
import { ADDRESS } from "../../helpers/made_up.ts";
import { still } from "../../helpers/still.ts";

const names = (watcher: InterfaceWatcher): string[] => watcher.interfaces().map(({ name }) => name);

/** Lets the messages that are queued be read. */
async function turn(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}

still(
  "interfaces: they are there from the moment of the call, by index, and follow what nobody has taken",
  async () => {
    using system = new FakeSystem();
    system.set({ name: "eth1", index: 7 });
    system.set({ name: "eth0", index: 3, mtu: 1400 });
    system.set({ name: "lo", index: 1, type: "loopback" });
    for (const initial of [true, false]) {
      await using watcher = watch({ names: "eth*", initial });
      assertEquals(watcher.interfaces().map(({ name, mtu }) => [name, mtu]), [["eth0", 1400], ["eth1", 1500]]);
    }
    await using watcher = watch({ names: "eth*" });
    await using all = watch();
    assertEquals(names(all), ["lo", "eth0", "eth1"]);
    system.set({ name: "eth0", index: 3, mtu: 1300 });
    system.remove("eth1");
    system.set({ name: "eth2", index: 2 });
    await turn();
    assertEquals(watcher.interfaces().map(({ name, mtu }) => [name, mtu]), [["eth2", 1500], ["eth0", 1300]]);
    assertEquals(names(all), ["lo", "eth2", "eth0"]);
  },
);

still("interfaces: one that is renamed comes and goes with its name", async () => {
  using system = new FakeSystem();
  system.set({ name: "en0", index: 1, mtu: 1400 });
  await using watcher = watch({ names: ["en*", "wan"] });
  system.set({ name: "x0", index: 1, mtu: 1300 });
  await turn();
  assertEquals(names(watcher), []);
  system.set({ name: "x0", index: 1, mtu: 1200 }); // nobody asked for it
  system.set({ name: "en1", index: 1, mtu: 1200 });
  await turn();
  assertEquals(watcher.interfaces().map(({ name, mtu }) => [name, mtu]), [["en1", 1200]]);
});

still("interfaces: what settle holds back is in them", async () => {
  using system = new FakeSystem();
  await using watcher = watch({ settle: 1000 });
  system.set({ name: "eth0" });
  await turn();
  assertEquals(names(watcher), ["eth0"]);
});

still("interfaces: they have addresses as the events have them", async () => {
  using system = new FakeSystem();
  system.set({ name: "eth0", addresses: [ADDRESS] });
  await using with_ = watch({ addresses: true });
  await using without = watch({ addresses: false });
  const addresses = (watcher: InterfaceWatcher): unknown =>
    watcher.interfaces()[0]?.addresses?.map(({ address }) => address);
  assertEquals([addresses(with_), addresses(without)], [[ADDRESS.address], undefined]);
  system.set({ name: "eth0", addresses: [] });
  await turn();
  assertEquals([addresses(with_), addresses(without)], [[], undefined]);
});

still("interfaces: there are none after the end, however it came", async () => {
  using system = new FakeSystem();
  system.set({ name: "eth0" });
  const closed = watch();
  closed.close();
  const abort = new AbortController();
  const aborted = watch({ signal: abort.signal });
  abort.abort();
  const never = watch({ signal: AbortSignal.abort() });
  const failed = watch();
  system.fail(new Error("for good"));
  assertEquals([closed, aborted, never, failed].map(names), [[], [], [], []]);
  for (const watcher of [closed, aborted, never]) assertEquals((await watcher.next()).done, true);
});

Deno.test("interfaces: whoever gets a batch of messages sees the state after all of them", async () => {
  using kernel = new FakeLinux();
  kernel.set("eth0");
  kernel.set("eth1");
  await using watcher = watch();
  kernel.set("eth0", { mtu: 1400 });
  kernel.set("eth1", { mtu: 1300 });
  const { value } = await watcher.next();
  assertEquals([value?.status.name, ...watcher.interfaces().map(({ mtu }) => mtu)], ["eth0", 1400, 1300]);
});

for (const platform of ["netbsd", "freebsd", "openbsd", "dragonfly", "darwin"] as const) {
  still(`interfaces: on ${platform}, addresses have the order of its list, whatever comes and goes`, async () => {
    using system = new FakeSystem({ platform });
    const one = (address: string): typeof ADDRESS => ({ ...ADDRESS, address });
    const order = (status: InterfaceStatus | undefined): unknown => status?.addresses?.map(({ address }) => address);
    system.set({ name: "en0", index: 1, addresses: [one("10.0.0.1"), one("10.0.0.2")] });
    await using watcher = watch({ addresses: true, poll: 0 });
    for (const addresses of [["10.0.0.2", "10.0.0.9"], ["10.0.0.9", "10.0.0.1", "10.0.0.2"], [], ["10.0.0.3"]]) {
      system.set({ name: "en0", index: 1, addresses: addresses.map(one) });
      await turn();
      assertEquals(order(watcher.interfaces()[0]), order(get("en0")));
      assertEquals(order(get("en0")), order(list()[0]));
    }
  });
}
