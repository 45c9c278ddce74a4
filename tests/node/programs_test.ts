/**
 * What must not go wrong in Node.js: its foreign functions call back outside of everything that the runtime does around a
 * callback of its own, and it knows nothing of what they opened.
 */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { findNode, NO_NODE, runNode } from "../helpers/node.ts";

const LIVE = Deno.env.get("NETFLAGS_LIVE") === "1";
const NODE = LIVE ? findNode(false) : undefined;
if (NODE === undefined) {
  console.error(`SKIPPED: ${LIVE ? NO_NODE : "live tests need a network namespace of their own"}`);
}

const PROGRAMS = new URL("./programs/", import.meta.url).pathname;
/** Both ways to wait: libuv's, and the runtime's handle for pipes. */
const WAYS = ["uv", "pipe"] as const;

/** Runs a program, which must end well by itself and print a value. */
async function valueOf(
  way: string,
  file: string,
  args: readonly string[],
  flags: readonly string[] = [],
): Promise<unknown> {
  const ended = await runNode(NODE!, ["--no-warnings", ...flags, `${PROGRAMS}${file}`, ...args], {
    NETFLAGS_WAIT: way,
  });
  assertEquals([ended.code, ended.signal, ended.stderr], [0, null, ""]);
  return JSON.parse(ended.stdout);
}

function nodeTest(name: string, fn: (way: string) => Promise<void>): void {
  for (const way of WAYS) {
    Deno.test({
      name: `Node.js, ${way}: ${name}`,
      ignore: NODE === undefined,
      fn: () => fn(way),
    });
  }
}

nodeTest("list, get, setFlags and waitFor ask the kernel, and the process ends by itself", async (way) => {
  assertEquals(await valueOf(way, "watcher.ts", ["all"]), [["lo"], true, false]);
});

nodeTest("another network namespace is asked and watched, and its end is told", async (way) => {
  assertEquals(await valueOf(way, "watcher.ts", ["netns"]), ["lo", true, false, true, true]);
});

nodeTest("promises go on after a callback, though nothing else happens", async (way) => {
  assertEquals(await valueOf(way, "descriptors.ts", ["microtasks"]), 300);
});

nodeTest("300 watchers, opened and closed, leave no descriptor and no socket", async (way) => {
  const [before, after] = await valueOf(way, "watcher.ts", ["many"]) as [unknown, unknown];
  assertEquals(after, before);
});

nodeTest("a watcher whose socket overflowed lists again, and goes on", async (way) => {
  assertEquals(await valueOf(way, "watcher.ts", ["overflow"]), true);
});

nodeTest("a descriptor that had an error is waited for again", async (way) => {
  assertEquals(await valueOf(way, "descriptors.ts", ["overflow"]), [false, true, false, true, false]);
});

nodeTest("what a consumer throws is an uncaught error, and other watchers go on", async (way) => {
  assertEquals(await valueOf(way, "watcher.ts", ["throwing"]), [0, 1, 2].map((i) => `consumer ${i}`));
});

nodeTest("events are heard while garbage is collected", async (way) => {
  assertEquals(await valueOf(way, "watcher.ts", ["collected"], ["--expose-gc"]), 60);
});

nodeTest("what is thrown in a callback is told, and what is thrown there is an uncaught error", async (way) => {
  assertEquals(await valueOf(way, "descriptors.ts", ["throwing"]), [4, true]);
});

nodeTest("a pause is kept, what came meanwhile is heard after it, and nothing after the end", async (way) => {
  assertEquals(await valueOf(way, "descriptors.ts", ["pausing"]), [1, 1, 2, 2]);
});

nodeTest("what was not read is heard again, until it is closed", async (way) => {
  assertEquals(await valueOf(way, "descriptors.ts", ["level"]), 5);
});

nodeTest("errno is right in each of 1,000,000 failing calls", async (way) => {
  assertEquals(await valueOf(way, "descriptors.ts", ["errno"]), 0);
});

nodeTest("process.exit() with open watchers ends the process with its code", async (way) => {
  const { code, signal, stderr } = await runNode(NODE!, ["--no-warnings", `${PROGRAMS}watcher.ts`, "exit"], {
    NETFLAGS_WAIT: way,
  });
  assertEquals([code, signal, stderr], [7, null, ""]);
});

nodeTest("an uncaught error with open watchers ends the process, and not by abort(3)", async (way) => {
  const { code, signal, stderr } = await runNode(NODE!, ["--no-warnings", `${PROGRAMS}watcher.ts`, "uncaught"], {
    NETFLAGS_WAIT: way,
  });
  assertEquals([code, signal], [1, null]);
  assertStringIncludes(stderr, "Error: nobody catches this");
});

nodeTest("a signal with open watchers ends the process", async (way) => {
  const { signal, stderr } = await runNode(NODE!, ["--no-warnings", `${PROGRAMS}watcher.ts`, "killed"], {
    NETFLAGS_WAIT: way,
  });
  assertEquals([signal, stderr], ["SIGTERM", ""]);
});

for (
  const [way, told] of [["terminate()", []], ["process.exit()", []], ["an error", [
    "an error of the Worker's own",
  ]]] as const
) {
  Deno.test({
    name: `Node.js, Workers: eight that watch and end by ${way} hear events, and leave nothing open`,
    ignore: NODE === undefined,
    fn: async () => {
      // On the main thread libuv would wait; in a Worker it must not.
      const [heard, before, after] = await valueOf("uv", "worker.ts", [way]) as unknown[];
      assertEquals(heard, [...told, "changed", "open"]);
      assertEquals(after, before);
    },
  });
}

Deno.test({
  name: "Node.js, permissions: each call says what is missing, and works with it",
  ignore: NODE === undefined,
  fn: async () => {
    const restricted = ["--no-warnings", "--permission", "--allow-fs-read=*"];
    const program = `${PROGRAMS}watcher.ts`;
    const refused = await runNode(NODE!, [...restricted, program, "all"]);
    assertEquals(refused.code, 1);
    assertStringIncludes(refused.stderr, "NotPermittedError: Cannot open the C library: run with --allow-ffi");
    const { stdout } = await runNode(NODE!, [...restricted, "--allow-ffi", program, "all"]);
    assertEquals(JSON.parse(stdout), [["lo"], true, false]);
    // What waits in a Worker is no public API, and not given away then.
    const worker = [...restricted, "--allow-ffi", "--allow-worker", `${PROGRAMS}worker.ts`, "terminate()"];
    const { code, signal, stderr } = await runNode(NODE!, worker);
    assertEquals([code, signal], [1, null]);
    assertStringIncludes(stderr, "this thread may not use the event loop (process.binding): watch on the main thread");
  },
});

Deno.test({
  name: "Node.js: it says itself that node:ffi is experimental, once, and nothing else",
  ignore: NODE === undefined,
  fn: async () => {
    const { stderr } = await runNode(NODE!, [`${PROGRAMS}watcher.ts`, "all"]);
    assertEquals(stderr.match(/Warning/g)?.length, 1, stderr);
    assert(/ExperimentalWarning: FFI is an experimental feature/.test(stderr));
  },
});
