/** What stands between netflags and its runtime. */
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { NotPermittedError, UnsupportedError } from "../../../mod.ts";
import { EINTR, errnoReader, uninterrupted } from "../../../platforms/ffi/errno.ts";
import { openLoopHandle } from "../../../platforms/ffi/event_loop.ts";
import { textAt } from "../../../platforms/ffi/memory.ts";
import { NodeRuntime } from "../../../platforms/ffi/node.ts";
import { denoOrNone, runtime as thisRuntime, useRuntime, variable } from "../../../platforms/ffi/runtime.ts";

/** Runs something in a runtime whose `Deno` and `process` are these, or that has none. */
function inRuntime<T>(deno: unknown, run: () => T, process: unknown = undefined): T {
  const globals = { Deno: deno, process };
  const real = Object.keys(globals).map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)!] as const);
  for (const [name, value] of Object.entries(globals)) {
    Object.defineProperty(globalThis, name, { value, configurable: true });
  }
  try {
    using _ = denoOrNone() === undefined ? useRuntime(new NodeRuntime()) : undefined;
    return run();
  } finally {
    for (const [name, property] of real) Object.defineProperty(globalThis, name, property);
  }
}

/** A runtime with these libraries, of which each has some functions. */
function runtime(libraries: Readonly<Record<string, readonly string[]>>, state = "granted", partial = false) {
  const opened: string[] = [];
  const answers = [state];
  return {
    opened,
    permissions: {
      querySync: () => ({ state: answers[0], partial }),
      requestSync: () => ({ state: answers[1], partial }),
    },
    answers,
    dlopen: (name: string, symbols: object) => {
      const has = libraries[name];
      if (has === undefined) throw new Error(`Could not open library: ${name}`);
      const lacks = Object.keys(symbols).find((one) => !has.includes(one));
      if (lacks !== undefined) throw new Error(`Failed to register symbol ${lacks}`);
      if (lacks === undefined && Object.keys(symbols).length > 0) opened.push(name);
      return { symbols: { name }, close: () => {} };
    },
  };
}

const SYMBOLS = { close: { parameters: ["i32"], result: "i32" } } as const;
const open = (deno: unknown, ...names: string[]): unknown => inRuntime(deno, () => thisRuntime().open(names, SYMBOLS));

Deno.test("ffi: a call is made again where a signal interrupts it, sixteen times and no more", () => {
  for (
    const [failures, errno, calls, result] of [
      [16, EINTR, 17, 0],
      [17, EINTR, 17, -1],
      [1, 9, 1, -1], // EBADF
    ] as const
  ) {
    let made = 0;
    assertEquals(uninterrupted(() => errno, () => ++made > failures ? 0 : -1), result);
    assertEquals(made, calls);
  }
});

Deno.test("ffi: the first library that is there is opened, and no other", () => {
  const deno = runtime({ "libc.so.6": ["close"], "libc.musl.so.1": ["close"] });
  assertEquals(open(deno, "libSystem.dylib", "libc.so.6", "libc.musl.so.1"), { name: "libc.so.6" });
  assertEquals(deno.opened, ["libc.so.6"]);
  const old = runtime({ "libc.so.6": [], "libc.musl.so.1": ["close"] });
  // A second C library in one process breaks it.
  assertThrows(() => open(old, "libc.so.6", "libc.musl.so.1"), UnsupportedError, "Failed to register symbol close");
  assertEquals(old.opened, []);
  assertThrows(
    () => open(runtime({}), "a", "b"),
    UnsupportedError,
    "none of a, b works here: Could not open library: b",
  );
});

Deno.test("ffi: nothing is opened without the full permission; who may ask is asked", () => {
  const libraries = { "libc.so.6": ["close"] };
  assertThrows(() => open(runtime(libraries, "denied"), "libc.so.6"), NotPermittedError, "run with --allow-ffi");
  assertThrows(() => open(runtime(libraries, "granted", true), "libc.so.6"), NotPermittedError, "without a path");
  const asked = runtime(libraries, "prompt");
  asked.answers.push("granted");
  assertEquals(open(asked, "libc.so.6"), { name: "libc.so.6" });
  const refused = runtime(libraries, "prompt");
  refused.answers.push("denied");
  assertThrows(() => open(refused, "libc.so.6"), NotPermittedError);
  assertEquals(refused.opened, []);
  const granted = runtime(libraries);
  granted.answers.push("denied"); // which is not asked for
  assertEquals(open(granted, "libc.so.6"), { name: "libc.so.6" });
});

