/** The flags of addresses: those of NetBSD's messages, and those that the others tell when they are asked. */
import { assert, assertEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import {
  get,
  holds,
  type InterfaceEvent,
  type InterfaceWatcher,
  list,
  usable,
  waitFor,
  watch,
} from "../../../../mod.ts";
import { BORN, FakeKernel } from "../../../helpers/bsd/kernel.ts";
import { EINVAL, ENOMEM, FakeLibc } from "../../../helpers/bsd/libc.ts";
import { VERSIONS } from "../../../helpers/bsd/versions.ts";
import { still } from "../../../helpers/still.ts";

const UP_RUNNING = BORN | 0x41;
const IPV4 = { ip: [10, 0, 0, 1], prefixLength: 24 } as const;
const IPV6 = { ip: [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], prefixLength: 64 } as const;
const LINK_LOCAL = { ip: [0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], prefixLength: 64 } as const;
/** IN_IFF_* of NetBSD's sys/netinet/in_var.h, and IN6_IFF_* of every sys/netinet6/in6_var.h. */
const IN = { tentative: 1, duplicated: 2, detached: 4, trytentative: 8 } as const;
const IN6 = { tentative: 2, duplicated: 4, detached: 8, deprecated: 0x10 } as const;
const NEWER = VERSIONS.filter(({ platform, addresses }) => platform === "netbsd" && addresses !== "old");
const WITHOUT_FLAGS = VERSIONS.filter((version) => !NEWER.includes(version));

async function next(watcher: InterfaceWatcher): Promise<InterfaceEvent> {
  const { done, value } = await watcher.next();
  assert(!done);
  return value;
}

async function settle(): Promise<void> {
  for (let i = 0; i < 40; i++) await Promise.resolve();
}

/** The first event after which the addresses have these flags. */
async function flagged(watcher: InterfaceWatcher, wanted: readonly (readonly string[])[]): Promise<InterfaceEvent> {
  for (;;) {
    const event = await next(watcher);
    if (JSON.stringify(flags(event)) === JSON.stringify(wanted)) return event;
  }
}

function flags(event: InterfaceEvent | undefined): (readonly string[])[] | undefined {
  return event?.status.addresses?.map(({ flags }) => flags);
}

for (const version of NEWER) {
  still(`bsd addresses ${version.name}: who waits for an address waits until it was verified`, async () => {
    using kernel = new FakeKernel("netbsd", { version });
    kernel.create("tap0", { flags: UP_RUNNING });
    let waited = false;
    const waiting = waitFor("tap0", "global-address").then((status) => (waited = true, status));
    await using watcher = watch({ poll: 0 });
    kernel.addAddress("tap0", { ...IPV4, flags: IN.tentative });
    assertEquals(flags(await next(watcher)), [["tentative"]]);
    await settle();
    assertEquals(waited, false);
    kernel.setAddressFlags("tap0", IPV4.ip, 0);
    const verified = await next(watcher);
    assertEquals([verified.changed, flags(verified)], [["addresses"], [[]]]);
    assertEquals((await waiting).addresses?.[0]?.address, "10.0.0.1");
  });

  still(`bsd addresses ${version.name}: those of an interface that is down, or has no link, are detached`, async () => {
    using kernel = new FakeKernel("netbsd", { version });
    kernel.create("tap0", { flags: UP_RUNNING, linkState: 2, ips: [IPV4, IPV6] });
    const conditions = () => (["ipv4", "ipv6", "global-address"] as const).map((one) => holds(get("tap0"), one));
    assertEquals(conditions(), [true, true, true]);
    await using watcher = watch({ poll: 0 });
    for (const lose of [() => kernel.link("tap0", 1), () => kernel.down("tap0")]) {
      lose();
      await flagged(watcher, [["detached"], ["detached"]]);
      assertEquals(conditions(), [false, false, false]);
      kernel.link("tap0", 2);
      kernel.up("tap0");
      await flagged(watcher, [[], []]);
      assertEquals(conditions(), [true, true, true]);
    }
  });

  still(`bsd addresses ${version.name}: a duplicated one is told and never used, of either family`, async () => {
    using kernel = new FakeKernel("netbsd", { version });
    kernel.create("tap0", { flags: UP_RUNNING });
    await using watcher = watch({ poll: 0 });
    for (const [address, { tentative, duplicated }] of [[IPV4, IN], [IPV6, IN6]] as const) {
      kernel.addAddress("tap0", { ...address, flags: tentative });
      assertEquals(flags(await next(watcher))?.at(-1), ["tentative"]);
      kernel.setAddressFlags("tap0", address.ip, duplicated);
      const { status } = await next(watcher);
      assertEquals(status.addresses?.map(({ flags }) => flags).at(-1), ["duplicated"]);
      assertEquals(status.addresses?.some(usable), false);
    }
    assertEquals(holds(get("tap0"), "global-address"), false);
  });
}

Deno.test("bsd addresses: the bits of the two families differ, and a deprecated address is usable", async () => {
  using kernel = new FakeKernel("netbsd");
  const flagged = { ...IPV4, flags: IN.duplicated | IN.trytentative };
  kernel.create("tap0", { ips: [flagged, { ...IPV6, flags: IN6.deprecated | IN6.tentative }] });
  const { addresses = [] } = get("tap0")!;
  assertEquals(addresses.map(({ flags }) => flags), [["duplicated", "trytentative"], ["tentative", "deprecated"]]);
  kernel.of("tap0").ips = [{ ...IPV4, flags: IN.trytentative }, { ...IPV6, flags: IN6.deprecated }];
  assertEquals(get("tap0")?.addresses?.map(usable), [false, true]);
  const late = await waitFor("tap0", "ipv4", { timeout: 0 }).catch(({ message }: Error) => message);
  assert(String(late).includes("with 10.0.0.1 trytentative"), String(late));
});

for (const version of WITHOUT_FLAGS) {
  const { name, platform } = version;

  Deno.test(`bsd addresses ${name}: an IPv6 address that is tentative does not count, in a list and when it comes`, async () => {
    using _ = new FakeTime();
    using libc = new FakeLibc(platform, { version, detectsOverflow: true });
    const { kernel } = libc;
    const tentative = { ...IPV6, flags: IN6.tentative };
    kernel.create("em0", { flags: UP_RUNNING, ips: [IPV4, tentative, { ...LINK_LOCAL, flags: IN6.duplicated }] });
    assertEquals(get("em0")?.addresses?.map(({ flags }) => flags), [[], ["tentative"], ["duplicated"]]);
    assertEquals((["ipv4", "ipv6"] as const).map((one) => holds(get("em0"), one)), [true, false]);
    kernel.of("em0").ips = [];
    await using watcher = watch({ poll: 0 });
    kernel.addAddress("em0", tentative);
    assertEquals(flags(await next(watcher)), [["tentative"]]);
    kernel.addAddress("em0", IPV4);
    assertEquals(flags(await next(watcher)), [["tentative"], []]);
  });
}

still("bsd addresses: OpenBSD says that an address was verified, and another one's flags stay", async () => {
  using kernel = new FakeKernel("openbsd");
  kernel.create("em0", { flags: UP_RUNNING, ips: [{ ...LINK_LOCAL, flags: IN6.tentative }] });
  const waiting = waitFor("em0", "global-address");
  await using watcher = watch({ poll: 0 });
  kernel.addAddress("em0", { ...IPV6, flags: IN6.tentative });
  assertEquals(flags(await next(watcher)), [["tentative"], ["tentative"]]);
  kernel.setAddressFlags("em0", IPV6.ip, 0);
  assertEquals(flags(await next(watcher)), [["tentative"], []]);
  assertEquals((await waiting).name, "em0");
});

Deno.test("bsd addresses: a kernel that does not tell flags gives none, and one that cannot at the moment is asked again", async () => {
  using time = new FakeTime();
  using libc = new FakeLibc("freebsd", { detectsOverflow: true });
  const { kernel } = libc;
  kernel.create("em0", { flags: UP_RUNNING, ips: [{ ...IPV6, flags: IN6.tentative }] });
  kernel.create("lo0", { flags: 0x8049, type: 24, ips: [{ ...LINK_LOCAL, flags: IN6.tentative }] });
  libc.addressFails = EINVAL;
  assertEquals(list().flatMap(({ addresses }) => addresses?.map(({ flags }) => flags)), [[], []]);
  libc.addressFails = undefined;
  assertEquals(list().flatMap(({ addresses }) => addresses?.map(({ flags }) => flags)), [["tentative"], []]);
  kernel.of("em0").ips = [];
  await using watcher = watch({ poll: 0 });
  libc.addressFails = ENOMEM;
  const added = next(watcher);
  kernel.addAddress("em0", { ...IPV6, flags: IN6.tentative });
  await settle();
  libc.addressFails = undefined;
  await time.tickAsync(1000);
  assertEquals([flags(await added), (await added).resync], [[["tentative"]], true]);
});

const FREEBSD = VERSIONS.filter(({ platform }) => platform === "freebsd");
/** A second IPv4 address, and one that is removed. */
const ALIAS = { ip: [10, 0, 0, 2], prefixLength: 32 } as const;

function texts({ status }: InterfaceEvent): string | undefined {
  return status.addresses?.map(({ address }) => address).join(" ");
}

for (const version of FREEBSD) {
  still(
    `bsd addresses ${version.name}: those that stay on an interface that goes down are not told to be gone`,
    async () => {
      using kernel = new FakeKernel("freebsd", { version });
      kernel.create("em0", { flags: UP_RUNNING, ips: [IPV4, ALIAS, IPV6] });
      await using watcher = watch({ poll: 0 });
      kernel.down("em0");
      kernel.create("em1"); // behind it
      kernel.up("em0");
      const events = [await next(watcher), await next(watcher), await next(watcher)];
      assertEquals(events.map(({ status: { name, up } }) => `${name} ${up}`), ["em0 false", "em1 false", "em0 true"]);
      assertEquals(events.map(texts), ["10.0.0.1 10.0.0.2 2001:db8::1", "", "10.0.0.1 10.0.0.2 2001:db8::1"]);
      assertEquals(events.some(({ changed }) => changed.includes("addresses") && !changed.includes("index")), false);
    },
  );

  still(
    `bsd addresses ${version.name}: one that is really removed is told, on an interface that is down, too`,
    async () => {
      using kernel = new FakeKernel("freebsd", { version });
      kernel.create("em0", { flags: UP_RUNNING, ips: [IPV4, ALIAS, IPV6] });
      await using watcher = watch({ poll: 0 });
      kernel.removeAddress("em0", ALIAS);
      assertEquals(texts(await next(watcher)), "10.0.0.1 2001:db8::1");
      kernel.down("em0");
      kernel.removeAddress("em0", IPV4);
      kernel.removeAddress("em0", IPV6);
      assertEquals([await next(watcher), await next(watcher), await next(watcher)].at(-1)?.status.addresses, []);
    },
  );

  still(`bsd addresses ${version.name}: one that is removed and set again at once is there`, async () => {
    using kernel = new FakeKernel("freebsd", { version });
    kernel.create("em0", { flags: UP_RUNNING, ips: [IPV4, ALIAS] });
    await using watcher = watch({ poll: 0 });
    kernel.removeAddress("em0", ALIAS);
    kernel.addAddress("em0", ALIAS);
    kernel.removeAddress("em0", IPV4);
    assertEquals(texts(await next(watcher)), "10.0.0.2");
    kernel.destroy("em0");
    const { type, status } = await next(watcher);
    assertEquals([type, status.addresses?.length], ["removed", 1]); // what it had when it went
  });
}
