import { assert, assertEquals, assertMatch } from "@std/assert";
import { get } from "../../../mod.ts";
import { watchAccessPoints } from "../../../src/linux.ts";
import { HOOKS } from "../../../src/steps/hooks.ts";
import { commandLine, netflags, Running } from "../../helpers/cli/netflags.ts";
import { assertDocumented } from "../../helpers/cli/schema.ts";
import { clear, eventually, ip, ipBatch, linkListeners, LIVE, liveTest, run } from "../../helpers/live/system.ts";

/** Whether this kernel has nl80211. */
function hasWireless(): boolean {
  try {
    watchAccessPoints().close();
    return true;
  } catch {
    return false;
  }
}

liveTest("live cli: watch tells each change as one object a line, at once", async () => {
  try {
    await using watching = new Running(["watch", "--json", "--initial"]);
    assertEquals(JSON.parse(await watching.line()).type, "watching");
    assertEquals(JSON.parse(await watching.line()).type, "present");
    ip("link add dev va type veth peer name vb");
    const first = JSON.parse(await watching.line());
    assertEquals([first.type, first.status.kind, first.generation], ["added", "veth", 1]);
    watching.signal("SIGTERM");
    assertEquals(await watching.status(), 0);
  } finally {
    clear();
  }
});

liveTest("live cli: what list, show, explain, watch and run tell is what their schema says", async () => {
  try {
    ip("link add dev va type veth peer name vb");
    ip("link property add dev va altname wan");
    ip("address add 192.0.2.1/24 dev va");
    await using watching = new Running(["watch", "--json", "--initial", "--addresses"]);
    const lines = [await watching.line()];
    await using hooks = new Running(["run", "va", "--on-added", "cat"], ["--allow-ffi", "--allow-run=sh"]);
    const told = await hooks.line();
    assert(told.startsWith('{"schema":2,"hook":"added","time":"'), told);
    await assertDocumented("run", [JSON.parse(told)]);
    ip("link set va up");
    ip("link set vb up");
    ip("link add dev late0 type ifb");
    ip("link del va");
    while (!lines.at(-1)!.includes('"type":"removed"')) lines.push(await watching.line());
    for (const line of lines) assert(line.startsWith('{"schema":2,"time":"'), line);
    await assertDocumented("watch", lines.map((line) => JSON.parse(line)));
    ip("link add dev br0 type bridge");
    ip("link add dev va type veth peer name vb");
    ip("link set va master br0");
    await assertDocumented("list", [JSON.parse((await netflags(["list", "--json"])).stdout)]);
    for (const command of ["show", "explain"]) {
      const answers = ["lo", "va", "br0"].map(async (name) =>
        JSON.parse((await netflags([command, name, "--json"])).stdout)
      );
      await assertDocumented(command, await Promise.all(answers));
    }
  } finally {
    clear();
  }
});

liveTest("live cli: a line of watch --addresses shows the flags or the peer that changed", async () => {
  try {
    ip("link add dev va type veth peer name vb");
    ip("address add 192.0.2.1/24 dev va");
    ip("address add 2001:db8::1 peer 2001:db8::2/64 dev va nodad");
    await using watching = new Running(["watch", "va", "--addresses", "--initial", "--time", "none"]);
    await watching.line();
    ip("address change 192.0.2.1/24 dev va valid_lft 3600 preferred_lft 1800");
    assertEquals(
      await watching.line(),
      "va address 192.0.2.1/24 <permanent>,2001:db8::1/64 -> 192.0.2.1/24 <>,2001:db8::1/64",
    );
    ip("address change 2001:db8::1 peer 2001:db8::3/64 dev va");
    assertMatch(
      await watching.line(),
      /^va address 192\.0\.2\.1\/24,2001:db8::1\/64.* peer 2001:db8::2.* -> .* peer 2001:db8::3/,
    );
  } finally {
    clear();
  }
});

liveTest("live cli: SIGINT ends watch with status 0, also while nothing happens", async () => {
  await using watching = new Running(["watch", "--initial"]);
  await watching.line();
  watching.signal("SIGINT");
  assertEquals(await watching.status(), 0);
});

liveTest("live cli: a reader that goes away ends watch quietly, also while nothing happens", async () => {
  await using watching = new Running(["watch", "--initial"]);
  assertMatch(await watching.line(), / lo present: /);
  await watching.hangUp();
  assertEquals(await watching.status(), 0);
});

liveTest("live cli: watch --count ends by itself; --timeline counts from the start", async () => {
  try {
    await using watching = new Running(["watch", "lo", "late0", "--initial", "--count", "2", "--timeline"]);
    assertMatch(await watching.line(), / lo present: /); // from here on it tells what comes
    ip("link add dev other0 type ifb");
    ip("link add dev late0 type ifb");
    assertMatch(await watching.line(), /^ +\d+\.\d{6} \+\d+\.\d{6} late0 added: ifb, down$/);
    assertEquals(await watching.status(), 0);
  } finally {
    clear();
  }
});

