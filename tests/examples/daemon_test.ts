/**
 * How a daemon is tested without root, without a network and without --allow-ffi: on systems that exist in memory.
 *
 *     deno add jsr:@netflags/netflags jsr:@std/assert
 *     deno test daemon_test.ts
 */
import { type Platform, setFlags } from "@netflags/netflags";
import { FakeSystem } from "@netflags/netflags/testing";
import { assertEquals } from "@std/assert";
import { uplink } from "./daemon.ts";

/** Sets an interface up that has a cable and an address. */
function connect(system: FakeSystem, name: string, address: string): void {
  system.plug(name);
  system.up(name);
  system.addAddress(name, address);
}

for (const platform of ["linux", "netbsd"] as const satisfies Platform[]) {
  Deno.test(`daemon: it chooses the uplink on ${platform}`, async () => {
    using system = new FakeSystem({ platform });
    const end = new AbortController();
    const told: (string | undefined)[] = [];
    let wake = (): void => {};
    const daemon = uplink(["wan0", "wan1"], (name) => (told.push(name), wake()), end.signal);
    /** Waits until the daemon has told something, and takes it. */
    const next = async (): Promise<string | undefined> => {
      if (told.length === 0) await new Promise<void>((resolve) => wake = resolve);
      return told.shift();
    };
    connect(system, "wan1", "192.0.2.2/24");
    assertEquals(await next(), "wan1");
    connect(system, "wan0", "192.0.2.1/24");
    assertEquals(await next(), "wan0");
    system.unplug("wan0");
    assertEquals(await next(), "wan1");
    setFlags("wan1", { up: false });
    system.overflow(); // the message is lost before it is read: the daemon finds out all the same
    assertEquals(await next(), undefined);
    system.up("wan1");
    assertEquals(await next(), "wan1");
    system.remove("wan1");
    assertEquals(await next(), undefined);
    end.abort();
    await daemon;
    assertEquals([told, system.subscriptions], [[], 0]);
  });
}
