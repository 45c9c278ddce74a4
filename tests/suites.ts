/** The suites that `deno task test` and `deno task test:more` run, each where it belongs. */
import { testKernel, whyNot } from "./kernels/machine.ts";
import { writeExamples } from "./helpers/documentation.ts";
import { findNode, NO_NODE } from "./helpers/node.ts";
import { ALSO_BY_LOOP, filesOf, foldersOf, nothing, type Outcome, ROOT, ROOT_URL, succeeds } from "./helpers/suites.ts";

/** What is run by itself. */
export interface Suite {
  readonly name: string;
  /** Runs it, prints what it says, and returns what came of it. */
  run(print: (text: string) => void): Promise<Outcome>;
}

type Env = Readonly<Record<string, string>>;
/** The words of a command that leaves a report of its tests in a file. */
export type Command = (report: string) => readonly string[];
/** Makes a suite of a file of live tests. */
type MakeLive = (name: string, file: string, env: Env) => Suite;
/** What JSR would be given: Deno's own checks of it take both processors for a while. */
const PUBLISHING = "publish_test.ts";
/** Where the documentation is whose examples are run. */
const DOCUMENTED = ["mod.ts", "src", "platforms"];
/** Runs such a command. */
export type RunTests = (command: Command, env: Env, print: (text: string) => void) => Promise<Outcome>;

/** Live test files that keep both processors busy for a minute: `deno task test:more` runs them. */
const LONG_LIVE = { bench: "bench_test.ts", faults: "faults_test.ts" } as const;
/** Those that go round and round by chance: half as often in `deno task test`, and as often as they say in `test:more`. */
const ROUND_LIVE = [
  "watch/watch_test.ts",
  "watch/default_route_test.ts",
  "watch/filter_test.ts",
  "netns/netns_test.ts",
];
const FEWER_ROUNDS = { NETFLAGS_ROUNDS: "10" };
/** Of the faults of the C library, `deno task test` tries one in so many: a number that meets all their ways to fail. */
const FAULTS_STEP = 13;
const SOME_FAULTS = `live ${LONG_LIVE.faults}, one in ${FAULTS_STEP}`;

/** What is started first, because it takes longest: the others find their places beside it. */
const LONGEST = [
  "unit cli",
  "unit watch",
  SOME_FAULTS,
  "live watch/watch_test.ts",
  "live hooks/hooks_test.ts",
];

/**
 * The rooms of unit tests that are run in Node.js too. The others are not about the module that is the same there: the
 * command and the examples are programs for Deno, and the house and the stand-ins for @std belong to the checkout.
 */
export const NODE_ROOMS = [
  "api",
  "bsd",
  "contract",
  "fake",
  "linux",
  "select",
  "steps",
  "table",
  "wait",
  "watch",
  "why",
] as const;
/** Deno's event loop is waited for by other means than Node's: tests/node has what is Node's. */
const NOT_IN_NODE: readonly string[] = ["wait/asking_once_test.ts", "wait/waiter_test.ts"];

/** The folder of a report, where what belongs to its suite may be written too. */
function folderOf(report: string): string {
  return report.slice(0, report.lastIndexOf("/"));
}

/** What cannot be run, and why. */
function skipped(name: string, why: string, count = 1): Suite {
  return {
    name,
    run: (print) => {
      print(`SKIPPED ${name}: ${why}\n`);
      return Promise.resolve({ ...nothing(), skipped: count, skips: [why] });
    },
  };
}

/** Makes the suites. */
export class Suites {
  readonly #runTests: RunTests;
  readonly #lab = Deno.env.get("NETFLAGS_LAB_SH") ?? `${ROOT}../shared/lab/lab.sh`;

  constructor(runTests: RunTests) {
    this.#runTests = runTests;
  }

  /** Those that need no other kernel, and are done in four minutes on two processors. */
  async usual(): Promise<Suite[]> {
    const all = [
      this.#suite("documentation", (report) => {
        return this.#denoTest(writeExamples(`${folderOf(report)}/documentation`, ...DOCUMENTED))(report);
      }),
      ...filesOf("cli").filter((file) => file !== PUBLISHING).map((file) => this.#cli(file)),
      ...await this.#live(),
      ...foldersOf("unit").map((room) => this.#suite(`unit ${room}`, this.#roomTest(room))),
      this.#fuzz("fuzz", 0.5, 2000),
      this.#suite("examples", this.#denoTest("tests/examples")),
    ];
    const first = LONGEST.flatMap((name) => all.filter((suite) => suite.name === name));
    return [...first, ...all.filter((suite) => !first.includes(suite))];
  }

