import { assert, assertEquals, assertInstanceOf, assertThrows } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import {
  capabilities,
  get,
  type InterfaceEvent,
  type InterfaceWatcher,
  list,
  NoSuchInterfaceError,
  NotPermittedError,
  setFlags,
  SystemError,
  UnsupportedError,
  watch,
} from "../../../../mod.ts";
import { BsdBackend } from "../../../../platforms/bsd/backend.ts";
import { MalformedMessageError } from "../../../../platforms/contract/errors.ts";
import type { BsdPlatform } from "../../../../platforms/contract/platform.ts";
import { SYSTEMS } from "../../../../platforms/bsd/systems/systems.ts";
import { BORN } from "../../../helpers/bsd/kernel.ts";
import { EBADF, EINVAL, EMFILE, ENOMEM, EPERM, FakeLibc } from "../../../helpers/bsd/libc.ts";
import { NO_SINK } from "../../../helpers/made_up.ts";

const PLATFORMS = Object.keys(SYSTEMS) as BsdPlatform[];
const UP_RUNNING = BORN | 0x41;

async function next(watcher: InterfaceWatcher): Promise<InterfaceEvent> {
  const { done, value } = await watcher.next();
  assert(!done);
  return value;
}

/** Lets what was sent be read. */
async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}

Deno.test("bsd kernel: what is made opens nothing until it is called", () => {
  const backend = new BsdBackend({ ...SYSTEMS.netbsd, libraries: ["libnetflags-is-not-there.so"] });
  assertThrows(() => backend.list({ addresses: false }), UnsupportedError, "libnetflags-is-not-there.so");
});

Deno.test("bsd kernel: lists and flags come through the C library", () => {
  using libc = new FakeLibc("netbsd");
  libc.kernel.create("tap0", { flags: 0x8843 });
  assertEquals(list().map(({ name, flags }) => [name, flags]), [["tap0", 0x8843]]);
  assertEquals([get("tap0")?.index, get("tap9")], [1, undefined]);
});

Deno.test("bsd kernel: only EINVAL means that a kernel has no such list", () => {
  using libc = new FakeLibc("netbsd");
  libc.kernel.create("tap0");
  libc.fails.sysctl = EPERM;
  const error = assertThrows(() => list(), NotPermittedError, "Cannot list interfaces: EPERM");
  assertEquals(error.code, "EPERM");
  libc.fails.sysctl = EBADF;
  assertThrows(() => list(), SystemError, "Cannot list interfaces: EBADF");
  libc.fails.sysctl = undefined;
  libc.kinds = [5]; // NetBSD 7
  assertEquals(list().length, 1);
  libc.fails.sysctl = EINVAL; // the kind that it has given cannot be one that it lacks
  assertThrows(() => list(), SystemError, "Cannot list interfaces: EINVAL");
});

Deno.test("bsd kernel: a kernel that has none of the lists says so", () => {
  using libc = new FakeLibc("netbsd");
  libc.kinds = [3];
  assertThrows(() => list(), UnsupportedError, "this kernel has none of the lists 6, 5");
});

Deno.test("bsd kernel: a list that there was no memory for is asked for again, and not without end", () => {
  using libc = new FakeLibc("netbsd");
  libc.kernel.create("tap0");
  libc.failOnce("sysctl", ENOMEM);
  assertEquals(list().length, 1);
  libc.fails.sysctl = ENOMEM;
  assertEquals(assertThrows(() => list(), SystemError).code, "ENOMEM");
  assert(libc.calls.sysctl < 30);
});

Deno.test("bsd kernel: a list that fails for a moment does not end a watch, and what changed is told", async () => {
  using time = new FakeTime();
  using libc = new FakeLibc("netbsd", { detectsOverflow: true });
  const { kernel } = libc;
  kernel.create("tap0");
  kernel.create("tap1");
  await using watcher = watch();
  libc.fails.sysctl = ENOMEM;
  kernel.up("tap0");
  kernel.create("tap2"); // must be asked for
  assertEquals((await next(watcher)).status.name, "tap0");
  kernel.of("tap1").flags = UP_RUNNING; // without a word
  await time.tickAsync(600); // compared, and compared again
  libc.fails.sysctl = undefined;
  await time.tickAsync(1000); // the longest time between two tries
  const told = [await next(watcher), await next(watcher)].map(({ type, status: { name } }) => `${type} ${name}`);
  assertEquals(told, ["changed tap1", "added tap2"]);
});

Deno.test("bsd kernel: a watch that cannot list anything at its start says why", () => {
  using libc = new FakeLibc("netbsd");
  libc.fails.sysctl = ENOMEM;
  assertEquals(assertThrows(() => watch(), SystemError).code, "ENOMEM");
  assertEquals(libc.open.size, 0);
});

