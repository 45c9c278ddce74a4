import { assert, assertEquals } from "@std/assert";
import { assertShownAsIp, shown } from "../helpers/live/shown.ts";
import { eventually, ip, ipBatch, liveTest, run } from "../helpers/live/system.ts";

/** Set by the test runner inside the laboratory's own kernel, which has kinds that few machines have loaded. */
const LAB = Deno.env.get("NETFLAGS_LAB") === "1";

function loaded(...modules: readonly string[]): boolean {
  return modules.every((module) =>
    new Deno.Command("modprobe", { args: [module], stderr: "null" }).outputSync().success
  );
}

liveTest("lab: show has what ip shows of VLANs, tunnels and the ports of a bond", async () => {
  for (const module of ["dummy", "bonding", "ip_gre", "ipip", "sit"]) run("modprobe", module);
  await ipBatch([
    "link add d0 type dummy",
    "link add d1 type dummy",
    "link add d2 type dummy",
    "link set d0 up",
    "link add link d0 name d0.7 type vlan id 7",
    "link add link d0 name q9 type vlan protocol 802.1ad id 9",
    "link add b0 type bond mode active-backup",
    "link set d1 master b0",
    "link set d2 master b0",
    "link set b0 up",
    "link add gre1 type gre local 192.0.2.1 remote 192.0.2.2 key 305419896 ttl 64 dev d0",
    "link add gt1 type gretap remote 192.0.2.2 ikey 1 okey 0",
    "link add gt2 type gretap local 192.0.2.1 remote 192.0.2.9",
    "link add ipip1 type ipip local 192.0.2.1 remote 192.0.2.3 ttl 255",
    "link add sit1 type sit local 192.0.2.1 ttl 8",
    "link add vx0 type vxlan id 7 group 239.1.1.1 dev d0 dstport 4789",
  ]);
  await eventually(assertShownAsIp, 60000);
  assertEquals(shown("b0").ports?.map(({ name, port }) => [name, port?.kind, port?.state]), [
    ["d1", "bond", "active"],
    ["d2", "bond", "backup"],
  ]);
  assertEquals([shown("d0.7").vlanId, shown("q9").vlanProtocol], [7, "802.1ad"]);
  const { tunnel } = shown("gre1");
  assertEquals([tunnel?.inputKey, tunnel?.outputKey, tunnel?.device], [305419896, 305419896, "d0"]);
}, LAB);

liveTest("lab: show has a radio's permanent address, and the driver and firmware of a card", async () => {
  run("modprobe", "mac80211_hwsim", "radios=1");
  await eventually(() => void ip("link show wlan0"), 20000);
  ip("link set wlan0 address 02:12:34:56:78:9a");
  const radio = shown("wlan0");
  assertEquals(
    [radio.hardwareAddress, radio.permanentAddress, radio.driver?.name],
    ["02:12:34:56:78:9a", "02:00:00:00:00:00", "mac80211_hwsim"],
  );
  await eventually(assertShownAsIp, 60000);
}, LAB);

liveTest("lab: show has the firmware of a card of netdevsim", async () => {
  Deno.writeTextFileSync("/sys/bus/netdevsim/new_device", "1 1");
  const folder = "/sys/bus/netdevsim/devices/netdevsim1/net";
  await eventually(() => assert([...Deno.readDirSync(folder)].length === 1), 20000);
  const [card] = [...Deno.readDirSync(folder)];
  const { driver } = shown(card!.name);
  assertEquals([driver?.name, driver?.firmware, driver?.bus], ["netdevsim", "10.20.30", "netdevsim1"]);
}, LAB && loaded("netdevsim"));
