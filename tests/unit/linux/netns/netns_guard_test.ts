/** Which reason is told where a name no longer stands for its network namespace. */
import { assertEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { NetnsGuard } from "../../../../platforms/linux/netns/guard.ts";
import { readNetns } from "../../../../platforms/linux/netns/netns.ts";
import type { LinuxLibc } from "../../../../platforms/linux/libc/libc.ts";
import * as N from "../../../../platforms/linux/wire/numbers.ts";

const KEY = "4:100";

/** What a file of /proc or /run/netns stands for, and whoever waits for its end. */
class Machine {
  /** The inode of the namespace that the name stands for; undefined: there is no such file. */
  inode: bigint | undefined = 100n;
  /** Calls what is waited for: the end of a process, a change of a folder. */
  ready = (): void => {};
  readonly closed: number[] = [];

  get libc(): LinuxLibc {
    let errno = 0;
    const fail = (now: number): number => {
      errno = now;
      return -1;
    };
    return {
      errno: () => errno,
      more: { open: () => this.inode === undefined ? fail(N.ENOENT) : 5 },
      waiting: { read: () => fail(N.EAGAIN) },
      netns: {
        pidfdOpen: () => 7,
        inotifyInit: () => 8,
        inotifyAddWatch: () => 1,
        fstat: (_: bigint, __: number, stat: Uint8Array) => {
          new BigUint64Array(stat.buffer).set([4n, this.inode ?? 0n]);
          return 0;
        },
      },
      waiter: {
        add: (fd: number, ready: () => void) => {
          this.ready = ready;
          return { pause: () => {}, close: () => Promise.resolve(void this.closed.push(fd)) };
        },
      },
      close: () => {},
    } as unknown as LinuxLibc;
  }
}

/** The ways in which a name ends, and whether somebody is told so, or finds it by looking. */
const ENDS: Readonly<Record<string, (machine: Machine, time: FakeTime) => Promise<void> | void>> = {
  "is not there any more, as is told": (machine) => {
    machine.inode = undefined;
    machine.ready();
  },
  "is not there any more, as is found": async (machine, time) => {
    machine.inode = undefined;
    await time.tickAsync(2000);
  },
  "stands for another one": async (machine, time) => {
    machine.inode = 101n;
    await time.tickAsync(2000);
  },
};

for (
  const [netns, name, why] of [
    [42, "Network namespace of process 42", "the process has left it"],
    ["red", 'Network namespace "red"', "its name was removed, or stands for something else"],
    ["/tmp/red", 'Network namespace "/tmp/red"', "its name was removed, or stands for something else"],
    ["/proc/42/ns/net", 'Network namespace "/proc/42/ns/net"', "the process has left it"],
  ] as const
) {
  for (const [what, end] of Object.entries(ENDS)) {
    Deno.test(`netns guard: ${JSON.stringify(netns)} that ${what} is told with its own reason, once`, async () => {
      using time = new FakeTime();
      const machine = new Machine();
      const named = readNetns(netns);
      const guard = new NetnsGuard(machine.libc, named, KEY);
      const told: string[] = [];
      guard.add((error) => told.push(error.message), named.text);
      await time.tickAsync(10_000);
      assertEquals(told, []);
      await end(machine, time);
      await time.tickAsync(10_000);
      assertEquals(told, [`${name} is gone: ${why}`]);
      assertEquals([guard.over, machine.closed.length], [true, 1]);
    });
  }
}
