/** The fake system of Linux beside this machine's kernel: the same verbs, the same events, the same lists. */
import { assert, assertEquals } from "@std/assert";
import { PLAYS } from "../helpers/linux/plays.ts";
import { Mirror } from "../helpers/live/mirror.ts";
import { get, inspect, setFlags } from "../../mod.ts";
import { ioctlFlags, setLinkMode, setOperState } from "../../src/linux.ts";
import { liveTest, otherNamespace, run, TUN } from "../helpers/live/system.ts";
import { Tap } from "../helpers/live/tap.ts";

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

for (const [name, play] of Object.entries(PLAYS)) {
  liveTest(`fake and kernel: ${name}`, async () => {
    let tap: Tap | undefined;
    const elsewhere = await otherNamespace();
    try {
      await using mirror = await Mirror.begin();
      await play(mirror, {
        elsewhere: elsewhere.pid,
        tap: {
          open: () => void (tap = new Tap("tap0")),
          carrier: (on) => tap!.carrier(on),
          close: () => tap![Symbol.dispose](),
        },
      });
      mirror.record(name);
      assert(mirror.compared > 20, `${mirror.compared} events`);
    } finally {
      elsewhere.kill();
      await elsewhere.status;
    }
  }, name === "tap" ? TUN : undefined);
}
