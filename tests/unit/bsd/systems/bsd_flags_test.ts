/** Flags by the kernel's own version, where versions of a system name a bit differently. */
import { assertEquals, assertThrows } from "@std/assert";
import { flagNames, flagTable, formatFlags, InvalidInputError, list, parseFlags, setFlags } from "../../../../mod.ts";
import { BORN } from "../../../helpers/bsd/kernel.ts";
import { EINVAL, FakeLibc } from "../../../helpers/bsd/libc.ts";
import { runHere } from "../../../helpers/cli/in_process.ts";
import { VERSIONS } from "../../../helpers/bsd/versions.ts";

const EPOCH = 0x20;
const GROUP = 0x800000;

for (const version of VERSIONS.filter(({ platform }) => platform === "freebsd")) {
  const { name, release = 0 } = version;
  const names = release < 1400097 ? ["KNOWSEPOCH", "NOGROUP"] : ["NEEDSEPOCH", "PALLMULTI"];

  Deno.test(`bsd flags ${name}: 0x20 and 0x800000 have the names of that version`, async () => {
    using libc = new FakeLibc("freebsd", { version });
    libc.kernel.create("em0", { flags: EPOCH | GROUP });
    assertEquals(list()[0]?.flagNames, names);
    assertEquals([flagNames(EPOCH | GROUP), parseFlags(names.join())], [names, EPOCH | GROUP]);
    assertEquals(flagTable().filter(({ bit }) => bit === EPOCH || bit === GROUP).map(({ name }) => name), names);
    assertEquals(formatFlags(EPOCH, "freebsd"), `<${names[0]}>`);
    const { stdout } = await runHere(["flags", "0x800020", "--platform", "freebsd"]);
    assertEquals(stdout.split("\n")[0], `8388640 = 0x800020 = <${names.join(",")}> on freebsd`);
  });

  Deno.test(`bsd flags ${name}: a user sets the bit 0x800000 where it is a user's`, () => {
    using libc = new FakeLibc("freebsd", { version });
    libc.kernel.create("em0");
    if (names[1] === "PALLMULTI") assertEquals(setFlags("em0", { pallmulti: true }).flags, BORN | GROUP | 0x200);
    else assertThrows(() => setFlags("em0", { pallmulti: true }), InvalidInputError, 'Cannot set flag "pallmulti"');
    assertThrows(() => setFlags("em0", { [names[0]!]: true }), InvalidInputError, "the kernel sets it by itself");
  });
}

Deno.test("bsd flags: where the kernel does not say its version, or another system is asked about, they are the newest", () => {
  using libc = new FakeLibc("freebsd");
  libc.kernel.create("em0", { flags: EPOCH });
  libc.failOnce("sysctl", EINVAL);
  assertEquals(flagNames(EPOCH), ["NEEDSEPOCH"]);
  assertEquals(list()[0]?.flagNames, ["NEEDSEPOCH"]);
  assertEquals([flagNames(EPOCH, "netbsd"), flagNames(EPOCH, "darwin")], [["UNNUMBERED"], ["NOTRAILERS"]]);
});

Deno.test("bsd flags: what ifconfig of an older version printed is read on any machine", () => {
  assertEquals(parseFlags("flags=8863<UP,BROADCAST,KNOWSEPOCH,RUNNING,SIMPLEX,MULTICAST>", "freebsd"), 0x8863);
  assertEquals(parseFlags("NOGROUP", "freebsd"), GROUP);
  assertThrows(() => parseFlags("KNOWSEPOCH", "netbsd"), InvalidInputError, 'no flag "KNOWSEPOCH" on netbsd');
});

Deno.test("bsd flags: who sets a flag that the kernel sets is told the user's own", () => {
  using libc = new FakeLibc("freebsd");
  libc.kernel.create("em0");
  for (const [own, users] of [["promisc", "PPROMISC"], ["allmulti", "PALLMULTI"]] as const) {
    assertThrows(() => setFlags("em0", { [own]: true }), InvalidInputError, `set ${users} instead`);
  }
  const error = assertThrows(
    () => setFlags("em0", { ["running" as string]: true }),
    InvalidInputError,
    "the kernel sets it by itself",
  );
  assertEquals(error.message.includes("instead"), false);
});

Deno.test("bsd flags: a user's own flag is named where the system has one", () => {
  for (
    const [platform, has] of [["dragonfly", true], ["netbsd", false], ["openbsd", false], ["darwin", false]] as const
  ) {
    using libc = new FakeLibc(platform);
    libc.kernel.create("em0");
    const { message } = assertThrows(() => setFlags("em0", { promisc: true }), InvalidInputError);
    assertEquals(message.includes("set PPROMISC instead"), has, message);
  }
});
