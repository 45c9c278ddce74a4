import { assertEquals, assertThrows } from "@std/assert";
import { get, list, UnsupportedError } from "../../mod.ts";
import { BsdBackend } from "../../platforms/bsd/backend.ts";
import { SYSTEMS } from "../../platforms/bsd/systems.ts";
import { FakeLibc } from "../bsd/libc.ts";

Deno.test("bsd kernel: what is made opens nothing until it is called", () => {
  const backend = new BsdBackend({ ...SYSTEMS.netbsd, libraries: ["libnetflags-is-not-there.so"] });
  assertThrows(() => backend.list({ addresses: false }), UnsupportedError, "libnetflags-is-not-there.so");
});

Deno.test("bsd kernel: lists and flags come through the C library", () => {
  using libc = new FakeLibc("netbsd");
  libc.kernel.create("tap0", { flags: 0x8843 });
  assertEquals(list().map(({ name, flags }) => [name, flags]), [["tap0", 0x8843]]);
  assertEquals([get("tap0")?.index, get("tap9")], [1, undefined]);
});