Deno.test("ffi: another runtime has no foreign functions, says so by its name, and which system it runs on", () => {
  const refuses = (process: unknown, text: string): void => {
    assertThrows(
      () => inRuntime(undefined, () => thisRuntime().open(["libc.so.6"], SYMBOLS), process),
      UnsupportedError,
      text,
    );
  };
  const help = "no foreign functions that netflags knows: run with Deno, or with Node.js 26.9 or later";
  refuses(undefined, `this runtime has ${help}`);
  refuses({ versions: { node: "24.21.0" }, getBuiltinModule: () => undefined }, `Node.js 24.21.0 has ${help}`);
  refuses({ versions: { node: "18.0.0" } }, `Node.js 18.0.0 has ${help}`);
  refuses({ versions: { node: "24.3.0", bun: "1.4.5" }, getBuiltinModule: () => undefined }, `Bun 1.4.5 has ${help}`);
  // With a flag, 26.7 has a part of it.
  refuses({ versions: { node: "26.7.0" }, getBuiltinModule: () => ({ DynamicLibrary: Object }) }, `26.7.0 has ${help}`);
  const host = (): unknown[] => [
    thisRuntime().os,
    thisRuntime().arch,
    thisRuntime().inWorker,
    variable("HOME"),
    variable("EMPTY"),
  ];
  assertEquals(inRuntime(undefined, host), [undefined, undefined, false, undefined, undefined]);
  const env = { HOME: "/root", EMPTY: "" };
  assertEquals(inRuntime(undefined, host, { platform: "linux", arch: "x64", env }), [
    "linux",
    "x86_64",
    false,
    "/root",
    undefined,
  ]);
  assertEquals(inRuntime(undefined, () => thisRuntime().arch, { arch: "arm64" }), "aarch64");
  assertEquals(
    inRuntime({ dlopen: null, build: { os: "netbsd", arch: "aarch64" } }, () => [thisRuntime().os, thisRuntime().arch]),
    [
      "netbsd",
      "aarch64",
    ],
  );
  // What stands in for a part of Deno somewhere else is not Deno.
  assertEquals(inRuntime({ build: { os: "windows" } }, () => thisRuntime().os, { platform: "linux" }), "linux");
});

