/** What README prints, run as it is printed, on a kernel that has what it speaks of: it does what README promises. */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { get } from "../../../mod.ts";
import { commandLine, Running } from "../../helpers/cli/netflags.ts";
import { lineOf, program, README, recipe } from "../../helpers/examples/readme.ts";
import { clear, eventually, ip, liveTest, sleep, TUN } from "../../helpers/live/system.ts";
import { Tap } from "../../helpers/live/tap.ts";

const ROOT = new URL("../../../", import.meta.url).pathname;

/** Where README's programs stand, and the command. */
class Folder implements Disposable {
  readonly path: string = Deno.makeTempDirSync({ prefix: "netflags-readme-" });

  /** Puts `netflags` on the path of a shell, with these permissions, as `deno install` does. */
  install(...permissions: string[]): void {
    const words = [Deno.execPath(), ...commandLine(permissions)].map((word) => `'${word}'`).join(" ");
    Deno.writeTextFileSync(`${this.path}/netflags`, `#!/bin/sh\nexec ${words} "$@"\n`, { mode: 0o755 });
  }

  /** Starts a program with the one permission that README asks for. */
  run(code: string): Running {
    Deno.writeTextFileSync(`${this.path}/program.ts`, code);
    return new Running([], ["--allow-ffi"], `${this.path}/program.ts`);
  }

  /** The environment in which `netflags` is found. */
  get env(): Record<string, string> {
    return { PATH: `${this.path}:${Deno.env.get("PATH")}` };
  }

  /** What a shell makes of a line. */
  async shell(line: string): Promise<{ code: number; out: string; err: string }> {
    const { code, stdout, stderr } = await new Deno.Command("sh", { args: ["-c", line], env: this.env }).output();
    const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)) as [string, string];
    return { code, out, err };
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.path, { recursive: true });
  }
}

/** The cards of README's list: eth0 works, and eth1 has no carrier. */
function cards(): void {
  ip("link add dev eth0 type veth peer name sw0");
  ip("link add dev eth1 type veth peer name sw1");
  for (const name of ["eth0", "sw0", "eth1"]) ip(`link set ${name} up`);
}

function readmeTest(name: string, run: (folder: Folder) => Promise<void>, needs?: boolean): void {
  liveTest(`live readme: ${name}`, async () => {
    using folder = new Folder();
    try {
      folder.install("--allow-ffi");
      await run(folder);
    } finally {
      clear();
    }
  }, needs);
}

