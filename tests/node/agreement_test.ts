/** Node.js, in both of its ways to wait, beside Deno on one kernel: random changes, and what each has of them at the end. */
import { assertEquals } from "@std/assert";
import { list } from "../../mod.ts";
import { findNode, NO_NODE } from "../helpers/node.ts";
import { type Random, withSeed } from "../helpers/random.ts";
import { clear, eventually, ipBatch, LIVE, ROUNDS } from "../helpers/live/system.ts";

const NODE = LIVE ? findNode(false) : undefined;
if (NODE === undefined) {
  console.error(`SKIPPED: ${LIVE ? NO_NODE : "live tests need a network namespace of their own"}`);
}

const PROGRAM = new URL("./programs/accumulate.ts", import.meta.url).pathname;
const CONFIG = new URL("../../deno.json", import.meta.url).pathname;
const NAMES = ["a", "b", "c", "d"] as const;

/** One change that `ip` makes, or refuses. */
function change(random: Random): string {
  const name = random.pick(NAMES);
  return random.pick([
    `link add ${name} type veth peer name ${name}0`,
    `link add ${name} type bridge`,
    `link del ${name}`,
    `link set ${name} up`,
    `link set ${name} up`,
    `link set ${name} down`,
    `link set ${name}0 up`,
    `link set ${name} mtu ${1280 + random.below(200)}`,
    `link set ${name} master ${random.pick(NAMES)}`,
    `link set ${name} nomaster`,
    `link set ${name} arp ${random.pick(["on", "off"])}`,
    `link set ${name} name ${random.pick(NAMES)}`,
    `link set ${name} address 02:00:00:00:00:${10 + random.below(80)}`,
    `addr add 192.0.2.${1 + random.below(200)}/24 dev ${name}`,
    `addr flush dev ${name}`,
    `link set lo ${random.pick(["up", "down"])}`,
  ]);
}

/** A process that accumulates. */
class Accumulator {
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #lines: ReadableStreamDefaultReader<string>;
  #rest = "";

  constructor(command: readonly string[], way: string) {
    const [program, ...args] = command;
    const env = { NETFLAGS_WAIT: way, NO_COLOR: "1" };
    this.#child = new Deno.Command(program!, { args, env, stdin: "piped", stdout: "piped", stderr: "inherit" }).spawn();
    this.#input = this.#child.stdin.getWriter();
    this.#lines = this.#child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  }

  /** What it has. */
  async state(): Promise<unknown> {
    await this.#input.write(new Uint8Array([63]));
    while (!this.#rest.includes("\n")) {
      const { value, done } = await this.#lines.read();
      if (done) throw new Error("it has ended");
      this.#rest += value;
    }
    const [line = "", ...rest] = this.#rest.split("\n");
    this.#rest = rest.join("\n");
    return JSON.parse(line);
  }

  /** Ends it, by itself. */
  async end(): Promise<void> {
    await this.#input.close();
    await this.#lines.cancel();
    const { code, signal } = await this.#child.status;
    assertEquals([code, signal], [0, null]);
  }
}

/** The kernel's own list, in the same form. */
function kernelState(): unknown {
  return JSON.parse(JSON.stringify(list({ addresses: true }).sort((a, b) => a.index - b.index)));
}

Deno.test({
  name: "agreement: watchers in Deno and in Node.js come to the same state, and it is the kernel's",
  ignore: NODE === undefined,
  fn: () =>
    withSeed(async (random) => {
      const node = [NODE!, "--no-warnings", PROGRAM];
      const deno = [Deno.execPath(), "run", "--quiet", "--no-check", "-A", `--config=${CONFIG}`, PROGRAM];
      const all = [new Accumulator(deno, ""), new Accumulator(node, "uv"), new Accumulator(node, "pipe")];
      for (let round = 0; round < ROUNDS; round++) {
        clear();
        for (let burst = 0; burst < 4; burst++) {
          await ipBatch(Array.from({ length: 1 + random.below(30) }, () => change(random)));
        }
        // The kernel itself goes on for a while: addresses are probed, carriers come and go.
        await eventually(async () => {
          const states = await Promise.all(all.map((one) => one.state()));
          for (const [i, name] of ["Deno", "Node.js, uv", "Node.js, pipe"].entries()) {
            assertEquals(states[i], kernelState(), `round ${round}: ${name}`);
          }
        }, 20_000);
      }
      for (const one of all) await one.end();
      clear();
    }),
});
