import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { list } from "../../mod.ts";
import { schemaOf } from "../../src/cli/json/documents.ts";
import { assertDocumented } from "../helpers/cli/schema.ts";
import { nlmonFile, nlmonPackets } from "../helpers/cli/captures.ts";
import { type Fixture, linuxFixtures } from "../helpers/fixtures.ts";
import { runHere } from "../helpers/cli/in_process.ts";
import { commandLine, netflags, type Result } from "../helpers/cli/netflags.ts";

const LINUX = Deno.build.os === "linux";

/** Of many command lines like each other, each so-manyth runs in a process of its own, and the others in this one. */
const IN_A_PROCESS = 8;

/** One clear line on standard error, nothing on standard output. */
function assertRefused(result: Result, status: number, part: string): void {
  assertEquals(result.stdout, "");
  assertMatch(result.stderr, /^netflags: [^\n]+\n$/);
  assertStringIncludes(result.stderr, part);
  assertEquals(result.status, status);
}

Deno.test({
  name: "cli: list --json is one array of what list() says",
  ignore: !LINUX,
  fn: async () => {
    const { status, stdout, stderr } = await netflags(["list", "--json"]);
    assertEquals([status, stderr], [0, ""]);
    assertEquals(
      JSON.parse(stdout).map(({ name }: { name: string }) => name),
      list().map(({ name }) => name),
    );
    const active = JSON.parse((await netflags(["list", "--json", "--active"])).stdout);
    assert(active.every(({ connected }: { connected: unknown }) => connected === true));
  },
});

Deno.test({
  name: "cli: list prints a table without colour where it is no terminal",
  ignore: !LINUX,
  fn: async () => {
    const { stdout } = await netflags(["list", "lo"]);
    const [heading, lo, ...more] = stdout.trimEnd().split("\n");
    assertMatch(heading!, /^NAME +CONNECTED +WHY +KIND +FLAGS +MTU +MASTER +MAC$/);
    assertMatch(lo!, /^lo +(yes|no) +(-|IPv|down)/);
    assertEquals(more, []);
    assertEquals(stdout.includes("\x1b"), false);
  },
});

Deno.test({
  name: "cli: an interface that is not there is status 1, and those that are there are shown",
  ignore: !LINUX,
  fn: async () => {
    const { status, stdout, stderr } = await netflags(["list", "lo", "no-such-card"]);
    assertEquals(status, 1);
    assertStringIncludes(stdout, "lo ");
    assertMatch(stderr, /^netflags: No such interface: "no-such-card": [^\n]+\n$/);
    assertRefused(await netflags(["show", "no-such-card"]), 1, `"no-such-card"`);
  },
});

Deno.test({
  name: "cli: show tells everything, in words and as one object",
  ignore: !LINUX,
  fn: async () => {
    const { stdout } = await netflags(["show", "lo"]);
    assertMatch(stdout, /^name +lo\nindex +1\n/);
    assertEquals(JSON.parse((await netflags(["show", "lo", "--json"])).stdout).index, 1);
  },
});

Deno.test({
  name: "cli: wait is 0 when it holds, 124 when it does not in time, and 1 when it does not now",
  ignore: !LINUX,
  fn: async () => {
    assertEquals(await netflags(["wait", "lo", "present"]), { status: 0, stdout: "", stderr: "" });
    assertRefused(await netflags(["wait", "lo", "absent", "--timeout", "0.1"]), 124, "not absent after 0.1 s");
    assertRefused(await netflags(["wait", "nothing0", "running", "--timeout", "0"]), 1, "nothing0");
  },
});

Deno.test("cli: without --allow-ffi one line says what to do, with status 3", async () => {
  for (const command of [["list"], ["show", "lo"], ["watch"], ["wait", "lo", "up"]]) {
    assertRefused(await netflags(command, { permissions: [] }), 3, "run with --allow-ffi");
  }
});

