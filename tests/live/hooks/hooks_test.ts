/** What a service can hang on: `netflags run` with real interfaces. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { succeeds } from "../../helpers/suites.ts";
import { RunningHooks, saying } from "../../helpers/cli/hooks.ts";
import { waitFor } from "../../../mod.ts";
import { clear, eventually, ip, liveTest, run, TUN } from "../../helpers/live/system.ts";
import { Tap } from "../../helpers/live/tap.ts";

/** Makes a cable from one name to another, with both ends up. */
function cable(near: string, far: string): void {
  ip(`link add dev ${near} type veth peer name ${far}`);
  for (const end of [near, far]) ip(`link set ${end} up`);
}

function hooksTest(name: string, test: () => Promise<void>, needs?: boolean): void {
  liveTest(`live hooks: ${name}`, async () => {
    try {
      await test();
    } finally {
      clear();
    }
  }, needs);
}

const SIDES = ["added", "up", "carrier", "connected", "disconnected", "no-carrier", "down", "removed"];

/** Ways in which a name passes from one interface to the next, and the hooks of both under that name. */
const PASSED_ON: readonly (readonly [what: string, name: string, make: string[], pass: string[]])[] = [
  ["pulled and put back", "usb0", ["link add dev usb0 type ifb"], ["link del usb0", "link add dev usb0 type ifb"]],
  ["of a bridge that is made again", "br0", ["link add dev br0 type bridge"], [
    "link del br0",
    "link add dev br0 type bridge",
  ]],
  ["given up and taken", "lan0", ["link add dev lan0 type ifb"], [
    "link set lan0 name old0",
    "link add dev lan0 type ifb",
  ]],
  ["swapped", "one0", ["link add dev one0 type ifb", "link add dev two0 type ifb"], [
    "link set one0 name tmp0",
    "link set two0 name one0",
    "link set tmp0 name two0",
  ]],
];

for (const [what, name, make, pass] of PASSED_ON) {
  hooksTest(`of a name that is ${what}, the first owner's hooks end before the next one's begin`, async () => {
    for (const line of make) ip(line);
    await using hooks = new RunningHooks(
      name,
      "--on-removed",
      'echo "going $NETFLAGS_INDEX"; sleep 0.5; echo "gone $NETFLAGS_INDEX"',
      "--on-added",
      'echo "added $NETFLAGS_INDEX"',
    );
    await eventually(() => assertEquals(hooks.lines.length, 1), 20_000);
    const [, first] = hooks.lines[0]!.split(" ");
    hooks.lines.length = 0;
    for (const line of pass) ip(line);
    await eventually(() => assertEquals(hooks.lines.length, 3), 20_000);
    assertEquals(hooks.lines.slice(0, 2), [`going ${first}`, `gone ${first}`]);
    assertMatch(hooks.lines[2]!, /^added \d+$/);
    assert(hooks.lines[2] !== `added ${first}`);
  });
}

hooksTest(
  "of an alternative name that passes on, the first owner's hooks end before the next one's begin",
  async () => {
    for (const name of ["one0", "two0"]) {
      ip(`link add dev ${name} type ifb`);
      ip(`link set ${name} up`); // Linux announces alternative names of what is up
    }
    ip("link property add dev two0 altname uplink0");
    await using hooks = new RunningHooks(
      "uplink0",
      ...saying(["added"]),
      ...saying(["removed"], "sleep 0.5; echo gone"),
    );
    await hooks.said("added two0");
    ip("link property del dev two0 altname uplink0");
    ip("link property add dev one0 altname uplink0"); // the next owner has the lower index
    await hooks.said("removed two0", "gone", "added one0");
  },
);

