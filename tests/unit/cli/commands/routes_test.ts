/** What the commands say of routes. */
import { assertEquals, assertMatch } from "@std/assert";
import { unroutedBackend } from "../../../helpers/unrouted.ts";
import { FakeSystem } from "../../../../src/testing.ts";
import { useBackend } from "../../../../platforms/current.ts";
import { runHere } from "../../../helpers/cli/in_process.ts";

/** eth0 with the default of IPv4, wlan0 with that of IPv6, and lo. */
function routed(): FakeSystem {
  const system = new FakeSystem();
  for (const name of ["eth0", "wlan0"]) {
    system.add(name, { wireless: false });
    system.plug(name);
    system.up(name);
  }
  system.addAddress("eth0", "192.0.2.2/24");
  system.addRoute("eth0", "0.0.0.0/0", { gateway: "192.0.2.1" });
  system.addRoute("wlan0", "::/0", { gateway: "fe80::1" });
  return system;
}

/** The words of each line. */
const words = (text: string): string[][] => text.trimEnd().split("\n").map((line) => line.trim().split(/ {2,}/));

Deno.test("route: the default traffic, and an address; a way that is dead is told as such", async () => {
  using system = routed();
  const { status, stdout } = await runHere(["route"]);
  assertEquals([status, words(stdout)], [0, [
    ["DESTINATION", "INTERFACE", "CONNECTED", "GATEWAY", "SOURCE", "TYPE", "TABLE"],
    ["default (inet)", "eth0", "yes", "192.0.2.1", "192.0.2.2", "unicast", "254"],
    ["default (inet6)", "wlan0", "yes", "fe80::1", "-", "unicast", "254"],
  ]]);
  system.unplug("eth0");
  assertEquals(words((await runHere(["route", "203.0.113.9"])).stdout)[1]!.slice(0, 3), ["203.0.113.9", "eth0", "no"]);
  assertEquals(JSON.parse((await runHere(["route", "192.0.2.7", "--json"])).stdout), [{
    family: "inet",
    destination: "192.0.2.7",
    type: "unicast",
    index: 1,
    name: "eth0",
    source: "192.0.2.2",
    table: 254,
    connected: false,
  }]);
});

Deno.test("route: nothing leads there, what is no address, and a system whose routes are not known", async () => {
  {
    using _ = new FakeSystem();
    assertEquals(await runHere(["route"]), { status: 1, stdout: "", stderr: "netflags: There is no default route\n" });
    assertEquals(await runHere(["route", "::1", "--json"]), { status: 1, stdout: "[\n]\n", stderr: "" });
    const { status, stderr } = await runHere(["route", "example.org"]);
    assertEquals([status, stderr.split("\n")[0]], [
      2,
      'netflags: Cannot read the route to "example.org": give an IPv4 or IPv6 address, for no name is looked up',
    ]);
  }
  using _ = useBackend(unroutedBackend());
  for (const args of [["route"], ["watch", "--routes"], ["watch", "--changes", "defaultRoute"]]) {
    const { status, stderr } = await runHere(args);
    assertEquals(status, 1);
    assertMatch(
      stderr,
      /^netflags: Cannot (read|watch) routes: netflags does not know (the routes|those) of linux\n$/,
    );
  }
});

Deno.test("list, show and explain: whose default traffic leaves by it, and that it is dead", async () => {
  using system = routed();
  const marks = async (...names: string[]) =>
    words((await runHere(["list", ...names])).stdout).map((line) => [line[0], line[2]]);
  assertEquals(await marks(), [["NAME", "DEFAULT"], ["eth0", "IPv4"], ["wlan0", "IPv6"]]);
  system.unplug("eth0");
  system.addRoute("eth0", "::/0", { metric: 1 });
  assertEquals((await marks("eth0"))[1], ["eth0", "IPv4+IPv6, dead"]);
  assertMatch((await runHere(["show", "eth0"])).stdout, /^default traffic {4}IPv4\+IPv6, dead$/m);
  assertMatch(
    (await runHere(["explain", "eth0"])).stdout,
    /^default traffic +IPv4\+IPv6, dead: the kernel goes on sending it there, and it is lost$/m,
  );
  system.removeRoute("eth0", "0.0.0.0/0");
  system.removeRoute("eth0", "::/0");
  system.removeRoute("wlan0", "::/0");
  for (const command of ["list", "show", "explain"]) {
    const { stdout } = await runHere(command === "list" ? [command] : [command, "eth0"]);
    assertEquals(/default traffic|DEFAULT/.test(stdout), false, command);
  }
});

