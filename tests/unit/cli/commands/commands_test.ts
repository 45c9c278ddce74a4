import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { get } from "../../../../mod.ts";
import { FakeSystem } from "../../../../src/testing.ts";
import * as N from "../../../../platforms/linux/wire/numbers.ts";
import { FakeLinux } from "../../../helpers/linux/kernel.ts";
import { runHere } from "../../../helpers/cli/in_process.ts";
import { ADDRESS } from "../../../helpers/made_up.ts";

const UP = { name: "eth0", flags: 0x11043, operState: "up", carrier: true } as const;

Deno.test("commands: set --dry-run refuses what the real call refuses, in the same words, and nothing is changed", async () => {
  using system = new FakeSystem();
  const before = JSON.stringify(system.set(UP));
  for (
    const [args, status, part] of [
      [["eth0", "--oper-state", "bogus"], 2, `"bogus"`],
      [["eth0", "up", "noarp", "--oper-state", "down"], 2, `"down"`],
      [["eth0", "down", "--link-mode", "9"], 2, `"9"`],
      [["eth0", "running"], 2, "by itself"],
      [["eth0", "-link0"], 2, `"link0"`],
      [["nothing0", "link0"], 2, `"link0"`],
      [["nothing0", "up", "--oper-state", "bogus"], 2, `"bogus"`],
      [["nothing0", "up"], 1, `"nothing0"`],
      [["nothing0", "--oper-state", "up"], 1, `"nothing0"`],
      [["nothing0", "--link-mode", "dormant"], 1, `"nothing0"`],
    ] as const
  ) {
    const rehearsed = await runHere(["set", ...args, "--dry-run"]);
    assertEquals([rehearsed.status, rehearsed.stdout], [status, ""], args.join(" "));
    assertStringIncludes(rehearsed.stderr, part);
    assertEquals(await runHere(["set", ...args]), rehearsed);
  }
  assertEquals(JSON.stringify(get("eth0")), before);
});

Deno.test("commands: set --dry-run refuses a state where the system has none to set", async () => {
  using system = new FakeSystem({ platform: "netbsd", operState: false, setOperState: false });
  system.set({ name: "tap0", flags: 0x8802 });
  for (const option of ["--oper-state", "--link-mode"]) {
    for (const more of [[], ["--dry-run"]]) {
      const { status, stdout, stderr } = await runHere(["set", "tap0", "up", option, "dormant", ...more]);
      assertEquals([status, stdout], [1, ""]);
      assertStringIncludes(stderr, "on netbsd: only Linux");
    }
  }
  assertEquals(get("tap0")?.up, false);
});

Deno.test("commands: wait refuses an operational state at once, in one line, where the system tells none", async () => {
  using system = new FakeSystem({ platform: "openbsd" });
  system.set({ name: "tap0", flags: 0x8843 });
  for (const condition of ["oper-up", "oper-down", "dormant", "unknown", "lowerlayerdown"]) {
    for (const more of [[], ["--timeout", "0"]]) {
      const { status, stdout, stderr } = await runHere(["wait", "tap0", condition, ...more]);
      assertEquals([status, stdout, stderr.trimEnd().split("\n").length], [1, "", 1]);
      assertStringIncludes(stderr, `"${condition}"`);
      assertStringIncludes(stderr, "openbsd reports no operational state");
    }
  }
  assertEquals((await runHere(["wait", "tap0", "up"])).status, 0);
});

Deno.test("commands: set --dry-run tells each step, and says already where nothing would change", async () => {
  using system = new FakeSystem();
  const rehearse = async (...args: string[]) => (await runHere(["set", "eth0", ...args, "--dry-run"])).stdout;
  system.set({ name: "eth0", carrier: true, linkMode: "dormant", operState: "dormant" });
  assertEquals(
    await rehearse("noarp", "--link-mode", "default"),
    "flags 0x11003 -> 0x11083: set <NOARP>, clear <>\n" +
      "operational state dormant -> up\nlink mode dormant -> default\n",
  );
  assertEquals(
    await rehearse("up", "-noarp", "--link-mode", "dormant", "--oper-state", "dormant"),
    "flags 0x11003 already: nothing would change\n" +
      "link mode dormant already: nothing would change\noperational state dormant already: nothing would change\n",
  );
  assertEquals(
    await rehearse("--link-mode", "default", "--oper-state", "up"),
    "operational state dormant -> up\nlink mode dormant -> default\noperational state up already: nothing would change\n",
  );
  assertEquals(get("eth0")?.operState, "dormant");
});

