/**
 * How a daemon is tested without root, without a network and without --allow-ffi: on systems that exist in memory.
 *
 *     deno add jsr:@netflags/netflags jsr:@std/assert
 *     deno test daemon_test.ts
 */
import { type Platform, setFlags } from "@netflags/netflags";
import { FakeSystem, type InterfaceAddress } from "@netflags/netflags/testing";
import { assertEquals } from "@std/assert";
import { uplink } from "./daemon.ts";

/** What each system has for "connected" and for "no cable". A field that the system does not know is left alone. */
const PLUGGED = { linux: { flags: 0x11043, operState: "up" }, netbsd: { flags: 0x8843, linkState: "up" } } as const;
const UNPLUGGED = {
  linux: { flags: 0x1003, operState: "down" },
  netbsd: { flags: 0x8843, linkState: "down" },
} as const;

const NONE = { peer: undefined, broadcast: undefined, label: undefined };

function inet(address: string): InterfaceAddress {
  return { family: "inet", address, prefixLength: 24, scope: "global", flags: [], ...NONE };
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
    system.set({ name: "wan1", ...PLUGGED[platform], addresses: [inet("192.0.2.2")] });
    assertEquals(await next(), "wan1");
    system.set({ name: "wan0", ...PLUGGED[platform], addresses: [inet("192.0.2.1")] });
    assertEquals(await next(), "wan0");
    system.set({ name: "wan0", ...UNPLUGGED[platform] });
    assertEquals(await next(), "wan1");
    setFlags("wan1", { up: false });
    system.overflow(); // the message is lost before it is read: the daemon finds out all the same
    assertEquals(await next(), undefined);
    system.set({ name: "wan1", ...PLUGGED[platform] });
    assertEquals(await next(), "wan1");
    system.remove("wan1");
    assertEquals(await next(), undefined);
    end.abort();
    await daemon;
    assertEquals([told, system.subscriptions], [[], 0]);
  });
}
