/** The fake system of Linux beside this machine's kernel: the same verbs, the same events, the same lists. */
import { assert, assertEquals } from "@std/assert";
import { Mirror } from "./mirror.ts";
import { get, inspect, setFlags } from "../../mod.ts";
import { ioctlFlags, setLinkMode, setOperState } from "../../src/linux.ts";
import { ip, liveTest, otherNamespace, run, TUN } from "./system.ts";
import { Tap } from "./tap.ts";

liveTest("fake and kernel: a pair of veths, its names, and what a program sets", async () => {
  await using mirror = await Mirror.begin();
  await mirror.up("lo");
  await mirror.add("v0", { kind: "veth", peer: "v1" });
  await mirror.lookAgain(); // the other end has a parent by now, and no message said so
  await mirror.up("v0");
  await mirror.up("v1");
  await mirror.setAltNames("v0", ["other"], "add dev v0 altname other");
  await mirror.setAltNames("v0", ["other", "more"], "add dev v0 altname more");
  await mirror.setAltNames("v0", ["more"], "del dev v0 altname other");
  await mirror.rename("v0", "w0");
  await mirror.setMtu("w0", 1400);
  await mirror.setLinkMode("w0", "dormant");
  await mirror.down("v1");
  await mirror.up("v1");
  await mirror.setOperState("w0", "up");
  await mirror.setOperState("w0", "dormant");
  await mirror.setOperState("w0", "up");
  await mirror.setLinkMode("w0", "default");
  await mirror.down("w0");
  await mirror.setAltNames("w0", [], "del dev w0 altname more");
  await mirror.lookAgain();
  await mirror.up("w0");
  await mirror.remove("w0");
  await mirror.add("v0", { kind: "veth", peer: "v1", index: 9 });
  await mirror.remove("v1");
  await mirror.add("v2", { kind: "veth", peer: "v3", index: 9 }); // another one with the same number
  await mirror.remove("v2");
  assert(mirror.compared > 60, `${mirror.compared} events`);
});

/** Names and indexes that are no interface's, and those that can be none's. */
const NOBODYS: readonly (string | number)[] = [
  "",
  "nope",
  "a/b",
  "v0:1",
  ..."%d %s . ..".split(" "),
  ...[15, 16, 127, 128, 200].map((length) => "x".repeat(length)),
  "\u00e4".repeat(64),
  "a\0b",
  ...[1.5, -1, 0, 9999, 2 ** 31, 2 ** 32, NaN, Infinity],
];

liveTest(
  "fake and kernel: what is asked of nobody's name or index is answered alike, or refused in the same words",
  async () => {
    await using mirror = await Mirror.begin();
    await mirror.add("v0", { kind: "veth", peer: "v1" });
    await mirror.setAltNames("v0", ["n".repeat(127)], `add dev v0 altname ${"n".repeat(127)}`);
    for (const [i, nobody] of NOBODYS.entries()) {
      const what = `${i}: ${JSON.stringify(nobody)}`;
      const name = nobody as string;
      mirror.ask(`get ${what}`, () => get(nobody));
      mirror.ask(`inspect ${what}`, () => inspect(nobody));
      mirror.ask(`setFlags ${what}`, () => setFlags(name, { up: true }));
      mirror.ask(`setOperState ${what}`, () => setOperState(name, "up"));
      mirror.ask(`setLinkMode ${what}`, () => setLinkMode(name, "dormant"));
      mirror.ask(`ioctlFlags ${what}`, () => ioctlFlags(name));
    }
    mirror.ask("by an alternative name", () => get("n".repeat(127)));
    mirror.ask("by ioctl", () => ioctlFlags("v0"));
    mirror.ask("by an alternative name, by ioctl", () => ioctlFlags("n".repeat(127)));
    mirror.ask("what the kernel keeps", () => setOperState("v0", "up"));
    mirror.ask("flags that nobody can set", () => setFlags("v0", { running: true } as never));
  },
);

