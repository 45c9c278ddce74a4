/** What stands between netflags and its runtime. */
import { assertEquals, assertThrows } from "@std/assert";
import { NotPermittedError, UnsupportedError } from "../../../mod.ts";
import { EINTR, errnoReader, uninterrupted } from "../../../platforms/ffi/errno.ts";
import { openLoopHandle } from "../../../platforms/ffi/event_loop.ts";
import { openLibrary } from "../../../platforms/ffi/library.ts";
import { textAt } from "../../../platforms/ffi/memory.ts";
import { hostArch, hostOs, variable } from "../../../platforms/ffi/runtime.ts";

/** Runs something in a runtime whose `Deno` is this, or that has none. */
function inRuntime<T>(deno: unknown, run: () => T): T {
  const real = Object.getOwnPropertyDescriptor(globalThis, "Deno")!;
  Object.defineProperty(globalThis, "Deno", { ...real, value: deno });
  try {
    return run();
  } finally {
    Object.defineProperty(globalThis, "Deno", real);
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
const open = (deno: unknown, ...names: string[]): unknown => inRuntime(deno, () => openLibrary(names, SYMBOLS));

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

Deno.test("ffi: another runtime has no foreign functions, and says which system it runs on", () => {
  assertThrows(() => open(undefined, "libc.so.6"), UnsupportedError, "run with Deno");
  assertEquals(inRuntime(undefined, () => [hostArch(), variable("HOME")]), [undefined, undefined]);
  const { process } = globalThis as unknown as { process: { platform: string } };
  assertEquals(inRuntime(undefined, hostOs), process.platform);
  assertEquals(inRuntime({ build: { os: "netbsd", arch: "aarch64" } }, () => [hostOs(), hostArch()]), [
    "netbsd",
    "aarch64",
  ]);
});

Deno.test("ffi: an environment variable is read where that is granted, and nobody is asked", () => {
  const read = (state: string, value: string | undefined) =>
    inRuntime(
      { permissions: { querySync: () => ({ state }) }, env: { get: () => value } },
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
  const host = globalThis as unknown as { process: { binding: unknown } };
  const real = host.process.binding;
  host.process.binding = () => ({ Pipe, constants: { SOCKET: 0 } });
  try {
    const handle = inRuntime(
      version === undefined ? undefined : { version: { deno: version } },
      () => openLoopHandle(5, () => {}),
    );
    handle?.close();
    return [handle !== undefined, ...log];
  } finally {
    host.process.binding = real;
  }
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
