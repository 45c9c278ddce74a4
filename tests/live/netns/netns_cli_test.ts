/** The command in other network namespaces, and where it may not go there. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { commandLine, netflags, type Result } from "../../helpers/cli/netflags.ts";
import { CAN_NAME, Named } from "../../helpers/live/namespaces.ts";
import { clear, eventually, ip, LIVE, liveTest, otherNamespace, run } from "../../helpers/live/system.ts";

const RUN = ["--allow-ffi", "--allow-run=sh"];

/** Runs the command behind other words, as under setpriv(1). */
async function behind(words: readonly string[], ...args: string[]): Promise<Result> {
  const [program, ...rest] = [...words, Deno.execPath(), ...commandLine(["--allow-ffi"]), ...args];
  const { code, stdout, stderr } = await new Deno.Command(program!, { args: rest }).output();
  return { status: code, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
}

liveTest("live netns: each command tells of the interfaces there, by name, path and process", async () => {
  using red = new Named("red");
  try {
    red.ip("link add va type ifb");
    ip("link add vc type ifb");
    assertEquals(JSON.parse((await netflags(["list", "--json", "--netns", red.name])).stdout).length, 2);
    assertEquals(JSON.parse((await netflags(["show", "va", "--json", "--netns", red.path])).stdout).kind, "ifb");
    const missing = await netflags(["list", "vc", "--netns", red.name]);
    assertEquals([missing.status, missing.stdout], [1, ""]);
    const rehearsed = await netflags(["set", "va", "up", "--dry-run", "--netns", red.name]);
    assertMatch(rehearsed.stdout, /set <UP>/);
    const set = await netflags(["set", "va", "up", "--link-mode", "dormant", "--netns", red.name]);
    assertEquals([set.status, set.stderr], [0, ""]);
    assertMatch(red.ip("link show va"), /[<,]UP[,>].* mode DORMANT/);
    assertEquals((await netflags(["wait", "va", "up", "--timeout", "0", "--netns", red.name])).status, 0);
    assertEquals((await netflags(["wait", "vc", "absent", "--timeout", "0", "--netns", red.name])).status, 0);
    const { stdout } = await netflags(["watch", "va", "--initial", "--count", "1", "--netns", red.name]);
    assertMatch(stdout, /va present/);
    const metrics = await netflags(["metrics", "va", "--netns", red.name]);
    assertEquals([metrics.status, metrics.stderr], [0, ""]);
    assertMatch(metrics.stdout, /^netflags_info\{device="va",.*linkmode="dormant".*\} 1$/m);
    assertEquals((await netflags(["metrics", "vc", "--netns", red.name])).status, 1);
    const report = await netflags(["report", "--for", "0.1", "--json", "--netns", red.name]);
    assertEquals([report.status, report.stderr], [0, ""]);
    assertEquals(JSON.parse(report.stdout).interfaces.map(({ name }: { name: string }) => name), ["lo", "va"]);
    assertEquals((await netflags(["report", "--netns", red.name])).status, 2);
    const offered = await netflags(["__complete", "show", "--netns", red.name, "v"]);
    assertMatch(offered.stdout, /^words\nva\t[^\n]*\n$/);
    const ap = await netflags(["ap", "--netns", "none-such"]);
    assertEquals(ap.status, 2);
    assertMatch(ap.stderr, /^netflags: No network namespace "none-such": [^\n]*\n$/);
  } finally {
    clear();
  }
}, CAN_NAME);

liveTest("live netns: explain shows no word of sysfs there, also where an interface here looks the same", async () => {
  using red = new Named("red");
  try {
    for (const make of [ip, red.ip.bind(red)]) make("link add va index 777 address 02:00:00:00:07:77 type ifb");
    const explain = async (...args: string[]): Promise<{ sysfs: string; words: Record<string, number> }> =>
      JSON.parse((await netflags(["explain", "va", "--json", ...args])).stdout);
    red.ip("link set va up");
    const there = await explain("--netns", red.name);
    assertEquals([there.sysfs, there.words.sysfs], ["another", undefined]);
    assertEquals(there.words.ioctl! & 1, 1);
    const text = await netflags(["explain", "va", "--verbose", "--netns", red.name]);
    assertMatch(text.stdout, /^sysfs word +not shown: sysfs is of another network namespace$/m);
    // Its own namespace by another name is no other one.
    const [own, plain] = [await explain("--netns", String(Deno.pid)), await explain()];
    assertEquals(own, plain);
  } finally {
    clear();
  }
}, CAN_NAME);

liveTest("live netns: metrics and a live report tell of the interfaces there", async () => {
  using red = new Named("red");
  try {
    red.ip("link add va type ifb");
    ip("link add vc type ifb");
    const once = await netflags(["metrics", "--netns", red.name]);
    assertEquals([once.status, once.stderr], [0, ""]);
    assertMatch(once.stdout, /^netflags_index\{device="va"\} \d+$/m);
    assertEquals(once.stdout.includes('"vc"'), false);
    assertEquals((await netflags(["metrics", "vc", "--netns", red.name])).status, 1);
    const report = await netflags(["report", "--for", "0.1", "--json", "--netns", red.name]);
    const names = (JSON.parse(report.stdout).interfaces as { name: string }[]).map(({ name }) => name);
    assertEquals(names, ["lo", "va"]);
  } finally {
    clear();
  }
}, CAN_NAME);

liveTest("live netns: digits are a process, unless a namespace has them for its name", async () => {
  const child = await otherNamespace();
  try {
    run("nsenter", "-t", String(child.pid), "-n", "ip", "link", "add", "va", "type", "ifb");
    const list = (): Promise<Result> => netflags(["list", "va", "--netns", String(child.pid)]);
    assertEquals((await list()).status, 0);
    if (CAN_NAME) {
      run("ip", "netns", "add", String(child.pid));
      try {
        assertEquals((await list()).status, 1);
      } finally {
        run("ip", "netns", "del", String(child.pid));
      }
    }
    const { status, stderr } = await netflags(["list", "--netns", "4294967295"]);
    assertEquals(status, 2);
    assertMatch(stderr, /process 4294967295/);
  } finally {
    child.kill("SIGKILL");
    await child.status;
  }
});

liveTest("live netns: what watches ends with one line and status 1 when it is gone", async () => {
  using red = new Named("red");
  red.ip("link add va type ifb");
  const folder = Deno.makeTempDirSync();
  const hook = `echo "$NETFLAGS_INTERFACE in $NETFLAGS_NETNS"; : > ${folder}/ran`;
  const all = [
    netflags(["watch", "--netns", red.name]),
    netflags(["wait", "never0", "present", "--netns", red.name]),
    netflags(["report", "--for", "60", "--netns", red.name]),
    netflags(["metrics", "--textfile", `${folder}/own.prom`, "--interval", "60", "--netns", red.name], {
      permissions: ["--allow-ffi", "--allow-read", "--allow-write"],
    }),
    netflags(["run", "va", "--on-added", hook, "--netns", red.name], { permissions: RUN }),
  ];
  await eventually(() => assertEquals(red.listeners(), all.length), 20_000);
  await eventually(() => void Deno.statSync(`${folder}/ran`), 20_000);
  await eventually(() => assert(Deno.statSync(`${folder}/own.prom`).size > 0), 20_000); // it has asked by name
  red.remove();
  const ended = await Promise.all(all);
  for (const { status, stderr } of ended) {
    assertEquals(status, 1);
    assertMatch(
      stderr.replace("netflags: watching\n", ""),
      /^netflags: Network namespace "netflags-\d+-red" is gone: [^\n]*\n$/,
    );
  }
  assertEquals(ended.at(-1)!.stdout, `va in ${red.name}\n`);
  Deno.removeSync(folder, { recursive: true });
}, CAN_NAME);

/** Whether root can be had here without a right. */
const SETPRIV = ["setpriv", "--bounding-set=-sys_admin", "--inh-caps=-sys_admin"];
const CAN_DROP = LIVE && (() => {
  try {
    return run(...(SETPRIV as [string, ...string[]]), "true") === "";
  } catch (error) {
    console.error(`SKIPPED: no setpriv: ${error instanceof Error ? error.message : error}`);
    return false;
  }
})();

liveTest("live netns: who may not is told what it takes, with status 3; the own one needs nothing", async () => {
  const child = await otherNamespace();
  try {
    for (
      const args of [["list"], ["watch"], ["wait", "lo", "present"], ["show", "lo"], ["set", "lo", "up"], [
        "explain",
        "lo",
      ]]
    ) {
      const { status, stdout, stderr } = await behind(SETPRIV, ...args, "--netns", `/proc/${child.pid}/ns/net`);
      assertEquals([status, stdout], [3, ""], args.join(" "));
      assertMatch(
        stderr,
        /^netflags: Cannot enter network namespace "[^"]*": EPERM: needs root, or CAP_SYS_ADMIN[^\n]*\n$/,
      );
    }
    const own = await behind(SETPRIV, "list", "lo", "--netns", `/proc/${Deno.pid}/ns/net`);
    assertEquals([own.status, own.stderr], [0, ""]);
  } finally {
    child.kill("SIGKILL");
    await child.status;
  }
}, CAN_DROP);

const UNSHARE_USER = ["unshare", "--user", "--map-root-user"];
const CAN_UNSHARE = LIVE && (() => {
  try {
    return run(...(UNSHARE_USER as [string, ...string[]]), "true") === "";
  } catch (error) {
    console.error(`SKIPPED: no user namespaces: ${error instanceof Error ? error.message : error}`);
    return false;
  }
})();

liveTest("live netns: who may enter a namespace and not come back from it does not go there", async () => {
  const script =
    'unshare --net sleep 60 & while [ "$(readlink /proc/$!/ns/net)" = "$(readlink /proc/$$/ns/net)" ]; do sleep 0.05; done; "$@" --netns $!; status=$?; kill $!; exit $status';
  const { status, stderr } = await behind([...UNSHARE_USER, "sh", "-c", script, "sh"], "list");
  assertEquals(status, 3, stderr);
  assertMatch(stderr, /could not return to its own network namespace/);
  assert(!stderr.includes("wrong network namespace"));
}, CAN_UNSHARE);
