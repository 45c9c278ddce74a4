import { assert, assertEquals, assertThrows } from "@std/assert";
import { get, list, NoSuchInterfaceError, NotPermittedError, setFlags, UnsupportedError } from "../../mod.ts";
import { BsdBackend } from "../../platforms/bsd/backend.ts";
import type { BsdPlatform } from "../../platforms/bsd/layout.ts";
import { SYSTEMS } from "../../platforms/bsd/systems.ts";
import { EBADF, EPERM, FakeLibc } from "../bsd/libc.ts";

const PLATFORMS = Object.keys(SYSTEMS) as BsdPlatform[];

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

for (const platform of PLATFORMS) {
  Deno.test(`bsd kernel ${platform}: a refusal is told in the system's own words`, () => {
    using libc = new FakeLibc(platform);
    libc.kernel.create("em0");
    libc.failAt("ioctl", EPERM, libc.calls.ioctl + 2); // SIOCSIFFLAGS
    const error = assertThrows(() => setFlags("em0", { up: true }), NotPermittedError, "needs the super-user");
    assert(error.message.includes(`"em0"`) && !error.message.includes("CAP_NET_ADMIN"), error.message);
    assertThrows(() => setFlags("em9", { up: true }), NoSuchInterfaceError);
  });
}

Deno.test("bsd kernel: a loss at each read does not hold up the loop", async () => {
  using libc = new FakeLibc("netbsd", { detectsOverflow: true });
  libc.kernel.create("tap0");
  const subscription = new BsdBackend(SYSTEMS.netbsd, libc.system).subscribe({
    addresses: false,
    ready: () => {},
    failed: () => {},
  });
  const before = libc.calls.read;
  libc.fails.read = 55; // ENOBUFS
  libc.failAt("read", EBADF, before + 100_000); // where it would never end
  const sink = { get: () => undefined, set: () => {}, delete: () => {} };
  assertEquals(subscription.drain(sink, 1024), "lost");
  assert(libc.calls.read - before < 10_000);
  await subscription.close();
});
