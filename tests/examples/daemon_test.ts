/**
 * How a daemon is tested without root, without a network and without --allow-ffi: on systems that exist in memory.
 *
 *     deno add jsr:@netflags/netflags jsr:@std/assert
 *     deno test daemon_test.ts
 */
import { FakeSystem } from "@netflags/netflags/testing";
import { assertEquals } from "@std/assert";
import { uplink } from "./daemon.ts";

/** Sets an interface up that has a cable and an address. */
function connect(system: FakeSystem, name: string, address: string): void {
  system.plug(name);
  system.up(name);
  system.addAddress(name, address);
}

for (const platform of ["linux", "netbsd"] as const) {
  Deno.test(`daemon: it chooses the uplink on ${platform}`, async () => {
    using system = new FakeSystem({ platform });
    const end = new AbortController();
    const uplinks = uplink(["wan0", "wan1"], end.signal);
    const next = async (): Promise<string | undefined> => (await uplinks.next()).value;
    const first = next(); // there is no interface yet
    connect(system, "wan1", "192.0.2.2/24");
    assertEquals(await first, "wan1");
    connect(system, "wan0", "192.0.2.1/24");
    assertEquals(await next(), "wan0");
    system.unplug("wan0");
    assertEquals(await next(), "wan1");
    system.down("wan1");
    system.overflow(); // the message is lost before it is read: the daemon finds out all the same
    assertEquals(await next(), undefined);
    system.up("wan1");
    assertEquals(await next(), "wan1");
    system.remove("wan1");
    assertEquals(await next(), undefined);
    const last = uplinks.next();
    end.abort();
    assertEquals([(await last).done, system.subscriptions], [true, 0]);
  });
}