/** Node.js with these libraries, and what was opened of them. */
function node(libraries: Readonly<Record<string, readonly string[]>>, code?: string) {
  const opened: string[] = [];
  class DynamicLibrary {
    readonly #has: readonly string[];
    readonly #taken = new Map<string, string>();
    constructor(name: string) {
      const has = libraries[name];
      if (has === undefined) throw Object.assign(new Error(`dlopen failed: ${name}`), { code });
      this.#has = has;
      opened.push(name);
    }
    getSymbol(name: string): bigint {
      if (!this.#has.includes(name)) throw new Error(`undefined symbol: ${name}`);
      return 7n;
    }
    getFunction(name: string, signature: object): (...args: unknown[]) => unknown {
      this.getSymbol(name);
      const text = JSON.stringify(signature);
      if ((this.#taken.get(name) ?? text) !== text) throw new Error(`Function ${name} was already requested`);
      this.#taken.set(name, text);
      return (...args) => args.length === 0 ? 0n : [text, ...args];
    }
  }
  return { opened, getBuiltinModule: () => ({ DynamicLibrary, getCurrentEventLoop: () => 1n }) };
}

Deno.test("ffi, Node.js: types have other names, a null pointer is null, and a symbol may have several signatures", async () => {
  const process = node({ c: ["f", "where"] });
  const symbols = inRuntime(undefined, () =>
    thisRuntime().open(["absent", "c"], {
      f: { parameters: ["usize", "isize", "buffer"], result: "i32" },
      g: { name: "f", parameters: ["pointer"], result: "usize" },
      none: { name: "f", parameters: [], result: "pointer" },
      at: { name: "where", type: "pointer" },
      gone: { parameters: [], result: "i32", optional: true },
      elsewhere: { name: "f", parameters: [], result: "i32", nonblocking: true },
    }), process);
  assertEquals(symbols.f(1n, 2n, null) as unknown, [
    '{"arguments":["u64","i64","buffer"],"return":"i32"}',
    1n,
    2n,
    null,
  ]);
  assertEquals(symbols.g(null) as unknown, ['{"arguments":["pointer"],"return":"u64"}', null]);
  assertEquals([symbols.none(), symbols.at as unknown, symbols.gone], [null, 7n, null]);
  assertEquals(process.opened, ["c", "c", "c"]);
  await assertRejects(() => symbols.elsewhere(), UnsupportedError, "no call on another thread");
});

Deno.test("ffi, Node.js: the first library that is there is opened and no other, and a refusal names the flag", () => {
  const old = node({ "libc.so.6": [], "libc.musl.so.1": ["close"] });
  const openIn = (process: unknown): unknown =>
    inRuntime(undefined, () => thisRuntime().open(["libc.so.6", "libc.musl.so.1"], SYMBOLS), process);
  assertThrows(() => openIn(old), UnsupportedError, "undefined symbol: close");
  assertEquals(old.opened, ["libc.so.6"]);
  assertThrows(() => openIn(node({})), UnsupportedError, "works here: dlopen failed: libc.musl.so.1");
  assertThrows(() => openIn(node({}, "ERR_ACCESS_DENIED")), NotPermittedError, "run with --allow-ffi");
});

Deno.test("ffi: an environment variable is read where that is granted, and nobody is asked", () => {
  const read = (state: string, value: string | undefined) =>
    inRuntime(
      { dlopen: null, permissions: { querySync: () => ({ state }) }, env: { get: () => value } },
      () => variable("NETFLAGS_WAIT"),
    );
  assertEquals([read("granted", "poll"), read("granted", ""), read("granted", undefined)], [
    "poll",
    undefined,
    undefined,
  ]);
  assertEquals([read("prompt", "poll"), read("denied", "poll")], [undefined, undefined]);
});

Deno.test("ffi: errno and text at a place that is none", () => {
  assertEquals([errnoReader(null)(), textAt(null)], [0, ""]);
});

/** A runtime of a version, whose pipe answers as it is told. */
function loop(version: string | undefined, { opens = 0, reads = 0 } = {}) {
  const log: string[] = [];
  class Pipe {
    onread = (): void => {};
    constructor(type: number) {
      log.push(`pipe ${type}`);
    }
    open(fd: number): number {
      log.push(`open ${fd}`);
      return opens;
    }
    useUserBuffer(): void {}
    readStart(): number {
      return reads;
    }
    close(): void {
      log.push("close");
    }
  }
  const handle = inRuntime(
    version === undefined ? undefined : { dlopen: null, version: { deno: version } },
    () => openLoopHandle(5, () => {}),
    { binding: () => ({ Pipe, constants: { SOCKET: 0 } }) },
  );
  handle?.close();
  return [handle !== undefined, ...log];
}

Deno.test("ffi: the event loop is tried from Deno 2.8 on, and nowhere else", () => {
  for (const version of ["2.8.0", "2.9.6", "2.10.0", "3.0.0", "10.1.0"]) {
    assertEquals(loop(version), [true, "pipe 0", "open 5", "close"], version);
  }
  for (const version of ["2.7.5", "2.6.8", "1.46.3", "1.9.0", "", undefined]) {
    assertEquals(loop(version), [false], version);
  }
});

Deno.test("ffi: an event loop that takes the descriptor and does not read it is not relied on", () => {
  assertEquals(loop("2.9.6", { opens: -9 }), [false, "pipe 0", "open 5"]);
  assertEquals(loop("2.9.6", { reads: -9 }), [false, "pipe 0", "open 5"]);
});