hooksTest("a link that flaps without a rest is reported after ten delays, as watch reports it", async () => {
  cable("near", "far");
  await using hooks = new RunningHooks("near", "--delay", "0.3", ...saying(["connected", "disconnected"]));
  await hooks.said("connected near");
  const started = performance.now();
  for (let i = 0; hooks.lines.length === 0; i++) {
    assert(performance.now() - started < 20_000, "it says nothing");
    ip(`link set far ${i % 2 === 0 ? "down" : "up"}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assertEquals(hooks.lines[0], "disconnected near");
});

hooksTest("a link that bounces within its delay is nothing, and one that stays away is a loss", async () => {
  cable("near", "far");
  await using hooks = new RunningHooks(
    ...["near", "--delay-down", "1", ...saying(["connected", "disconnected", "addresses"])],
  );
  await eventually(() => assert(hooks.lines.includes("connected near")), 20_000);
  await eventually(() => assert(hooks.lines.includes("addresses near")), 20_000); // fe80, when it is no longer tentative
  hooks.lines.length = 0;
  for (const state of ["down", "up"]) ip(`link set far ${state}`);
  ip("addr add 192.0.2.1/24 dev near"); // reported behind the bounce
  await hooks.said("addresses near");
  ip("link set far down");
  await eventually(() => assertEquals(hooks.lines.filter((line) => line === "disconnected near").length, 1), 20_000);
});

hooksTest("of a device that comes and is down, carrier hooks wait until it is up", async () => {
  await using hooks = new RunningHooks("lo", "ifb*", ...saying(["carrier", "no-carrier", "up", "down", "added"]));
  await hooks.said("added lo", "down lo");
  for (const name of ["ifb7", "ifb8"]) {
    ip(`link add dev ${name} type ifb`);
    await hooks.said(`added ${name}`);
    ip(`link set ${name} up`);
    await hooks.said(`up ${name}`, `carrier ${name}`);
    ip(`link set ${name} down`);
    await hooks.said(`no-carrier ${name}`, `down ${name}`);
  }
});

/** What is lost and comes back while another hook runs, and what is run for it. */
const LOST: readonly (readonly [what: string, change: (on: boolean) => void, expected: readonly string[]])[] = [
  ["down", (on) => void ip(`link set near ${on ? "up" : "down"}`), [
    ...["disconnected", "no-carrier", "down"],
    ...["up", "carrier", "connected"],
  ]],
  ["without a carrier", (on) => void ip(`link set far ${on ? "up" : "down"}`), [
    ...["disconnected", "no-carrier"],
    ...["carrier", "connected"],
  ]],
  ["dormant", (on) => void ip(`link set near state ${on ? "up" : "dormant"}`), ["disconnected", "connected"]],
];

for (const [what, change, expected] of LOST) {
  hooksTest(`what is ${what} and back while another hook runs is lost and gained`, async () => {
    cable("near", "far");
    const folder = await Deno.makeTempDir();
    try {
      const wait = `echo busy; while [ ! -e ${folder}/go ]; do sleep 0.02; done`;
      await using hooks = new RunningHooks("near", ...saying(SIDES), "--on-addresses", wait);
      await eventually(() => assert(hooks.lines.includes("busy")), 20_000);
      hooks.lines.length = 0;
      const settled = (on: boolean) => waitFor("near", on ? "connected" : "disconnected", { timeout: 5000 });
      for (const on of [false, true, false, true]) {
        change(on);
        await settled(on);
      }
      await Deno.writeTextFile(`${folder}/go`, "");
      await eventually(() => assert(hooks.lines.length >= expected.length), 20_000);
      assertEquals(hooks.lines.filter((line) => line !== "busy"), expected.map((hook) => `${hook} near`));
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

hooksTest("a loss ends the hook of the gain that still runs, with what it started", async () => {
  cable("near", "far");
  const connected = "echo connected; (trap 'echo told; exit' TERM; while :; do sleep 0.05; done) & wait";
  await using hooks = new RunningHooks(
    "near",
    "--limit",
    "0",
    "--on-connected",
    connected,
    ...saying(["disconnected"]),
  );
  await hooks.said("connected");
  const started = performance.now();
  ip("link set far down");
  await hooks.said("told", "disconnected near");
  assert(performance.now() - started < 10_000);
});

hooksTest("at the end, what hooks have begun is ended by the hooks of loss", async () => {
  cable("near", "far");
  const pairs = ["added", "removed", "up", "down", "carrier", "no-carrier", "connected", "disconnected"];
  const begun = ["added near", "up near", "carrier near", "connected near"];
  const ended = ["disconnected near", "no-carrier near", "down near", "removed near"];
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
    await using hooks = new RunningHooks("near", ...saying(pairs, 'echo "$NETFLAGS_EVENT"'));
    await hooks.said(...begun.flatMap((line) => [line, "present"]));
    assertEquals(await hooks.end(signal), ended.flatMap((line) => [line, "end"]), signal);
  }
  await using kept = new RunningHooks("near", "--keep", ...saying(pairs));
  await kept.said(...begun);
  assertEquals(await kept.end(), []);
  // Nothing was begun by hooks of loss alone, nor by those of a pair that does not hold.
  ip("link set far down");
  await waitFor("near", "disconnected", { timeout: 5000 });
  await using alone = new RunningHooks("near", ...saying(["added", "down", "connected", "disconnected"]));
  await alone.said("added near", "disconnected near");
  assertEquals(await alone.end(), []);
});

hooksTest("at the end the hooks have the time of --grace, and a second signal leaves them none", async () => {
  cable("near", "far");
  const slow = "echo ending; while :; do sleep 0.05; done";
  for (const [grace, twice] of [["0.5", false], ["60", true]] as const) {
    const pair = [...saying(["connected", "up"]), "--on-disconnected", slow, "--on-down", "echo never"];
    await using hooks = new RunningHooks("near", "--grace", grace, ...pair);
    await hooks.said("up near", "connected near");
    const started = performance.now();
    const end = hooks.end();
    await eventually(() => assertEquals(hooks.lines, ["ending"]), 20_000);
    const lines = twice ? await hooks.end("SIGINT") : await end;
    await end;
    assertEquals(lines, ["ending"]);
    assert(performance.now() - started < 20_000);
  }
});

/** What a daemon's tap goes through, and what is printed where a hook ends the daemon when it is marked down. */
hooksTest("a tap that comes is not marked down, nor one that goes; one that somebody sets down is", async () => {
  await using hooks = new RunningHooks(
    "lo",
    "tap0",
    ...saying(["added"]),
    "--on-down",
    'echo "$NETFLAGS_INTERFACE down"',
  );
  await hooks.said("added lo", "lo down");
  for (let i = 0; i < 3; i++) { // a daemon that makes its tap anew
    using _tap = new Tap("tap0");
    await hooks.said("added tap0");
    ip("link set tap0 up");
    await waitFor("tap0", "up", { timeout: 5000 });
  }
  using tap = new Tap("tap0");
  await hooks.said("added tap0");
  ip("link set tap0 up");
  tap.carrier(false);
  await waitFor("tap0", "up", { timeout: 5000 });
  ip("link set tap0 down");
  await hooks.said("tap0 down");
}, TUN);

hooksTest("what is removed while it is up was not marked down, of any kind", async () => {
  await using hooks = new RunningHooks("lo", "new*", ...saying(["added", "down", "removed"]));
  await hooks.said("added lo", "down lo");
  const kinds = ["ifb", "veth peer name other0", "bridge"];
  for (const [i, kind] of kinds.entries()) {
    ip(`link add dev new${i} up type ${kind}`);
    await eventually(() => assert(hooks.lines.includes(`added new${i}`)), 20_000);
    ip(`link del new${i}`);
    await hooks.said(`added new${i}`, `removed new${i}`);
  }
});

hooksTest("a program runs for as long as something holds, and is started again when it ends by itself", async () => {
  cable("near", "far");
  const program = 'echo "start $NETFLAGS_HOOK $NETFLAGS_SSID"; trap "echo stop; exit" TERM; ' +
    "while [ -e $NETFLAGS_TEST ]; do sleep 0.05; done; echo by itself; exit 3";
  const file = await Deno.makeTempFile();
  try {
    await using hooks = new RunningHooks(
      ...["near", "--no-initial", "--while-connected", program.replace("$NETFLAGS_TEST", file)],
      ...saying(["connected", "disconnected"]),
    );
    await hooks.said("start while-connected ");
    ip("link set far down");
    await hooks.said("stop", "disconnected near");
    ip("link set far up");
    await hooks.said("connected near", "start while-connected ");
    await Deno.remove(file);
    await eventually(() => assertEquals(hooks.lines.includes("by itself"), true), 20_000);
    await Deno.writeTextFile(file, "");
    await eventually(() => assertEquals(hooks.lines.at(-1), "start while-connected "), 20_000);
    hooks.lines.length = 0;
    assertEquals(await hooks.end(), ["stop", "disconnected near"]);
  } finally {
    await Deno.remove(file);
  }
});

hooksTest("addresses that came and went are in the environment, and those before", async () => {
  cable("near", "far");
  for (const end of ["near", "far"]) ip(`link set ${end} addrgenmode none`);
  await eventually(() => assertEquals(ip("-6 addr show dev near").includes("tentative"), false));
  ip("addr flush dev near");
  const hook = 'echo "[$NETFLAGS_ADDRESSES] [$NETFLAGS_PREVIOUS_ADDRESSES]"';
  await using hooks = new RunningHooks("near", "--on-addresses", hook, ...saying(["added"]));
  await hooks.said("added near");
  ip("addr add 192.0.2.1/24 dev near");
  await hooks.said("[192.0.2.1/24] []");
  ip("addr add 2001:db8::1/64 dev near"); // tentative at first
  await hooks.said("[192.0.2.1/24 2001:db8::1/64] [192.0.2.1/24]");
  ip("addr del 192.0.2.1/24 dev near");
  await hooks.said("[2001:db8::1/64] [192.0.2.1/24 2001:db8::1/64]");
  ip("link del near");
  await hooks.said("[] [2001:db8::1/64]");
});

hooksTest("what is gone is not up any more, and was before", async () => {
  cable("near", "far");
  const hook = 'echo "$NETFLAGS_HOOK [$NETFLAGS_FLAGS] $NETFLAGS_CONNECTED, before $NETFLAGS_PREVIOUS_CONNECTED"';
  await using hooks = new RunningHooks("near", ...saying(["added"]), "--on-removed", hook, "--on-disconnected", hook);
  await hooks.said("added near");
  ip("link del near");
  await eventually(() => assertEquals(hooks.lines.length, 2), 20_000);
  assertEquals(hooks.lines[1], "removed [] false, before true");
  assertMatch(hooks.lines[0]!, /^disconnected \[[^\]]*\] false, before true$/);
});

hooksTest("carrier flaps that only the counter shows have a hook, with their number", async () => {
  using tap = new Tap("tap0");
  ip("link set tap0 up");
  await waitFor("tap0", "connected", { timeout: 5000 });
  const flips = 'echo "$NETFLAGS_HOOK $NETFLAGS_MISSED"';
  await using hooks = new RunningHooks(
    ...["tap0", "--on-flapped", flips, "--on-disconnected", flips, "--on-added", "echo added"],
  );
  await hooks.said("added");
  for (let i = 0; i < 5; i++) for (const on of [false, true]) tap.carrier(on);
  await eventually(() => {
    const told = hooks.lines.map((line) => line.split(" "));
    const counted = told.reduce((sum, [hook, missed]) => sum + Number(missed) + (hook === "disconnected" ? 2 : 0), 0);
    assertEquals(counted, 10, hooks.lines.join());
  }, 20_000);
}, TUN);

/** Whether a process has a handler for a signal: openvpn ignores both while it makes its tap. */
function catches(pid: number, signal: "SIGUSR1" | "SIGHUP"): boolean {
  const caught = /^SigCgt:\s*([0-9a-f]+)$/m.exec(Deno.readTextFileSync(`/proc/${pid}/status`))?.[1] ?? "0";
  return (parseInt(caught.slice(-8), 16) >> ({ SIGHUP: 1, SIGUSR1: 10 }[signal] - 1) & 1) === 1;
}

hooksTest("openvpn lives through its own start and restarts, and ends when its tap is set down", async () => {
  if (!new Deno.Command("sh", { args: ["-c", "command -v openvpn"], stdout: "null" }).outputSync().success) {
    console.error("SKIPPED: no openvpn");
    return;
  }
  const folder = await Deno.makeTempDir();
  ip("link set lo up");
  run("openvpn", "--genkey", "secret", `${folder}/key`);
  const start = (): Deno.ChildProcess =>
    new Deno.Command("openvpn", {
      args: [
        ...[
          "--dev",
          "tap0",
          "--dev-type",
          "tap",
          "--ifconfig",
          "192.0.2.1",
          "255.255.255.0",
          "--cipher",
          "AES-256-CBC",
        ],
        ...["--remote", "127.0.0.1", "--lport", "5001", "--rport", "5002", "--secret", `${folder}/key`],
        ...["--writepid", `${folder}/pid`],
      ],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
  try {
    for (const busy of [false, true]) {
      const daemon = start();
      let ended = false;
      void daemon.status.then(() => ended = true);
      await using hooks = new RunningHooks(
        ...["lo", "tap0", "--no-initial", ...saying(["added"]), ...saying(["addresses"], busy ? "sleep 1" : "true")],
        ...["--on-down", `echo "kill $NETFLAGS_INTERFACE"; kill $(cat ${folder}/pid)`],
      );
      for (const signal of ["SIGUSR1", "SIGHUP"] as const) {
        await waitFor("tap0", ["up", "ipv4"], { timeout: 20_000 });
        const { index } = (await waitFor("tap0", "up"))!;
        await eventually(() => assert(catches(daemon.pid, signal)), 20_000);
        const before = hooks.lines.length;
        daemon.kill(signal);
        await waitFor("tap0", (status) => status !== undefined && status.index !== index, { timeout: 20_000 });
        await eventually(() => assert(hooks.lines.includes("added tap0", before)), 20_000);
        assertEquals(ended, false, signal);
      }
      await waitFor("tap0", ["up", "ipv4"], { timeout: 20_000 });
      await eventually(() => {
        assert(hooks.lines.lastIndexOf("addresses tap0") > hooks.lines.lastIndexOf("added tap0"));
      }, 20_000);
      ip("link set tap0 down"); // while that hook runs, where it takes time
      await succeeds("ip", "link", "set", "tap0", "up"); // the daemon may have ended, and its tap with it
      await daemon.status;
      assert(hooks.lines.includes("kill tap0"), hooks.lines.join());
    }
  } finally {
    ip("link set lo down");
    await Deno.remove(folder, { recursive: true });
  }
}, TUN);
