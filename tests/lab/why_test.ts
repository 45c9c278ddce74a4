import { assertEquals, assertStringIncludes } from "@std/assert";
import { list } from "../../mod.ts";
import { runHere } from "../helpers/cli/in_process.ts";
import { clear, eventually, ip, ipBatch, liveTest, run } from "../helpers/live/system.ts";
import { assertAsEthtool, assertDetailsAsIp, codesOf, detailsOf } from "../helpers/live/why.ts";

/** Set by the test runner inside the laboratory's own kernel, which has kinds that few machines have loaded. */
const LAB = Deno.env.get("NETFLAGS_LAB") === "1";

function ethtool(): boolean {
  try {
    return new Deno.Command("ethtool", { args: ["--version"], stdout: "null" }).outputSync().success;
  } catch {
    return false;
  }
}
const ETHTOOL = LAB && ethtool();
if (LAB && !ETHTOOL) console.error("SKIPPED: no ethtool to compare with: install ethtool");

/** A bond of two dummies, which have carriers as long as nobody takes them away. */
async function makeBond(): Promise<void> {
  for (const module of ["dummy", "bonding"]) run("modprobe", module);
  await ipBatch([
    "link add d0 type dummy",
    "link add d1 type dummy",
    "link add bond7 type bond mode active-backup miimon 50",
    "link set d0 master bond7",
    "link set d1 master bond7",
    "link set bond7 up",
  ]);
  await eventually(() => assertEquals(codesOf("bond7"), []));
}

async function explained(name: string): Promise<string> {
  return (await runHere(["explain", name])).stdout.split("\n")[0]!;
}

liveTest("lab: a VLAN on a macvlan on a bond whose ports have no carrier names the port in one sentence", async () => {
  try {
    await makeBond();
    await ipBatch([
      "link add link bond7 name mv0 type macvlan",
      "link set mv0 up",
      "link add link mv0 name mv0.7 type vlan id 7",
      "link set mv0.7 up",
    ]);
    await eventually(() => assertEquals(codesOf("mv0.7"), []));
    ip("link set d1 down");
    ip("link set d0 carrier off");
    const tower = ["mv0.7 lower-down", "mv0 lower-down", "bond7 ports-down", "d0 no-carrier"];
    await eventually(() => assertEquals(codesOf("mv0.7"), tower));
    assertEquals(
      await explained("mv0.7"),
      "mv0.7 is not connected because d0 is up but has no carrier (mv0.7 > mv0 > bond7 > d0).",
    );
    for (const { name } of list()) assertDetailsAsIp(name);
    ip("link set bond7 down");
    await eventually(() => assertEquals(codesOf("mv0.7"), ["mv0.7 lower-down", "mv0 lower-down", "bond7 down"]));
    ip("link set mv0 down");
    await eventually(() => assertEquals(codesOf("mv0.7"), ["mv0.7 lower-down", "mv0 down"]));
  } finally {
    clear();
  }
}, LAB);

liveTest("lab: a bond's backup works by itself, and takes over", async () => {
  try {
    await makeBond();
    const { activePort } = detailsOf("bond7").bond!;
    const backup = activePort === "d0" ? "d1" : "d0";
    assertEquals(detailsOf(backup).port?.state, "backup");
    assertEquals(
      await explained(backup),
      `${backup} is up, and its driver never reports a carrier: it counts as connected, and bond7 keeps it as a backup.`,
    );
    for (const name of ["bond7", "d0", "d1"]) assertDetailsAsIp(name);
    ip(`link set ${activePort} carrier off`);
    await eventually(() => assertEquals(detailsOf("bond7").bond?.activePort, backup));
    assertEquals(detailsOf(backup).port?.state, "active");
    assertEquals(detailsOf(activePort!).port?.miiStatus, "down");
    for (const name of ["bond7", "d0", "d1"]) assertDetailsAsIp(name);
  } finally {
    clear();
  }
}, LAB);

liveTest("lab: a bond's link monitor may find a port down that is operational", async () => {
  try {
    for (const module of ["dummy", "bonding"]) run("modprobe", module);
    // By ARP nothing is heard on a dummy, whatever its carrier is.
    await ipBatch([
      "link add d0 type dummy",
      "link add bond7 type bond mode active-backup arp_interval 50 arp_ip_target 192.0.2.1",
      "link set d0 master bond7",
      "addr add 192.0.2.2/24 dev bond7",
      "link set bond7 up",
    ]);
    await eventually(() => assertEquals(codesOf("bond7"), ["bond7 ports-down", "d0 link-monitor"]), 20000);
    assertEquals(detailsOf("d0").connected, true);
    assertStringIncludes(await explained("d0"), "but the link monitor of bond7 finds it ");
    assertDetailsAsIp("d0");
  } finally {
    clear();
  }
}, LAB);

liveTest("lab: a team's and a VRF's port, and what each driver says, as ip and ethtool have it", async () => {
  try {
    await makeBond();
    run("modprobe", "team");
    await ipBatch([
      "link add d2 type dummy",
      "link add d3 type dummy",
      "link add team0 type team",
      "link set d2 master team0",
      "link set team0 up",
      "link add vrf0 type vrf table 10",
      "link set vrf0 up",
      "link set d3 master vrf0",
      "link set d3 up",
    ]);
    await eventually(() => assertEquals(detailsOf("d3").port?.vrfTable, 10));
    assertEquals([detailsOf("d2").port?.kind, detailsOf("vrf0").vrfTable], ["team", 10]);
    for (const { name } of list()) assertDetailsAsIp(name);
    if (ETHTOOL) { for (const name of ["lo", "bond7", "vrf0", "team0"]) assertAsEthtool(name); }
  } finally {
    clear();
  }
}, LAB);
