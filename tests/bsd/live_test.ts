/**
 * What must work on a running BSD or macOS, held against ifconfig(8): `NETFLAGS_LIVE=1 deno test -A`, as root and on a
 * machine that nobody else uses, because it makes and destroys an interface.
 */
import { assert, assertEquals } from "@std/assert";
import { capabilities, get, type InterfaceEvent, list, route, watch } from "../../mod.ts";

const LIVE = Deno.env.get("NETFLAGS_LIVE") === "1" && Deno.build.os !== "linux";
if (!LIVE) console.error("SKIPPED: the live tests of the BSDs need a BSD or macOS, root, and NETFLAGS_LIVE=1");

/** An interface that nobody has. macOS makes no tap(4), and every system makes one of these. */
const NAME = Deno.build.os === "darwin" ? "feth77" : "tap77";
/** After which a test fails, in milliseconds: a change that is found by comparing needs a second. */
const PATIENCE = 30_000;

function ifconfig(...args: string[]): string {
  const { success, stdout, stderr } = new Deno.Command("ifconfig", { args }).outputSync();
  const text = new TextDecoder().decode(stdout);
  if (!success) throw new Error(`ifconfig ${args.join(" ")}: ${text}${new TextDecoder().decode(stderr)}`);
  return text;
}

/** Name, mtu and IFF_UP of each interface, as ifconfig prints them. */
function shown(): [name: string, mtu: number, up: boolean][] {
  return [...ifconfig("-a").matchAll(/^([^\s:]+): flags=(?:0x)?[0-9a-f]+<([^>]*)>.*\bmtu ([0-9]+)/gm)]
    .map(([, name, flags, mtu]) => [name!, Number(mtu), flags!.split(",").includes("UP")]);
}

Deno.test({
  name: "bsd live: list is what ifconfig shows",
  ignore: !LIVE,
  fn: () => {
    const told = list().map(({ name, mtu, up }) => [name, mtu, up]);
    assertEquals(told.toSorted(), shown().toSorted());
    assert(told.length > 0);
    assertEquals(get("lo0")?.flagNames.includes("LOOPBACK"), true);
  },
});

Deno.test({
  name: "bsd live: an interface is told as it comes, goes up, gets an address, goes down and goes",
  ignore: !LIVE,
  fn: async () => {
    const watcher = watch({ names: NAME, addresses: true, poll: 1000, signal: AbortSignal.timeout(PATIENCE) });
    const until = async (what: string, holds: (event: InterfaceEvent) => boolean) => {
      for (;;) {
        const { done, value } = await watcher.next();
        assert(!done, `not told: ${what}`);
        if (holds(value)) return;
      }
    };
    let made = false;
    try {
      ifconfig(NAME, "create");
      made = true;
      await until("that it came", (event) => event.type === "added");
      ifconfig(NAME, "up");
      await until("that it is up", (event) => event.status.up);
      ifconfig(NAME, "inet", "192.0.2.77", "netmask", "255.255.255.0");
      await until(
        "its address",
        (event) => event.status.addresses?.some(({ address }) => address === "192.0.2.77") ?? false,
      );
      ifconfig(NAME, "down");
      await until("that it is down", (event) => event.type === "changed" && !event.status.up);
      ifconfig(NAME, "destroy");
      made = false;
      await until("that it is gone", (event) => event.type === "removed");
    } finally {
      if (made) ifconfig(NAME, "destroy");
      await watcher.return();
    }
  },
});

/** What route(8) says of an address: its interface and its router; undefined where nothing leads there. */
function shownRoute(address: string): readonly [name: string, gateway: string | undefined] | undefined {
  const family = address.includes(":") ? "-inet6" : "-inet";
  const { stdout } = new Deno.Command("route", { args: ["-n", "get", family, address] }).outputSync();
  const field = (name: string) => new RegExp(`^ *${name}: ([^\\s%]+)`, "m").exec(new TextDecoder().decode(stdout))?.[1];
  const name = field("interface");
  return name === undefined ? undefined : [name, field("gateway")];
}

Deno.test({
  name: "bsd live: route says what route(8) says, and a list the same of the default",
  ignore: !LIVE,
  fn: () => {
    for (const address of ["127.0.0.1", "198.41.0.4", "::1", "2001:503:ba3e::2:30"]) {
      const shown = shownRoute(address);
      const [told] = route(address);
      assertEquals(told?.name, shown?.[0], address);
      if (told?.gateway !== undefined) assertEquals(told.gateway, shown?.[1], address);
    }
    const defaults = list({ routes: true }).filter(({ defaultRoute }) => defaultRoute?.includes("inet"));
    const leaves = route().filter(({ family }) => family === "inet");
    assertEquals(defaults.map(({ name }) => name), leaves.map(({ name }) => name));
  },
});

Deno.test({
  name: "bsd live: it knows which system this is",
  ignore: !LIVE,
  fn: () => assertEquals(capabilities().platform, Deno.build.os as string),
});
