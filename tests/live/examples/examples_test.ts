import { assert, assertEquals } from "@std/assert";
import { get, waitFor, waitForAll } from "../../../mod.ts";
import { printedCommand } from "../../helpers/examples/examples.ts";
import { Running } from "../../helpers/cli/netflags.ts";
import { succeeds } from "../../helpers/suites.ts";
import { helpExample } from "../../helpers/examples/units.ts";
import { btpand } from "../../examples/btpand.ts";
import { dhcpClient } from "../../examples/dhcp_client.ts";
import { routingDaemon } from "../../examples/routing_daemon.ts";
import { reauthenticate, supplicant } from "../../examples/supplicant.ts";
import { connected, wanted } from "../../examples/which_connected.ts";
import { clear, eventually, ip, liveTest, otherNamespace, run, sleep, TUN } from "../../helpers/live/system.ts";
import { Tap } from "../../helpers/live/tap.ts";

function assertState(name: string, operState: string, running: boolean): void {
  const status = get(name);
  assertEquals([status?.operState, status?.running], [operState, running]);
}

liveTest("walk-through: an 802.1X supplicant drives the operational state, and leaves a sane one", async () => {
  try {
    ip("link add dev eth7 type veth peer name switch7");
    ip("link set eth7 up");
    const end = new AbortController();
    let answer = true;
    let asked = 0;
    const authenticate = async (): Promise<boolean> => {
      asked++;
      await eventually(() => assertState("eth7", "dormant", false)); // nothing flows while it is asked
      return answer;
    };
    const running = supplicant("eth7", authenticate, end.signal);
    await eventually(() => assertEquals(get("eth7")?.linkMode, "dormant"));
    assertEquals(asked, 0);
    ip("link set switch7 up"); // the cable
    await eventually(() => assertState("eth7", "up", true));
    await reauthenticate("eth7", authenticate);
    assertState("eth7", "up", true);
    answer = false;
    await reauthenticate("eth7", authenticate);
    assertState("eth7", "dormant", false);
    answer = true;
    ip("link set switch7 down");
    await waitFor("eth7", (status) => status?.lowerUp === false, { timeout: 5000 }); // told to the supplicant as well
    ip("link set switch7 up");
    await eventually(() => assertState("eth7", "up", true));
    assertEquals(asked, 4);
    await reauthenticate("eth7", () => Promise.resolve(false));
    end.abort();
    await running;
    assertEquals(get("eth7")?.linkMode, "default");
    assertState("eth7", "up", true);
  } finally {
    clear();
  }
});

liveTest("walk-through: a routing daemon uses what is operational, and withdraws when it goes", async () => {
  try {
    const end = new AbortController();
    const lines: string[] = [];
    const daemon = {
      use: (name: string) => lines.push(`use ${name}`),
      withdraw: (name: string) => lines.push(`withdraw ${name}`),
    };
    const running = routingDaemon(daemon, end.signal);
    ip("link add dev va type veth peer name vb");
    ip("link set va up");
    await waitFor("va", (status) => status?.up === true && !status.running, { timeout: 5000 }); // told to both
    await sleep(0);
    assertEquals(lines.filter((line) => line.includes("v")), []); // UP, and not more
    ip("link set vb up");
    await eventually(() => assert(lines.includes("use va") && lines.includes("use vb")));
    ip("link set vb down");
    await eventually(() => assert(lines.includes("withdraw va") && lines.includes("withdraw vb")));
    ip("link set vb up");
    await eventually(() => assertEquals(lines.filter((line) => line === "use va").length, 2));
    ip("link del va");
    await eventually(() => assertEquals(lines.filter((line) => line === "withdraw va").length, 2));
    end.abort();
    await running;
  } finally {
    clear();
  }
});

liveTest("walk-through: a card that is up without a cable is wanted, and not connected", async () => {
  try {
    ip("link add dev plugged type veth peer name wall");
    ip("link set plugged up");
    ip("link set wall up");
    ip("link add dev unplugged type veth peer name nothing");
    ip("link set unplugged up");
    await eventually(() => assertEquals(get("unplugged")?.flags, 4099)); // RUNNING goes when the kernel gets to it
    await eventually(() => assertEquals(connected(), ["wall", "plugged"]));
    assertEquals(wanted().filter((name) => name !== "lo"), ["wall", "plugged", "unplugged"]);
  } finally {
    clear();
  }
});

liveTest("walk-through: btpand ends when its tap is marked down", async () => {
  using _tap = new Tap("tap0");
  const lines: string[] = [];
  ip("link set tap0 up");
  const daemon = btpand("tap0", (line) => lines.push(line));
  ip("addr add 10.0.0.1/24 dev tap0");
  await eventually(() => assert(lines.some((line) => line.includes("10.0.0.1/24"))));
  ip("link set tap0 arp off");
  await eventually(() => assert(lines.includes("NOARP is set")));
  ip("link set tap0 down");
  assertEquals(await daemon, "tap0 was marked down");
}, TUN);