  /** Those that take longer, or need a kernel or a runtime of their own. */
  async more(): Promise<Suite[]> {
    const long = [
      ...this.published(),
      ...await this.#node(),
      this.#fuzz("fuzz, longer", 3, 10_000),
    ];
    if (Deno.build.os === "linux") {
      return [await this.#oldKernel(), ...await this.longLive(), ...long, ...await this.#labs(), await this.#soak()];
    }
    return [
      ...long,
      skipped("soak, lab and old kernel", "written for Linux; tests/bsd/machine.sh has what a BSD can run"),
    ];
  }

  #denoTest(...words: readonly string[]): Command {
    const test = [Deno.execPath(), "test", "--quiet", "--no-check", "--allow-all"];
    return (report) => [...test, `--junit-path=${report}`, ...words];
  }

  /**
   * The unit tests of a room, in one module that imports them all, as Node.js runs them: Deno makes each module that it is
   * given a runtime of its own, which takes longer than most of these tests.
   */
  #roomTest(room: string): Command {
    return (report) => {
      const all = `${folderOf(report)}/${room}_test.ts`;
      const imports = filesOf(`unit/${room}`).map((file) =>
        `import ${JSON.stringify(`${ROOT_URL}tests/unit/${room}/${file}`)};\n`
      );
      Deno.writeTextFileSync(all, imports.join(""));
      return this.#denoTest(all)(report);
    };
  }

  #suite(name: string, command: Command, env: Env = {}): Suite {
    return { name, run: (print) => this.#runTests(command, env, print) };
  }

  /** What is published: Deno's checks of it, and its documentation with the types. */
  published(): Suite[] {
    const docs = this.#denoTest("--doc", ...DOCUMENTED);
    const typed: Command = (report) => docs(report).filter((word) => word !== "--no-check");
    return [this.#cli(PUBLISHING), this.#suite("documentation, with its types", typed)];
  }

  #cli(file: string): Suite {
    return this.#suite(`cli ${file}`, this.#denoTest(`tests/cli/${file}`));
  }

  /** Six tests of so many seconds each, and the simulation. */
  #fuzz(name: string, seconds: number, schedules: number): Suite {
    const env = { NETFLAGS_FUZZ_SECONDS: String(seconds), NETFLAGS_SCHEDULES: String(schedules) };
    return this.#suite(name, this.#denoTest("tests/fuzz"), env);
  }

  /** What runs a command in a private network namespace; undefined: nothing may. */
  async #unshare(): Promise<readonly string[] | undefined> {
    const ways = [["unshare", "--net"], ["unshare", "--user", "--map-root-user", "--net"]];
    const possible = await Promise.all(ways.map((way) => succeeds(...way, "true")));
    return ways.find((_, i) => possible[i]);
  }

  /** What is run in Node.js, which is found before: in a namespace there is no network. */
  async #node(): Promise<Suite[]> {
    const files = filesOf("node");
    const node = findNode(true);
    if (node === undefined) return [skipped("node", NO_NODE, files.length + NODE_ROOMS.length)];
    const units = NODE_ROOMS.map((room) => {
      const tests = filesOf(`unit/${room}`).filter((file) => !NOT_IN_NODE.includes(file));
      const paths = tests.map((file) => `tests/unit/${room}/${file}`);
      const command: Command = (report) => [node, "--no-warnings", "tests/node/shim/run.ts", report, ...paths];
      return this.#suite(`node unit ${room}`, command);
    });
    const unshare = await this.#unshare();
    if (unshare === undefined) {
      const why = "no private network namespace on Linux: needs root or user namespaces";
      return [...units, skipped("node", why, files.length)];
    }
    const live = files.map((file) => {
      const test = this.#denoTest(`tests/node/${file}`);
      return this.#suite(`node ${file}`, (report) => [...unshare, ...test(report)], {
        NETFLAGS_LIVE: "1",
        NETFLAGS_NODE: node,
      });
    });
    return [...live, ...units];
  }

  async #live(): Promise<Suite[]> {
    const long: readonly string[] = Object.values(LONG_LIVE);
    const files = filesOf("live").filter((file) => !long.includes(file));
    return await this.#inNamespaces("live", files.length, (live) => [
      live(SOME_FAULTS, LONG_LIVE.faults, { NETFLAGS_FAULTS: String(FAULTS_STEP) }),
      ...files.map((file) => live(`live ${file}`, file, ROUND_LIVE.includes(file) ? FEWER_ROUNDS : {})),
    ]);
  }

  /** The longest live tests, and others once more: few events come to most, and those by the poll. */
  async longLive(): Promise<Suite[]> {
    const long = [...Object.values(LONG_LIVE), ...ROUND_LIVE.filter((file) => !ALSO_BY_LOOP.includes(file))];
    return await this.#inNamespaces("long live", long.length + ALSO_BY_LOOP.length, (live) => [
      ...long.map((file) => live(`live ${file}`, file, {})),
      ...ALSO_BY_LOOP.map((file) => live(`live ${file}, by the event loop`, file, { NETFLAGS_WAIT: "loop" })),
    ]);
  }

  /** Live tests, each suite in a network namespace of its own; that they are skipped, where there is none. */
  async #inNamespaces(name: string, count: number, suites: (live: MakeLive) => Suite[]): Promise<Suite[]> {
    if (Deno.build.os !== "linux") {
      return [skipped(name, "written for Linux; tests/bsd/machine.sh has what a BSD can run", count)];
    }
    const unshare = await this.#unshare();
    if (unshare === undefined) {
      return [skipped(name, "no private network namespace: needs root or user namespaces", count)];
    }
    if (!(await succeeds("ip", "-V"))) return [skipped(name, "no ip: install iproute2", count)];
    return suites((name, file, env) => {
      const test = this.#denoTest(`tests/live/${file}`);
      return this.#suite(name, (report) => [...unshare, ...test(report)], { NETFLAGS_LIVE: "1", ...env });
    });
  }

  /** A minute of watching interfaces that come, go and change all the time. */
  async #soak(): Promise<Suite> {
    const name = "soak";
    if (!(await succeeds("unshare", "--net", "ip", "-V"))) return skipped(name, "needs root, unshare and ip");
    const { execPath } = Deno;
    const run = ["run", "--quiet", "--no-check", "--allow-all", "tests/soak.ts", "--minutes", "1"];
    return {
      name,
      run: async (print) => {
        const args = [...run];
        const { success, stdout, stderr } = await new Deno.Command(execPath(), { args, cwd: ROOT, stdin: "null" })
          .output();
        for (const bytes of [stdout, stderr]) print(new TextDecoder().decode(bytes));
        return success ? { ...nothing(), passed: 1 } : { ...nothing(), failed: 1, failures: ["a minute of it"] };
      },
    };
  }

  /** The smoke test of one old kernel, where a machine can be emulated. */
  async #oldKernel(): Promise<Suite> {
    const name = "old kernel";
    const why = await whyNot("amd64");
    if (why !== undefined) return skipped(name, why);
    return { name, run: (print) => testKernel("bullseye", "amd64", ["smoke"], (line) => print(`${line}\n`)) };
  }

  /** Kinds of interfaces that few machines have, each file in a kernel of its own. */
  async #labs(): Promise<Suite[]> {
    const lab = this.#lab;
    const files = filesOf("lab");
    if (!(await succeeds("test", "-x", lab))) {
      return [skipped("lab", `no laboratory kernel (NETFLAGS_LAB_SH, ${lab})`, files.length)];
    }
    if (!(await succeeds(lab, "true"))) return [skipped("lab", `${lab} does not start a kernel here`, files.length)];
    return files.map((file) => {
      const test = this.#denoTest(`tests/lab/${file}`);
      // What the command leaves in LAB_JOB is then in the folder LAB_COLLECT of this machine.
      const handBack = '"$@"; status=$?; cp "$0" "$LAB_JOB"; exit $status';
      const command: Command = (report) => [
        "env",
        `LAB_COLLECT=${folderOf(report)}`,
        ...[lab, "sh", "-c", handBack, report],
        ...test(report),
      ];
      return this.#suite(`lab ${file}`, command, { NETFLAGS_LIVE: "1", NETFLAGS_LAB: "1" });
    });
  }
}
