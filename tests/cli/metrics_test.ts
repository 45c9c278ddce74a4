/** `netflags metrics`, as a user's shell runs it. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { parseMetrics, PYTHON, samplesOf } from "../helpers/cli/metrics.ts";
import { commandLine, netflags, Running } from "../helpers/cli/netflags.ts";

const LINUX = Deno.build.os === "linux";
const FFI = ["--allow-ffi", "--allow-read"];

function promtool(): boolean {
  try {
    return new Deno.Command("promtool", { args: ["--version"], stdout: "null", stderr: "null" }).outputSync().success;
  } catch {
    return false;
  }
}

const PROMTOOL = promtool();
if (!PROMTOOL) console.error("SKIPPED: no promtool (Debian's prometheus), so it checks no metrics");

Deno.test({
  name: "cli: metrics are OpenMetrics, of each interface",
  ignore: !LINUX,
  fn: async () => {
    const { status, stdout, stderr } = await netflags(["metrics"]);
    assertEquals([status, stderr], [0, ""]);
    assertEquals(samplesOf(stdout).get('netflags_index{device="lo"}'), 1);
    if (PYTHON !== undefined) assert((await parseMetrics(stdout, "openmetrics")).length > 10);
  },
});

Deno.test({
  name: "cli: metrics that promtool checks are found good",
  ignore: !LINUX || !PROMTOOL,
  fn: async () => {
    const folder = Deno.makeTempDirSync();
    try {
      const args = ["metrics", "--textfile", `${folder}/a.prom`];
      assertEquals((await netflags(args, { permissions: [...FFI, "--allow-write"] })).status, 0);
      const check = (text: string) => {
        const script = 'printf %s "$1" | promtool check metrics 2>&1';
        const { code, stdout } = new Deno.Command("sh", { args: ["-c", script, "sh", text] }).outputSync();
        return [code, new TextDecoder().decode(stdout)];
      };
      assertEquals(check(Deno.readTextFileSync(`${folder}/a.prom`)), [0, ""]);
      assert(check("# TYPE a gauge\na{ 1\n")[0] !== 0);
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  },
});

Deno.test({
  name: "cli: metrics --listen prints where, answers, and ends on SIGTERM with status 0",
  ignore: !LINUX,
  fn: async () => {
    for (const address of ["127.0.0.1:0", "[::1]:0"]) {
      if (address === "[::1]:0" && !Deno.networkInterfaces().some(({ address: one }) => one === "::1")) {
        console.error("SKIPPED: no IPv6 here, so metrics --listen [::1] is not tried");
        continue;
      }
      await using running = new Running(["metrics", "--listen", address], [...FFI, "--allow-net"]);
      const url = await running.line();
      assertMatch(url, /^http:\/\/(127\.0\.0\.1|\[::1\]):[1-9]\d*\/metrics$/);
      const response = await fetch(url, { headers: { accept: "application/openmetrics-text;version=1.0.0" } });
      assertEquals(response.status, 200);
      const text = await response.text();
      assertEquals(samplesOf(text).get('netflags_outages_total{device="lo"}'), 0);
      if (PYTHON !== undefined) assert((await parseMetrics(text, "openmetrics")).length > 15);
      if (PYTHON !== undefined) assert((await parseMetrics(await (await fetch(url)).text(), "prometheus")).length > 15);
      const port = new URL(url).port;
      const second = await netflags(["metrics", "--listen", address.replace(/0$/, port)], {
        permissions: [...FFI, "--allow-net"],
      });
      assertEquals([second.status, second.stdout], [1, ""]);
      assertMatch(second.stderr, /^netflags: Cannot listen on "[^"]+": something listens there already[^\n]*\n$/);
      running.signal("SIGTERM");
      assertEquals(await running.status(), 0);
    }
  },
});

Deno.test("cli: metrics say which permission is missing, with status 3", async () => {
  for (
    const [args, permissions, part] of [
      [["metrics"], [], "--allow-ffi"],
      [["metrics", "--listen", "127.0.0.1:0"], FFI, "--allow-net=127.0.0.1:0"],
      [["metrics", "--textfile", "/tmp/none/a.prom"], FFI, "--allow-write"],
      [["metrics", "--textfile", "/tmp/none/a.prom"], ["--allow-ffi", "--allow-write"], "--allow-read"],
    ] as const
  ) {
    const { status, stdout, stderr } = await netflags(args, { permissions });
    assertEquals([status, stdout], [3, ""]);
    assertMatch(stderr, /^netflags: [^\n]*\n$/);
    assertStringIncludes(stderr, part);
  }
});

Deno.test({
  name: "cli: metrics --textfile writes the older format; a folder that is not there is status 1",
  ignore: !LINUX,
  fn: async () => {
    const folder = Deno.makeTempDirSync();
    const permissions = [...FFI, `--allow-write=${folder}`];
    try {
      const path = `${folder}/netflags.prom`;
      assertEquals(await netflags(["metrics", "--textfile", path], { permissions }), {
        status: 0,
        stdout: "",
        stderr: "",
      });
      const text = Deno.readTextFileSync(path);
      assertEquals(samplesOf(text).has('netflags_connected{device="lo"}'), true);
      assertEquals(/# EOF|# UNIT| info$/m.test(text), false);
      const missing = await netflags(["metrics", "--textfile", `${folder}/none/a.prom`], { permissions });
      assertEquals([missing.status, missing.stderr.split("\n").length], [1, 2]);
      assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name), ["netflags.prom"]);
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  },
});

Deno.test({
  name: "cli: metrics --interval writes the file again, and ends on SIGINT with status 0",
  ignore: !LINUX,
  fn: async () => {
    const folder = Deno.makeTempDirSync();
    const path = `${folder}/netflags.prom`;
    const args = ["metrics", "--textfile", path, "--interval", "1"];
    const child = new Deno.Command(Deno.execPath(), {
      args: [...commandLine([...FFI, "--allow-write"]), ...args],
      stdout: "inherit",
      stderr: "inherit",
    }).spawn();
    let ended = false;
    const status = child.status.finally(() => ended = true);
    try {
      const inode = async (old: number | null): Promise<number> => {
        for (;;) {
          assert(!ended, "it has ended early");
          const now = await Deno.stat(path).then(({ ino }) => ino, () => null);
          if (now !== null && now !== old) return now;
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
      };
      const first = await inode(null);
      await inode(first);
      const text = Deno.readTextFileSync(path);
      assertEquals(samplesOf(text).get('netflags_outages_total{device="lo"}'), 0);
    } finally {
      if (!ended) child.kill("SIGINT");
      assertEquals((await status).code, 0);
      Deno.removeSync(folder, { recursive: true });
    }
  },
});
