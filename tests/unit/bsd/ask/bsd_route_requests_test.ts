/** Questions about routes on a BSD: whose answer is believed, what each error means, and what happens without one. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  inspect,
  list,
  NoSuchInterfaceError,
  route,
  SystemError,
  UnsupportedError,
  waitFor,
  watch,
} from "../../../../mod.ts";
import * as C from "../../../../platforms/bsd/systems/common.ts";
import { SYSTEMS } from "../../../../platforms/bsd/systems/systems.ts";
import type { BsdPlatform } from "../../../../platforms/contract/platform.ts";
import { Builder } from "../../../../src/fake/bsd/builder.ts";
import { ASKER, madeRoute } from "../../../../src/fake/bsd/routes.ts";
import { ANSWER, answering, IPS } from "../../../helpers/bsd/answering.ts";
import { EMFILE, EPERM, FakeLibc } from "../../../helpers/bsd/libc.ts";
import { still } from "../../../helpers/still.ts";

const PLATFORMS = Object.keys(SYSTEMS) as BsdPlatform[];
const defaults = (): (readonly string[] | undefined)[] => list({ routes: true }).map((one) => one.defaultRoute);

for (const platform of PLATFORMS) {
  Deno.test(`bsd route requests ${platform}: what is asked: an address of each family, by the interface, as a route in use`, () => {
    const { kernel, sent } = answering(platform, (_request, right) => [right()]);
    using _ = kernel;
    assertEquals(defaults(), [["inet", "inet6"]]);
    const layout = SYSTEMS[platform].layouts[0]!;
    const message = layout.messages[C.RTM_GET]!;
    assert("route" in message);
    const { size, flags, addrs, table, sizeField } = message.route;
    const [inet, inet6] = sent.map((bytes) => new DataView(bytes.buffer));
    for (const view of [inet!, inet6!]) {
      assertEquals([view.getUint16(0, true), view.getUint8(2), view.getUint8(3)], [
        view.byteLength,
        layout.versions[0],
        4,
      ]);
      assertEquals([view.getUint32(flags[0], true), view.getUint32(addrs[0], true)], [C.RTF_UP, 0x11]);
      if (table !== undefined) assertEquals(view.getUint16(table[0], true), kernel.table);
      if (sizeField !== undefined) assertEquals(view.getUint16(sizeField[0], true), size);
    }
    const ip = (bytes: Uint8Array, at: number, count: number) => [...bytes.subarray(size + at, size + at + count)];
    assertEquals(ip(sent[0]!, 0, 8), [16, C.AF_INET, 0, 0, 198, 41, 0, 4]);
    assertEquals(ip(sent[1]!, 0, 2), [28, layout.inet6]);
    assertEquals(ip(sent[1]!, 8, 16), [0x20, 1, 5, 3, 0xba, 0x3e, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0x30]);
    assertEquals([ip(sent[0]!, 16, 2), sent[0]!.length], [
      [20, C.AF_LINK],
      size + 16 + (platform === "darwin" ? 20 : 24),
    ]);
    assert(inet!.getInt32(message.route.seq[0], true) !== inet6!.getInt32(message.route.seq[0], true));
  });

  Deno.test(`bsd route requests ${platform}: an answer is one's own by process and number; whatever else comes is not`, () => {
    const build = new Builder(SYSTEMS[platform]);
    let asked = 0;
    const { kernel } = answering(platform, (request, right) => {
      const { seq } = build.question(request);
      const torn = right();
      torn[1] = 0xff; // its length
      return [
        ...(asked++ === 0 ? [] : [right({ pid: 1, index: 7 })]), // the first answer says which process this is
        right({ seq: seq - 1, index: 7 }),
        right({ seq: -seq, index: 7 }),
        build.route("RTM_ADD", { ...ANSWER, index: 7, pid: ASKER, seq }),
        build.interface({ index: 7, name: "em7", flags: 0, linkState: 0, mtu: 0 }, false),
        Uint8Array.of(4, 0, 99, 4),
        Uint8Array.of(1),
        torn,
        right(),
        right({ index: 7 }),
      ];
    });
    using _ = kernel;
    assertEquals(defaults(), [["inet", "inet6"]]);
    assertEquals(route("203.0.113.9").map(({ name, gateway }) => [name, gateway]), [["em0", "192.0.2.1"]]);
  });
}

Deno.test("bsd route requests: a lost answer is asked for again; without any it is an error that passes", () => {
  let lost = 0;
  const { kernel, sent, waits } = answering("freebsd", (_request, right) => lost-- > 0 ? [] : [right()]);
  using _ = kernel;
  lost = 2;
  assertEquals(route("203.0.113.9").length, 1);
  assertEquals([sent.length, waits()], [3, 2]);
  lost = 3;
  const error = assertThrows(
    () => route("203.0.113.9"),
    SystemError,
    "Cannot read routes: ENOBUFS (no answer came within",
  );
  assertEquals(error.code, "ENOBUFS");
});

Deno.test("bsd route requests: a kernel that gives no answer does not spoil a list, nor what is known of one interface", async () => {
  const { kernel, sent } = answering("freebsd", () => []);
  using _ = kernel;
  assertEquals([defaults(), sent.length], [[undefined], 3]); // after IPv4, IPv6 is not asked
  assertEquals(inspect("em0")?.defaultRoute, undefined);
  assertEquals((await waitFor("em0", "present", { routes: false })).name, "em0");
  // A watcher asks again, and so it is told.
  assertThrows(() => watch({ routes: true }), SystemError, "Cannot read routes: ENOBUFS");
});

Deno.test("bsd route requests: each error says that nothing leads there, or that nobody knows", async () => {
  using libc = new FakeLibc("openbsd");
  libc.kernel.create("em0", { flags: 0x8843, ips: IPS });
  for (const errno of [C.ESRCH, C.ENETUNREACH, C.EHOSTUNREACH]) {
    libc.fails.write = errno;
    assertEquals([route(), route("203.0.113.9"), defaults()], [[], [], [[]]], `errno ${errno}`);
  }
  for (const errno of [C.EAFNOSUPPORT, C.EOPNOTSUPP, EPERM, C.EACCES]) {
    libc.fails.write = errno;
    assertThrows(() => route(), UnsupportedError, "Cannot read routes: this kernel, or a policy in front of it");
    assertEquals(defaults(), [undefined], `errno ${errno}`);
  }
  libc.fails.write = 5;
  assertThrows(() => route(), SystemError, "Cannot read routes: errno 5");
  assertEquals(defaults(), [undefined]);
  delete libc.fails.write;
  libc.failOnce("socket", EMFILE);
  assertThrows(() => route(), SystemError, "Cannot read routes: EMFILE");
  libc.failOnce("socket", EMFILE);
  assertThrows(defaults, SystemError, "Cannot read routes: EMFILE");
  libc.failOnce("socket", EPERM); // a policy: lists go on without it
  assertEquals(defaults(), [undefined]);
  await Promise.resolve(); // the socket for ioctls is closed at the end of the turn
  assertEquals([...libc.open.keys()], []);
});

Deno.test("bsd route requests: a kernel without IPv6 has no default of it", () => {
  using libc = new FakeLibc("netbsd");
  libc.kernel.create("em0", { flags: 0x8843, ips: IPS });
  libc.kernel.routes.add(madeRoute(SYSTEMS.netbsd, libc.kernel.of("em0"), "0.0.0.0/0"));
  libc.failAt("write", C.EAFNOSUPPORT, 2);
  assertEquals(defaults(), [["inet"]]);
});

for (const platform of PLATFORMS) {
  Deno.test(`bsd route requests ${platform}: no zone is cut off to the name of an interface`, () => {
    using libc = new FakeLibc(platform);
    const name = "fifteen-letters";
    libc.kernel.create(name, {
      flags: 0x8843,
      ips: [{ ip: [0xfe, 0x80, ...new Array(13).fill(0), 1], prefixLength: 64 }],
    });
    assertEquals(route(`fe80::1%${name}`).length, 1);
    for (const zone of [`${name}!`, `${name}-and-more`, `${name}\0`, `${name}\0x`]) {
      assertThrows(() => route(`fe80::1%${zone}`), NoSuchInterfaceError);
    }
  });
}

Deno.test("bsd route requests: the zone of an address is a name or an index, and must exist", () => {
  for (const platform of PLATFORMS) {
    const { kernel, sent } = answering(platform, (_request, right) => [right()]);
    using _ = kernel;
    const address = (zone: string): number[] => {
      sent.length = 0;
      route(`fe80::1%${zone}`);
      const message = SYSTEMS[platform].layouts[0]!.messages[C.RTM_GET]!;
      assert("route" in message);
      return [...sent[0]!.subarray(message.route.size + 8, message.route.size + 12)];
    };
    kernel.create("em1", { index: 513 });
    assertEquals([address("em0"), address("513")], [[0xfe, 0x80, 0, 1], [0xfe, 0x80, 2, 1]]);
    for (const zone of ["em7", "66", "65536"]) assertThrows(() => route(`fe80::1%${zone}`), NoSuchInterfaceError);
    assertEquals([route("2001:db8::1%em0").length, route("2001:db8::1%em1").length], [1, 0]);
  }
});

Deno.test("bsd route requests: OpenBSD is asked in the routing table of this process, which the answer says", () => {
  const { kernel, sent } = answering("openbsd", (_request, right) => [right({ table: 3 })]);
  using _ = kernel;
  Object.assign(kernel, { table: 3 });
  assertEquals(route("203.0.113.9")[0]?.table, 3);
  assertEquals(new DataView(sent[0]!.buffer).getUint16(8, true), 3);
});

Deno.test("bsd route requests: which process this is, a kernel in user space says by its own number", () => {
  const answers = [1, 2, 1];
  const { kernel } = answering("netbsd", (_request, right) => [right({ pid: answers.shift() ?? 1 })]);
  using _ = kernel;
  assertEquals(route("203.0.113.9").length, 1);
  assertEquals([route("203.0.113.9").length, answers], [1, []]); // the second answer is another process's
});

Deno.test("bsd route requests: an interface that is gone takes its way with it", () => {
  const { kernel } = answering("netbsd", (_request, right) => [right({ index: 77 })]);
  using _ = kernel;
  assertEquals([route("203.0.113.9"), defaults()], [[], [[]]]);
});

Deno.test("bsd route requests: own addresses, broadcast and groups are no default", () => {
  for (const platform of PLATFORMS) {
    const { RTF_LOCAL, RTF_BROADCAST, RTF_MULTICAST } = SYSTEMS[platform].layouts[0]!.routeFlags;
    for (
      const [flag, type] of [[RTF_LOCAL, "local"], [RTF_BROADCAST, "broadcast"], [RTF_MULTICAST, "multicast"]] as const
    ) {
      if (flag === 0) continue;
      const { kernel } = answering(platform, (_request, right) => [right({ flags: C.RTF_UP | flag })]);
      using _ = kernel;
      assertEquals([defaults(), route(), route("203.0.113.9")[0]?.type], [[[]], [], type], `${platform} ${type}`);
    }
  }
});

still("bsd route requests: a watcher that cannot ask at the moment lists again, and goes on", async () => {
  using libc = new FakeLibc("freebsd", { detectsOverflow: true });
  const { kernel } = libc;
  kernel.create("em0", { flags: 0x8843, ips: IPS });
  await using watcher = watch({ routes: true, poll: 0, changes: "defaultRoute" });
  for (let i = 0; i < 60; i++) await Promise.resolve();
  libc.failOnce("write", C.ENOBUFS);
  kernel.routes.add(madeRoute(SYSTEMS.freebsd, kernel.of("em0"), "0.0.0.0/0"));
  const { value } = await watcher.next();
  assertEquals([value?.status.name, value?.status.defaultRoute], ["em0", ["inet"]]);
});
