import { assertEquals, assertThrows } from "@std/assert";
import { type FlagChanges, get, InvalidInputError, NoSuchInterfaceError, setFlags } from "../../../mod.ts";
import { FakeSystem } from "../../../src/testing.ts";
import { BORN, FakeKernel } from "../../helpers/bsd/kernel.ts";

Deno.test("setFlags: what is named changes, and nothing else", () => {
  using system = new FakeSystem();
  system.set({ name: "eth0", flags: 0x1082 });
  assertEquals(setFlags("eth0", { up: true, noarp: false }).flags, 0x1003);
  assertEquals(setFlags("eth0", {}).flags, 0x1003);
});

Deno.test("setFlags: on a BSD it reads, changes and writes the word", () => {
  using kernel = new FakeKernel("netbsd");
  kernel.create("tap0");
  assertEquals(setFlags("tap0", { up: true, link0: true }).flags, BORN | 0x1041); // and its driver runs
  assertEquals(setFlags("tap0", { link0: false }).flags, BORN | 0x41);
  assertThrows(() => setFlags("tap9", { up: true }), NoSuchInterfaceError, `"tap9"`);
  assertThrows(() => setFlags("tap0\0x", { up: false }), NoSuchInterfaceError);
  kernel.create("abcdefghijklmno");
  assertThrows(() => setFlags("abcdefghijklmnoXYZ", { up: true }), NoSuchInterfaceError);
  assertEquals(kernel.of("abcdefghijklmno").flags, BORN);
});

Deno.test("setFlags: what cannot be set is refused by name, and nothing is changed", () => {
  using system = new FakeSystem();
  system.set({ name: "eth0", flags: 0x1002 });
  const refused = (changes: object, part: string) =>
    assertThrows(() => setFlags("eth0", changes as FlagChanges), InvalidInputError, part);
  refused({ up: true, running: true }, `"running" of interface "eth0": the kernel sets it by itself`);
  refused({ up: true, link0: true }, `"link0" of interface "eth0": linux has up, debug`);
  refused({ up: 1 }, "give true or false");
  assertEquals(get("eth0")?.flags, 0x1002);
  assertThrows(() => setFlags("eth9", { up: true }), NoSuchInterfaceError, `"eth9"`);
  assertThrows(() => setFlags("eth9", {}), NoSuchInterfaceError, `"eth9"`);
});

Deno.test("setFlags: a change that is undefined is none, whatever its name", () => {
  using system = new FakeSystem();
  system.set({ name: "eth0", flags: 0x1002 });
  const changes = { up: true, noarp: undefined, warp: undefined } as const;
  assertEquals(setFlags("eth0", changes).flags & 0x83, 0x3);
});