Deno.test("commands: list --active is status 1 where nothing is active", async () => {
  using system = new FakeSystem();
  system.set({ name: "eth0", flags: 0x1003, operState: "down" });
  assertEquals(await runHere(["list", "--active"]), { status: 1, stdout: "", stderr: "" });
  assertEquals(await runHere(["list", "--active", "--json"]), { status: 1, stdout: "[\n]\n", stderr: "" });
  assertEquals((await runHere(["list", "eth0"])).status, 0);
  system.set(UP);
  assertEquals((await runHere(["list", "--active"])).status, 0);
  assertEquals((await runHere(["list", "--active", "--json"])).status, 0);
});

Deno.test("commands: list has those of which all options hold; a NAME of none is an error, and so is an empty rest", async () => {
  using system = new FakeSystem();
  system.set({ name: "lo", index: 1, type: "loopback" });
  system.set({ ...UP, index: 2, altNames: ["wan"] });
  system.set({ name: "veth0", index: 3, kind: "veth" });
  system.set({ name: "br0", index: 4, kind: "bridge" });
  system.set({ name: "st*r", index: 5, kind: "dummy", type: "none" });
  for (
    const [args, names, status] of [
      [["eth?", "br*"], "eth0 br0", 0],
      [["wan"], "eth0", 0],
      [["st*r"], "st*r", 0],
      [["--kind", "veth,br*"], "veth0 br0", 0],
      [["--kind=veth", "--kind", "bridge", "--exclude", "b*"], "veth0", 0],
      [["--exclude", "wan,lo", "--exclude=veth[0-9]"], "br0 st*r", 0],
      [["--type", "none"], "st*r", 0],
      [["--physical"], "eth0", 0],
      [["--no-loopback", "--active"], "eth0", 0],
      [["--physical", "--kind", "veth"], "", 1],
      [["eth0", "--kind", "veth"], "", 1],
      [["eth0", "wl*"], "eth0", 1],
      [["--", "--kind"], "", 1],
    ] as const
  ) {
    const { stdout, stderr, status: said } = await runHere(["list", "--json", ...args]);
    const found = JSON.parse(stdout).map(({ name }: { name: string }) => name).join(" ");
    assertEquals([found, said], [names, status], args.join(" "));
    if (args.includes("wl*" as never)) assertStringIncludes(stderr, `No such interface: "wl*"`);
    else if (!args.includes("--" as never)) assertEquals(stderr, "");
  }
});

Deno.test("commands: wait takes several names, a condition for all or for each, and says what is missing", async () => {
  using system = new FakeSystem();
  system.set({ ...UP, index: 1 });
  system.set({ name: "eth1", index: 2, flags: 0x1003, operState: "down" });
  system.set({ name: "br0", index: 3, altNames: ["a:b"], kind: "bridge" });
  for (
    const [args, status, part] of [
      [["eth0", "br0", "present"], 0, ""],
      [["eth0:connected", "br0:down"], 0, ""],
      [["eth0:connected", "br0", "eth1", "present"], 0, ""],
      [["eth*", "connected", "--any"], 0, ""],
      [["--any", "wl*:connected", "eth*:connected"], 0, ""],
      [["--all", "eth*:present", "wl*:absent"], 0, ""],
      [["*", "connected", "--physical", "--exclude", "eth1"], 0, ""],
      [["*", "connected", "--kind", "bridge"], 1, `"br0" is down`],
      [["a:b:present"], 0, ""],
      [["eth*", "connected"], 1, `"eth1" is up, not connected (down)`],
      [["eth0", "eth1", "connected"], 1, `are not all connected after 0 s: "eth1" is up`],
      [
        ["--any", "wl*:connected", "eth1:ipv4"],
        1,
        `no interface is like "wl*"; "eth1" is up, not connected (down) because eth1 is up but has no carrier: no cable, or ` +
        "the other end is down, without an address",
      ],
    ] as const
  ) {
    const { status: said, stderr } = await runHere(["wait", "--timeout", "0", ...args]);
    assertEquals(said, status, args.join(" "));
    if (part === "") assertEquals(stderr, "");
    else assertStringIncludes(stderr, part);
  }
  const late = await runHere(["wait", "--any", "wl*:up", "x0:up", "--timeout", "0.01"]);
  assertEquals(late.status, 124);
  assertStringIncludes(
    late.stderr,
    `None of interfaces "wl*", "x0" is up after 0.01 s: no interface is like "wl*"; "x0"`,
  );
  assertEquals(system.subscriptions, 0);
});