Deno.test("cli: a refused permission is status 3 in every command, says which line of install has it, and asks nothing", async () => {
  const line = "deno install -gf -A -n netflags jsr:@netflags/netflags/cli has every permission";
  const ffi = ["--allow-ffi"];
  for (
    const [args, permissions] of [
      [["list"], []],
      [["show", "lo"], []],
      [["set", "lo", "up"], []],
      [["explain", "lo"], []],
      [["run", "--on-up", "true"], ffi],
      [["report", "README.md"], ffi],
      [["report", "--for", "0.1", "--svg", "/tmp/x.svg"], ffi],
      [["decode", "--platform", "linux", "README.md"], ffi],
      [["metrics", "--listen", "127.0.0.1:0"], ffi],
      [["metrics", "--textfile", "/tmp/x.prom"], ffi],
    ] as const
  ) {
    const result = await netflags(args, { permissions });
    assertRefused(result, 3, line);
  }
});

Deno.test("cli: a system that netflags does not know is status 1", async () => {
  const permissions = ["--allow-ffi", "--allow-env=NETFLAGS_PLATFORM"];
  const env = { NETFLAGS_PLATFORM: "plan9" };
  assertRefused(await netflags(["list"], { permissions, env }), 1, `"plan9"`);
});

Deno.test("cli: what is mistyped is status 2, and is quoted", async () => {
  for (
    const [i, [args, part]] of ([
      [["lsit"], `"lsit"`],
      [["toString"], `"toString"`],
      [["list", "--jsno"], `"--jsno"`],
      [["list", "--json=x"], `"--json=x"`],
      [["list", "--no-json"], `"--no-json"`],
      [["list", "--constructor"], `"--constructor"`],
      [["list", "-x"], `"-x"`],
      [["show"], "NAME is missing"],
      [["show", ""], `""`],
      [["wait", "lo"], "CONDITION is missing"],
      [["wait", "lo", "runing"], `"runing"`],
      [["wait"], "NAME is missing"],
      [["wait", "lo:runing"], `"runing"`],
      [["wait", "lo:up", "eth0"], `"eth0" has no condition`],
      [["wait", "lo:up", "connected"], `"connected" has no condition`],
      [["wait", "eth0", "lo:up"], `"eth0" has no condition`],
      [["wait", ":up"], `""`],
      [["wait", "lo", "up", "--any", "--all"], "--any and --all"],
      [["list", "--kind"], `"--kind" needs a value`],
      [["list", "--exclude", "a,,b"], `"--exclude" needs a value`],
      [["list", "--physical=yes"], `"--physical=yes"`],
      [["wait", "lo", "up", "--timeout", "soon"], `"soon"`],
      [["wait", "lo", "up", "--timeout", "-1"], "--timeout"],
      [["watch", "--count", "0"], `"0"`],
      [["watch", "--count", "1.5"], `"1.5"`],
      [["watch", "--poll", ""], "--poll"],
      [["explain"], "NAME is missing"],
      [["run"], "No hook"],
      [["run", "--on-up", "x", "--limit", "2592000"], "2147483s"],
      [["run", "--on-up", ""], "--on-up"],
      [["run", "--on-fire", "x"], `"--on-fire"`],
      [["set"], "NAME is missing"],
      [["set", "lo"], "Nothing to set"],
      [["set", "lo", "up", "down"], "both set and clear"],
      [["set", "lo", "-noarp", "noarp"], "both set and clear"],
      [["set", "lo", "running"], "by itself"],
      [["set", "lo", "-link0"], `"link0"`],
      [["set", "lo", "--oper-state", "down"], `"down"`],
      [["set", "lo", "--link-mode", "9"], `"9"`],
      [["set", "lo", "--oper-state", "bogus", "--dry-run"], `"bogus"`],
      [["flags"], "VALUE is missing"],
      [["flags", "UP,WARP", "--platform", "linux"], `"WARP"`],
      [["flags", "1", "--platform", "vms"], `"vms"`],
      [["decode", "x"], "--platform"],
      [["decode", "--platform", "linux", "--kind", "song"], `"song"`],
      [["decode", "--platform", "linux", "/no/such/file"], "/no/such/file"],
      [["metrics", "--listen", "9100"], `"9100"`],
      [["metrics", "--listen", "[::1]:0", "--textfile", "x"], "not both"],
      [["metrics", "--interval", "5"], "--textfile"],
      [["metrics", "--textfile", "x", "--interval", "0"], "1s"],
      [["schema", "wait"], `"wait"`],
      [["schema", "toString"], `"toString"`],
      [["schema", "list", "show"], `"show"`],
      [["help", "lsit"], `"lsit"`],
    ] as const).entries()
  ) {
    assertRefused(await (i % IN_A_PROCESS === 0 ? netflags : runHere)(args), 2, part);
  }
});

