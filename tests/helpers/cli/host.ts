/**
 * A program with commands in it, as one that imports ./cli: it runs each command line twice, tells on standard error
 * what that left behind, and has nothing more to do. Its argument is a list of {@linkcode Run}. With "stay" it goes on.
 */
import { main } from "../../../src/cli/main.ts";

/** A command line, and what the program does to itself meanwhile. */
export interface Run {
  readonly args: readonly string[];
  /** Sends SIGTERM when this text was written. */
  readonly endAfter?: string;
}

/** What a command left behind in the program that ran it. */
export interface Left {
  readonly args: readonly string[];
  /** The exit status of each time. */
  readonly statuses: readonly number[];
  /** Listeners that were added and not removed, by what they listen to. */
  readonly listeners: readonly string[];
  /** What the second time left open beside what was open before it. */
  readonly open: readonly string[];
}

/** How long what was closed may take to be gone, in milliseconds. */
const LIMIT = 10_000;

const listeners = new Map<string, number>();

/** Counts what a function of the runtime adds or removes. */
function count<T extends object>(target: T, method: keyof T & string, by: number): void {
  const real = target[method] as (...args: unknown[]) => unknown;
  const counted = (...args: unknown[]): unknown => {
    const name = String(args[0]);
    listeners.set(name, (listeners.get(name) ?? 0) + by);
    return real.apply(target, args);
  };
  Object.defineProperty(target, method, { value: counted });
}

/** What is open: what each descriptor of this process stands for. */
function open(): string[] {
  return [...Deno.readDirSync("/proc/self/fd")].flatMap(({ name }) => {
    try {
      const link = Deno.readLinkSync(`/proc/self/fd/${name}`);
      return link.startsWith(`/proc/${Deno.pid}/`) ? [] : [`${name} ${link}`]; // that of the reading itself
    } catch {
      return [];
    }
  }).sort();
}

/** Runs `step` until it is true, for long enough. */
async function until(step: () => boolean): Promise<void> {
  for (const end = performance.now() + LIMIT; !step() && performance.now() < end;) {
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

async function runTwice({ args, endAfter }: Run): Promise<Left> {
  const write = Deno.stdout.write;
  if (endAfter !== undefined) {
    Deno.stdout.write = async (bytes) => {
      const written = await write.call(Deno.stdout, bytes);
      if (new TextDecoder().decode(bytes).includes(endAfter)) Deno.kill(Deno.pid, "SIGTERM");
      return written;
    };
  }
  const statuses = [await main(args)];
  // The runtime closes in its own time, and keeps some from their first use on: what is open comes to rest.
  let before = open();
  let quiet = 0;
  await until(() => {
    const now = open();
    quiet = now.join() === before.join() ? quiet + 1 : 0;
    before = now;
    return quiet === 20;
  });
  statuses.push(await main(args));
  const left = (): string[] => open().filter((one) => !before.includes(one));
  await until(() => open().length <= before.length);
  Deno.stdout.write = write;
  return {
    args,
    statuses,
    listeners: [...listeners].filter(([, count]) => count !== 0).map(([name, count]) => `${name} ${count}`),
    open: open().length <= before.length ? [] : left(),
  };
}

if (import.meta.main) {
  count(Deno, "addSignalListener", 1);
  count(Deno, "removeSignalListener", -1);
  count(globalThis, "addEventListener", 1);
  count(globalThis, "removeEventListener", -1);
  const [runs, stay] = Deno.args;
  for (const run of JSON.parse(runs!) as Run[]) console.error(JSON.stringify(await runTwice(run)));
  if (stay !== undefined) await new Promise((resolve) => setTimeout(resolve, 60_000));
}
