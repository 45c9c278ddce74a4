/** The unit that waits until the network is online, held against systemd's own, on the same interfaces. */
import { assertEquals } from "@std/assert";
import { netflags } from "../../helpers/cli/netflags.ts";
import { succeeds } from "../../helpers/suites.ts";
import { unitWords } from "../../helpers/examples/units.ts";
import { clear, eventually, ip, liveTest, run } from "../../helpers/live/system.ts";

const SYSTEMD = "/lib/systemd/systemd-networkd";
/** What systemd-networkd is to do: an address that stays without a cable, so that it alone says nothing. */
const NETWORK = `[Match]
Name=en*
[Link]
RequiredForOnline=routable
[Network]
Address=192.0.2.1/24
LinkLocalAddressing=no
IPv6AcceptRA=no
ConfigureWithoutCarrier=yes
IgnoreCarrierLoss=yes
`;
/** Folders of its own, no udev to wait for (a read-only /sys), and no bus. Status 77: this may not be done here. */
const START = `
mount -t tmpfs none /run && mkdir -p /run/systemd/netif /etc/systemd/network &&
mount -t tmpfs none /etc/systemd/network && mount -t sysfs -o ro none /sys || exit 77
chown systemd-network /run/systemd/netif && printf '%s' "$0" > /etc/systemd/network/test.network || exit 77
exec ${SYSTEMD}`;

/** The words of the unit's command, asked now and not waited for. */
const ASK_NOW = [...unitWords("netflags-wait-online").slice(0, -2), "--timeout", "0"];

/** What is done, and whether the network is online then. */
const STEPS: readonly (readonly [what: string, lines: readonly string[], online: boolean])[] = [
  ["an address, and no cable", [], false],
  ["the cable is put in", ["link set sw0 up"], true],
  ["the cable is pulled, and the address stays", ["link set sw0 down"], false],
  ["it is put in again", ["link set sw0 up"], true],
  ["the address goes", ["addr flush dev en0"], false],
  ["another one comes", ["addr add 198.51.100.1/24 dev en0"], true],
  ["the interface is set down", ["link set en0 down"], false],
  ["and up", ["link set en0 up"], true],
];

liveTest("live wait-online: the unit says the same as systemd-networkd-wait-online, step by step", async () => {
  if (!(await succeeds("test", "-x", `${SYSTEMD}-wait-online`))) {
    console.error("SKIPPED: no systemd-networkd-wait-online");
    return;
  }
  ip("link add dev en0 type veth peer name sw0");
  const networkd = new Deno.Command("unshare", {
    args: ["-m", "sh", "-c", START, NETWORK],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  let ended: number | undefined;
  void networkd.status.then(({ code }) => ended = code);
  const ask = ["nsenter", "-t", String(networkd.pid), "-m", `${SYSTEMD}-wait-online`, "--any", "--timeout=1"];
  try {
    const ready = (): boolean => ip("addr show dev en0").includes("192.0.2.1") || ended !== undefined;
    await eventually(() => assertEquals(ready(), true), 20_000);
    if (ended === 77) {
      console.error("SKIPPED: systemd-networkd cannot have folders of its own here");
      return;
    }
    for (const [what, lines, online] of STEPS) {
      for (const line of lines) ip(line);
      await eventually(async () => assertEquals(await succeeds(...ask), online, `systemd: ${what}`), 20_000);
      const { status } = await netflags(ASK_NOW);
      assertEquals(status === 0, online, what);
    }
  } finally {
    if (ended === undefined) run("kill", String(networkd.pid));
    await networkd.status;
    clear();
  }
});
