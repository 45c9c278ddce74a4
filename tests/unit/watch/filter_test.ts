/** The kernel drops what nobody wants: whatever happens, a watcher knows what a list says. */
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  type InterfaceStatus,
  type InterfaceWatcher,
  list,
  type ListOptions,
  SystemError,
  waitFor,
  watch,
} from "../../../mod.ts";
import * as N from "../../../platforms/linux/wire/numbers.ts";
import { counters, FakeLinux } from "../../helpers/linux/kernel.ts";
import { type Random, withSeed } from "../../helpers/random.ts";

/** Lets the messages that are queued be read. */
async function turn(): Promise<void> {
  for (let i = 0; i < 30; i++) await Promise.resolve();
}

/** A watcher, and what its events add up to. */
class Follower implements AsyncDisposable {
  readonly known = new Map<number, InterfaceStatus>();
  readonly told: string[] = [];
  resyncs = 0;
  readonly #selection: ListOptions;
  readonly #watcher: InterfaceWatcher;
  readonly #ended: Promise<void>;

  constructor(selection: ListOptions) {
    this.#selection = selection;
    this.#watcher = watch({ ...selection, initial: true });
    this.#ended = this.#follow();
  }

  async #follow(): Promise<void> {
    for await (const { type, status, changed, resync } of this.#watcher) {
      if (type === "removed" || type === "left") this.known.delete(status.index);
      else this.known.set(status.index, status);
      if (type !== "present") {
        this.told.push(`${type} ${status.name} ${type === "changed" ? changed.join() : ""}`.trim());
      }
      if (resync) this.resyncs++;
    }
  }

  check(): void {
    const sorted = [...this.known.values()].sort((a, b) => a.index - b.index);
    assertEquals(sorted, list(this.#selection), JSON.stringify(this.#selection));
    assertEquals(this.#watcher.interfaces(), sorted);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#watcher.close();
    await this.#ended;
  }
}

/** A kernel that counts what its filters drop. */
class Filtering extends FakeLinux {
  dropped = 0;

  constructor() {
    super();
    this.kernel.sockets.onDropped = () => this.dropped++;
  }

  /** Whether some socket has a filter. */
  get filtered(): boolean {
    return this.kernel.sockets.all.some(({ filter }) => filter !== undefined);
  }
}

Deno.test("filter: what nobody wants is dropped, and what may be wanted passes", async () => {
  using kernel = new Filtering();
  for (const name of ["eth0", "veth1", "veth2"]) kernel.set(name);
  await using follower = new Follower({ names: ["eth0", "wl*"] });
  for (let mtu = 1; mtu <= 100; mtu++) kernel.set("veth1", { mtu });
  kernel.addAddress(kernel.find("veth2")!, [10, 0, 0, 1]);
  await turn();
  assertEquals([kernel.dropped, follower.told], [101, []]);
  kernel.set("eth0", { mtu: 9000 });
  kernel.set("veth2", { name: "wlan0" }); // with an address that was dropped
  kernel.set("veth9");
  kernel.remove("veth1");
  await turn();
  assertEquals(follower.told, ["changed eth0 mtu", "added wlan0"]);
  follower.check();
  kernel.set("wlan0", { mtu: 2000 });
  kernel.set("eth0", { name: "old0" });
  await turn();
  kernel.set("old0", { altNames: ["wl-alias"] });
  await turn();
  assertEquals(follower.told.slice(2), ["changed wlan0 mtu", "left eth0", "added old0"]);
  follower.check();
  assertEquals(follower.resyncs, 0);
});

Deno.test("filter: a flood of what nobody wants does not fill the queue of a reader that is busy", async () => {
  using kernel = new Filtering();
  for (const name of ["eth0", "veth1"]) kernel.set(name);
  await using follower = new Follower({ names: "eth0" });
  kernel.queueLimit = 8;
  for (let mtu = 1; mtu <= 20_000; mtu++) kernel.set("veth1", { mtu });
  kernel.set("eth0", { mtu: 9000 });
  await turn();
  assertEquals([kernel.troubles, follower.resyncs, follower.told], [0, 0, ["changed eth0 mtu"]]);
});

Deno.test("filter: of an interface that a wanted one refers to the name is followed, from before it did so too", async () => {
  using kernel = new Filtering();
  const { index } = kernel.set("br0");
  kernel.set("eth0");
  await using follower = new Follower({ names: "eth0" });
  kernel.set("br0", { name: "br1" }); // dropped: nobody refers to it
  await turn();
  assertEquals(kernel.dropped, 1);
  kernel.set("eth0", { master: index });
  await turn();
  assertEquals(follower.known.get(2)?.master, "br1");
  kernel.set("br1", { name: "br2" });
  await turn();
  assertEquals(follower.known.get(2)?.master, "br2");
  follower.check();
});

Deno.test("filter: there is none while somebody wants everything, or what no name decides", async () => {
  using kernel = new Filtering();
  for (const name of ["eth0", "veth1"]) kernel.set(name);
  await using _ = new Follower({ names: "eth0" });
  assert(kernel.filtered);
  for (
    const selection of [{}, { kinds: "veth" }, { exclude: "eth0" }, { names: "*0" }, { names: ["eth1", "[a-z]1"] }]
  ) {
    await using follower = new Follower(selection);
    assert(!kernel.filtered, JSON.stringify(selection));
    kernel.set("veth1", { mtu: kernel.find("veth1")!.mtu + 1 });
    await turn();
    follower.check();
  }
  assert(kernel.filtered);
});

Deno.test("filter: a kernel that has none is asked once, and nothing is said of it", async () => {
  using kernel = new Filtering();
  kernel.kernel.sockets.hasFilters = false;
  for (const name of ["eth0", "veth1"]) kernel.set(name);
  await using follower = new Follower({ names: "eth0" });
  for (let mtu = 1; mtu <= 100; mtu++) {
    kernel.set("veth1", { mtu });
    await turn();
  }
  kernel.set("eth0", { mtu: 9000 });
  await turn();
  follower.check();
  assertEquals([kernel.filtered, follower.told], [false, ["changed eth0 mtu"]]);
});

Deno.test("filter: where it cannot be taken away, who asks for more is told, and nobody misses anything", async () => {
  using kernel = new Filtering();
  for (const name of ["eth0", "veth1"]) kernel.set(name);
  await using _ = new Follower({ names: "eth0" });
  kernel.failOnce.set("setsockopt", 12); // ENOMEM
  assertThrows(() => watch(), SystemError, "watch interfaces");
  await using follower = new Follower({});
  assert(!kernel.filtered);
  kernel.set("veth1", { mtu: 1400 });
  await turn();
  assertEquals(follower.told, ["changed veth1 mtu"]);
});

Deno.test("filter: where it cannot be taken away, who waits for another is told, and the next one waits", async () => {
  using kernel = new Filtering();
  for (const name of ["eth0", "veth1"]) kernel.set(name);
  await using follower = new Follower({ names: "eth0" });
  kernel.failOnce.set("setsockopt", 12); // ENOMEM
  await assertRejects(() => waitFor("veth1", "up", { timeout: 1000 }), SystemError);
  const waiting = waitFor("veth1", "up", { timeout: 1000 });
  for (const name of ["veth1", "eth0"]) kernel.set(name, { flags: 0x1003 });
  assertEquals((await waiting)?.name, "veth1");
  await turn();
  assertEquals(follower.told.at(-1), "changed eth0 flags,flagNames,up");
  follower.check();
});

Deno.test("filter: where no other one can be had, what becomes wanted is not missed", async () => {
  using kernel = new Filtering();
  for (const name of ["eth0", "veth1", "veth2"]) kernel.set(name);
  await using follower = new Follower({ names: "eth*" });
  assert(kernel.filtered);
  kernel.set("veth1", { mtu: 1400 }); // dropped
  kernel.failOnce.set("setsockopt", 12);
  kernel.set("veth1", { name: "eth1" });
  await turn();
  kernel.set("eth1", { mtu: 1300 });
  await turn();
  assertEquals(follower.told, ["added eth1", "changed eth1 mtu"]);
  follower.check();
});

Deno.test("filter: who asks once leaves that of others as it was, and who waits has one", async () => {
  using kernel = new Filtering();
  for (const name of ["eth0", "veth1", "veth2"]) kernel.set(name);
  {
    const waiting = waitFor("veth1", "up");
    assert(kernel.filtered);
    kernel.set("veth1", { flags: 0x1003 });
    await waiting;
  }
  await using follower = new Follower({ names: "eth0" });
  assert(kernel.filtered);
  assertEquals((await waitFor("veth2", "present"))?.name, "veth2");
  assert(kernel.filtered);
  const { dropped } = kernel;
  kernel.set("veth2", { mtu: 1400 });
  await turn();
  assertEquals([kernel.dropped > dropped, follower.told], [true, []]);
});

Deno.test("filter: an index that somebody else gets is not the one whose messages were dropped", async () => {
  using kernel = new Filtering();
  kernel.set("eth0");
  const { index } = kernel.set("veth1");
  await using follower = new Follower({ names: "eth0" });
  kernel.remove("veth1");
  kernel.set("veth2", { index });
  await turn();
  kernel.set("eth0", { master: index });
  await turn();
  assertEquals(follower.known.get(1)?.master, "veth2");
  follower.check();
});

const POOL = [
  "eth0",
  "eth1",
  "wlan0",
  "br0",
  "br1",
  "tap0",
  "tap1",
  "veth0",
  "veth1",
  "veth2",
  "longer-name-15b",
] as const;
const WISHES: readonly ListOptions[] = [
  { names: "eth0" },
  { names: ["eth1", "longer-name-15b"] },
  { names: "eth*" },
  { names: ["br?", "wlan0"] },
  { names: ["al-1", "veth1"] },
  { names: "veth*", masterKinds: "bridge" },
  { names: "t*", exclude: "tap1" },
];

/** One change at random. */
function change(kernel: Filtering, random: Random): void {
  const links = [...kernel.links.values()];
  const free = POOL.filter((name) => kernel.find(name) === undefined);
  const link = links.length === 0 ? undefined : random.pick(links);
  if (link === undefined || (free.length > 0 && random.below(8) === 0)) {
    const name = random.pick(free);
    // An index that was in use is used again, and may be that of something else.
    const index = random.below(2) === 0 ? undefined : 1 + random.below(20);
    const more = index === undefined || kernel.links.has(index) ? {} : { index };
    kernel.set(name, { ...more, ...(name.startsWith("br") ? { kind: "bridge" } : {}) });
    return;
  }
  const { name } = link;
  switch (random.below(9)) {
    case 0: {
      for (const port of links) if (port.master === link.index) kernel.set(port.name, { master: undefined });
      return kernel.remove(name);
    }
    case 1:
      if (free.length > 0) kernel.set(name, { name: random.pick(free) });
      return;
    case 2: { // two names are swapped
      const other = random.pick(links);
      if (other === link) return;
      const others = other.name;
      kernel.set(name, { name: "tmp" });
      kernel.set(others, { name });
      kernel.set("tmp", { name: others });
      return;
    }
    case 3: {
      const master = random.pick(links);
      kernel.set(name, { master: master === link || link.master !== undefined ? undefined : master.index });
      return;
    }
    case 4: {
      const used = links.some(({ altNames }) => altNames.length > 0);
      kernel.set(name, { altNames: used ? [] : ["al-1"] });
      return;
    }
    case 5:
    case 6: {
      const [first] = link.addresses;
      if (first !== undefined && random.below(2) === 0) kernel.removeAddress(link, first);
      else kernel.addAddress(link, [10, random.below(250), random.below(250), 1]);
      return;
    }
    case 7: {
      const changes = link.carrierUps + link.carrierDowns + 1;
      kernel.set(name, { carrier: !link.carrier, ...counters(changes) });
      return;
    }
    default:
      kernel.set(name, { mtu: link.mtu + 1, flags: link.flags ^ N.IFF_UP });
  }
}

/** Changes, and watchers that come and go. In the end, and now and then, each knows what a list says. */
async function storm(random: Random, mode: "on" | "off" | "changing"): Promise<number> {
  using kernel = new Filtering();
  kernel.kernel.sockets.hasFilters = mode !== "off";
  for (const name of POOL.slice(0, 8)) kernel.set(name, name.startsWith("br") ? { kind: "bridge" } : {});
  if (random.below(3) === 0) kernel.queueLimit = random.pick([2, 8, 40]);
  const followers: Follower[] = [];
  const check = async (): Promise<void> => {
    for (let i = 0; i < 40; i++) await turn();
    // After a loss everything is asked again in a moment.
    await new Promise((resolve) => setTimeout(resolve, kernel.troubles > 0 ? 40 : 0));
    for (const follower of followers) follower.check();
  };
  for (let step = 0; step < 120; step++) {
    if (followers.length < 1 + random.below(4) && random.below(6) === 0) {
      const all = mode === "changing" && random.below(3) === 0;
      followers.push(new Follower(all ? {} : random.pick(WISHES)));
    }
    if (followers.length > 0 && random.below(25) === 0) {
      await followers.splice(random.below(followers.length), 1)[0]![Symbol.asyncDispose]();
    }
    for (let changes = 1 + random.below(6); changes > 0; changes--) change(kernel, random);
    if (random.below(3) > 0) await turn();
    if (step % 20 === 19) await check();
  }
  await check();
  for (const follower of followers) await follower[Symbol.asyncDispose]();
  return kernel.dropped;
}

for (const mode of ["on", "off", "changing"] as const) {
  Deno.test(`filter: storms, ${mode}: what a watcher was told adds up to the list`, () =>
    withSeed(async (random) => {
      let dropped = 0;
      for (let i = 0; i < 25; i++) dropped += await storm(random, mode);
      assertEquals(dropped > 1000, mode !== "off", `${dropped} dropped`);
    }));
}
