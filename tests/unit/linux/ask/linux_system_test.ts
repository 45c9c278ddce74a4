/** What Linux's files and ioctls tell. */
import { assertEquals, assertThrows } from "@std/assert";
import { InvalidInputError, NoSuchInterfaceError } from "../../../../mod.ts";
import { ignoresHangUp, readTextFile, statusBits } from "../../../../platforms/linux/libc/files.ts";
import { sysfsFlags } from "../../../../platforms/linux/ask/sysfs.ts";
import { ioctlFlags } from "../../../../src/linux.ts";

const linux = Deno.build.os === "linux";

Deno.test("linux ioctl: a name that it cannot hold is refused before anything is asked", () => {
  for (const name of ["", "sixteen-letters!", "lo\0", "é".repeat(8)]) {
    assertThrows(() => ioctlFlags(name), InvalidInputError, "an ioctl takes a name of 1 to 15 bytes");
  }
});

Deno.test({
  name: "linux ioctl, sysfs, proc: what this machine's lo is in each of them",
  ignore: !linux,
  fn: () => {
    // Of lo's word only UP and RUNNING are not the same everywhere.
    assertEquals(ioctlFlags("lo") & ~0x41, 0x8); // LOOPBACK
    assertThrows(() => ioctlFlags("fifteen-letters"), NoSuchInterfaceError, `"fifteen-letters"`);
    assertEquals(readTextFile("/no/such/file"), undefined);
    assertEquals(readTextFile("/proc"), undefined); // which can be opened, and not be read
    assertEquals(readTextFile("/proc/sys/kernel/ostype"), "Linux\n");
    const empty = Deno.makeTempFileSync();
    assertEquals(readTextFile(empty), "");
    Deno.removeSync(empty);
    const file = readTextFile("/sys/class/net/lo/flags"); // not every machine has it
    assertEquals(sysfsFlags("lo"), file === undefined ? undefined : Number(file));
    assertEquals([sysfsFlags("../net/lo"), sysfsFlags("lo\0"), sysfsFlags("no-such-card")], [
      undefined,
      undefined,
      undefined,
    ]);
    const ignored = /^SigIgn:\s*([0-9a-f]+)$/m.exec(Deno.readTextFileSync("/proc/self/status"))![1]!;
    assertEquals(ignoresHangUp(), (BigInt(`0x${ignored}`) & 1n) === 1n);
  },
});

Deno.test("linux proc: a word of bits by its name; none where it is not there", () => {
  const status = "Name:\tdeno\nSigIgn:\t0000000000001000\nSigCgt:\t00000001\n";
  assertEquals([statusBits(status, "SigIgn"), statusBits(status, "SigCgt")], [0x1000n, 1n]);
  assertEquals([statusBits(status, "Sig"), statusBits(status, "Name"), statusBits(undefined, "SigIgn")], [0n, 0n, 0n]);
});