liveTest("walk-through: the daemon that was tested in memory alone runs unchanged on a real kernel", async () => {
  try {
    // The program as it is, with the permission that its header names, and no other.
    await using daemon = new Running(["wan0", "wan1"], ["--allow-ffi"], "tests/examples/daemon.ts");
    for (const [i, name] of ["wan1", "wan0"].entries()) {
      ip(`link add dev ${name} type veth peer name far${i}`);
      ip(`addr add 192.0.2.${i + 1}/24 dev ${name}`);
      ip(`link set ${name} up`);
      ip(`link set far${i} up`);
      assertEquals(await daemon.line(), name);
    }
    ip("link set far1 down"); // the cable of wan0
    assertEquals(await daemon.line(), "wan1");
    ip("link set wan1 down");
    assertEquals(await daemon.line(), "no uplink");
    ip("link set wan1 up");
    assertEquals(await daemon.line(), "wan1");
    ip("link set wan1 name lan1"); // a name that goes away, as the interface itself does
    assertEquals(await daemon.line(), "no uplink");
    ip("link set lan1 name wan1");
    assertEquals(await daemon.line(), "wan1");
    ip("link del wan1");
    assertEquals(await daemon.line(), "no uplink");
    daemon.signal("SIGTERM");
    assertEquals(await daemon.status(), 0);
  } finally {
    clear();
  }
});

liveTest(
  "walk-through: a DHCP client asks once for a link that flaps, and confirms after an interruption",
  async () => {
    using tap = new Tap("eth7");
    const lines: string[] = [];
    const end = new AbortController();
    const tell = (what: string) => (name: string) => void lines.push(`${what} ${name}`);
    const client = { discover: tell("discover"), confirm: tell("confirm"), pause: tell("pause") };
    const running = dhcpClient("eth7", client, end.signal);
    const told = (count: number) => eventually(() => assertEquals(lines.length, count));
    ip("link set eth7 up");
    for (let i = 0; i < 5; i++) for (const on of [false, true]) tap.carrier(on);
    await told(1);
    for (const on of [false, true]) tap.carrier(on);
    await told(2);
    tap.carrier(false);
    await told(3);
    tap.carrier(true);
    await told(4);
    end.abort();
    await running;
    assertEquals(lines, ["discover eth7", "confirm eth7", "pause eth7", "confirm eth7"]);
  },
  TUN,
);

liveTest("walk-through: in the place of ifplugd, a program is run for the cable, and at the end", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const action = `${folder}/action`;
    await Deno.writeTextFile(action, '#!/bin/sh\necho "$1 $2"\n', { mode: 0o755 });
    const { permissions, file, args } = printedCommand("ifplugd.ts");
    const [name, program] = args;
    const here = (word: string): string => word.replace(program!, action); // the machine's own is left alone
    ip(`link add dev ${name} type veth peer name switch0`);
    await using daemon = new Running(args.map(here), permissions.map(here), file);
    await waitFor(name!, "up", { timeout: 20_000 }); // which the daemon has set
    ip("link set switch0 up");
    assertEquals(await daemon.line(), `${name} up`);
    daemon.signal("SIGTERM");
    assertEquals(await daemon.line(), `${name} down`);
    assertEquals(await daemon.status(), 0);
  } finally {
    await Deno.remove(folder, { recursive: true });
    clear();
  }
});

/** Each program, what it says where both ends of a cable are up, and what when its interface is set down. */
const PROGRAMS = [
  ["which_connected.ts", ["wanted up: lo far eth0", "connected: far eth0"], []],
  ["routing_daemon.ts", ["using lo", "using far", "using eth0"], ["withdrawn from far", "withdrawn from eth0"]],
  ["radvd.ts", ["announce wlan0"], ["withdraw wlan0"]],
  ["dhcp_client.ts", ["DHCPDISCOVER on eth0"], ["no link on eth0"]],
  [
    "btpand.ts",
    [
      ...["UP", "BROADCAST", "RUNNING", "MULTICAST", "LOWER_UP"].map((flag) => `${flag} is set`),
      "addresses: 192.0.2.1/24",
    ],
    ["tap0 was marked down"],
  ],
  ["daemon.ts", ["eth0"], ["no uplink"]],
] as const;
/** Those that end by themselves; the others by SIGINT. */
const ENDING: readonly string[] = ["which_connected.ts", "btpand.ts"];

liveTest("examples: each program runs as its header says, with --allow-ffi alone", async () => {
  try {
    for (const [name, first, then] of PROGRAMS) {
      const { permissions, file, args } = printedCommand(name);
      assertEquals(permissions, ["--allow-ffi"], name);
      const near = args[0] ?? "eth0";
      ip(`link add dev ${near} type veth peer name far`);
      for (const end of [near, "far"]) ip(`link set ${end} addrgenmode none`); // no address but the one that is set
      for (const up of ["lo", "far", near]) ip(`link set ${up} up`);
      ip(`addr add 192.0.2.1/24 dev ${near}`);
      await waitForAll([near, "far"], "connected", { timeout: 5000 });
      await using program = new Running(args, permissions, file);
      const said = async (expected: readonly string[]): Promise<void> => {
        const lines: string[] = [];
        while (lines.length < expected.length) lines.push(await program.line());
        assertEquals(lines.sort(), [...expected].sort(), name);
      };
      await said(first);
      ip(`link set ${near} down`);
      await said(then);
      if (!ENDING.includes(name)) program.signal("SIGINT");
      assertEquals(await program.status(), 0, name);
      ip(`link del ${near}`);
    }
  } finally {
    ip("link set lo down");
    clear();
  }
});

