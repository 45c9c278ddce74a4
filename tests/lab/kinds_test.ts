import { assert, assertEquals } from "@std/assert";
import { active, get, list, waitFor } from "../../mod.ts";
import { assertAddressesAsIp, assertAsIp, eventually, ip, ipBatch, liveTest, run } from "../helpers/live/system.ts";

/** Set by the test runner inside the laboratory's own kernel, which has kinds that few machines have loaded. */
const LAB = Deno.env.get("NETFLAGS_LAB") === "1";

const NETDEVSIM = LAB && new Deno.Command("modprobe", { args: ["netdevsim"], stderr: "null" }).outputSync().success;
if (LAB && !NETDEVSIM) console.error("SKIPPED: this kernel has no netdevsim, so no simulated card");

liveTest("lab: dummy, vlan, bond, team and vrf are told as ip tells them", async () => {
  for (const module of ["dummy", "bonding", "team"]) run("modprobe", module);
  await ipBatch([
    "link add d0 type dummy",
    "link add d1 type dummy",
    "link add d2 type dummy",
    "link add d3 type dummy",
    "link add d4 type dummy",
    "link set d0 up",
    "link set d1 up",
    "link set d1 carrier off",
    "link add link d0 name d0.7 type vlan id 7",
    "link set d0.7 up",
    "link add link d1 name d1.8 type vlan id 8",
    "link set d1.8 up",
    "link add b0 type bond mode active-backup",
    "link set d2 master b0",
    "link set b0 up",
    "link add t0 type team",
    "link set d3 master t0",
    "link set t0 up",
    "link add v0 type vrf table 10",
    "link set v0 up",
    "link set d4 master v0",
    "link set d4 up",
    "link set d0 mode dormant",
    "link set d0 state dormant",
    "addr add 10.0.0.1/24 dev d4",
  ]);
  await eventually(() => assertAsIp(list()));
  list().forEach(assertAddressesAsIp);
  const kinds = new Set(list().map(({ kind }) => kind));
  for (const kind of ["dummy", "vlan", "bond", "team", "vrf"]) assert(kinds.has(kind), kind);
  assertEquals(get("d0.7")?.parent, "d0");
  assertEquals(get("d4")?.master, "v0");
  assert(get("d2")?.flagNames.includes("SLAVE"));
  const connected = active().map(({ name }) => name);
  assert(!connected.includes("d1") && !connected.includes("d0"), "no carrier, or dormant, is not connected");
  assert(get("d0.7")?.dormant, "a vlan above a dormant interface has IFF_DORMANT");
}, LAB);

liveTest("lab: the cards of netdevsim are told as ip tells them", async () => {
  const before = list().length;
  await Deno.writeTextFile("/sys/bus/netdevsim/new_device", "1 2");
  await eventually(() => assertEquals(list().length, before + 2));
  for (const { name } of list()) if (/^eth/.test(name)) ip(`link set ${name} up`);
  await eventually(() => assertAsIp(list()));
}, NETDEVSIM);

liveTest("lab: wireless interfaces are told as ip tells them", async () => {
  run("modprobe", "mac80211_hwsim", "radios=2");
  assertEquals((await waitFor("wlan1", "present", { timeout: 5000 })).type, "ether");
  ip("link set wlan0 up");
  await eventually(() => assertAsIp(list()));
}, LAB);
