import { assert, assertEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { endText, HookProcesses, type StartProgram } from "../../../../src/cli/hooks/hook_process.ts";
import { Slots } from "../../../../src/cli/hooks/slots.ts";

const GRACE = 100;
/** What a command is run with, where a test does not care. */
const HOOK = { env: {}, input: "", limit: 60_000, end: new AbortController().signal, report: () => {} };
/** A child that ignores SIGTERM, of a shell that does too or does not. */
const DEAF = `trap "" TERM; echo $$ > "$FILE"; while :; do sleep 0.1; done`;
const DEAF_CHILD = `(trap "" TERM; sh -c 'echo $PPID' > "$FILE"; while :; do sleep 0.1; done) & wait`;

const unixTest = (name: string, fn: () => Promise<void>): void =>
  Deno.test({ name, ignore: Deno.build.os === "windows", fn });

const startShell: StartProgram = (options) => new Deno.Command("sh", options).spawn();

/** Starts a shell, and counts it as started when its file is written: what it sets up before that is in place then. */
function startWith(file: string): StartProgram {
  return (options) => {
    const child = startShell(options);
    if (options.env !== undefined) {
      while (!Deno.readTextFileSync(file).endsWith("\n")) {
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
      }
    }
    return child;
  };
}

/** The process id that a hook wrote to its file, as soon as it is there. */
async function pidIn(file: string): Promise<string> {
  for (;;) {
    const text = await Deno.readTextFile(file);
    if (text.endsWith("\n")) return text.trim();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Waits until a process is dead: what got SIGKILL may live for a moment more. False where it does not die. */
async function dies(pid: string): Promise<boolean> {
  for (let i = 0; i < 200; i++) {
    // A zombie is dead: nobody may be there to take its status.
    const { stdout } = await new Deno.Command("ps", { args: ["-o", "stat=", "-p", pid] }).output();
    if (/^Z|^$/.test(new TextDecoder().decode(stdout).trim())) return true;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return false;
}

async function withFile(use: (file: string) => Promise<void>): Promise<void> {
  const file = await Deno.makeTempFile();
  try {
    await use(file);
  } finally {
    await Deno.remove(file);
  }
}

for (const [who, command] of [["a hook", DEAF], ["what a hook started", DEAF_CHILD]] as const) {
  unixTest(
    `hook process: ${who} that ignores SIGTERM is killed after the grace, at its limit`,
    () =>
      withFile(async (file) => {
        const said: string[] = [];
        const report = (what: string) => void said.push(what);
        const processes = new HookProcesses(GRACE, startWith(file));
        await processes.run({ ...HOOK, command, env: { FILE: file }, limit: 50, report });
        assertEquals(await dies(await pidIn(file)), true);
        assertEquals(said, ["ran longer than 0.05 s, and is ended"]);
      }),
  );

  unixTest(
    `hook process: ${who} that ignores SIGTERM is killed after the grace, when it is to end`,
    () =>
      withFile(async (file) => {
        const end = new AbortController();
        const run = new HookProcesses(GRACE).run({ ...HOOK, command, env: { FILE: file }, end: end.signal });
        const pid = await pidIn(file);
        const ended = performance.now();
        end.abort();
        await run;
        assertEquals(await dies(pid), true);
        assert(performance.now() - ended >= GRACE);
        assert(performance.now() - ended < GRACE + 5000);
      }),
  );
}

unixTest(
  "hook process: one that heeds SIGTERM has the grace to end by itself, and so has what it started",
  () =>
    withFile(async (file) => {
      const end = new AbortController();
      const command = `(trap "sleep 0.1; echo tidied > \\"$FILE\\"; exit" TERM; echo ready > "$FILE"; ` +
        `while :; do sleep 0.02; done) & wait`;
      const run = new HookProcesses(60_000).run({ ...HOOK, command, env: { FILE: file }, end: end.signal });
      await pidIn(file);
      end.abort();
      assertEquals(endText((await run)!), "was ended by SIGTERM");
      assertEquals(await Deno.readTextFile(file), "tidied\n");
    }),
);

unixTest("hook process: the dead whose status nobody takes are not waited for", () =>
  withFile(async (file) => {
    const end = new AbortController();
    // A parent in another session that never asks, as the first process of a container may be.
    const command = `sh -c 'sleep 60 & echo $$ > "$FILE"; exec setsid sleep 60' & wait`;
    const run = new HookProcesses(60_000).run({ ...HOOK, command, env: { FILE: file }, end: end.signal });
    const pid = Number(await pidIn(file));
    const started = performance.now();
    end.abort();
    await run;
    assert(performance.now() - started < 30_000);
    Deno.kill(pid, "SIGKILL");
  }));

unixTest("hook process: where there is no more time, it is killed at once", () =>
  withFile(async (file) => {
    const end = new AbortController();
    const processes = new HookProcesses(3_600_000);
    const run = processes.run({ ...HOOK, command: DEAF, env: { FILE: file }, end: end.signal });
    const pid = await pidIn(file);
    end.abort();
    processes.hurry();
    assertEquals((await run)?.signal, "SIGKILL");
    assertEquals(await dies(pid), true);
  }));

unixTest("hook process: one without a limit has none", async () => {
  const time = new FakeTime();
  const run = new HookProcesses(GRACE).run({ ...HOOK, command: "sleep 0.2; exit 5", limit: Infinity });
  await time.tickAsync(0x7fffffff);
  time.restore();
  assertEquals((await run)?.code, 5);
});

unixTest("hook process: a hook that neither reads its input nor leaves it closed holds nothing up", async () => {
  const ended = await new HookProcesses(GRACE).run({ ...HOOK, command: "exit 3", input: "x".repeat(1_000_000) });
  assertEquals(endText(ended!), "ended with status 3");
});

function failing(times: number, code: string): StartProgram {
  return (options) => {
    if (times-- > 0) throw Object.assign(new Error(`it fails with ${code}`), { code });
    return startShell(options);
  };
}

for (const code of ["EMFILE", "EAGAIN"]) {
  unixTest(`hook process: one that cannot be started for a moment (${code}) is tried again`, async () => {
    const time = new FakeTime();
    let run: Promise<Deno.CommandStatus | undefined>;
    try {
      run = new HookProcesses(GRACE, failing(3, code)).run({ ...HOOK, command: "exit 7" });
      for (const pause of [50, 100, 200]) await time.tickAsync(pause);
      await time.tickAsync(); // it is started behind the last pause
    } finally {
      time.restore(); // what was started ends in its own time
    }
    assertEquals((await run)?.code, 7);
  });
}

unixTest("hook process: one that cannot be started is reported, at once where no waiting helps", async () => {
  using time = new FakeTime();
  const said: string[] = [];
  const report = (what: string) => void said.push(what);
  await new HookProcesses(GRACE, failing(1, "ENOENT")).run({ ...HOOK, command: "true", report });
  assertEquals(said.length, 1);
  const run = new HookProcesses(GRACE, failing(99, "EMFILE")).run({ ...HOOK, command: "true", report });
  for (const pause of [50, 100, 200, 400, 800]) await time.tickAsync(pause);
  await run;
  assertEquals(said, ["could not be started: it fails with ENOENT", "could not be started: it fails with EMFILE"]);
});

unixTest("hook process: what is to end is not started, nor tried again", async () => {
  const said: string[] = [];
  const report = (what: string) => void said.push(what);
  const end = new AbortController();
  const processes = new HookProcesses(GRACE, failing(99, "EMFILE"));
  const run = processes.run({ ...HOOK, command: "exit 1", end: end.signal, report });
  end.abort();
  assertEquals(await run, undefined);
  assertEquals(await processes.run({ ...HOOK, command: "exit 1", end: end.signal, report }), undefined);
  assertEquals(said, []);
});

unixTest(
  "hook process: where no shell can be started to kill it, the hook is killed all the same",
  () =>
    withFile(async (file) => {
      const said: string[] = [];
      let started = 0;
      const end = new AbortController();
      const processes = new HookProcesses(
        GRACE,
        (options) => started++ === 0 ? startShell(options) : failing(1, "ENOENT")(options),
      );
      const report = (what: string) => void said.push(what);
      const run = processes.run({
        ...HOOK,
        command: `trap "" TERM; echo $$ > "$FILE"; read -r x; read -r y; exec sleep 4712`,
        env: { FILE: file },
        end: end.signal,
        report,
      });
      const pid = await pidIn(file);
      end.abort();
      assertEquals((await run)?.signal, "SIGKILL");
      assertEquals(await dies(pid), true);
      assertEquals(said, ["is killed without what it started: it fails with ENOENT"]);
    }),
);

Deno.test("slots: so many at once, the others in order, and 301 all run", async () => {
  const slots = new Slots(16);
  const order: number[] = [];
  let now = 0;
  let most = 0;
  await Promise.all(Array.from({ length: 301 }, (_, i) =>
    slots.run(async () => {
      order.push(i);
      most = Math.max(most, ++now);
      await new Promise((resolve) => setTimeout(resolve, i % 3));
      now--;
    })));
  assertEquals(most, 16);
  assertEquals(order, Array.from({ length: 301 }, (_, i) => i));
});

Deno.test("slots: one that fails gives its place on; what waits at the close never begins", async () => {
  const slots = new Slots(1);
  const log: string[] = [];
  const gate = Promise.withResolvers<void>();
  const failed = slots.run(() => Promise.reject(new Error("it fails"))).catch(() => void log.push("failed"));
  const second = slots.run(async () => {
    log.push("second");
    await gate.promise;
  });
  const third = slots.run(() => Promise.resolve(void log.push("third")));
  await failed;
  slots.close();
  await third;
  await slots.run(() => Promise.resolve(void log.push("fourth")));
  gate.resolve();
  await second;
  assertEquals(log.sort(), ["failed", "second"]);
});
