/** The examples that start netflags as a service: units of systemd, and rc.d scripts of the BSDs. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { Running } from "../../helpers/cli/netflags.ts";
import { succeeds } from "../../helpers/suites.ts";
import { unitText, unitWords } from "../../helpers/examples/units.ts";
import { clear, eventually, ip, liveTest } from "../../helpers/live/system.ts";

const EXAMPLES = new URL("../../examples/", import.meta.url).pathname;
/** The units, and how much each may leave open, in tenths of systemd's scale. */
const UNITS = [
  ["netflags-metrics", 20],
  ["netflags-run", 20],
  ["netflags-wait-online", 20],
  ["netflags-wait-default-route", 20],
  ["netflags-access-point", 25], // which runs a server
] as const;
const HOOKS = "/etc/netflags/";

/** Says aloud what a test leaves out because a program is missing. */
async function has(program: string, ...args: string[]): Promise<boolean> {
  if (await succeeds(program, ...args)) return true;
  console.error(`SKIPPED: no ${program}, so what it checks of the examples is not checked`);
  return false;
}

/** Runs a program, and returns what it says, with its status at the end. */
async function check(program: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(program, { args, stdin: "null" }).output();
  return [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("") + code;
}

liveTest("services: systemd takes each unit, and finds little that it leaves open", async () => {
  if (!(await has("systemd-analyze", "--version"))) return;
  const folder = await Deno.makeTempDir();
  try {
    for (const [unit, most] of UNITS) {
      const path = `${folder}/${unit}.service`;
      await Deno.writeTextFile(path, unitText(unit).replace(/^(ExecStart=)\S+/m, "$1/bin/true")); // it must be a program
      assertEquals(await check("systemd-analyze", "verify", path), "0", unit);
      const security = await check("systemd-analyze", "security", "--offline=true", `--threshold=${most}`, path);
      assertMatch(security, /exposure level for \S+: [012]\.\d/, unit);
      assert(security.endsWith("0"), `${unit}: ${security}`);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

liveTest(
  "services: the unit of a daemon is that of netflags-run with two lines of its own, as its page says",
  async () => {
    if (!(await has("systemd-analyze", "--version"))) return;
    const page = await Deno.readTextFile(new URL("../../../src/DAEMON.md", import.meta.url));
    const [, line, program] = /`(ExecStart=(\/usr\/local\/bin\/uplink) [^`]+)`/.exec(page)!;
    assertMatch(page, /\]\(\.\.\/tests\/examples\/netflags-run\.service\)/);
    const folder = await Deno.makeTempDir();
    try {
      const unit = unitText("netflags-run").replace(/^ExecStart=.*$/m, line!).replace(
        /^(Description=).*$/m,
        "$1Uplink",
      );
      await Deno.writeTextFile(`${folder}/uplink.service`, unit.replace(program!, "/bin/true"));
      assertEquals(await check("systemd-analyze", "verify", `${folder}/uplink.service`), "0");
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);

liveTest("services: the command of the unit netflags-run runs the hooks of what begins to work and stops", async () => {
  const folder = await Deno.makeTempDir();
  try {
    for (const hook of ["connected", "disconnected"]) {
      await Deno.writeTextFile(`${folder}/${hook}`, '#!/bin/sh\necho "$NETFLAGS_HOOK $NETFLAGS_INTERFACE"\n', {
        mode: 0o755,
      });
    }
    ip("link add dev eth7 type veth peer name switch7");
    ip("link set eth7 up");
    await eventually(() => assertMatch(ip("-o link show dev eth7"), /state LOWERLAYERDOWN/));
    const words = unitWords("netflags-run").map((word) => word.replace(HOOKS, `${folder}/`));
    await using running = new Running(words, ["--allow-ffi", "--allow-run=sh"]);
    const next = async (count: number): Promise<string[]> => {
      const lines: string[] = [];
      while (lines.length < count) lines.push(await running.line());
      return lines.sort();
    };
    assertEquals(await next(2), ["disconnected eth7", "disconnected switch7"]);
    ip("link set switch7 up");
    assertEquals(await next(2), ["connected eth7", "connected switch7"]);
    ip("link set switch7 down");
    assertEquals(await next(2), ["disconnected eth7", "disconnected switch7"]);
    running.signal("SIGTERM");
    assertEquals(await running.status(), 0);
  } finally {
    await Deno.remove(folder, { recursive: true });
    clear();
  }
});

liveTest("services: the command of the unit netflags-metrics writes a file that Prometheus reads", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = `${folder}/netflags.prom`;
    const words = unitWords("netflags-metrics").map((word) => word.replace("/run/netflags", folder));
    assert(words.includes(path));
    await using running = new Running(words, ["--allow-ffi", `--allow-read=${folder}`, `--allow-write=${folder}`]);
    await eventually(
      () => assertMatch(Deno.readTextFileSync(path), /^netflags_connected\{device="lo"\} [01]$/m),
      20_000,
    );
    running.signal("SIGTERM");
    assertEquals(await running.status(), 0);
    if (!(await has("promtool", "--version"))) return;
    assertEquals(await check("sh", "-c", 'promtool check metrics < "$0"', path), "0");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

/** What of a system an rc.d script uses, so far as it takes to see which command it starts. */
const SYSTEMS = {
  freebsd: {
    shell: "sh",
    interfaces: "netflags_interfaces",
    subr: 'load_rc_config() { :; }; run_rc_command() { eval "$command $command_args"; }',
  },
  netbsd: {
    shell: "sh",
    interfaces: "netflags_interfaces",
    subr: "load_rc_config() { :; }; run_rc_command() { $start_cmd && wait; }",
  },
  openbsd: { shell: "mksh", interfaces: undefined, subr: 'rc_cmd() { eval "$daemon $daemon_flags"; }' },
} as const;

liveTest("services: each rc.d script is one, and starts what the unit of systemd starts", async () => {
  const folder = await Deno.makeTempDir();
  const shellcheck = await has("shellcheck", "--version");
  const mksh = await has("mksh", "-c", "true");
  try {
    const recorder = `${folder}/recorder`;
    await Deno.writeTextFile(recorder, `#!/bin/sh\nprintf '%s\\n' "$@" >${folder}/words\n`, { mode: 0o755 });
    for (const [system, { shell, interfaces, subr }] of Object.entries(SYSTEMS)) {
      const script = `${EXAMPLES}rc.d/netflags.${system}`;
      if (shell === "mksh" && !mksh) continue;
      assertEquals(await check(shell, "-n", script), "0", system);
      // What rc.subr reads, and what it defines, the checker cannot see.
      const checker = ["-s", shell === "sh" ? "sh" : "ksh", "-e", "SC1091,SC2034,SC2154"];
      if (shellcheck) assertEquals(await check("shellcheck", ...checker, script), "0", system);
      await Deno.writeTextFile(`${folder}/rc.subr`, `${subr}\n`);
      const text = (await Deno.readTextFile(script))
        .replace(/^(\$_rc_subr_loaded )?\. \S+rc\.subr$/m, `. ${folder}/rc.subr`)
        .replace(/\/usr\/(local|pkg)\/bin\/netflags-hooks/g, recorder)
        .replace("command=/usr/sbin/daemon", `command=${recorder}`)
        .replace(/\/var\/(run|log)\//g, `${folder}/`);
      await Deno.writeTextFile(`${folder}/script`, text);
      const some = interfaces === undefined ? [] : ["em0", "tap0"];
      const env = interfaces === undefined ? [] : [`${interfaces}=${some.join(" ")}`];
      assertMatch(
        await check("env", ...env, shell, `${folder}/script`, "start"),
        /^(Starting netflags\.\n)?0$/,
        system,
      );
      const words = (await Deno.readTextFile(`${folder}/words`)).trim().split("\n");
      const command = words.slice(words.indexOf("run")); // behind daemon(8)'s own
      const [run, ...rest] = unitWords("netflags-run");
      const found = command.map((word) => word.replace("/usr/local/etc/netflags/", HOOKS));
      assertEquals(found, [run, ...some, ...rest], system);
      await Deno.remove(`${folder}/words`);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