liveTest(
  "examples: the supplicant's program makes its interface wait, and an ordinary one again at its end",
  async () => {
    try {
      const { permissions, file, args } = printedCommand("supplicant.ts");
      const [name] = args;
      ip(`link add dev ${name} type veth peer name switch0`);
      await using program = new Running(args, permissions, file);
      await eventually(() => assertEquals(get(name!)?.linkMode, "dormant"), 20_000);
      program.signal("SIGINT");
      assertEquals(await program.status(), 0);
      assertEquals(get(name!)?.linkMode, "default");
    } finally {
      clear();
    }
  },
);

const HOOKS = ["--allow-ffi", "--allow-run=sh"];

liveTest("examples: help's DHCP client has an address for as long as there is a link", async () => {
  for (const program of ["udhcpc", "dnsmasq", "nsenter"]) {
    if (await succeeds("sh", "-c", `command -v ${program}`)) continue;
    console.error(`SKIPPED: no ${program}, so help's DHCP client is not played`);
    return;
  }
  // Debian's script of udhcpc writes /etc/resolv.conf, which is the machine's: it gets one of its own.
  const folder = await Deno.makeTempDir();
  const path = Deno.env.get("PATH")!;
  await Deno.writeTextFile(`${folder}/resolv.conf`, "");
  await Deno.writeTextFile(
    `${folder}/udhcpc`,
    `#!/bin/sh
PATH='${path}'
exec unshare --mount sh -c 'mount --bind "${folder}/resolv.conf" /etc/resolv.conf && exec udhcpc "$@"' sh "$@"
`,
    { mode: 0o755 },
  );
  Deno.env.set("PATH", `${folder}:${path}`);
  const resolvers = await Deno.readTextFile("/etc/resolv.conf");
  const other = await otherNamespace();
  const server = ["nsenter", "-t", String(other.pid), "-n"];
  const inServer = (line: string): string => run("nsenter", ...server.slice(1), "ip", ...line.split(" "));
  let dnsmasq: Deno.ChildProcess | undefined;
  try {
    ip(`link add dev eth0 type veth peer name lan0 netns ${other.pid}`);
    ip("link set eth0 up");
    inServer("addr add 192.0.2.1/24 dev lan0");
    inServer("link set lan0 up");
    dnsmasq = new Deno.Command(server[0]!, {
      args: [
        ...[...server.slice(1), "dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--port=0"],
        ...["--interface=lan0", "--dhcp-range=192.0.2.10,192.0.2.19", "--leasefile-ro", "--pid-file="],
      ],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    await using running = new Running(helpExample("udhcpc"), HOOKS);
    const client = `^udhcpc -f -i eth0`;
    const HERE = ["--ns", String(Deno.pid), "--nslist", "net"]; // a client of somebody else is none of ours
    for (let round = 0; round < 2; round++) {
      await eventually(() => assert(/inet 192\.0\.2\.1\d/.test(ip("addr show dev eth0"))), 60_000);
      inServer("link set lan0 down");
      await eventually(async () => assertEquals(await succeeds("pgrep", ...HERE, "-f", client), false), 20_000);
      ip("addr flush dev eth0");
      inServer("link set lan0 up");
    }
    running.signal("SIGTERM");
    assertEquals(await running.status(), 0);
    assertEquals(await succeeds("pgrep", ...HERE, "-f", client), false);
    assertEquals(await Deno.readTextFile("/etc/resolv.conf"), resolvers);
  } finally {
    Deno.env.set("PATH", path);
    await Deno.remove(folder, { recursive: true });
    dnsmasq?.kill("SIGTERM");
    await dnsmasq?.status;
    other.kill("SIGKILL");
    await other.status;
    clear();
  }
});

liveTest("examples: help's logger logs each interface that is marked down", async () => {
  const folder = await Deno.makeTempDir();
  const path = Deno.env.get("PATH")!;
  try {
    await Deno.writeTextFile(`${folder}/logger`, '#!/bin/sh\necho "logged $*"\n', { mode: 0o755 });
    Deno.env.set("PATH", `${folder}:${path}`);
    ip("link add dev eth0 type veth peer name far0");
    ip("link set eth0 up");
    await using running = new Running(helpExample("logger"), HOOKS);
    const first = [await running.line(), await running.line()]; // what is down at the start
    assertEquals(first.sort(), ["logged far0", "logged lo"]);
    ip("link set eth0 down");
    assertEquals(await running.line(), "logged eth0");
  } finally {
    Deno.env.set("PATH", path);
    await Deno.remove(folder, { recursive: true });
    clear();
  }
});