liveTest("live cli: wait returns 0 for an interface that is created later, 124 for one that is not", async () => {
  try {
    const came = netflags(["wait", "late0", "running", "--timeout", "60"]);
    await eventually(() => assertEquals(linkListeners().length, 1), 20000);
    const missed = netflags(["wait", "never0", "running", "--timeout", "1"]);
    ip("link add dev late0 type veth peer name late1");
    ip("link set late0 up");
    assertEquals((await missed).status, 124);
    ip("link set late1 up");
    assertEquals((await came).status, 0);
  } finally {
    clear();
  }
});

liveTest("live cli: a reader that sleeps costs no event's truth", async () => {
  try {
    ip("link add dev va type veth peer name vb");
    await using watching = new Running(["watch", "--json", "--initial"]);
    await watching.line();
    await watching.line();
    for (let i = 0; i < 300; i++) ip(`link set va mtu ${1000 + i}`);
    let last: { status: { name: string; mtu: number } };
    do last = JSON.parse(await watching.line()); while (last.status.mtu !== 1299);
    assert(last.status.name === "va");
  } finally {
    clear();
  }
});

liveTest("live cli: SIGTERM ends watch whose reader takes nothing, with status 0", async () => {
  try {
    await ipBatch(Array.from({ length: 200 }, (_, i) => `link add dev many${i} type ifb`));
    const watching = new Deno.Command(Deno.execPath(), {
      args: [...commandLine(), "watch", "--json", "--initial"],
      stdin: "null",
      stdout: "piped", // more than a pipe holds, and nobody reads it
    }).spawn();
    await eventually(() => assert(linkListeners().length === 1));
    await eventually(() => {
      const [task] = [...Deno.readDirSync(`/proc/${watching.pid}/task`)].filter(({ name }) =>
        Deno.readTextFileSync(`/proc/${watching.pid}/task/${name}/wchan`).includes("pipe_w")
      );
      assert(task !== undefined, "it does not wait for its reader");
    });
    watching.kill("SIGTERM");
    assertEquals((await watching.status).code, 0);
    await watching.stdout.cancel();
  } finally {
    clear();
  }
});

