import { assert, assertEquals, assertThrows } from "@std/assert";
import { active, get, InvalidInputError, list, NoSuchInterfaceError, setFlags } from "../../../mod.ts";
import { ioctlFlags } from "../../../src/linux.ts";
import {
  assertAddressesAsIp,
  assertAsIp,
  clear,
  eventually,
  ip,
  ipBatch,
  liveTest,
  TUN,
} from "../../helpers/live/system.ts";
import { Tap } from "../../helpers/live/tap.ts";

liveTest("live: every kind of interface in every state is told as ip tells it", async () => {
  try {
    const lines = ["link set lo up"];
    for (let i = 0; i < 10; i++) {
      lines.push(`link add va${i} type veth peer name vb${i}`);
      if (i > 0) lines.push(`link set va${i} up`);
      if (i > 1) lines.push(`link set vb${i} up`);
    }
    lines.push(
      "link set va3 mtu 1400 address 02:00:00:00:00:33",
      "link set va4 mode dormant",
      "link set va4 state dormant",
      "link property add dev va0 altname a-name-of-more-than-fifteen-bytes altname wan0",
      "link set vb0 name renamed0",
      "link set va1 arp off multicast off allmulticast on promisc on",
      "link add br0 type bridge",
      "link set va2 master br0",
      "link set vb3 master br0",
      "link set br0 up",
      "link add if0 type ifb",
      "link set if0 up",
      "link add if1 type ifb",
      "link add mv0 link va5 type macvlan mode bridge",
      "link add mv1 link va3 type macvlan",
      "link set mv1 up",
      "link add vx0 type vxlan id 7 local 192.0.2.1 dstport 4789",
      "link add vx1 type vxlan id 8 dev va3 dstport 4790",
      "link set vx1 up",
      "addr add 10.1.0.1/24 brd + dev va3",
      "addr add 10.1.0.2/24 dev va3 label va3:second",
      "addr add 10.2.0.1 peer 10.2.0.9/32 dev va3",
      "-6 addr add 2001:db8::1/64 dev va3",
      "-6 addr add 2001:db8::2/128 dev va2",
    );
    await ipBatch(lines);
    using taps = new DisposableStack();
    if (TUN) {
      const [on, off] = [taps.use(new Tap("tap0")), taps.use(new Tap("tap1"))];
      ip("link set tap0 up");
      ip("link set tap1 up");
      on.carrier(true);
      off.carrier(false);
    } else console.error("SKIPPED: no /dev/net/tun, so no tap interfaces");
    await eventually(() => assertAsIp(list()));
    await eventually(() => list().forEach(assertAddressesAsIp));
    await eventually(() => { // an address may be verified between two questions
      for (const status of list()) {
        assertEquals(get(status.index)?.name, status.name);
        assertEquals({ ...get(status.name) }, { ...status });
        assertEquals(ioctlFlags(status.name), status.flags & 0xffff);
        for (const name of status.altNames) assertEquals(get(name)?.index, status.index);
      }
    });
    assert(list().length >= 30 || !TUN);
    const connected = (): string[] => active().map(({ name }) => name);
    for (const name of ["lo", "va2", "if0"]) await eventually(() => assert(connected().includes(name), name));
    assert(!connected().includes("va1"), "up without a carrier is not connected");
    assert(!connected().includes("va4"), "dormant is not connected");
  } finally {
    clear();
  }
});

liveTest("live: what does not exist is undefined, and what cannot exist is refused", () => {
  assertEquals(get("no-such-card"), undefined);
  assertEquals(get("a-name-that-is-longer-than-fifteen-bytes"), undefined);
  assertEquals(get("a/b c"), undefined);
  assertEquals(get(0x7fffffff), undefined);
  for (const bad of ["", "a\0b", "x".repeat(128), 0, -1, 1.5, NaN, 2 ** 31]) {
    assertThrows(() => get(bad), InvalidInputError, "Cannot read interface");
  }
  assertThrows(() => ioctlFlags("no-such-card"), NoSuchInterfaceError, `"no-such-card"`);
  assertThrows(() => ioctlFlags("a-name-that-is-longer"), InvalidInputError, "1 to 15 bytes");
});

liveTest("live: setFlags changes what it names, and says which privilege is missing", async () => {
  try {
    ip("link add dev va type veth peer name vb");
    const before = get("va")!.flags;
    assertEquals(setFlags("va", { noarp: true, multicast: false }).flags, (before | 0x80) & ~0x1000);
    assertEquals(setFlags("va", { up: true, noarp: false, multicast: true }).up, true);
    assertAsIp(list());
    assertThrows(() => setFlags("no-such-card", { up: true }), NoSuchInterfaceError, `"no-such-card"`);
    const program = `
      import { setFlags } from ${JSON.stringify(new URL("../../../mod.ts", import.meta.url).href)};
      try { setFlags("va", { up: false }); } catch (error) { console.log(error.name, error.code, error.message); }`;
    const { stdout } = await new Deno.Command("setpriv", {
      args: ["--bounding-set=-all", "--inh-caps=-all", Deno.execPath(), "eval", "--quiet", program],
    }).output();
    const said = new TextDecoder().decode(stdout);
    assert(said.startsWith("NotPermittedError EPERM"), said);
    assert(said.includes(`interface "va"`) && said.includes("CAP_NET_ADMIN"), said);
    assertEquals(get("va")?.up, true);
  } finally {
    clear();
  }
});

liveTest("live: an interface that goes between the two questions of get is undefined", async () => {
  const churn = ipBatch(Array.from({ length: 200 }, (_, i) => `link ${i % 2 ? "del" : "add"} dev gone0 type bridge`));
  let over = false;
  void churn.then(() => over = true);
  let found = 0;
  while (!over) {
    for (let i = 0; i < 50; i++) if (get("gone0") !== undefined) found++;
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  assert(found > 0);
});
