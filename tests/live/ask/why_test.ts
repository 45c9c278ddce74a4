/** Why an interface is not connected, on this machine's kernel, as ip, bridge and ethtool have it. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { list } from "../../../mod.ts";
import { runHere } from "../../helpers/cli/in_process.ts";
import { clear, eventually, ip, ipBatch, LIVE, liveTest, otherNamespace, TUN } from "../../helpers/live/system.ts";
import { Tap } from "../../helpers/live/tap.ts";
import { assertAsBridge, assertAsEthtool, assertDetailsAsIp, codesOf, detailsOf } from "../../helpers/live/why.ts";

function answers(program: string, ...args: string[]): boolean {
  try {
    return new Deno.Command(program, { args, stdout: "null", stderr: "null" }).outputSync().success;
  } catch {
    return false;
  }
}

const ETHTOOL = LIVE && answers("ethtool", "--version");
if (LIVE && !ETHTOOL) console.error("SKIPPED: no ethtool to compare with: install ethtool");

/** Whether this kernel makes an interface of such a kind, on one that is there for nothing else. */
function makes(...words: string[]): boolean {
  if (!LIVE) return false;
  ip("link add va type veth peer name vb");
  const made = answers("ip", "link", "add", ...words);
  clear();
  if (!made) console.error(`SKIPPED: this kernel makes no ${words.at(-1)}`);
  return made;
}

const MACVLAN = makes("link", "va", "name", "x0", "type", "macvlan");

liveTest("live: what a driver says is what ethtool prints", () => {
  try {
    ip("link add va type veth peer name vb");
    assertAsEthtool("va");
    assertEquals(detailsOf("va").hardware?.link, false);
    for (const end of ["va", "vb"]) ip(`link set ${end} up`);
    assertAsEthtool("va");
    const { link, speed, duplex, port } = detailsOf("va").hardware!;
    assertEquals([link, speed, duplex, port], [true, 10000, "full", "tp"]);
    assertAsEthtool("lo");
    ip("link add br0 type bridge");
    assertAsEthtool("br0");
  } finally {
    clear();
  }
}, ETHTOOL);

liveTest("live: what a tap's driver says is what ethtool prints", () => {
  using tap = new Tap("tap0");
  ip("link set tap0 up");
  for (const carrier of [true, false]) {
    tap.carrier(carrier);
    assertAsEthtool("tap0");
    assertEquals(detailsOf("tap0").hardware?.link, carrier);
  }
}, ETHTOOL && TUN);

liveTest("live: a port that the spanning tree blocks works, and is of no use to its bridge", async () => {
  try {
    await ipBatch([
      "link add br0 type bridge stp_state 1 forward_delay 200",
      "link add va type veth peer name vb",
      "link set va master br0",
      "link set vb master br0",
      "link set va up",
      "link set vb up",
    ]);
    await eventually(() => assertEquals(detailsOf("vb").connected, true));
    assertEquals(detailsOf("vb").port?.state, "disabled");
    ip("link set br0 up");
    await eventually(() => assertEquals(codesOf("br0").length, 2));
    const ports = ["va", "vb"];
    await eventually(() => assert(ports.some((name) => detailsOf(name).port?.state === "blocking")), 20000);
    for (const name of ["br0", ...ports]) assertDetailsAsIp(name);
    for (const name of ports) assertAsBridge(name);
    const blocked = ports.find((name) => detailsOf(name).port?.state === "blocking")!;
    assertEquals([detailsOf(blocked).connected, detailsOf(blocked).causes], [true, []]);
    const { stdout } = await runHere(["explain", blocked]);
    assertStringIncludes(stdout, "but br0 lets nothing through it: its spanning tree state is blocking");
    await eventually(() => assertEquals(detailsOf("br0").connected, true), 20000);
    assertEquals(codesOf("br0"), []);
  } finally {
    clear();
  }
});

liveTest("live: a bridge without ports, and one whose port has no carrier", async () => {
  try {
    ip("link add br0 type bridge");
    assertEquals(codesOf("br0"), ["br0 down"]);
    ip("link set br0 up");
    ip("link add va type veth peer name vb");
    ip("link set va master br0"); // a bridge that never had a port has a carrier
    ip("link set va nomaster");
    await eventually(() => assertEquals(codesOf("br0"), ["br0 no-ports"]));
    ip("link set va master br0");
    ip("link set va up");
    await eventually(() => assertEquals(codesOf("br0"), ["br0 ports-down", "va peer-down", "vb down"]));
    const { stdout } = await runHere(["explain", "br0"]);
    assertStringIncludes(stdout, "br0 is not connected because vb is down");
    assertStringIncludes(stdout, "(br0 > va > vb)");
    const shown = await runHere(["show", "br0", "--json"]);
    assertEquals(JSON.parse(shown.stdout).causes.at(-1).code, "down");
    for (const { name } of list()) assertDetailsAsIp(name);
  } finally {
    clear();
  }
});

