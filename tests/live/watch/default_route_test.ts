/** Which interface carries the default traffic: held against `ip route get` and the state of the link, step by step. */
import { assert, assertEquals } from "@std/assert";
import { get, holds, type InterfaceEvent, type InterfaceStatus, list, route, waitFor, watch } from "../../../mod.ts";
import { netflags, Running } from "../../helpers/cli/netflags.ts";
import { Random } from "../../helpers/random.ts";
import { succeeds } from "../../helpers/suites.ts";
import { unitWords } from "../../helpers/examples/units.ts";
import { CAN_NAME, Named } from "../../helpers/live/namespaces.ts";
import {
  clear,
  eventually,
  ip,
  ipBatch,
  ipLinks,
  liveTest,
  ROUNDS,
  run,
  sleep,
  TUN,
} from "../../helpers/live/system.ts";
import { Tap } from "../../helpers/live/tap.ts";

const FAMILIES = { inet: "198.41.0.4", inet6: "2001:503:ba3e::2:30" } as const;
type Family = keyof typeof FAMILIES;

/** The interface by which `ip route get` says that a packet to another machine leaves; undefined where it says none. */
function ipRoute(family: Family): string | undefined {
  try {
    const [found] = JSON.parse(ip(`-j route get ${FAMILIES[family]}`));
    return found.type === undefined ? found.dev : undefined;
  } catch {
    return undefined; // it is unreachable
  }
}

/** By which interface the default traffic of each family leaves, as statuses say. */
function leavesBy(statuses: Iterable<InterfaceStatus>): Record<Family, string | undefined> {
  const found: Record<Family, string | undefined> = { inet: undefined, inet6: undefined };
  for (const { name, defaultRoute } of statuses) {
    for (const family of defaultRoute ?? []) {
      assertEquals(found[family], undefined, `${family} leaves by ${found[family]} and by ${name}`);
      found[family] = name;
    }
  }
  return found;
}

/** What a watcher has told so far, added up. */
class Follower implements AsyncDisposable {
  readonly states = new Map<number, InterfaceStatus>();
  readonly events: InterfaceEvent[] = [];
  readonly #watcher = watch({ routes: true, initial: true });
  readonly #over: Promise<void>;

