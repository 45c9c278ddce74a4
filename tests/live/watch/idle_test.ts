import { assert, assertEquals } from "@std/assert";
import { commandLine } from "../../helpers/cli/netflags.ts";
import { clear, eventually, ip, liveTest } from "../../helpers/live/system.ts";

/** How long nothing happens, in milliseconds: silence has no condition to wait for. */
const SILENCE = 3000;
/**
 * How often the threads of a process that does nothing may run in that time: a runtime's own housekeeping, and what the
 * start has left to do. A wake each 100 ms is more.
 */
const WAKES = 20;

/** How often the threads of a process went to sleep by themselves. */
function switches(pid: number): number {
  let sum = 0;
  for (const { name } of Deno.readDirSync(`/proc/${pid}/task`)) {
    const status = Deno.readTextFileSync(`/proc/${pid}/task/${name}/status`);
    sum += Number(/^voluntary_ctxt_switches:\s*(\d+)$/m.exec(status)![1]);
  }
  return sum;
}

for (const way of ["poll", "io_uring", "aio"]) {
  liveTest(`live: a watcher by ${way} sleeps while nothing happens, and tells what happens then`, async () => {
    const process = new Deno.Command(Deno.execPath(), {
      args: [...commandLine(["--allow-ffi", "--allow-env=NETFLAGS_WAIT"]), "watch", "--initial"],
      env: { NETFLAGS_WAIT: way },
      stdin: "null",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    let told = "";
    const reading = (async () => {
      for await (const text of process.stdout.pipeThrough(new TextDecoderStream())) told += text;
    })();
    try {
      await eventually(() => assert(/^.*\blo present/m.test(told), told));
      await new Promise((resolve) => setTimeout(resolve, 1500)); // the way of waiting is tested
      const before = switches(process.pid);
      await new Promise((resolve) => setTimeout(resolve, SILENCE));
      const wakes = switches(process.pid) - before;
      assert(wakes <= WAKES, `${wakes} wakes in ${SILENCE} ms`);
      ip("link add dev awake0 type ifb");
      await eventually(() => assert(/\bawake0 added/.test(told), told));
    } finally {
      process.kill("SIGTERM");
      assertEquals((await process.status).code, 0);
      await reading;
      clear();
    }
  });
}
