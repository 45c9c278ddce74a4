/** What Linux's rules make of a made-up interface, what it announces, and what its files and ioctls tell. */
import { assertEquals, assertThrows } from "@std/assert";
import { type InterfaceStatus, InvalidInputError, NoSuchInterfaceError } from "../../../mod.ts";
import { readText } from "../../../platforms/linux/libc/files.ts";
import { ignoresHangUp, statusBits } from "../../../platforms/linux/libc/process.ts";
import { sysfsFlags } from "../../../platforms/linux/ask/sysfs.ts";
import { ioctlFlags } from "../../../src/linux.ts";
import { linuxAnnounces } from "../../../platforms/linux/system.ts";
import { REGISTRY } from "../../../platforms/registry.ts";

const { complete } = REGISTRY.linux;
const linux = Deno.build.os === "linux";

Deno.test("linux system: a made-up status has what its flags say, and ordinary values", () => {
  const card = complete({ name: "eth0", index: 3 });
  assertEquals([card.flags, card.operState, card.carrier, card.connected, card.addresses], [
    0x1002,
    "down",
    false,
    false,
    [],
  ]);
  const said = (flags: number) => {
    const { up, running, lowerUp, dormant } = complete({ name: "eth0", index: 3, flags });
    return [up, running, lowerUp, dormant];
  };
  assertEquals(said(0x1), [true, false, false, false]);
  assertEquals(said(0x40), [false, true, false, false]);
  assertEquals(said(0x10000), [false, false, true, false]);
  assertEquals(said(0x20000), [false, false, false, true]);
  assertEquals(complete({ name: "eth0", index: 3, flags: 0x80000001 | 0 }).flags, 0x80000001);
  const working = { name: "eth0", index: 3, flags: 0x11043, operState: "up", linkState: "up" } as const;
  assertEquals([complete(working).connected, complete(working).linkState], [true, undefined]);
});

Deno.test("linux system: of an interface that is down, other names, link mode and carrier are told to nobody", () => {
  const down = complete({ name: "eth0", index: 3 });
  const up = complete({ name: "eth0", index: 3, flags: 0x1003 });
  const told = (before: InterfaceStatus, change: Partial<InterfaceStatus>) =>
    linuxAnnounces(before, complete({ ...before, ...change }));
  for (const change of [{ altNames: ["wan"] }, { linkMode: "dormant" }, { carrier: true }] as const) {
    assertEquals([told(down, change), told(up, change)], [false, true], JSON.stringify(change));
  }
  assertEquals([told(down, { mtu: 1400 }), told(down, { carrier: true, mtu: 1400 })], [true, true]);
  assertEquals([told(down, { flags: 0x1003 }), told(up, { flags: 0x1002 })], [true, true]);
  assertEquals(told(down, { flags: 0x1003, altNames: ["wan"] }), true);
  assertEquals([linuxAnnounces(undefined, down), linuxAnnounces(down, undefined), linuxAnnounces(down, down)], [
    true,
    true,
    true,
  ]);
});

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
    assertEquals(readText("/no/such/file"), undefined);
    assertEquals(readText("/proc"), undefined); // which can be opened, and not be read
    assertEquals(readText("/proc/sys/kernel/ostype"), "Linux\n");
    const empty = Deno.makeTempFileSync();
    assertEquals(readText(empty), "");
    Deno.removeSync(empty);
    const file = readText("/sys/class/net/lo/flags"); // not every machine has it
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