Deno.test("bsd kernel: a message of no interest in a list is passed over, and addresses only where they are asked for", () => {
  using libc = new FakeLibc("netbsd");
  libc.kernel.create("tap0", { ips: [{ ip: [10, 0, 0, 1], prefixLength: 24 }] });
  const whole = libc.kernel.list(0);
  libc.kernel.list = () => new Uint8Array([4, 0, 4, 0x01, ...whole]); // RTM_ADD
  assertEquals(list().map(({ name, addresses }) => [name, addresses?.length]), [["tap0", 1]]);
  assertEquals(list({ addresses: false })[0]?.addresses, undefined);
  const torn = whole.slice();
  torn[whole.length - 32] = 7; // sa_len of the address: broken where it is read
  libc.kernel.list = () => torn;
  assertEquals(list({ addresses: false }).length, 1);
  assertThrows(() => list(), MalformedMessageError, "an IP address of 7 bytes");
});

Deno.test("bsd kernel: a list that is refused ends a watch with the error that it is", async () => {
  using time = new FakeTime();
  using libc = new FakeLibc("netbsd", { detectsOverflow: true });
  libc.kernel.create("tap0");
  await using watcher = watch();
  libc.fails.sysctl = EPERM;
  libc.kernel.up("tap0");
  await next(watcher);
  const failed = watcher.next().catch((error) => error);
  await time.tickAsync(1200);
  assertInstanceOf(await failed, NotPermittedError);
});

Deno.test("bsd kernel: a thousand changes open one socket for ioctls, and the last watcher closes it", async () => {
  using libc = new FakeLibc("netbsd", { detectsOverflow: true });
  libc.kernel.create("tap0");
  const watcher = watch({ addresses: false });
  const other = watch({ names: ["tap0"], addresses: true });
  for (let i = 0; i < 500; i++) {
    libc.kernel.up("tap0");
    libc.kernel.down("tap0");
    await settle();
  }
  assertEquals([libc.ioctlSockets, libc.open.size], [1, 3]); // and two routing sockets
  await watcher.return();
  assertEquals(libc.open.size, 2);
  await other.return();
  assertEquals(libc.open.size, 0);
});

Deno.test("bsd kernel: a message that says what is known asks nothing, and one that says more asks four times", async () => {
  using _ = new FakeTime();
  using libc = new FakeLibc("netbsd", { detectsOverflow: true });
  const { kernel } = libc;
  kernel.create("tap0", { flags: UP_RUNNING });
  await using watcher = watch({ poll: 0 });
  const asked = libc.calls.ioctl;
  kernel.tell("tap0");
  await settle();
  assertEquals(libc.calls.ioctl, asked);
  kernel.link("tap0", 2);
  assertEquals((await next(watcher)).status.linkState, "up");
  kernel.of("tap0").mtu = 1400;
  kernel.tell("tap0");
  assertEquals((await next(watcher)).status.mtu, 1400);
  assertEquals(libc.calls.ioctl, asked + 8); // its index, flags, media, and its index again
});

Deno.test("bsd kernel: a list opens one socket for ioctls, and none is left", async () => {
  using libc = new FakeLibc("netbsd");
  for (let i = 0; i < 10; i++) libc.kernel.create(`tap${i}`);
  list();
  setFlags("tap0", { up: true });
  assertEquals(libc.ioctlSockets, 1);
  await settle();
  assertEquals(libc.open.size, 0);
  assertEquals([get("tap0")?.up, libc.ioctlSockets], [true, 2]);
});

Deno.test("bsd kernel: where no socket can be opened the error says so, and the next call tries again", async () => {
  using libc = new FakeLibc("netbsd");
  libc.kernel.create("tap0");
  libc.fails.socket = EMFILE;
  const error = assertThrows(() => setFlags("tap0", { up: true }), SystemError, "raise the limit with ulimit -n");
  assertEquals([error.code, error.interfaceName], ["EMFILE", "tap0"]);
  assertThrows(() => list(), SystemError, "EMFILE");
  libc.fails.socket = undefined;
  assertEquals(setFlags("tap0", { up: true }).up, true);
  await settle();
  assertEquals(libc.open.size, 0);
});

Deno.test("bsd kernel: a watch outlives a moment in which no descriptor is left", async () => {
  using time = new FakeTime();
  using libc = new FakeLibc("netbsd", { detectsOverflow: true });
  await using watcher = watch({ poll: 0 }); // nothing is there that a socket for ioctls would be needed for
  libc.fails.socket = EMFILE;
  libc.kernel.create("tap0");
  await time.tickAsync(2000);
  libc.fails.socket = undefined;
  await time.tickAsync(1000); // the longest time between two tries
  assertEquals([(await next(watcher)).type, libc.ioctlSockets], ["added", 1]);
  libc.fails.socket = EMFILE;
  libc.kernel.up("tap0");
  assertEquals((await next(watcher)).status.flags, UP_RUNNING);
});

Deno.test("bsd kernel: a watcher that could not begin for the moment shows nothing of the kernel", async () => {
  using libc = new FakeLibc("netbsd", { detectsOverflow: false });
  libc.fails.socket = EMFILE;
  assertThrows(() => watch(), SystemError, "EMFILE");
  assertEquals(capabilities().overflowDetection, true);
  libc.fails.socket = undefined;
  await watch().return();
  assertEquals(capabilities().overflowDetection, false);
});