liveTest("fake and kernel: the same names are given, and the same refused", async () => {
  await using mirror = await Mirror.begin();
  await mirror.add("v0", { kind: "veth", peer: "v1" });
  let name = "v0";
  const long = ["x".repeat(15), "x".repeat(16), "\u00e9".repeat(7), "\u00e9".repeat(8)];
  const signs = [
    "a/b",
    "a:b",
    "a%b",
    "a%",
    ".",
    "..",
    "...",
    ".a",
    "a;id",
    "a\tb",
    "a b",
    "voil\u00e0",
    "-a",
    "a@b",
    "\u0085a",
  ];
  let given = 0;
  for (const to of [...long, ...signs, "v1", "v0"]) {
    const from = name;
    const renamed = await mirror.attempt(
      `rename to ${JSON.stringify(to)}`,
      () => mirror.system.rename(from, to),
      () => void run("ip", "link", "set", "dev", from, "name", to),
    );
    if (!renamed) continue;
    given++;
    name = to;
  }
  let altNames: readonly string[] = [];
  const others = signs.filter((sign) => !/[\s/]/.test(sign)); // which ip refuses by itself
  for (const other of [...long, ...others, "x".repeat(127), "x".repeat(128), "v1", "v0", name]) {
    const added = await mirror.attempt(
      `altname ${JSON.stringify(other)}`,
      () => void ({ altNames } = mirror.system.set({ name, altNames: [...altNames, other] })),
      () => void run("ip", "link", "property", "add", "dev", name, "altname", other),
    );
    if (added) given++;
  }
  assert(given > 20, `${given} names`);
});

liveTest("fake and kernel: the same addresses are given, and the same refused", async () => {
  await using mirror = await Mirror.begin();
  await mirror.add("v0", { kind: "veth", peer: "v1" });
  let given = 0;
  for (
    const [address, peer] of [
      ["10.0.0.1/24"],
      ["10.0.0.1/24"],
      ["10.0.0.1/25"],
      ["10.0.0.1/24", "10.0.0.2"],
      ["10.0.0.1/24", "10.9.0.2"],
      ["10.0.0.1/32", "10.0.0.2"],
      ["10.0.0.1/33"],
      ["10.0.0.256/24"],
      ["224.0.0.1/24"],
      ["255.255.255.255/24"],
      ["127.0.0.1/8"],
      ["10.0.0.9/0"],
      ["::/64"],
      ["::1/128"],
      ["ff02::1/64"],
      ["::ffff:192.0.2.1/96"],
      ["2001:db8::1/64"],
      ["2001:db8::1/96"],
      ["2001:db8::1/64", "2001:db8::2"],
      ["2001:db8::3/64", "2001:db8::2"],
      ["fec0::1/10"],
      ["fd00::1/129"],
      ["fd00::1/128"],
    ] as const
  ) {
    const done = await mirror.attempt(
      `${address} ${peer ?? ""}`,
      () => mirror.system.addAddress("v0", address, { peer, tentative: address.includes(":") }),
      () => {
        const [ip = "", length] = address.split("/");
        const words = peer === undefined ? [address] : [ip, "peer", `${peer}/${length}`];
        run("ip", "addr", "add", ...words, "dev", "v0");
      },
    );
    if (done) given++;
  }
  assertEquals(given, 13);
});

liveTest("fake and kernel: addresses, primary, secondary and tentative ones", async () => {
  await using mirror = await Mirror.begin();
  await mirror.add("v0", { kind: "veth", peer: "v1" });
  await mirror.addAddress("v0", "10.0.0.1/24");
  await mirror.addAddress("v0", "2001:db8::9/64"); // which is tentative as long as there is no carrier
  await mirror.up("v0");
  await mirror.up("v1");
  await mirror.confirmAddress("v0", "2001:db8::9");
  await mirror.addAddress("v0", "10.0.0.2/24");
  await mirror.addAddress("v0", "10.0.0.3/25");
  await mirror.addAddress("v0", "10.1.0.1/24", "10.1.0.255");
  await mirror.addAddress("v0", "10.0.0.4/24");
  await mirror.addAddress("v0", "2001:db8::1/64");
  await mirror.confirmAddress("v0", "2001:db8::1");
  await mirror.addAddress("v0", "fe80::1/64");
  await mirror.confirmAddress("v0", "fe80::1");
  await mirror.addAddress("v0", "2001:db8::2/64");
  await mirror.confirmAddress("v0", "2001:db8::2");
  await mirror.rename("v0", "a-name-of-15-by");
  await mirror.rename("a-name-of-15-by", "v0");
  await mirror.removeAddress("v0", "2001:db8::1/64");
  await mirror.removeAddress("v0", "10.0.0.4/24");
  await mirror.removeAddress("v0", "10.0.0.1/24"); // and its second one
  await mirror.down("v0"); // and those of IPv6
  await mirror.up("v0");
  await mirror.addAddress("v0", "2001:db8::3/64");
  await mirror.confirmAddress("v0", "2001:db8::3");
  await mirror.remove("v0");
  assert(mirror.compared > 60, `${mirror.compared} events`);
});

