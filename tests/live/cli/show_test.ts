import { assert, assertEquals } from "@std/assert";
import { assertShownAsIp, shown } from "../../helpers/live/shown.ts";
import { clear, eventually, ip, ipBatch, liveTest, TUN } from "../../helpers/live/system.ts";
import { Tap } from "../../helpers/live/tap.ts";

liveTest("live: show has the ports, parameters and counters that ip shows, and the driver's name", async () => {
  try {
    await ipBatch([
      "link set lo up",
      "link add va0 type veth peer name vb0",
      "link add va1 type veth peer name vb1",
      "link add br0 type bridge",
      "link set va0 master br0",
      "link set va1 master br0",
      "link set br0 up",
      "link set va0 up",
      "link set vb0 up",
      "link add br1 type bridge",
      "link add mv0 link vb1 type macvlan mode bridge",
      "link add vx0 type vxlan id 7 local 192.0.2.1 remote 192.0.2.2 dev vb0 dstport 4789",
      "link add vx1 type vxlan id 16777215 group 239.1.1.1 dev vb0 dstport 8472",
      "link add vx6 type vxlan id 9 local 2001:db8::1 group ff05::100 dev vb0 dstport 4790",
      "link add vx7 type vxlan id 10 remote 2001:db8::2 dstport 4791",
      "link add if0 type ifb",
      "addr add 10.9.0.1/24 dev vb0",
    ]);
    using taps = new DisposableStack();
    if (TUN) taps.use(new Tap("tap0"));
    await eventually(assertShownAsIp, 20000);
    const bridge = shown("br0");
    assertEquals(bridge.ports?.map(({ name, port }) => [name, port?.kind]), [["va0", "bridge"], ["va1", "bridge"]]);
    assertEquals(shown("br1").ports, []);
    assertEquals(shown("va0").driver?.name, "veth");
    if (TUN) assertEquals([shown("tap0").driver?.name, shown("tap0").driver?.bus], ["tun", "tap"]);
    // Traffic is counted: what the bridge's own neighbours are sent.
    await eventually(() => assert((shown("vb0").counters?.sent.packets ?? 0) > 0));
  } finally {
    clear();
  }
});

liveTest("live: show of an interface in another network namespace asks there", () => {
  const name = `netflags-${Deno.pid}`;
  ip(`netns add ${name}`);
  try {
    ip(`-n ${name} link add br7 type bridge`);
    ip(`-n ${name} link add v7 type veth peer name w7`);
    ip(`-n ${name} link set v7 master br7`);
    ip(`-n ${name} link add vx7 type vxlan id 3 remote 192.0.2.9 dev w7 dstport 4789`);
    const bridge = shown("br7", "--netns", name);
    assertEquals([bridge.ports?.map((port) => port.name), bridge.driver?.name], [["v7"], "bridge"]);
    assertEquals(shown("vx7", "--netns", name).vxlan?.device, "w7");
  } finally {
    ip(`netns del ${name}`);
  }
});
