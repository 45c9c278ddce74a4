import { assert, assertEquals } from "@std/assert";
import { NotPermittedError, systemError } from "../../../../platforms/contract/errors.ts";
import { LinuxLibc } from "../../../../platforms/linux/libc/libc.ts";
import { explainRefusal, hasNetAdmin } from "../../../../platforms/linux/libc/privilege.ts";

const PRIVILEGE = "root or CAP_NET_ADMIN";
const refuse = (operation: string, code: string) =>
  systemError({ operation, interfaceName: "eth0", code, privilege: PRIVILEGE, text: "Refused" });

/** Of proc(5)'s status what matters: one of root, one of root without CAP_NET_ADMIN, one of a user. */
const ROOT = "Name:\tdeno\nCapPrm:\t0000000000000000\nCapEff:\t000001ffffffffff\nCapBnd:\t000001ffffffffff\n";
const LESS = "Name:\tdeno\nCapEff:\t000001ffffffefff\nCapBnd:\t000001ffffffffff\n";
const USER = "Name:\tdeno\nCapEff:\t0000000000000000\nCapBnd:\t000001ffffffffff\n";

Deno.test("refusal: a privilege is named only where it would help: EPERM of what sets something", () => {
  assertEquals(
    refuse("set flags", "EPERM").message,
    `Cannot set flags of interface "eth0": EPERM (Refused): needs ${PRIVILEGE}`,
  );
  for (
    const [operation, code] of [
      ["set flags", "EACCES"],
      ["list interfaces", "EPERM"],
      ["watch interfaces", "EACCES"],
      ["read wireless interfaces", "EPERM"],
    ] as const
  ) {
    const error = refuse(operation, code);
    assert(error instanceof NotPermittedError && error.code === code);
    assert(!error.message.includes("needs") && error.message.includes("security policy"), error.message);
  }
});

Deno.test("refusal: who has the privilege already is not told to get it", () => {
  assertEquals([ROOT, LESS, USER, "", undefined].map(hasNetAdmin), [true, false, false, false, false]);
  const error = refuse("set flags", "EPERM");
  for (const status of [LESS, USER, undefined]) assertEquals(explainRefusal(error, () => status), error);
  const told = explainRefusal(error, () => ROOT);
  assert(told instanceof NotPermittedError && told.code === "EPERM" && told.interfaceName === "eth0");
  assert(!told.message.includes("needs") && told.message.includes("another user namespace"), told.message);
  const other = refuse("set flags", "EBUSY");
  assertEquals(explainRefusal(other, () => ROOT), other);
});

Deno.test({
  name: "refusal: an error has the kernel's own words, or the C library's for its number",
  ignore: Deno.build.os !== "linux",
  fn: () => {
    const libc = new LinuxLibc("poll");
    const said = (text?: string) => libc.failureOf(12, { operation: "list interfaces", text }).message;
    assertEquals(said(), "Cannot list interfaces: ENOMEM (Cannot allocate memory)");
    assertEquals(said("Not today"), "Cannot list interfaces: ENOMEM (Not today)");
  },
});