for (const errno of [ENOMEM, EPERM]) {
  for (const platform of PLATFORMS) {
    Deno.test(`bsd kernel ${platform}: flags that cannot be asked for (errno ${errno}) are neither a departure nor believed`, async () => {
      using _ = new FakeTime(); // so that no comparison finds it
      using libc = new FakeLibc(platform, { detectsOverflow: true });
      const { kernel } = libc;
      kernel.create("em0", { flags: UP_RUNNING });
      await using watcher = watch({ poll: 0 });
      libc.fails.ioctl = errno;
      kernel.down("em0");
      const event = await next(watcher);
      assertEquals([event.type, event.status.flags, event.resync], ["changed", BORN, true]);
      libc.fails.ioctl = undefined;
      kernel.up("em0");
      const up = await next(watcher);
      assertEquals([up.type, up.status.flags, up.generation], ["changed", UP_RUNNING, event.generation]);
    });
  }
}

Deno.test("bsd kernel: flags that cannot be asked for after an address are asked again", async () => {
  using _ = new FakeTime();
  using libc = new FakeLibc("freebsd", { detectsOverflow: true });
  const { kernel } = libc;
  kernel.create("em0");
  await using watcher = watch({ poll: 0 });
  libc.fails.ioctl = ENOMEM;
  kernel.of("em0").flags = UP_RUNNING;
  kernel.addAddress("em0", { ip: [10, 0, 0, 1], prefixLength: 24 });
  assertEquals((await next(watcher)).flagsSet, ["UP", "RUNNING"]);
});

Deno.test("bsd kernel: flags that cannot be asked for once the queue is empty are asked again", async () => {
  using _ = new FakeTime();
  using libc = new FakeLibc("freebsd", { detectsOverflow: true });
  const { kernel } = libc;
  kernel.create("em0", { flags: UP_RUNNING });
  await using watcher = watch({ poll: 0 });
  kernel.of("em0").flags = BORN;
  kernel.tell("em0", UP_RUNNING | 0x100); // a state that is over: the one of now is asked for behind the queue
  let asked = 0;
  libc.onIoctl = (number, request) => {
    if (request === SYSTEMS.freebsd.SIOCGIFFLAGS && ++asked === 2) libc.failAt("ioctl", ENOMEM, number);
  };
  const told = await next(watcher);
  const last = told.status.flags === BORN ? told : await next(watcher);
  assertEquals([last.status.flags, asked], [BORN, 2]);
});

Deno.test("bsd kernel: an interface that is gone has no flags, and its departure says so", async () => {
  using libc = new FakeLibc("darwin");
  libc.kernel.create("en0", { flags: UP_RUNNING });
  await using watcher = watch({ poll: 0 });
  libc.kernel.destroy("en0");
  libc.kernel.send(libc.kernel.build.interface({ index: 1, name: "en0", flags: BORN, linkState: 0, mtu: 1500 }, false));
  assertEquals((await next(watcher)).type, "removed");
});

for (const platform of PLATFORMS) {
  Deno.test(`bsd kernel ${platform}: a refusal is told in the system's own words`, () => {
    using libc = new FakeLibc(platform);
    libc.kernel.create("em0");
    libc.fails.ioctl = EPERM;
    // Reading the flags needs no privilege.
    assertThrows(() => setFlags("em0", { up: true }), NotPermittedError, "a security policy refuses it");
    libc.fails.ioctl = undefined;
    libc.onIoctl = (number, request) => {
      if (request === SYSTEMS[platform].SIOCSIFFLAGS) libc.failAt("ioctl", EPERM, number);
    };
    const error = assertThrows(() => setFlags("em0", { up: true }), NotPermittedError, "needs the super-user");
    assert(error.message.includes(`set flags of interface "em0"`), error.message);
    assert(!error.message.includes("CAP_NET_ADMIN"), error.message);
    assertThrows(() => setFlags("em9", { up: true }), NoSuchInterfaceError);
  });
}

Deno.test("bsd kernel: a loss at each read is no overflow, and does not hold up the loop", async () => {
  using libc = new FakeLibc("netbsd", { detectsOverflow: true });
  libc.kernel.create("tap0");
  const subscription = new BsdBackend(SYSTEMS.netbsd, libc.system).subscribe({
    addresses: false,
    ready: () => {},
    failed: () => {},
  });
  const before = libc.calls.read;
  libc.fails.read = 55; // ENOBUFS
  libc.failAt("read", EBADF, before + 1000); // where it would never end
  assertThrows(() => subscription.drain(NO_SINK, 1024), SystemError, "ENOBUFS");
  assert(libc.calls.read - before < 100);
  libc.fails.read = undefined;
  assertEquals(subscription.drain(NO_SINK, 1024), "empty");
  await subscription.close();
});