Deno.test("commands: wait takes several conditions with a plus between them, and all must hold at once", async () => {
  using system = new FakeSystem();
  const address = { family: "inet", prefixLength: 24, scope: "global", flags: [] } as const;
  const nothing = { peer: undefined, broadcast: undefined, label: undefined };
  const addresses = [{ ...address, ...nothing, address: "192.0.2.1" }];
  system.set({ ...UP, index: 1 });
  system.set({ name: "eth1", index: 2, flags: 0x1003, operState: "down", addresses }); // an address, and no cable
  system.set({ name: "a+b", index: 3 });
  for (
    const [args, status, part] of [
      [["eth*:global-address", "--any"], 0, ""],
      [["eth*:connected+global-address", "--any"], 1, `"eth0" is up, connected (up), without an address; "eth1" is up`],
      [["eth1", "up+ipv4"], 0, ""],
      [["eth1", "eth0", "up+connected"], 1, `are not all up and connected`],
      [["eth0:connected", "eth1:up+global-address+oper-down"], 0, ""],
      [["a+b:present+down"], 0, ""],
      [["a+b", "present"], 0, ""],
    ] as const
  ) {
    const { status: said, stderr } = await runHere(["wait", "--timeout", "0", ...args]);
    assertEquals(said, status, args.join(" "));
    assertStringIncludes(stderr, part);
  }
  for (const wrong of ["eth0:up+", "eth0:+up", "eth0:up+connectde"]) {
    const { status, stderr } = await runHere(["wait", wrong]);
    assertEquals(status, 2, wrong);
    assertMatch(stderr, /^netflags: Unknown condition "[^"]*"[^\n]*\n$/);
  }
  system.set({ ...UP, index: 1, addresses });
  assertEquals((await runHere(["wait", "eth*:connected+global-address", "--any", "--timeout", "0"])).status, 0);
});

Deno.test("commands: a terminal that tells 0 columns, such as a serial console, is one whose width is not known", async () => {
  using system = new FakeSystem();
  system.set(UP);
  const { isTerminal } = Deno.stdout;
  const { consoleSize } = Deno;
  const headings = async (columns: number): Promise<string[]> => {
    Deno.consoleSize = () => ({ columns, rows: 24 });
    return (await runHere(["list"])).stdout.split("\n")[0]!.split(/ +/);
  };
  try {
    Deno.stdout.isTerminal = () => true;
    const all = ["NAME", "CONNECTED", "WHY", "KIND", "FLAGS", "MTU", "MASTER", "MAC"];
    assertEquals(await headings(0), all);
    assertEquals(await headings(40), ["NAME", "CONNECTED", "WHY", "KIND", "MTU"]);
  } finally {
    Deno.stdout.isTerminal = isTerminal;
    Deno.consoleSize = consoleSize;
  }
});

Deno.test("commands: wait --timeout 0 is a question: status 0 or 1; a time that passes is status 124", async () => {
  using system = new FakeSystem();
  system.set(UP);
  assertEquals(await runHere(["wait", "eth0", "connected", "--timeout", "0"]), { status: 0, stdout: "", stderr: "" });
  for (const zero of ["0", "0.0"]) {
    const { status, stderr } = await runHere(["wait", "eth0", "down", "--timeout", zero]);
    assertEquals(status, 1);
    assertStringIncludes(stderr, `"eth0" is not down`);
  }
  for (const positive of ["0.0001", "0.01"]) {
    assertEquals((await runHere(["wait", "eth0", "down", "--timeout", positive])).status, 124);
  }
  assertEquals(system.subscriptions, 0);
});

Deno.test("commands: set takes what follows -- for a name, also one that begins with a dash", async () => {
  using system = new FakeSystem();
  system.set({ name: "-rf", index: 7, flags: 0x1002, operState: "down" });
  const rehearse = async (...args: string[]) => await runHere(["set", "--dry-run", ...args]);
  const said = { status: 0, stdout: "flags 0x1002 -> 0x1003: set <UP>, clear <>\n", stderr: "" };
  assertEquals(await rehearse("--", "-rf", "up"), said);
  const cleared = "flags 0x1002 -> 0x2: set <>, clear <MULTICAST>\n";
  assertEquals((await rehearse("-multicast", "--", "-rf")).stdout, cleared);
  assertEquals((await rehearse("--", "-rf", "-multicast")).stdout, cleared);
  assertEquals((await rehearse("-rf", "up")).status, 2);
});