liveTest("live: one that a program holds down is told with its reasons", async () => {
  try {
    await ipBatch([
      "link add va type veth peer name vb",
      "link set va up",
      "link set vb up",
      "link add link va name mv0 type macvlan",
      "link set mv0 up",
    ]);
    await eventually(() => assertEquals(codesOf("mv0"), []));
    assertDetailsAsIp("mv0");
    ip("link set mv0 protodown on");
    await eventually(() => assertEquals(codesOf("mv0"), ["mv0 proto-down"]));
    ip("link set mv0 protodown_reason 3 on");
    assertDetailsAsIp("mv0");
    ip("link set mv0 protodown_reason 17 on");
    assertEquals(detailsOf("mv0").protoDownReasons, [3, 17]); // iproute2 6.1 prints the first alone
    assertEquals(
      detailsOf("mv0").causes[0]?.text,
      "mv0 is up, but a program holds it down (proto_down, reason 3, 17)",
    );
  } finally {
    clear();
  }
}, MACVLAN);

liveTest("live: how long addresses live, as ip has it", () => {
  try {
    ip("link add va type veth peer name vb");
    ip("addr add 10.0.0.1/24 dev va");
    ip("-6 addr add 2001:db8::1/64 dev va valid_lft 90000 preferred_lft 80000");
    ip("-6 addr add 2001:db8::2/64 dev va valid_lft 90000 preferred_lft 0");
    interface Shown {
      readonly addr_info: readonly {
        readonly local: string;
        readonly valid_life_time: number;
        readonly preferred_life_time: number;
      }[];
    }
    const [shown]: Shown[] = JSON.parse(ip("-j addr show dev va"));
    const number = (seconds: number | "forever" | undefined): number => seconds === "forever" ? 2 ** 32 - 1 : seconds!;
    // A second may pass between the two.
    const near = (told: number | "forever" | undefined, other: number): boolean => Math.abs(number(told) - other) <= 5;
    const addresses = detailsOf("va").addresses!;
    assertEquals(addresses.map(({ address }) => address).sort(), shown!.addr_info.map(({ local }) => local).sort());
    for (const { address, lifetime } of addresses) {
      const other = shown!.addr_info.find(({ local }) => local === address)!;
      assert(near(lifetime?.valid, other.valid_life_time), address);
      assert(near(lifetime?.preferred, other.preferred_life_time), address);
    }
    const deprecated = addresses.find(({ address }) => address === "2001:db8::2");
    assert(deprecated?.flags.includes("deprecated"));
    assertEquals(addresses.find(({ family }) => family === "inet")?.lifetime, {
      preferred: "forever",
      valid: "forever",
    });
  } finally {
    clear();
  }
});

liveTest("live: a veth whose other end is in another network namespace", async () => {
  const other = await otherNamespace();
  try {
    ip("link add va type veth peer name vb");
    ip(`link set vb netns ${other.pid}`);
    ip("link set va up");
    await eventually(() => assertEquals(codesOf("va"), ["va peer-down", "vb down"]));
    const { parentNetnsId, parentElsewhere, causes } = detailsOf("va");
    assertEquals([causes[1]?.netnsId, parentElsewhere?.name], [parentNetnsId, "vb"]);
    assertStringIncludes(
      (await runHere(["explain", "va"])).stdout,
      `va is not connected because vb in network namespace ${parentNetnsId} is down`,
    );
    // Who may not ask is told that there is one.
    const { stdout } = await new Deno.Command("setpriv", {
      args: [
        "--bounding-set=-all",
        "--inh-caps=-all",
        Deno.execPath(),
        "eval",
        "--quiet",
        "--no-check",
        `import { inspect } from ${JSON.stringify(new URL("../../../mod.ts", import.meta.url).href)};
        console.log(JSON.stringify(inspect("va").causes));`,
      ],
    }).output();
    const [cause] = JSON.parse(new TextDecoder().decode(stdout));
    assertEquals(cause.code, "other-namespace");
    assertStringIncludes(cause.text, `in network namespace ${parentNetnsId}, of which this process learns nothing`);
  } finally {
    clear();
    other.kill("SIGKILL");
    await other.status;
  }
});
