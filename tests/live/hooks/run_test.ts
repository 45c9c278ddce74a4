import { assert, assertEquals } from "@std/assert";
import { commandLine, Running } from "../../helpers/cli/netflags.ts";
import { clear, eventually, ip, ipBatch, liveTest } from "../../helpers/live/system.ts";

const PERMISSIONS = ["--allow-ffi", "--allow-run=sh"];
/** As `--grace` has it where it is not given, with what starting and ending programs takes on a busy machine. */
const GRACE = 2000;
const BUSY = 5000;

function runs(marker: string): boolean {
  return new Deno.Command("pgrep", { args: ["-f", marker], stdout: "null" }).outputSync().success;
}

liveTest("live run: 301 interfaces with a hook each, and 128 descriptors: all 301 hooks run", async () => {
  try {
    await ipBatch(Array.from({ length: 300 }, (_, i) => `link add dev many${i} type ifb`));
    const words = [...commandLine(PERMISSIONS), "run", "--on-added", 'sleep 0.2; echo "$NETFLAGS_INTERFACE"'];
    const script = 'ulimit -n 128; exec "$0" "$@"';
    const process = new Deno.Command("sh", {
      args: ["-c", script, Deno.execPath(), ...words],
      stdin: "null",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    const tooLate = setTimeout(() => process.kill("SIGTERM"), 300_000);
    const names = new Set<string>();
    for await (const text of process.stdout.pipeThrough(new TextDecoderStream())) {
      for (const name of text.split("\n")) if (name !== "") names.add(name);
      if (names.size >= 301) break;
    }
    clearTimeout(tooLate);
    assertEquals(names.size, 301);
    process.kill("SIGTERM");
    assertEquals((await process.status).code, 0);
  } finally {
    clear();
  }
});

for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
  liveTest(`live run: ${signal} ends the program and its hooks, also those that ignore SIGTERM`, async () => {
    const marker = `netflags-deaf-${signal}`;
    const deaf = `trap "" TERM HUP INT; echo started; while :; do sleep 0.1; done # ${marker}`;
    await using running = new Running(["run", "lo", "--on-added", deaf], PERMISSIONS);
    assertEquals(await running.line(), "started");
    const before = performance.now();
    running.signal(signal);
    assertEquals(await running.status(), 0);
    assert(performance.now() - before < GRACE + BUSY);
    await eventually(() => assertEquals(runs(`^sh -c .*# ${marker}$`), false));
  });
}

liveTest("live run: --jobs 1 runs one hook after the other, in order", async () => {
  try {
    await ipBatch(["link add dev one0 type ifb", "link add dev two0 type ifb"]);
    const hook = 'echo "begin $NETFLAGS_INTERFACE"; sleep 0.3; echo "end $NETFLAGS_INTERFACE"';
    await using running = new Running(["run", "--jobs", "1", "--grace", "0", "--on-added", hook], PERMISSIONS);
    for (const name of ["lo", "one0", "two0"]) {
      assertEquals(await running.line(), `begin ${name}`);
      assertEquals(await running.line(), `end ${name}`);
    }
  } finally {
    clear();
  }
});

liveTest("live run: under nohup SIGHUP ends nothing", async () => {
  const words = [...commandLine(PERMISSIONS), "run", "lo", "late0", "--on-added", "echo started; sleep 60"];
  const process = new Deno.Command("sh", {
    args: ["-c", 'trap "" HUP; exec "$0" "$@"', Deno.execPath(), ...words],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const reader = process.stdout.getReader();
  await reader.read();
  process.kill("SIGHUP");
  try {
    ip("link add dev late0 type ifb");
    assertEquals(new TextDecoder().decode((await reader.read()).value), "started\n"); // what ends starts no hook
  } finally {
    clear();
  }
  process.kill("SIGTERM");
  await reader.cancel();
  assertEquals((await process.status).code, 0);
});
