import { assertEquals, assertMatch } from "@std/assert";
import { commandLine } from "../../helpers/cli/netflags.ts";
import { clear, eventually, ip, LIVE, liveTest, run } from "../../helpers/live/system.ts";

/** A program that runs another one under a seccomp filter; undefined where it cannot be built or used here. */
function buildRefuse(): string | undefined {
  const program = Deno.makeTempFileSync({ prefix: "netflags-refuse-" });
  const source = new URL("../../helpers/live/refuse.c", import.meta.url).pathname;
  try {
    run("cc", "-O1", "-o", program, source);
    run(program, "generic", "true");
    return program;
  } catch (error) {
    console.error(`SKIPPED: no seccomp filter: ${error instanceof Error ? error.message : error}`);
    Deno.removeSync(program);
    return undefined;
  }
}

const REFUSE = LIVE ? buildRefuse() : undefined;
if (REFUSE !== undefined) globalThis.addEventListener("unload", () => Deno.removeSync(REFUSE));

interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function netflags(refused: string, ...args: string[]): Promise<Result> {
  const { code, stdout, stderr } = await new Deno.Command(REFUSE!, {
    args: [refused, Deno.execPath(), ...commandLine(["--allow-ffi", "--allow-run=sh"]), ...args],
  }).output();
  return { code, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
}

const WITHOUT = /^netflags: Cannot [^\n]*: EPERM [^\n]*; it is done without\n$/;
const SAYS = /^netflags: This kernel refuses to report changes of interfaces as they happen[^\n]*\n$/;

for (const refused of ["groups", "generic", "queues"]) {
  liveTest(`live: where a filter refuses ${refused}, every command works, and says what it does without`, async () => {
    try {
      ip("link add dev va type veth peer name vb");
      for (const command of [["list"], ["show", "va"], ["explain", "va"]]) {
        const { code, stdout, stderr } = await netflags(refused, ...command);
        assertEquals(code, 0);
        // show and explain ask the driver; of interfaces that have no network, list asks nothing.
        assertMatch(stderr, refused === "generic" && command[0] !== "list" ? WITHOUT : /^$/);
        assertMatch(stdout, /\bva\b/);
      }
      const says = refused === "groups" ? SAYS : /^$/;
      const now = await netflags(refused, "wait", "va", "down", "--timeout", "10");
      assertEquals(now.code, 0);
      assertMatch(now.stderr, says);
      const later = netflags(refused, "wait", "late0", "present", "--timeout", "30");
      const watched = netflags(refused, "watch", "va", "--initial", "--count", "2");
      const hooked = netflags(refused, "run", "va", "--no-initial", "--on-up", "kill -TERM $PPID");
      let over = 0;
      for (const one of [later, watched, hooked]) void one.then(() => over++);
      // Whenever each of them begins to listen: the change comes again until all have seen it.
      ip("link add dev late0 type ifb");
      for (let i = 0; over < 3 && i < 300; i++) {
        ip(`link set va ${i % 2 === 0 ? "up" : "down"}`);
        const seen = over;
        await eventually(() => assertEquals(over > seen || over === 3, true), 1500).catch(() => {});
      }
      for (const one of [await later, await watched, await hooked]) {
        assertEquals(one.code, 0, one.stderr);
        assertMatch(one.stderr.replace("netflags: watching\n", ""), says);
      }
      assertMatch((await watched).stdout, /va present: [^\n]*\n[^\n]*va /);
    } finally {
      clear();
    }
  }, LIVE && REFUSE !== undefined);
}