Deno.test("commands: watch --changes tells what changed one of these fields, and refuses what is no field", async () => {
  using system = new FakeSystem();
  system.set(UP);
  system.set({ name: "eth1", flags: 0x1003 });
  const watch = (...args: string[]) => runHere(["watch", "--initial", "--count", "1", "--time", "none", ...args]);
  assertStringIncludes((await watch("eth*", "--changes", "connected")).stdout, "eth0 present: ether, connected");
  assertStringIncludes(
    (await watch("eth1", "--changes", "mtu,connected")).stdout,
    "eth1 present: ether, not connected",
  );
  const watching = runHere([
    "watch",
    "eth1",
    "--count",
    "2",
    "--time",
    "none",
    "--changes",
    "addresses",
    "--changes=mtu",
  ]);
  for (let i = 0; i < 20; i++) await Promise.resolve();
  system.set({ name: "eth1", flags: 0x1083 });
  system.set({ name: "eth1", mtu: 1400 });
  system.set({ name: "eth1", addresses: [ADDRESS] }); // which it tells without --addresses
  assertEquals(
    (await watching).stdout,
    "eth1 mtu 1500 -> 1400, +NOARP\neth1 address +10.0.0.1/24\n",
  );
  for (
    const [args, text] of [
      [["--changes", "conected"], 'Unknown field "conected": did you mean "connected"? netflags help watch says more'],
      [["--changes", "mtu", "--timeline"], "Option --timeline shows every change: leave out --changes"],
    ] as const
  ) {
    assertEquals(await runHere(["watch", ...args]), { status: 2, stdout: "", stderr: `netflags: ${text}\n` });
  }
});

Deno.test("commands: watch and ap show a channel switch, and not the network that stays", async () => {
  const told = async (command: string, count: number) => {
    using kernel = new FakeLinux();
    const wireless = { type: 3, ssid: "foo" };
    kernel.set("wlan0", { flags: 0x11043, operState: 6, carrier: true, wireless: { ...wireless, frequency: 2412 } });
    const running = runHere([command, "--count", String(count), "--time", "none"]);
    while (kernel.sockets < 2) await new Promise((resolve) => setTimeout(resolve));
    await new Promise((resolve) => setTimeout(resolve));
    kernel.setSilently("wlan0", { wireless: { ...wireless, frequency: 2437 } });
    kernel.tellWireless(N.NL80211_CMD_CH_SWITCH_NOTIFY, "wlan0");
    return (await running).stdout;
  };
  assertEquals(await told("watch", 1), "wlan0 channel 2412 -> 2437 MHz\n");
  assertEquals(await told("ap", 2), 'wlan0 started: "foo" at 2412 MHz\nwlan0 changed: "foo" at 2412 -> 2437 MHz\n');
});

Deno.test("commands: ap and show tell the links of a multi-link access point", async () => {
  using kernel = new FakeLinux();
  const links = [{ id: 0, frequency: 2412 }, { id: 1, frequency: 5180, ssid: "a\nb" }, { id: 2 }];
  kernel.set("wlan0", { flags: 0x11043, operState: 6, carrier: true, wireless: { type: 3, ssid: "mld", links } });
  const { stdout } = await runHere(["show", "wlan0"]);
  const [first, second, third] = stdout.split("\n").slice(stdout.split("\n").findIndex((line) => /^links/.test(line)));
  assertEquals(first, "links              0: 2412 MHz");
  assertEquals([second?.trim(), third?.trim()], ["1: 5180 MHz, a\\x0ab", "2: no channel"]);
  const running = runHere(["ap", "--count", "3", "--time", "none"]);
  while (kernel.sockets < 2) await new Promise((resolve) => setTimeout(resolve));
  await new Promise((resolve) => setTimeout(resolve));
  kernel.startAccessPoint("wlan0", "other", 0);
  assertEquals((await running).stdout.split("\n").slice(0, 3), [
    'wlan0 started: "mld" on link 0 at 2412 MHz',
    'wlan0 started: "a\\x0ab" on link 1 at 5180 MHz',
    'wlan0 started: "other" (was "mld") on link 0',
  ]);
});