liveTest("fake and kernel: a bridge and its ports", async () => {
  await using mirror = await Mirror.begin();
  await mirror.add("br0", { kind: "bridge" }, false);
  await mirror.up("br0");
  await mirror.down("br0");
  await mirror.up("br0");
  await mirror.add("v0", { kind: "veth", peer: "v1" });
  await mirror.lookAgain();
  await mirror.up("v0");
  await mirror.up("v1");
  await mirror.join("v0", "br0");
  await mirror.down("v1");
  await mirror.up("v1");
  await mirror.down("v0");
  await mirror.up("v0");
  await mirror.add("w0", { kind: "veth", peer: "w1" });
  await mirror.lookAgain();
  await mirror.join("w0", "br0"); // one that is not up
  await mirror.down("v0");
  await mirror.up("w0");
  await mirror.up("w1");
  await mirror.up("v0");
  await mirror.down("br0");
  await mirror.up("br0");
  await mirror.leave("w0");
  await mirror.leave("v0");
  await mirror.join("w0", "br0");
  await mirror.rename("br0", "br1");
  await mirror.join("v0", "br1");
  await mirror.remove("v0");
  await mirror.remove("w1");
  await mirror.remove("br1");
  await mirror.add("br2", { kind: "bridge" }, false);
  await mirror.add("v2", { kind: "veth", peer: "v3" });
  await mirror.lookAgain();
  await mirror.join("v2", "br2");
  await mirror.up("br2");
  await mirror.up("v2");
  await mirror.up("v3");
  await mirror.remove("br2");
  assert(mirror.compared > 90, `${mirror.compared} events`);
});

liveTest("fake and kernel: an end of a pair that moves to another network namespace", async () => {
  const elsewhere = await otherNamespace();
  try {
    await using mirror = await Mirror.begin();
    for (const up of [false, true]) {
      await mirror.add("v0", { kind: "veth", peer: "v1" });
      await mirror.lookAgain();
      if (up) {
        await mirror.up("v0");
        await mirror.up("v1");
      }
      await mirror.addAddress("v0", "10.0.0.1/24");
      const { index } = mirror.system.set({ name: "v0" });
      await mirror.step(
        "move v0",
        () => mirror.system.remove("v0", { netnsId: 0, index }),
        () => void ip(`link set v0 netns ${elsewhere.pid}`),
      );
      await mirror.lookAgain();
      await mirror.remove("v1");
    }
    assert(mirror.compared > 20, `${mirror.compared} events`);
  } finally {
    elsewhere.kill();
    await elsewhere.status;
  }
});

liveTest("fake and kernel: a tap, whose program switches its carrier and goes", async () => {
  await using mirror = await Mirror.begin();
  let tap: Tap | undefined;
  for (const index of [0, 1]) {
    await mirror.made("tap0", { kind: "tun" }, () => void (tap = new Tap("tap0")));
    await mirror.up("tap0");
    const plug = (on: boolean) =>
      mirror.step(
        `carrier ${on}`,
        () => on ? mirror.system.plug("tap0") : mirror.system.unplug("tap0"),
        () => tap!.carrier(on),
      );
    await plug(false);
    await plug(true);
    await mirror.down("tap0");
    await plug(false);
    await mirror.up("tap0");
    if (index === 1) await mirror.down("tap0");
    await mirror.step("close tap0", () => mirror.system.remove("tap0"), () => tap![Symbol.dispose]());
  }
  assertEquals(mirror.compared > 30, true);
}, TUN);