Deno.test({
  name: "cli: an interface named as a value of an option would be is a name",
  ignore: !LINUX,
  fn: async () => {
    assertRefused(await netflags(["show", "--json", "true"]), 1, `"true"`);
    assertRefused(await netflags(["show", "--json", "--", "--json"]), 1, `"--json"`);
    assertRefused(await netflags(["wait", "lo", "absent", "--timeout=0"]), 1, "0 s");
  },
});

Deno.test({
  name: "cli: an output that cannot be written is one line, and not a stack",
  ignore: !LINUX,
  fn: async () => {
    const line = [Deno.execPath(), ...commandLine(), "list"].map((word) => `'${word}'`).join(" ");
    const { code, stderr } = await new Deno.Command("sh", { args: ["-c", `${line} >/dev/full`] }).output();
    assertEquals([code, new TextDecoder().decode(stderr).split("\n").length], [1, 2]);
    assertStringIncludes(new TextDecoder().decode(stderr), "Cannot write the output");
  },
});

Deno.test("cli: help for all and for each command goes to standard output", async () => {
  const { status, stdout } = await netflags(["help"]);
  assertEquals(status, 0);
  const commands = [...stdout.matchAll(/^ {2}(\w+) {2}/gm)].map(([, name]) => name!);
  assertEquals(
    commands.join(" "),
    "list show watch wait route set ap run report metrics explain decode flags schema completions",
  );
  for (const [i, name] of commands.entries()) {
    const words = [name, "--help"];
    const help = await (i % IN_A_PROCESS === 0 ? netflags(words, { permissions: [] }) : runHere(words));
    assertEquals([help.status, help.stderr], [0, ""]);
    assertStringIncludes(help.stdout, `Usage: netflags ${name} `);
  }
});

Deno.test("cli: flags explains a word, in each form in which systems print it", async () => {
  for (
    const [value, platform, line] of [
      ["4163", "linux", "4163 = 0x1043 = <UP,BROADCAST,RUNNING,MULTICAST> on linux"],
      ["4098", "linux", "4098 = 0x1002 = <BROADCAST,MULTICAST> on linux"],
      ["0x1003", "linux", "4099 = 0x1003 = <UP,BROADCAST,MULTICAST> on linux"],
      ["flags=8843<UP,BROADCAST,RUNNING,SIMPLEX,MULTICAST>", "freebsd", "34883 = 0x8843 = <UP,"],
    ] as const
  ) {
    const { status, stdout } = await netflags(["flags", value, "--platform", platform], { permissions: [] });
    assertEquals(status, 0);
    assertStringIncludes(stdout.split("\n")[0]!, line);
  }
  const { stdout } = await netflags(["flags", "UP", "--platform", "netbsd", "--json"]);
  assertEquals(JSON.parse(stdout).set[0].settable, true);
});