readmeTest("the command of a clone is its task", async () => {
  const words = recipe("npx -y deno@").replace(/ *#.*/, "").split(" ").slice(3);
  const { code, stdout } = await new Deno.Command(Deno.execPath(), { args: words, cwd: ROOT }).output();
  assertEquals(code, 0);
  assertMatch(new TextDecoder().decode(stdout), /^NAME +CONNECTED/);
});

readmeTest(
  "the default traffic: wait and route ask which way it takes, and the program is told when it moves",
  async (folder) => {
    cards();
    const ask = recipe("netflags wait --any '*:default-route'").replace("60", "0");
    assertEquals((await folder.shell(ask)).code, 1);
    await eventually(() => assertEquals(get("eth0")?.connected, true));
    ip("addr add 192.0.2.2/24 dev eth0");
    ip("route add default via 192.0.2.1 metric 5");
    assertEquals((await folder.shell(ask)).code, 0);
    assertMatch((await folder.shell(recipe("netflags route"))).out, /^default \(inet\) +eth0 +yes +192\.0\.2\.1 /m);
    await using running = folder.run(program("routes: true"));
    assertEquals(await running.line(), 'eth0 [ "inet" ] true');
    ip("route add default dev eth1 metric 1");
    const moved = [await running.line(), await running.line()];
    assertEquals(moved.sort(), ["eth0 [] true", 'eth1 [ "inet" ] false']);
  },
);

readmeTest("list shows what it shows there, and explain the cause", async (folder) => {
  cards();
  ip("link add dev br0 type bridge");
  ip("link add dev port0 type ifb");
  ip("link set port0 master br0");
  for (const name of ["br0", "port0", "lo"]) ip(`link set ${name} up`);
  ip("link del port0"); // a bridge that never had a port would be unknown
  const cells = (line: string): string[] => line.split(/ {2,}/).filter((_, i) => i !== 7); // but the MAC
  const shown = async (): Promise<string[][]> =>
    (await folder.shell("netflags list")).out.trimEnd().split("\n").map(cells);
  const heads = lineOf("NAME ");
  const printed = ["lo ", "eth0@sw0 ", "eth1@sw1 ", "br0 "].map(lineOf);
  await eventually(async () => {
    const [first, ...rows] = await shown();
    assertEquals(first, cells(heads));
    for (const line of printed) {
      const [name] = cells(line);
      assertEquals(rows.find((row) => row[0] === name), cells(line), name);
    }
  });
  const [, command] = /`(netflags explain eth1)`/.exec(lineOf("`eth1` is UP"))!;
  const { out } = await folder.shell(command!);
  assertEquals(out.split("\n")[0], lineOf("eth1 is not connected"));
  assertStringIncludes(README, `\n${out}`);
  ip("link set lo down");
});

/** A line of an event without what differs from one run to the next: the time. */
function withoutTime(line: string): string {
  return line.replace(/^[\d:.]+/, "");
}

readmeTest("watch prints each change as it is printed there", async () => {
  cards();
  await eventually(() => assertEquals([get("eth0")?.connected, get("eth1")?.operState], [true, "lowerlayerdown"]));
  const [, command] = /`netflags (watch [^`]+)`/.exec(lineOf("`netflags watch"))!;
  await using watching = new Running(command!.split(" "), ["--allow-ffi"]);
  // It tells what changes after its first look, so something changes until it tells it.
  let looks = true;
  const first = watching.line().then(() => looks = false);
  for (let mtu = 1400; looks; mtu++) {
    ip(`link set eth0 mtu ${mtu}`);
    await sleep(20);
  }
  await first;
  for (const [name, change] of [["eth1", "sw1 up"], ["eth0", "sw0 down"]] as const) {
    const [printed] = new RegExp(`^[\\d:.]+ ${name} .*$`, "m").exec(README)!;
    ip(`link set ${change}`);
    let line: string;
    do line = await watching.line(); while (/ mtu /.test(line));
    assertEquals(withoutTime(line), withoutTime(printed));
  }
});

readmeTest("whether it is connected is an exit status, and what a program prints", async (folder) => {
  cards();
  const asked = recipe("netflags wait eth0 connected --timeout 0");
  await eventually(async () => assertEquals((await folder.shell(asked)).code, 0));
  assertEquals((await folder.shell(asked.replace("eth0", "eth1"))).code, 1);
  await using asking = folder.run(program('get("eth0")'));
  assertEquals([await asking.line(), await asking.line()], ["true", '[ "sw0", "eth0" ]']);
  assertEquals(await asking.status(), 0);
});

