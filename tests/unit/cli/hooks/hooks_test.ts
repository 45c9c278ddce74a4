/** The lines in which commands are run for interfaces. Which are due is tested with src/steps. */
import { assertEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import type { Runner } from "../../../../src/cli/hooks/line.ts";
import { HookLines, type LinesOptions } from "../../../../src/cli/hooks/lines.ts";
import { Slots } from "../../../../src/cli/hooks/slots.ts";
import { type Hook, HOOKS, type Lasting } from "../../../../src/steps/hooks.ts";
import type { Life, Step } from "../../../../src/steps/life.ts";
import { Clock } from "../../../helpers/clock.ts";
import { fakeStatus } from "../../../../src/testing.ts";
import { type InterfaceEvent, makeEvent } from "../../../../src/table/event.ts";
import type { InterfaceStatus } from "../../../../mod.ts";

const DOWN = fakeStatus({ name: "eth0", index: 1, flags: 0x1002, operState: "down", carrier: false });
const NO_CARRIER = fakeStatus({ name: "eth0", index: 1, flags: 0x1003, operState: "down", carrier: false });
const WORKING = fakeStatus({ name: "eth0", index: 1, flags: 0x11043, operState: "up", carrier: true });
const OTHER = { ...WORKING, name: "eth1", index: 2 };

function originOf({ index }: InterfaceStatus) {
  return { generation: index, resync: false, time: 0, elapsed: 0 };
}

function change(before: InterfaceStatus | undefined, after: InterfaceStatus): InterfaceEvent {
  return makeEvent(before === undefined ? "added" : "changed", before, after, originOf(after));
}

function found(status: InterfaceStatus): InterfaceEvent {
  return makeEvent("present", undefined, status, originOf(status));
}

function gone(status: InterfaceStatus): InterfaceEvent {
  return makeEvent("removed", status, status, originOf(status));
}

/** Lets time pass, for timers and for the clock. */
class Hours implements Disposable {
  readonly #timers = new FakeTime();
  readonly #clock = new Clock();

  async pass(ms: number): Promise<void> {
    this.#clock.now += ms;
    await this.#timers.tickAsync(ms);
  }

  [Symbol.dispose](): void {
    this.#clock[Symbol.dispose]();
    this.#timers.restore();
  }
}

async function settle(): Promise<void> {
  for (let i = 0; i < 50; i++) await Promise.resolve();
}

/** Commands that last until a test ends them, or until their signal does. */
class Recorder implements Runner {
  readonly log: string[] = [];
  readonly hooks: ReadonlySet<Hook>;
  readonly programs: ReadonlySet<Lasting>;
  /** Whether commands last. */
  lasting: boolean;
  readonly #ends: (() => void)[] = [];

  constructor(lasting: boolean, programs: readonly Lasting[] = [], hooks: readonly Hook[] = HOOKS) {
    this.lasting = lasting;
    this.hooks = new Set(hooks);
    this.programs = new Set(programs);
  }

  run({ hook, event: { status: { name } } }: Step, end: AbortSignal): Promise<void> {
    this.log.push(`${name} ${hook}`);
    if (!this.lasting) return Promise.resolve();
    return new Promise((resolve) => {
      end.addEventListener("abort", () => {
        this.log.push(`${name} ${hook} is ended`);
        resolve();
      });
      this.#ends.push(resolve);
    });
  }

  start(pair: Lasting, event: () => InterfaceEvent) {
    const { name } = event().status;
    const ended = Promise.withResolvers<void>();
    this.log.push(`${name} while ${pair}`);
    const end = (): void => {
      this.log.push(`${name} while ${pair} is ended`);
      ended.resolve();
    };
    let once = false;
    return { ended: ended.promise, end: () => once || (once = true, end()) };
  }

  failed({ hook, event: { status: { name } } }: Step, error: unknown): void {
    this.log.push(`${name} ${hook} ${error}`);
  }

  left(life: Life): void {
    const hook = life.next(performance.now());
    if (hook !== undefined) this.log.push(`${life.status.name} ${hook} is left`);
  }

  /** All commands that run have done their work. */
  end(): void {
    for (const end of this.#ends.splice(0)) end();
  }

  /** What was done since this was last asked. */
  async done(): Promise<string[]> {
    await settle();
    return this.log.splice(0);
  }
}

function linesOf(runner: Runner, options: Partial<LinesOptions> = {}): HookLines {
  return new HookLines(runner, {
    delays: { up: 0, down: 0 },
    initial: false,
    slots: new Slots(16),
    exists: () => true,
    grace: 1000,
    ...options,
  });
}

Deno.test("hooks: one at a time for an interface, side by side for two", async () => {
  const runner = new Recorder(true);
  const lines = linesOf(runner);
  lines.take(found(DOWN));
  lines.take(change(DOWN, NO_CARRIER));
  assertEquals(await runner.done(), ["eth0 up"]);
  lines.take(change(NO_CARRIER, WORKING));
  lines.take(change(undefined, OTHER));
  assertEquals(await runner.done(), ["eth1 added"]);
  runner.end();
  assertEquals(await runner.done(), ["eth0 carrier", "eth1 up"]);
  runner.lasting = false;
  runner.end();
  await lines.idle();
  await lines.close(true);
});

Deno.test("hooks: a loss ends the hook of the gain that still runs, and no other hook", async () => {
  const runner = new Recorder(true, [], ["connected", "disconnected", "up", "down", "addresses"]);
  const lines = linesOf(runner);
  lines.take(found(NO_CARRIER));
  lines.take(change(NO_CARRIER, WORKING));
  assertEquals(await runner.done(), ["eth0 connected"]);
  lines.take(change(WORKING, NO_CARRIER));
  assertEquals(await runner.done(), ["eth0 connected is ended", "eth0 disconnected"]);
  lines.take(change(NO_CARRIER, WORKING)); // the hook of a loss has its time
  assertEquals(await runner.done(), []);
  runner.end();
  assertEquals(await runner.done(), ["eth0 connected"]);
  lines.take(change(WORKING, DOWN)); // ends it too
  assertEquals(await runner.done(), ["eth0 connected is ended", "eth0 disconnected"]);
  runner.lasting = false;
  runner.end();
  await lines.close(true);
});

Deno.test("hooks: with a delay, the hook of the gain is ended when the loss counts", async () => {
  using time = new Hours();
  const runner = new Recorder(true, [], ["connected", "disconnected"]);
  const lines = linesOf(runner, { delays: { up: 0, down: 100 } });
  lines.take(found(NO_CARRIER));
  lines.take(change(NO_CARRIER, WORKING));
  assertEquals(await runner.done(), ["eth0 connected"]);
  lines.take(change(WORKING, NO_CARRIER));
  await time.pass(99);
  assertEquals(await runner.done(), []);
  await time.pass(1);
  assertEquals(await runner.done(), ["eth0 connected is ended", "eth0 disconnected"]);
  runner.end();
  await lines.close(true);
});

Deno.test("hooks: an interface that bounces within its delay is nothing", async () => {
  using time = new Hours();
  const runner = new Recorder(false);
  const lines = linesOf(runner, { delays: { up: 100, down: 100 } });
  lines.take(found(WORKING));
  for (let i = 0; i < 5; i++) {
    lines.take(change(WORKING, NO_CARRIER));
    lines.take(change(NO_CARRIER, WORKING));
  }
  await time.pass(1000);
  assertEquals(await runner.done(), []);
  lines.take(change(WORKING, NO_CARRIER));
  await time.pass(100);
  assertEquals(await runner.done(), ["eth0 disconnected", "eth0 no-carrier"]);
  await lines.close(true);
});

Deno.test("hooks: of a name that passes on, the next owner waits for the first, and for its programs", async () => {
  const runner = new Recorder(true, ["connected"], ["added", "removed"]);
  const lines = linesOf(runner);
  lines.take(found(WORKING));
  assertEquals(await runner.done(), ["eth0 while connected"]);
  lines.take(gone(WORKING));
  lines.take(change(undefined, { ...OTHER, name: "eth0" }));
  assertEquals(await runner.done(), ["eth0 while connected is ended", "eth0 removed"]);
  runner.lasting = false;
  runner.end();
  assertEquals(await runner.done(), ["eth0 added", "eth0 while connected"]);
  await lines.close(true);
});

Deno.test("hooks: a program runs while something holds, also where hooks are not run for the start", async () => {
  const runner = new Recorder(true, ["up", "connected"], []);
  const lines = linesOf(runner);
  lines.take(found(WORKING));
  assertEquals(await runner.done(), ["eth0 while up", "eth0 while connected"]);
  lines.take(change(WORKING, NO_CARRIER));
  assertEquals(await runner.done(), ["eth0 while connected is ended"]);
  lines.take(change(NO_CARRIER, WORKING));
  assertEquals(await runner.done(), ["eth0 while connected"]);
  await lines.close(false);
  assertEquals(runner.log, ["eth0 while up is ended", "eth0 while connected is ended"]);
});

Deno.test("hooks: a program is ended and begun anew where the network is another one", async () => {
  const serving = (ssid: string) => ({ ...WORKING, wireless: { type: "ap", ssid, ssidHex: ssid, frequency: 2412 } });
  const runner = new Recorder(false, ["connected"], []);
  const lines = linesOf(runner);
  lines.take(found(serving("aa")));
  lines.take(change(serving("aa"), serving("bb")));
  assertEquals(await runner.done(), ["eth0 while connected", "eth0 while connected is ended", "eth0 while connected"]);
  await lines.close(true);
  assertEquals(runner.log, ["eth0 while connected is ended"]);
});

Deno.test("hooks: at the end, what runs is ended, and then what was begun", async () => {
  const runner = new Recorder(true, [], ["up", "down", "connected", "disconnected", "removed"]);
  const lines = linesOf(runner, { initial: true });
  lines.take(found(WORKING));
  assertEquals(await runner.done(), ["eth0 up"]);
  runner.end();
  assertEquals(await runner.done(), ["eth0 connected"]);
  const closed = lines.close(false);
  assertEquals(await runner.done(), ["eth0 connected is ended", "eth0 disconnected"]);
  runner.end();
  assertEquals(await runner.done(), ["eth0 down"]);
  runner.end();
  await closed;
  assertEquals(runner.log, []);
});

Deno.test("hooks: at the end there is a time for it, and what is left then is said", async () => {
  using time = new Hours();
  const runner = new Recorder(true, [], ["up", "down", "connected", "disconnected"]);
  const lines = linesOf(runner);
  lines.take(found(WORKING));
  const closed = lines.close(false);
  assertEquals(await runner.done(), ["eth0 disconnected"]);
  await time.pass(2000);
  await closed;
  assertEquals(runner.log, ["eth0 down is left", "eth0 disconnected is ended"]);
});

Deno.test("hooks: what is to be kept is left as it is at the end", async () => {
  const runner = new Recorder(true);
  const lines = linesOf(runner, { initial: true });
  lines.take(found(WORKING));
  await settle();
  await lines.close(true);
  assertEquals(runner.log, ["eth0 added", "eth0 added is ended"]);
});

Deno.test("hooks: close does not wait for a delay", async () => {
  const lines = linesOf(new Recorder(false), { delays: { up: 3_600_000, down: 3_600_000 } });
  lines.take(change(undefined, WORKING));
  await lines.close(false);
});

Deno.test("hooks: a change that has no hook does not silence what comes after it", async () => {
  const runner = new Recorder(false);
  const lines = linesOf(runner);
  lines.take(found(DOWN));
  lines.take(change(DOWN, NO_CARRIER));
  await settle();
  const resized = { ...NO_CARRIER, mtu: 1400 };
  lines.take(change(NO_CARRIER, resized));
  await settle();
  lines.take(change(resized, DOWN));
  assertEquals(await runner.done(), ["eth0 up", "eth0 down"]);
  await lines.idle();
  await lines.close(true);
});

for (
  const [how, fail] of [
    ["rejects", () => Promise.reject(new Error("a hook failed"))],
    ["throws", (): Promise<void> => {
      throw new Error("a hook failed");
    }],
  ] as const
) {
  Deno.test(`hooks: a runner that ${how} is reported, and the next hooks are run`, async () => {
    const runner = new Recorder(false);
    const run = runner.run.bind(runner);
    runner.run = (step, end) => (void run(step, end), fail());
    const lines = linesOf(runner);
    lines.take(change(undefined, NO_CARRIER));
    await lines.idle();
    lines.take(change(NO_CARRIER, DOWN));
    await lines.idle();
    await lines.close(true);
    const expected = ["added", "up", "down"].flatMap((hook) => [hook, `${hook} Error: a hook failed`]);
    assertEquals(runner.log, expected.map((line) => `eth0 ${line}`));
  });
}

Deno.test("hooks: idle waits for what was taken while it waits", async () => {
  const runner = new Recorder(false);
  const lines = linesOf(runner);
  const run = runner.run.bind(runner);
  runner.run = async (step, end) => {
    await settle();
    await run(step, end);
    if (step.hook === "up" && step.event.status.name === "eth1") lines.take(change(DOWN, NO_CARRIER));
  };
  lines.take(found(DOWN));
  lines.take(change(undefined, { ...NO_CARRIER, name: "eth1", index: 2 }));
  await lines.idle();
  assertEquals(runner.log, ["eth1 added", "eth1 up", "eth0 up"]);
});

Deno.test("hooks: what holds when a command has its turn is what it is run for", async () => {
  const runner = new Recorder(true);
  const lines = linesOf(runner, { slots: new Slots(1) });
  lines.take(found(NO_CARRIER));
  lines.take(change(undefined, OTHER));
  lines.take(change(NO_CARRIER, WORKING)); // waits for the command of the other
  lines.take(change(WORKING, NO_CARRIER));
  assertEquals(await runner.done(), ["eth1 added"]);
  runner.end();
  const next = await runner.done();
  assertEquals(next.includes("eth0 carrier") || next.includes("eth0 connected"), false, next.join());
  runner.lasting = false;
  runner.end();
  await lines.close(true);
});