liveTest("live cli: a name cannot forge lines or colours of the output", async () => {
  try {
    ip("link add dev a\x1b[31mb type ifb");
    const { stdout } = await netflags(["list"]);
    assertMatch(stdout, /^a\\x1b\[31mb /m);
    assertEquals(stdout.includes("\x1b"), false);
    const { stderr } = await netflags(["show", "a\nb"]);
    assertMatch(stderr, /^netflags: No such interface: "a\\x0ab"[^\n]*\n$/);
  } finally {
    ip("link del dev a\x1b[31mb"); // ip's own JSON cannot hold such a name
  }
});

liveTest("live cli: names that are no UTF-8 stay apart, and are found as they are written", async () => {
  try {
    for (const byte of ["376", "377"]) run("sh", "-c", `ip link add name "$(printf 'b\\${byte}')" type ifb`);
    const { stdout } = await netflags(["list"]);
    assertMatch(stdout, /^b\\xfe .*\nb\\xff /m);
    assertEquals(JSON.parse((await netflags(["show", "b\\xff", "--json"])).stdout).name, "b\udcff");
  } finally {
    for (const byte of ["376", "377"]) run("sh", "-c", `ip link del dev "$(printf 'b\\${byte}')"`);
  }
});

liveTest("live cli: set refuses what it must, each with its own status, and changes nothing", async () => {
  const before = get("lo")!.flags;
  const denied = await new Deno.Command("setpriv", {
    args: ["--bounding-set=-all", "--inh-caps=-all", Deno.execPath(), ...commandLine(), "set", "lo", "allmulti"],
  }).output();
  assertEquals(denied.code, 3);
  assertMatch(new TextDecoder().decode(denied.stderr), /^netflags: [^\n]*"lo"[^\n]*CAP_NET_ADMIN\n$/);
  for (
    const [args, status, said] of [
      [["nothing0", "up"], 1, /No such interface: "nothing0"/],
      [["lo", "running"], 2, /"running" of interface "lo": the kernel sets it by itself/],
      [["lo", "link0"], 2, /Unknown flag "link0": linux has/],
    ] as const
  ) {
    const result = await netflags(["set", ...args]);
    assertEquals([result.status, result.stdout], [status, ""]);
    assertMatch(result.stderr, said);
  }
  assertEquals(get("lo")!.flags, before);
});

liveTest("live cli: set does not tell root of another user namespace to be root", async () => {
  const args = ["--user", "--map-root-user", Deno.execPath(), ...commandLine(), "set", "lo", "allmulti"];
  const { code, stderr } = await new Deno.Command("unshare", { args }).output();
  const said = new TextDecoder().decode(stderr);
  if (said.startsWith("unshare")) return; // not everybody may have a user namespace
  assertEquals(code, 3);
  assertMatch(said, /^netflags: [^\n]*"lo"[^\n]* although this process has CAP_NET_ADMIN: [^\n]*\n$/);
});

liveTest("live cli: set changes what it names, and --dry-run nothing", async () => {
  try {
    ip("link add dev va type veth peer name vb");
    const rehearsed = await netflags(["set", "va", "up", "-multicast", "--dry-run"]);
    assertEquals(rehearsed.stdout, "flags 0x1002 -> 0x3: set <UP>, clear <MULTICAST>\n");
    assertEquals(get("va")!.flags, 0x1002);
    assertEquals((await netflags(["set", "va", "up", "-multicast", "--link-mode", "dormant"])).status, 0);
    assertEquals([get("va")!.flags, get("va")!.linkMode], [0x3, "dormant"]);
    const kept = await netflags(["set", "va", "--oper-state", "up"]);
    assertEquals(kept.status, 1);
    assertMatch(kept.stderr, /Kernel acknowledged but kept operational state "lowerlayerdown"/);
  } finally {
    clear();
  }
});

liveTest("live cli: ap says in one line where the kernel has no wireless support", async () => {
  const { status, stdout, stderr } = await netflags(["ap"]);
  assertEquals([status, stdout], [1, ""]);
  assertMatch(stderr, /^netflags: Cannot watch access points: [^\n]*\n$/);
}, LIVE && !hasWireless());

liveTest("live cli: explain tells why a card that is up is not connected", async () => {
  try {
    ip("link add dev va type veth peer name vb");
    ip("link set va up");
    const { status, stdout } = await netflags(["explain", "va", "--verbose"]);
    assertEquals(status, 0);
    assertMatch(stdout, /^va is not connected because vb is down: .* \(va > vb\)\.\n/);
    assertMatch(stdout, /^because +va is up, but its other end vb is not$/m);
    assertMatch(stdout, /^netlink word +4099 \(0x1003\)$/m);
    assertMatch(stdout, /^ioctl word +4099 \(0x1003\), 16 bits$/m);
    const explained = JSON.parse((await netflags(["explain", "va", "--json"])).stdout);
    assertEquals([explained.connected, explained.words.full], [false, 4099]);
  } finally {
    clear();
  }
});

liveTest("live cli: explain shows sysfs of this network namespace, and of no other", async () => {
  const explain = async (name: string) => (await netflags(["explain", name, "--verbose"])).stdout;
  try {
    // Tests run in a namespace of their own, under the sysfs of the machine's.
    assertMatch(await explain("lo"), /^sysfs word +not shown: /m);
    ip("link add dev va type veth peer name vb");
    assertMatch(await explain("lo"), /^sysfs word +not shown: sysfs is of another network namespace$/m);
    assertMatch(await explain("va"), /^sysfs word +not there: /m);
    assertEquals(JSON.parse((await netflags(["explain", "lo", "--json"])).stdout).words.sysfs, undefined);
    const command = [Deno.execPath(), ...commandLine(), "explain", "--verbose"];
    const script = 'mount -t sysfs sysfs /sys || exit 77; "$@" va && "$@" lo';
    const { code, stdout } = await new Deno.Command("unshare", { args: ["-m", "sh", "-c", script, "sh", ...command] })
      .output();
    if (code === 77) return; // not everybody who may have a network namespace may mount
    const said = new TextDecoder().decode(stdout);
    assertEquals([...said.matchAll(/^sysfs word +(.*)$/gm)].map(([, word]) => word), ["4098 (0x1002)", "8 (0x8)"]);
  } finally {
    clear();
  }
});

liveTest("live cli: run tells each step to its hook, one after the other, and ends on a signal", async () => {
  try {
    ip("link add dev va type veth peer name vb");
    await using running = new Running(
      [
        "run",
        "va",
        ...HOOKS.flatMap((hook) => [`--on-${hook}`, 'echo "$NETFLAGS_HOOK $NETFLAGS_INTERFACE"']),
        "--on-connected",
        `read -r event; echo "$event" | grep -o '"hook":"connected"'`,
        "--on-removed",
        "echo removed; sleep 4711 & wait",
        "--limit",
        "0.3",
      ],
      ["--allow-ffi", "--allow-run=sh"],
    );
    const lines = async (count: number): Promise<string[]> => {
      const got: string[] = [];
      while (got.length < count) got.push(await running.line());
      return got;
    };
    assertEquals(await lines(4), ["added va", "no-default-route va", "disconnected va", "down va"]);
    ip("link set va up");
    assertEquals(await lines(1), ["up va"]);
    ip("link set vb up");
    assertEquals((await lines(2)).sort(), ['"hook":"connected"', "carrier va"]);
    ip("link del va");
    assertEquals((await lines(4)).at(-1), "removed"); // and its command is ended by its limit
    running.signal("SIGTERM");
    assertEquals(await running.status(), 0);
    // What a command that is ended had started is ended with it.
    const left = new Deno.Command("pgrep", { args: ["-f", "^sleep 4711$"], stdout: "null" }).outputSync();
    assertEquals(left.code, 1);
    const denied = await netflags(["run", "--on-up", "true"]);
    assertEquals(denied.status, 3);
    assertMatch(denied.stderr, /^netflags: [^\n]*--allow-run=sh[^\n]*\n$/);
  } finally {
    clear();
  }
});