Deno.test("cli: decode tells each message of a stream, and is status 1 where one cannot be decoded", async () => {
  const fixtures = linuxFixtures().slice(0, 5);
  const stream = new Uint8Array(fixtures.flatMap(({ bytes }) => [...bytes, ...new Array(-bytes.length & 3).fill(0)]));
  const good = await netflags(["decode", "--platform", "linux", "--json"], { input: stream, permissions: [] });
  assertEquals([good.status, good.stderr], [0, ""]);
  assertEquals(
    JSON.parse(good.stdout).map(({ name }: { name: string }) => name),
    fixtures.map(({ says }) => says.name),
  );
  const torn = await netflags(["decode", "--platform", "linux", "--json"], { input: stream.subarray(0, -8) });
  assertEquals(torn.status, 1);
  assertEquals(JSON.parse(torn.stdout).length, 5);
  assertStringIncludes(JSON.parse(torn.stdout).at(-1).error, "bytes left");
  assertEquals((await netflags(["decode", "--platform", "linux", "--json"])).stdout, "[\n]\n");
});

Deno.test("cli: schema prints the document of one command, or of all, and needs no permission", async () => {
  const all = await netflags(["schema"], { permissions: [] });
  assertEquals([all.status, all.stderr], [0, ""]);
  const one = JSON.parse((await netflags(["schema", "watch"], { permissions: [] })).stdout);
  assertEquals(one, JSON.parse(JSON.stringify(schemaOf("watch"))));
  assertEquals(JSON.parse(all.stdout).$defs.EventLine, one.$defs.EventLine);
});

Deno.test({
  name: "cli: a line of watch --json has its version in front, and the local time with its offset",
  ignore: !LINUX,
  fn: async () => {
    for (
      const [zone, offset] of [["UTC0", "+00:00"], ["Asia/Kathmandu", "+05:45"], [
        "Pacific/Marquesas",
        "-09:30",
      ]] as const
    ) {
      const args = ["watch", "lo", "--initial", "--count", "1", "--json"];
      const before = Date.now();
      const { stdout } = await netflags(args, { env: { TZ: zone } });
      const [watching, event] = stdout.split("\n");
      assertMatch(watching!, /^\{"schema":2,"time":"[^"]+","type":"watching","elapsed":[0-9.]+,"started":"[^"]+"\}$/);
      const [, time] = /^\{"schema":2,"time":"([^"]+)","type":"present","status":\{"index":1,"name":"lo",/.exec(
        event!,
      )!;
      assert(time!.endsWith(offset), time);
      assert(Date.parse(time!) >= before - 1 && Date.parse(time!) <= Date.now(), time);
      await assertDocumented("watch", [watching!, event!].map((line) => JSON.parse(line)));
    }
  },
});

Deno.test("cli: decode takes hexadecimal and captures of nlmon, from a file and from standard input", async () => {
  const [{ bytes, says }] = linuxFixtures() as [Fixture];
  const hex = new TextEncoder().encode(bytes.toHex());
  const decode = ["decode", "--platform", "linux", "--json"];
  const read = await netflags(decode, { input: hex, permissions: [] });
  assertEquals([read.status, JSON.parse(read.stdout).length, JSON.parse(read.stdout)[0].name], [0, 1, says.name]);
  const file = await Deno.makeTempFile();
  try {
    await Deno.writeFile(file, nlmonFile());
    const told = await netflags([...decode, file]);
    assertEquals([told.status, told.stderr], [0, ""]);
    assertEquals(JSON.parse(told.stdout).map(({ message }: { message: unknown }) => message), [
      ...nlmonPackets().map(({ says: { message } }) => message),
    ]);
    const lines = await netflags(["decode", "--platform", "linux", "--format", "pcap", file]);
    assertStringIncludes(lines.stdout, '\nNL80211_CMD_NEW_INTERFACE {"wiphy":0,"index":3,"name":"wlan0"');
    const binary = await netflags([...decode, "--format", "binary", file]);
    assertEquals([binary.status, JSON.parse(binary.stdout).length], [1, 1]);
    const bsd = await netflags(["decode", "--platform", "netbsd", file]);
    assertEquals([bsd.status, bsd.stdout], [2, ""]);
    assertStringIncludes(bsd.stderr, "netbsd has none");
    assertEquals((await netflags([...decode, "--format", "song", file])).status, 2);
    assertStringIncludes((await netflags([...decode, "/"])).stderr, "it is a directory");
  } finally {
    await Deno.remove(file);
  }
});
