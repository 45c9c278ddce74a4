/** The routes of the fake system of Linux, as its users see them. */
import { assertEquals, assertThrows } from "@std/assert";
import {
  get,
  inspect,
  InvalidInputError,
  list,
  NoSuchInterfaceError,
  route,
  UnsupportedError,
  waitFor,
  watch,
} from "../../../mod.ts";
import { fakeStatus, FakeSystem } from "../../../src/testing.ts";
import { still } from "../../helpers/still.ts";

function cards(): FakeSystem {
  const system = new FakeSystem();
  for (const name of ["eth0", "eth1"]) {
    system.plug(name);
    system.up(name);
  }
  return system;
}

/** By which interface each family leaves. */
function defaults(): string[] {
  return list({ routes: true }).flatMap(({ name, defaultRoute = [] }) =>
    defaultRoute.map((family) => `${name} ${family}`)
  );
}

Deno.test("fake routes: the longest prefix is used, then the lowest metric; lists, get, inspect and route agree", () => {
  using system = cards();
  system.addAddress("eth0", "192.0.2.2/24");
  system.addRoute("eth0", "0.0.0.0/0", { gateway: "192.0.2.1", metric: 20 });
  system.addRoute("eth1", "0.0.0.0/0", { metric: 10 });
  system.addRoute("eth0", "203.0.113.0/24", { gateway: "192.0.2.9" });
  const by = (destination: string) => route(destination).map(({ name, type, gateway }) => [name, type, gateway]);
  assertEquals(by("203.0.113.7"), [["eth0", "unicast", "192.0.2.9"]]);
  assertEquals(by("192.0.2.77"), [["eth0", "unicast", undefined]]);
  assertEquals(by("192.0.2.2"), [["eth0", "local", undefined]]);
  assertEquals(by("8.0.0.1"), [["eth1", "unicast", undefined]]);
  assertEquals([by("::1"), defaults()], [[], ["eth1 inet"]]);
  assertEquals([get("eth1", { routes: true })?.defaultRoute, inspect("eth1")?.defaultRoute], [["inet"], ["inet"]]);
  assertEquals([get("eth1")?.defaultRoute, list()[1]?.defaultRoute], [undefined, undefined]);
});

still("fake routes: a route goes with its interface, set down or removed; a dead interface keeps it", async () => {
  using system = cards();
  for (const destination of ["0.0.0.0/0", "::/0"]) system.addRoute("eth0", destination);
  system.addRoute("eth1", "0.0.0.0/0", { metric: 9 });
  await using watcher = watch({ routes: true, changes: "defaultRoute" });
  const next = async () => {
    const { status } = (await watcher.next()).value!;
    return [status.name, status.defaultRoute, status.connected];
  };
  system.unplug("eth0");
  assertEquals(defaults(), ["eth0 inet", "eth0 inet6"]);
  const working = waitFor("eth1", ["connected", "default-route"]);
  system.down("eth0");
  assertEquals([await next(), await next()], [["eth0", [], false], ["eth1", ["inet"], true]]);
  assertEquals((await working).name, "eth1");
  system.remove("eth1");
  assertEquals(defaults(), []);
});

Deno.test("fake routes: what no kernel takes is refused", () => {
  using system = cards();
  system.addRoute("eth0", "0.0.0.0/0");
  system.down("eth1");
  const refuses = (call: () => void, message: string) => assertThrows(call, InvalidInputError, message);
  refuses(() => system.addRoute("eth0", "0.0.0.0/0"), "there is one with this metric; give another metric");
  refuses(() => system.addRoute("eth1", "::/0"), `by interface "eth1": it is down; set it up first`);
  refuses(() => system.removeRoute("eth1", "::/0"), "there is none");
  refuses(() => system.addRoute("eth0", "default"), `"default": give an address such as`);
  refuses(() => system.addRoute("eth0", "::/0", { gateway: "192.0.2.1" }), "an address of the family inet6");
  refuses(() => system.addRoute("eth0", "::/0", { via: "::1" } as object), `unknown option "via"`);
  refuses(() => system.set({ name: "eth0", defaultRoute: ["inet"] }), "Cannot set defaultRoute of interface");
  assertThrows(() => system.addRoute("eth7", "::/0"), NoSuchInterfaceError);
});

for (const platform of ["netbsd", "freebsd", "openbsd", "dragonfly", "darwin"] as const) {
  Deno.test(`fake routes ${platform}: what its kernel does not take is refused`, () => {
    using system = new FakeSystem({ platform });
    for (const name of ["em0", "em1"]) {
      system.plug(name);
      system.up(name);
    }
    const refuses = (call: () => void, message: string) => assertThrows(call, InvalidInputError, message);
    refuses(() => system.addRoute("em0", "0.0.0.0/0"), "the interface has no address of this family; add one first");
    system.addAddress("em0", "192.0.2.2/24");
    system.addAddress("em1", "198.51.100.2/24");
    system.addRoute("em0", "0.0.0.0/0", { gateway: "192.0.2.1" });
    refuses(
      () => system.addRoute("em0", "0.0.0.0/0", { gateway: "192.0.2.1" }),
      `the route to "0.0.0.0/0" by interface "em0": there is one`,
    );
    refuses(() => system.removeRoute("em1", "0.0.0.0/0"), "there is none");
    const metric = () => system.addRoute("em1", "0.0.0.0/0", { metric: 4 });
    if (platform === "openbsd") metric();
    else {assertThrows(
        metric,
        UnsupportedError,
        `by interface "em1" on ${platform}: its routes have none; leave it out`,
      );}
    assertEquals(defaults(), [platform === "openbsd" ? "em1 inet" : "em0 inet"]);
    assertThrows(() => system.addRoute("em7", "::/0"), NoSuchInterfaceError);
  });
}

Deno.test("fake routes: a status without a system has what it is given", () => {
  assertEquals(fakeStatus({ name: "eth0", defaultRoute: ["inet6"] }).defaultRoute, ["inet6"]);
  assertEquals(fakeStatus({ name: "eth0" }).defaultRoute, undefined);
});