readmeTest("a program prints the cards that have no cable", async (folder) => {
  cards();
  await eventually(() => assertEquals([get("eth0")?.connected, get("eth1")?.operState], [true, "lowerlayerdown"]));
  // In a namespace there is no hardware.
  const code = program("card.carrier === false").replace("physical: true", 'names: "eth*"');
  await using printing = folder.run(code);
  const lines: string[] = [];
  while (lines.at(-1)?.startsWith("└") !== true) lines.push(await printing.line());
  assertEquals(lines.filter((line) => /"(eth|sw)/.test(line)).length, 1, lines.join("\n"));
  assertStringIncludes(lines.join(), '"eth1"');
  assertEquals(await printing.status(), 0);
});

readmeTest("wait returns for the first card that works, and says at its timeout which are missing", async (folder) => {
  const waiting = recipe("netflags wait --any");
  const late = await folder.shell(waiting.replace(/--timeout \d+/, "--timeout 0.1"));
  assertEquals(late.code, 124);
  for (const glob of ["en*", "wl*"]) assertStringIncludes(late.err, `no interface is like "${glob}"`);
  const first = folder.shell(waiting);
  ip("link add dev enp1s0 type veth peer name sw2");
  for (const name of ["enp1s0", "sw2"]) ip(`link set ${name} up`);
  assertEquals((await first).code, 0);
});

readmeTest("a program waits for interfaces that do not exist yet, and for all that it names", async (folder) => {
  // Each wait is followed by a word, so that it is seen which of them is over.
  const code = program("waitForAll").replace(/^await .*$/gm, (line, at) => `${line}\nconsole.log(${at});`);
  assertEquals(code.match(/console\.log/g)?.length, 3);
  await using waiting = folder.run(code);
  using _tap = new Tap("tap0");
  ip("link set tap0 up");
  await waiting.line();
  cards();
  await waiting.line();
  ip("addr add 192.0.2.1/24 dev eth0");
  ip("link add dev br0 type bridge");
  ip("link set br0 up");
  await waiting.line();
  assertEquals(await waiting.status(), 0);
}, TUN);

readmeTest(
  "hooks need one more permission, and run when the interface works and when it is cut off",
  async (folder) => {
    cards();
    const hooks = recipe("netflags run eth0");
    const refused = await folder.shell(hooks);
    assertEquals(refused.code, 3);
    assertStringIncludes(refused.err, "--allow-run=sh");
    const [, all] = /^deno install -gf (-A) -n netflags /m.exec(README)!;
    folder.install(all!);
    const noted = `${folder.path}/noted`;
    Deno.writeTextFileSync(`${folder.path}/logger`, `#!/bin/sh\necho "$@" >> ${noted}\n`, { mode: 0o755 });
    const child = new Deno.Command("sh", { args: ["-c", `exec ${hooks} >> ${noted}`], env: folder.env }).spawn();
    try {
      const says = (text: string) => eventually(() => assertStringIncludes(Deno.readTextFileSync(noted), text), 20_000);
      await says("eth0 works");
      ip("link set sw0 down");
      await says("eth0 is cut off");
    } finally {
      child.kill("SIGTERM");
      await child.status;
    }
  },
);

readmeTest("a program reacts to cards that are there, that are plugged in and that are pulled out", async (folder) => {
  cards();
  await eventually(() => assertEquals(get("eth0")?.connected, true));
  await using reacting = folder.run(program("settle: 500"));
  assertMatch(await reacting.line(), /^eth0 true /); // it is there, and works
  // Plugged in and connected before the half second of quiet is over.
  ip("link add dev eth5 type veth peer name sw5");
  for (const name of ["eth5", "sw5"]) ip(`link set ${name} up`);
  assertMatch(await reacting.line(), /^eth5 true /);
  ip("link set sw0 down");
  assertMatch(await reacting.line(), /^eth0 false /);
  ip("link set sw1 up");
  assertMatch(await reacting.line(), /^eth1 true /);
  ip("link del eth5");
  assertMatch(await reacting.line(), /^eth5 false /);
  ip("link set sw0 up");
  assertMatch(await reacting.line(), /^eth0 true /);
});

readmeTest("access points need a kernel that has them, and else it says so", async (folder) => {
  const points = await folder.shell(`timeout 5 ${recipe("netflags ap")}`);
  if (points.code !== 124) assertStringIncludes(points.err, "Cannot watch access points");
});

readmeTest("a daemon of a tap ends when that is marked down, and when it is gone", async (folder) => {
  for (const end of ["link set tap0 down", "link del tap0"]) {
    using _tap = new Tap("tap0");
    ip("link set tap0 up");
    // A word for each event, so that it is seen when it has seen its tap.
    await using daemon = folder.run(program("tap.up").replace(" {\n", " {\n  console.log(type);\n"));
    assertEquals(await daemon.line(), "present");
    ip("link set tap0 mtu 1400");
    assertEquals(await daemon.line(), "changed"); // which ends nothing
    ip(end);
    assertEquals(await daemon.status(), 0);
  }
}, TUN);
