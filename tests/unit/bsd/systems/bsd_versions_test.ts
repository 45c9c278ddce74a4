/** Each row of the table in platforms/bsd/README.md, on the fake kernel that is built for that version. */
import { assert, assertEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { capabilities, get, type InterfaceEvent, type InterfaceWatcher, list, watch } from "../../../../mod.ts";
import { SYSTEMS } from "../../../../platforms/bsd/systems/systems.ts";
import { BORN } from "../../../helpers/bsd/kernel.ts";
import { FakeLibc } from "../../../helpers/bsd/libc.ts";
import { type Version, VERSIONS } from "../../../helpers/bsd/versions.ts";

const UP_RUNNING = BORN | 0x41;
const ADDRESS = { ip: [10, 0, 0, 1], prefixLength: 24 } as const;

/** Milliseconds after which a comparison must have found what was lost. */
const COMPARED = 2000;

async function next(watcher: InterfaceWatcher): Promise<InterfaceEvent> {
  const { done, value } = await watcher.next();
  assert(!done);
  return value;
}

/** The sizes of the headers that a version sends: of an interface, in a list and alone, and of an address. */
function headers(version: Version): string {
  const system = SYSTEMS[version.platform];
  const messages = Object.values(system.layouts[version.layout]!.messages);
  const interfaces = messages.flatMap((one) => "interface" in one ? [one.interface, one.long ?? []].flat() : []);
  const addresses = messages.flatMap((one) => "address" in one && one.name === "RTM_NEWADDR" ? [one.address] : []);
  const address = version.addresses === "old" ? addresses[0]! : addresses.at(-1)!;
  return `${[...new Set(interfaces.map(({ size }) => size[0]))].join(", ")}; ${address.size}`;
}

/** The row of a version, as the table must have it. */
function row(version: Version): string[] {
  const system = SYSTEMS[version.platform];
  return [
    version.name,
    version.lists.join(", "),
    String(system.layouts[version.layout]!.versions.join(", ")),
    headers(version),
    version.filter,
    version.overflow,
    version.announcements ? "yes" : "no",
    version.index,
  ];
}

Deno.test("bsd versions: the table says what the fake kernels are built for", () => {
  const text = Deno.readTextFileSync(new URL("../../../../platforms/bsd/README.md", import.meta.url));
  const table = text.split("\n").filter((line) => /^\| (NetBSD|FreeBSD|OpenBSD|DragonFly|macOS) \d/.test(line))
    .map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim().replaceAll("`", "")));
  assertEquals(table.map((cells) => cells.slice(0, 8)), VERSIONS.map(row));
  for (const [name, ...cells] of table) for (const cell of cells) assert(cell !== "", name);
});

for (const version of VERSIONS) {
  const { name, platform } = version;
  const system = SYSTEMS[platform];
  const told = version.overflow !== "silent";

  Deno.test(`bsd versions ${name}: the newest list that there is, with names and addresses`, () => {
    using libc = new FakeLibc(platform, { version, detectsOverflow: told });
    libc.kernel.create("em0", { flags: UP_RUNNING, ips: [ADDRESS] });
    const [status] = list({ addresses: true });
    assertEquals([status?.name, status?.flags, status?.mtu, status?.addresses?.[0]?.broadcast], [
      "em0",
      UP_RUNNING,
      1500,
      "10.0.0.255",
    ]);
    assertEquals(get("em0")?.hardwareAddress, "02:00:00:00:00:01");
    assertEquals([...new Set(libc.given.lists)], [version.lists[0]]);
    assertEquals(capabilities().announcements, version.announcements);
  });

  Deno.test(`bsd versions ${name}: up, an address, down and the end, each told once`, async () => {
    using time = new FakeTime();
    using libc = new FakeLibc(platform, { version, detectsOverflow: told });
    const { kernel } = libc;
    kernel.create("em0");
    await using watcher = watch({ addresses: true });
    assertEquals(capabilities().overflowDetection, told);
    kernel.up("em0");
    assertEquals((await next(watcher)).status.flags, UP_RUNNING);
    kernel.addAddress("em0", ADDRESS);
    const address = await next(watcher);
    assertEquals([address.changed, address.status.addresses?.length], [["addresses"], 1]);
    kernel.removeAddress("em0", ADDRESS);
    assertEquals((await next(watcher)).status.addresses, []);
    kernel.down("em0");
    assertEquals((await next(watcher)).status.flags, BORN);
    kernel.destroy("em0");
    const removed = next(watcher);
    if (!version.announcements) await time.tickAsync(COMPARED);
    assertEquals((await removed).type, "removed");
    kernel.create("em1");
    const added = next(watcher);
    if (!version.announcements) await time.tickAsync(COMPARED);
    assertEquals([(await added).type, (await added).status.name], ["added", "em1"]);
  });

  Deno.test(`bsd versions ${name}: a filter is set where there is one, and lets through what is read`, async () => {
    using libc = new FakeLibc(platform, { version, detectsOverflow: told });
    await watch().return();
    const messages = Object.entries(system.layouts[version.layout]!.messages);
    const wanted = messages.filter(([, message]) => !("superseded" in message || "route" in message));
    const types = wanted.map(([type]) => Number(type));
    const [filter] = libc.given.filters;
    assertEquals(libc.given.filters.length, version.filter === "none" ? 0 : 1); // nobody asked for routes
    if (version.filter === "none") assertEquals(filter, undefined);
    else if (version.filter === "RO_MSGFILTER") { for (const type of types) assert(filter?.includes(type)); }
    else {
      const mask = new Uint32Array(filter!.slice().buffer)[0]!;
      assertEquals(types.every((type) => (mask & (1 << type)) !== 0), true);
    }
  });

  Deno.test(`bsd versions ${name}: an overflow is told, or a comparison finds what it cost`, async () => {
    using time = new FakeTime();
    using libc = new FakeLibc(platform, { version, detectsOverflow: told, capacity: 2 });
    const { kernel } = libc;
    for (const name of ["em0", "em1", "em2"]) kernel.create(name);
    await using watcher = watch();
    const events = [next(watcher), next(watcher), next(watcher)];
    for (const name of ["em0", "em1", "em2"]) kernel.up(name);
    if (!told) await time.tickAsync(COMPARED);
    const names = (await Promise.all(events)).map(({ status: { name, up } }) => [name, up]);
    assertEquals(names.sort(), [["em0", true], ["em1", true], ["em2", true]]);
    if (told) assertEquals((await events[2]!).resync, true);
  });

  Deno.test(`bsd versions ${name}: the index of a name is asked for in its own way`, async () => {
    using libc = new FakeLibc(platform, { version, detectsOverflow: told });
    libc.kernel.create("em0");
    libc.kernel.mediaOf.set("em0", { active: 0x20, link: true });
    await using watcher = watch();
    libc.nameFails = version.index === "if_nametoindex" ? undefined : 1;
    libc.kernel.up("em0");
    const { status } = await next(watcher);
    assertEquals([status.flags, status.media?.link], [UP_RUNNING, true]);
  });
}