  constructor() {
    this.#over = (async () => {
      for await (const event of this.#watcher) {
        this.events.push(event);
        if (event.type === "removed") this.states.delete(event.status.index);
        else this.states.set(event.status.index, event.status);
      }
    })();
  }

  /** What was told of moves since the last call: each interface with the families that leave by it now. */
  moves(): string[] {
    const moves = this.events.filter(({ type, changed }) => type === "changed" && changed.includes("defaultRoute"));
    this.events.length = 0;
    return moves.map(({ status }) => `${status.name}:${status.defaultRoute?.join("+")}`);
  }

  /** Waits until what was told, what is asked, and what `ip` says are the same. */
  async agrees(what: string): Promise<void> {
    await eventually(() => {
      const expected = { inet: ipRoute("inet"), inet6: ipRoute("inet6") };
      assertEquals(leavesBy(this.states.values()), expected, `told: ${what}`);
      assertEquals(leavesBy(list({ routes: true })), expected, `listed: ${what}`);
      const found = Object.fromEntries(route().map(({ family, name }) => [family, name]));
      assertEquals({ inet: found.inet, inet6: found.inet6 }, expected, `route: ${what}`);
      const works = new Map(
        ipLinks().map(({ ifname, operstate, flags }) => [
          ifname,
          operstate === "UP" || (operstate === "UNKNOWN" && flags.includes("LOWER_UP")),
        ]),
      );
      for (const status of this.states.values()) {
        const carries = Object.values(expected).includes(status.name);
        const wanted = carries && works.get(status.name) === true;
        assertEquals(holds(status, "default-route"), wanted, `${what}: ${status.name}`);
      }
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#watcher.return();
    await this.#over;
  }
}

/** Runs lines that may fail, one after the other: in a batch, ip takes no family. */
function tries(lines: readonly string[]): void {
  for (const line of lines) {
    try {
      ip(line);
    } catch { /* as it does in life */ }
  }
}

/** Two uplinks, u0 and u1, each with a router behind it that answers nothing. */
async function uplinks(): Promise<void> {
  ip("link set lo up");
  await ipBatch([0, 1].flatMap((i) => [
    `link add u${i} type veth peer name p${i}`,
    `link set u${i} up`,
    `link set p${i} up`,
    `addr add 192.0.2.${64 * i + 2}/26 dev u${i}`,
    `addr add 2001:db8:${i}::2/64 dev u${i} nodad`,
  ]));
  await eventually(() => {
    assertEquals([get("u0")?.connected, get("u1")?.connected], [true, true]);
    const ready = [0, 1].map((i) => route(`2001:db8:${i}::1`)[0]?.name); // IPv6 begins a moment after the carrier
    assertEquals(ready, ["u0", "u1"]);
  });
}

const GATEWAYS = ["via 192.0.2.1 dev u0", "via 192.0.2.65 dev u1"] as const;
const GATEWAYS6 = ["via 2001:db8:0::1 dev u0", "via 2001:db8:1::1 dev u1"] as const;

/** What is done, the interface that each family leaves by then, and whether it is dead. */
type Step = readonly [lines: readonly string[], inet: string | undefined, inet6: string | undefined, dead?: "dead"];

const STEPS: Readonly<Record<string, readonly Step[]>> = {
  "two uplinks: metrics decide, and change": [
    [[`route add default ${GATEWAYS[0]} metric 100`], "u0", undefined],
    [[`route add default ${GATEWAYS[1]} metric 200`], "u0", undefined],
    [[`-6 route add default ${GATEWAYS6[1]} metric 100`], "u0", "u1"],
    [[`route add default ${GATEWAYS[1]} metric 50`], "u1", "u1"],
    [["route del default metric 50"], "u0", "u1"],
    [["route del default metric 100"], "u1", "u1"],
    [["route del default metric 200", "-6 route del default"], undefined, undefined],
  ],
  "the carrier is lost, and the kernel goes on sending": [
    [[`route add default ${GATEWAYS[0]} metric 1`, `route add default ${GATEWAYS[1]} metric 2`], "u0", undefined],
    [[`-6 route add default ${GATEWAYS6[0]}`], "u0", "u0"],
    [["link set p0 down"], "u0", "u0", "dead"],
    [["link set p0 up"], "u0", "u0"],
  ],
  "an interface is set down, which takes its routes along": [
    [[`route add default ${GATEWAYS[0]} metric 1`, `route add default ${GATEWAYS[1]} metric 2`], "u0", undefined],
    [[`-6 route add default ${GATEWAYS6[0]} metric 1`, `-6 route add default ${GATEWAYS6[1]} metric 2`], "u0", "u0"],
    [["link set u0 down"], "u1", "u1"],
    [["link set u0 up"], "u1", "u1"],
    [["link del u1"], undefined, undefined],
  ],
  "an address goes that routes have as their source": [
    [[`route add default ${GATEWAYS[0]} metric 1 src 192.0.2.2`], "u0", undefined],
    [[`route add default ${GATEWAYS[1]} metric 2`], "u0", undefined],
    [["addr del 192.0.2.2/26 dev u0"], "u1", undefined],
    [["addr flush dev u1"], undefined, undefined],
  ],
  "a policy rule": [
    [[`route add default ${GATEWAYS[0]}`, `-6 route add default ${GATEWAYS6[0]}`], "u0", "u0"],
    [[`route add default ${GATEWAYS[1]} table 77`], "u0", "u0"],
    [["rule add pref 50 lookup 77"], "u1", "u0"],
    [["-6 rule add pref 50 prohibit"], "u1", undefined],
    [["-6 rule del pref 50"], "u1", "u0"],
    [["rule del pref 50", "route flush table 77"], "u0", "u0"],
  ],
  "a default that is unreachable, prohibited or a black hole": [
    [["route add unreachable default metric 10"], undefined, undefined],
    [[`route add default ${GATEWAYS[0]} metric 20`], undefined, undefined],
    [["route del unreachable default metric 10"], "u0", undefined],
    [["route add prohibit default metric 5"], undefined, undefined],
    [["route del prohibit default metric 5", "route add blackhole default metric 5"], undefined, undefined],
    [["route del blackhole default metric 5"], "u0", undefined],
    [["-6 route add blackhole default metric 5", `-6 route add default ${GATEWAYS6[0]} metric 9`], "u0", undefined],
    [["-6 route del blackhole default metric 5"], "u0", "u0"],
  ],
  "the two halves, as VPN daemons take it": [
    [[`route add default ${GATEWAYS[0]}`, `-6 route add default ${GATEWAYS6[0]}`], "u0", "u0"],
    [[`route add 128.0.0.0/1 ${GATEWAYS[1]}`, `route add 0.0.0.0/1 ${GATEWAYS[1]}`], "u1", "u0"],
    [[`-6 route add 2000::/4 ${GATEWAYS6[1]}`], "u1", "u1"],
    [["route del 128.0.0.0/1", "route del 0.0.0.0/1", "-6 route del 2000::/4"], "u0", "u0"],
  ],
  "nexthop objects": [
    [
      [`nexthop add id 7 ${GATEWAYS[0]}`, `nexthop add id 8 ${GATEWAYS[1]}`, "route add default nhid 7"],
      "u0",
      undefined,
    ],
    [[`nexthop replace id 7 ${GATEWAYS[1]}`], "u1", undefined],
    [["nexthop del id 7", "nexthop del id 8"], undefined, undefined],
  ],
};

for (const [title, steps] of Object.entries(STEPS)) {
  liveTest(`live default route: ${title}`, async () => {
    try {
      await uplinks();
      await using follower = new Follower();
      for (const [lines, inet, inet6, dead] of steps) {
        const what = lines.join("; ");
        const before = leavesBy(follower.states.values());
        follower.moves();
        for (const line of lines) ip(line);
        await follower.agrees(what);
        const now = leavesBy(follower.states.values());
        assertEquals(now, { inet, inet6 }, what);
        const connected = new Set(
          [inet, inet6].filter((name) => name !== undefined).map((name) => get(name)?.connected),
        );
        assertEquals(connected.has(false), dead === "dead", what);
        // A move is told once, of both interfaces: each that has gained or lost a family, and no other.
        const named = (name: string, when: typeof now) =>
          (["inet", "inet6"] as const).filter((family) => when[family] === name).join("+");
        const moved = ["u0", "u1"].filter((name) =>
          get(name) !== undefined && named(name, before) !== named(name, now)
        );
        if (lines.length === 1) {
          const told = follower.moves();
          assertEquals(told.sort(), moved.map((name) => `${name}:${named(name, now)}`), what);
        }
      }
    } finally {
      tries(["rule del pref 50", "-6 rule del pref 50"]);
      for (let i = 0; i < 3; i++) tries(["route del default", "-6 route del default"]);
      clear();
    }
  });
}

liveTest("live default route: a VPN takes it with a tunnel, and gives it back when it ends", async () => {
  try {
    await uplinks();
    ip(`route add default ${GATEWAYS[0]}`);
    await using follower = new Follower();
    await follower.agrees("the card");
    {
      using vpn = new Tap("tun0");
      await ipBatch(["link set tun0 up", "addr add 198.51.100.1/24 dev tun0", "route add default dev tun0 metric 0"]);
      ip("route replace default dev tun0 metric 5");
      ip(`route del default ${GATEWAYS[0]}`);
      ip(`route add default ${GATEWAYS[0]} metric 600`);
      await follower.agrees("the tunnel");
      assertEquals((await waitFor("tun0", "default-route-ipv4", { timeout: 5000 })).defaultRoute, ["inet"]);
      vpn.carrier(false);
      await eventually(() => assertEquals(get("tun0")?.connected, false));
      await follower.agrees("the tunnel without a carrier");
      assertEquals(holds(get("tun0", { routes: true }), "default-route"), false);
    }
    await waitFor("u0", "default-route", { timeout: 5000 });
    await follower.agrees("the card again");
  } finally {
    clear();
  }
}, TUN);

liveTest("live default route: a flood of other routes neither wakes a watcher nor is lost", async () => {
  try {
    await uplinks();
    await using follower = new Follower();
    await follower.agrees("none");
    follower.events.length = 0;
    const all = Array.from({ length: 5000 }, (_, i) => `10.${i >> 8}.${i & 255}.0/24 ${GATEWAYS[0]}`);
    const batch = async (verb: string) => {
      const file = await Deno.makeTempFile();
      await Deno.writeTextFile(file, all.map((one) => `route ${verb} ${one}\n`).join(""));
      run("ip", "-batch", file); // nobody reads meanwhile: this thread waits for it
      await Deno.remove(file);
    };
    await batch("add");
    const queued = Deno.readTextFileSync("/proc/net/netlink").trim().split("\n").slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter(([, protocol, , groups]) => protocol === "0" && (parseInt(groups!, 16) & 1 << 6) !== 0)
      .map(([, , , , received, , , , drops]) => [Number(received), Number(drops)]);
    assertEquals(queued, [[0, 0]]); // the one socket that hears of IPv4 routes
    ip(`route add default ${GATEWAYS[1]}`);
    await follower.agrees("one that counts");
    assertEquals(follower.moves(), ["u1:inet"]);
    await batch("del");
    await sleep(50);
    assertEquals(follower.events.filter(({ resync }) => resync), []);
  } finally {
    clear();
  }
});

const RADVD = CAN_NAME && await succeeds("sh", "-c", "command -v radvd");
if (CAN_NAME && !RADVD) console.error("SKIPPED: no radvd, so no router that advertises itself");

liveTest("live default route: IPv6 by router advertisement, and withdrawn", async () => {
  using router = new Named("router");
  try {
    ip("link set lo up");
    await Deno.writeTextFile("/proc/sys/net/ipv6/conf/default/accept_ra", "2").catch(() => {}); // a /sys that is read-only
    ip(`link add u0 type veth peer name r0 netns ${router.name}`);
    ip("link set u0 up");
    router.ip("link set r0 up");
    router.run("sysctl", "-qw", "net.ipv6.conf.all.forwarding=1");
    router.ip("addr add 2001:db8::1/64 dev r0 nodad");
    const config = await Deno.makeTempFile();
    await Deno.writeTextFile(
      config,
      "interface r0 { AdvSendAdvert on; MinRtrAdvInterval 3; MaxRtrAdvInterval 4; prefix 2001:db8::/64 {}; };\n",
    );
    await using follower = new Follower();
    const pid = await Deno.makeTempFile();
    const words = ["netns", "exec", router.name, "radvd", "-n", "-C", config, "-p", pid];
    const radvd = new Deno.Command("ip", { args: words, stdout: "null", stderr: "null" }).spawn();
    try {
      const card = await waitFor("u0", "default-route-ipv6", { timeout: 20_000 });
      assertEquals([card.defaultRoute, route()[0]?.gateway?.startsWith("fe80::")], [["inet6"], true]);
      await follower.agrees("advertised");
    } finally {
      radvd.kill("SIGTERM"); // it says that the router is one no more
      await radvd.status;
    }
    await eventually(() => assertEquals(get("u0", { routes: true })?.defaultRoute, []), 10_000);
    await follower.agrees("withdrawn");
    for (const file of [config, pid]) await Deno.remove(file).catch(() => {});
  } finally {
    clear();
  }
}, RADVD);

liveTest("live default route: hooks, the unit of those who mean that, and netflags route", async () => {
  try {
    await uplinks();
    const online = async () =>
      (await netflags([...unitWords("netflags-wait-default-route").slice(0, -2), "--timeout", "0"])).status;
    const note = 'echo "$NETFLAGS_HOOK $NETFLAGS_INTERFACE $NETFLAGS_DEFAULT_ROUTE"';
    await using running = new Running(
      ["run", "u*", "--on-default-route", note, "--on-no-default-route", note, "--on-removed", "true", "--jobs", "1"],
      ["--allow-ffi", "--allow-run=sh"],
    );
    const first = [await running.line(), await running.line()];
    assertEquals(first.sort(), ["no-default-route u0 ", "no-default-route u1 "]);
    assertEquals(await online(), 1);
    ip(`route add default ${GATEWAYS[0]} metric 9`);
    assertEquals(await running.line(), "default-route u0 inet");
    assertEquals(await online(), 0);
    ip("link set p0 down"); // the route stays, and leads nowhere
    assertEquals(await running.line(), "no-default-route u0 inet");
    assertEquals([await online(), (await netflags(["route"])).stdout.split("\n")[1]?.split(/ +/).slice(2, 4)], [1, [
      "u0",
      "no",
    ]]);
    ip(`route add default ${GATEWAYS[1]} metric 1`);
    assertEquals(await running.line(), "default-route u1 inet");
    assertEquals(await online(), 0);
  } finally {
    clear();
  }
});

/** Random changes of two uplinks. Some of them fail, as they do in life. */
function changes(random: Random, count: number): string[] {
  return Array.from({ length: count }, () => {
    const [i, metric] = [random.below(2), 1 + random.below(4)];
    const [gateway, gateway6] = [GATEWAYS[i]!, GATEWAYS6[i]!];
    return random.pick([
      `route add default ${gateway} metric ${metric}`,
      `route replace default ${gateway} metric ${metric}`,
      `route append default ${gateway} metric ${metric}`,
      `route del default metric ${metric}`,
      `-6 route add default ${gateway6} metric ${metric}`,
      `-6 route replace default ${gateway6} metric ${metric}`,
      `-6 route del default metric ${metric}`,
      `route add unreachable default metric ${metric}`,
      `-6 route add unreachable default metric ${metric}`,
      `route add default ${gateway} table 77`,
      "route flush table 77",
      "rule add pref 50 lookup 77",
      "rule del pref 50",
      `-6 rule add pref 50 unreachable`,
      `-6 rule del pref 50`,
      `route add 128.0.0.0/1 ${gateway}`,
      "route del 128.0.0.0/1",
      `link set u${i} down`,
      `link set u${i} up`,
      `link set p${i} down`,
      `link set p${i} up`,
      `addr del 192.0.2.${64 * i + 2}/26 dev u${i}`,
      `addr add 192.0.2.${64 * i + 2}/26 dev u${i}`,
      `-6 addr add 2001:db8:${i}::2/64 dev u${i} nodad`,
      `link del u${i}`,
      `link add u${i} type veth peer name p${i}`,
    ]);
  });
}

liveTest("live default route: after random sequences of everything, what was told is what ip says", async () => {
  const random = new Random();
  try {
    for (let round = 0; round < ROUNDS; round++) {
      await uplinks();
      await using follower = new Follower();
      const lines = changes(random, 10 + random.below(30));
      for (let at = 0; at < lines.length;) {
        const part = lines.slice(at, at += 1 + random.below(8));
        tries(part);
        await follower.agrees(`NETFLAGS_SEED=${random.seed}, round ${round}: ${lines.slice(0, at).join("; ")}`);
      }
      assert(follower.states.size > 0);
      tries(["rule del pref 50", "-6 rule del pref 50", "route flush table 77"]);
      for (let i = 0; i < 5; i++) tries(["route del default", "-6 route del default"]);
      clear();
    }
  } finally {
    tries(["rule del pref 50", "-6 rule del pref 50"]);
    clear();
  }
});