Deno.test("wait: for a way that works, of any interface; one that is dead is none", async () => {
  using system = routed();
  const now = async (condition: string) =>
    (await runHere(["wait", "--any", `*:${condition}`, "--timeout", "0"])).status;
  assertEquals([await now("default-route"), await now("default-route-ipv4")], [0, 0]);
  system.unplug("eth0");
  assertEquals([await now("default-route"), await now("default-route-ipv4"), await now("default-route-ipv6")], [
    0,
    1,
    0,
  ]);
  const { stderr } = await runHere(["wait", "eth0", "default-route", "--timeout", "0"]);
  assertMatch(
    stderr,
    /^netflags: Interface "eth0" is not the way of the default traffic after 0 s: "eth0" is up, not/,
  );
});

for (const platform of ["netbsd", "freebsd", "openbsd", "dragonfly", "darwin"] as const) {
  Deno.test(`routes ${platform}: route, list, show, explain, wait and metrics say whose the default traffic is`, async () => {
    using system = new FakeSystem({ platform });
    for (const [at, name] of ["em0", "em1"].entries()) {
      system.plug(name);
      system.up(name);
      system.addAddress(name, `192.0.2.${at + 2}/31`);
    }
    system.addRoute("em0", "0.0.0.0/0", { gateway: "192.0.2.3" });
    const cells = async (...args: string[]) => words((await runHere(args)).stdout).map((line) => line.join("|"));
    const table = platform === "openbsd" ? "0" : "-";
    assertEquals((await cells("route"))[1], `default (inet)|em0|yes|192.0.2.3|192.0.2.2|unicast|${table}`);
    assertEquals((await cells("route", "203.0.113.9"))[1], `203.0.113.9|em0|yes|192.0.2.3|192.0.2.2|unicast|${table}`);
    assertEquals(await runHere(["route", "2001:db8::1"]), {
      status: 1,
      stdout: "",
      stderr: "netflags: There is no route to 2001:db8::1\n",
    });
    assertMatch((await runHere(["list"])).stdout, /^NAME +.* DEFAULT .*\nem0 +.* IPv4 /);
    const now = async (name: string) => (await runHere(["wait", name, "default-route-ipv4", "--timeout", "0"])).status;
    assertEquals([await now("em0"), await now("em1")], [0, 1]);
    system.unplug("em0");
    assertEquals([await now("em0"), await now("em1")], [1, 1]);
    assertMatch((await runHere(["show", "em0"])).stdout, /^default traffic {4}IPv4, dead$/m);
    assertMatch((await runHere(["explain", "em0"])).stdout, /^default traffic +IPv4, dead: the kernel goes on/m);
    assertEquals((await runHere(["metrics"])).stdout.match(/^netflags_default_route\{.*$/gm), [
      'netflags_default_route{device="em0",family="inet"} 1',
      'netflags_default_route{device="em0",family="inet6"} 0',
      'netflags_default_route{device="em1",family="inet"} 0',
      'netflags_default_route{device="em1",family="inet6"} 0',
    ]);
    assertEquals(JSON.parse((await runHere(["list", "--json"])).stdout)[0].defaultRoute, ["inet"]);
  });
}

Deno.test("metrics: by which interfaces the default traffic leaves", async () => {
  using _ = routed();
  const { stdout } = await runHere(["metrics"]);
  assertEquals(stdout.match(/^netflags_default_route\{.*$/gm), [
    'netflags_default_route{device="eth0",family="inet"} 1',
    'netflags_default_route{device="eth0",family="inet6"} 0',
    'netflags_default_route{device="wlan0",family="inet"} 0',
    'netflags_default_route{device="wlan0",family="inet6"} 1',
  ]);
});
