/** What tests/live/faults_test.ts found on the real kernel, on parts of it in memory. */
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { get, list, NetflagsError, setFlags, UnsupportedError, waitFor, watch } from "../../../mod.ts";
import { systemError } from "../../../platforms/contract/errors.ts";
import { Discovered } from "../../../platforms/common/discovered.ts";
import { LINUX_CAPABILITIES } from "../../../platforms/linux/libc/capabilities.ts";
import { MEMORY } from "../../../platforms/ffi/memory.ts";
import { Poller, type Waiting, type Wake } from "../../../platforms/ffi/poller.ts";
import { AioQueue } from "../../../platforms/linux/wait/aio.ts";
import { LoopWaiter } from "../../../platforms/linux/wait/loop_waiter.ts";
import type { CallFailure, NetlinkCalls } from "../../../platforms/linux/libc/calls.ts";
import { LinuxLibc } from "../../../platforms/linux/libc/libc.ts";
import * as N from "../../../platforms/linux/wire/numbers.ts";
import { NetlinkSocket } from "../../../platforms/linux/libc/socket.ts";
import { EBADF, FakeLinux } from "../../helpers/linux/kernel.ts";

const EINTR = 4;
const linux = Deno.build.os === "linux";

/** A C library whose sockets say the same at each call. */
class Constant {
  calls = 0;
  ready: () => void = () => {};
  /** What waiting was told. */
  readonly failures: unknown[] = [];
  readonly #receive: number;
  readonly #send: number;

  /** The error numbers of receiving and of sending; 0: it works. */
  constructor(receive: number, send = 0) {
    this.#receive = receive;
    this.#send = send;
  }

  socket(): NetlinkSocket {
    const failureOf = (errno: number, what: CallFailure): NetflagsError =>
      systemError({ ...what, code: N.ERRNO_NAMES[errno]!, privilege: "root" });
    let errno = 0;
    const fail = (number: number): number => {
      if (++this.calls > 10_000) throw new Error("without end");
      errno = number;
      return number === 0 ? 0 : -1;
    };
    const libc: NetlinkCalls = {
      more: { ioctl: () => -1 },
      places: MEMORY,
      discovered: new Discovered(LINUX_CAPABILITIES),
      around: undefined,
      errno: () => errno,
      failureOf,
      failure: (what) => failureOf(errno, what),
      symbols: {
        socket: () => 3,
        bind: () => 0,
        setsockopt: () => 0,
        send: () => fail(this.#send),
        recvfrom: () => fail(this.#receive),
      },
      attachFilter: () => false,
      ioctlWith: () => false,
      close: () => {},
      waiter: {
        add: (_, ready, failed) => {
          this.ready = () => {
            try {
              ready();
            } catch (error) {
              this.failures.push(error);
              failed(error);
            }
          };
          return { pause: () => {}, close: () => Promise.resolve() };
        },
      },
    };
    return new NetlinkSocket(libc, N.NETLINK_ROUTE, "read interfaces");
  }
}

const ask = (socket: NetlinkSocket): unknown => socket.request(() => new Uint8Array(16), () => {});

Deno.test("faults: EINTR for ever is an error, of receiving and of sending", () => {
  for (const libc of [new Constant(EINTR), new Constant(N.EAGAIN, EINTR)]) {
    const error = assertThrows(() => ask(libc.socket()), NetflagsError);
    assertEquals([error.code, error.operation], ["EINTR", "read interfaces"]);
    assert(libc.calls < 100, `${libc.calls} calls`);
  }
});

Deno.test("faults: a loss at each read is an error, and no overflow", () => {
  const libc = new Constant(N.ENOBUFS);
  const socket = libc.socket();
  const error = assertThrows(() => {
    for (let i = 0; i < 10_000; i++) socket.receive();
  }, NetflagsError);
  assertEquals(error.code, "ENOBUFS");
  assert(libc.calls < 100, `${libc.calls} calls`);
});

Deno.test("faults: a socket that is ready again and again, and has nothing, is told as broken", () => {
  const libc = new Constant(N.EAGAIN);
  const socket = libc.socket();
  const told: unknown[] = [];
  socket.listen({ ready: () => socket.receive(), failed: (error) => told.push(error) });
  for (let i = 0; i < 100; i++) libc.ready();
  assertEquals(told.length, 1);
  assert(told[0] instanceof NetflagsError && told[0].code === "EAGAIN");
});

for (const call of ["send", "recvfrom"] as const) {
  for (const [code, errno] of Object.entries({ EINTR, EAGAIN: N.EAGAIN, ENOBUFS: N.ENOBUFS })) {
    Deno.test(`faults: an answer that ${code} of ${call} takes is asked for again`, async () => {
      using kernel = new FakeLinux();
      kernel.set("eth0", { mtu: 1400 });
      const [errors, mtus]: [unknown[], unknown[]] = [[], []];
      for (
        const one of [
          () => list().map(({ mtu }) => mtu),
          () => [get("eth0")?.mtu],
          () => [setFlags("eth0", { debug: true }).mtu],
        ]
      ) {
        kernel.failOnce.set(call, errno);
        try {
          mtus.push(...one());
        } catch (error) {
          errors.push(error);
        }
      }
      kernel.failOnce.set(call, errno);
      await using watcher = watch({ initial: true });
      mtus.push((await watcher.next()).value?.status.mtu);
      assertEquals([errors, mtus], [[], [1400, 1400, 1400, 1400]]);
      await watcher.return();
      assertEquals([kernel.sockets, kernel.strayCalls], [0, []]);
    });
  }
}

Deno.test("faults: what goes wrong with a socket while it joins is no refusal to tell changes", async () => {
  using kernel = new FakeLinux();
  kernel.set("eth0");
  // The third option of the first socket is its group.
  const set = kernel.failOnce.get.bind(kernel.failOnce);
  let options = 0;
  kernel.failOnce.get = (call) => call === "setsockopt" && ++options === 3 ? EBADF : set(call);
  await assertRejects(() => waitFor("eth0", "present"), NetflagsError, "EBADF");
  assertEquals(kernel.sockets, 0);
});

Deno.test("faults: a call that the kernel does not have is not supported", () => {
  const error = systemError({ operation: "list interfaces", code: "ENOSYS", privilege: "root" });
  assert(error instanceof UnsupportedError);
});

Deno.test("faults: a watcher that is made anew and fails again at once is tried less and less often", async () => {
  using time = new FakeTime();
  using kernel = new FakeLinux();
  kernel.set("eth0");
  let troubles = 0;
  await using _ = watch({ onTrouble: () => troubles++ });
  // Each list finds a working kernel; each message behind it does not.
  kernel.onRequest = (what) => {
    if (what !== "links") return;
    kernel.receiveErrno = undefined;
    setTimeout(() => {
      kernel.receiveErrno = EBADF;
      kernel.set("eth0");
    }, 1);
  };
  kernel.receiveErrno = EBADF;
  kernel.set("eth0");
  for (let i = 0; i < 2000; i++) await time.tickAsync(5); // ten seconds, in steps: messages come between the timers
  assert(troubles > 4 && troubles < 12, `${troubles} troubles`);
});

/** A system in memory whose poll returns when a wake descriptor was written to. */
class Pipes implements Waiting {
  /** Wake descriptors, and whether they are readable. */
  readonly wakes = new Map<number, boolean>();
  readonly closed: number[] = [];
  wakeFails = false;
  calmFails = false;
  polls = 0;
  #last = 100;
  #pending:
    | { readonly fds: Int32Array; readonly shorts: Int16Array; readonly resolve: (count: number) => void }
    | undefined;

  memory(bytes: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(new ArrayBuffer(bytes));
  }

  poll({ buffer }: Uint8Array<ArrayBuffer>, count: number): Promise<number> {
    if (++this.polls > 1000) return new Promise(() => {});
    const { promise, resolve } = Promise.withResolvers<number>();
    this.#pending = {
      fds: new Int32Array(buffer, 0, 2 * count),
      shorts: new Int16Array(buffer, 0, 4 * count),
      resolve,
    };
    this.#look();
    return promise;
  }

  openWake(): Wake {
    const fd = ++this.#last;
    this.wakes.set(fd, false);
    return { read: fd, write: fd };
  }

  wake({ write }: Wake): boolean {
    if (this.wakeFails) return false;
    this.wakes.set(write, true);
    this.#look();
    return true;
  }

  drainWake({ read }: Wake): boolean {
    if (this.calmFails) return false;
    this.wakes.set(read, false);
    return true;
  }

  close(fd: number): void {
    this.wakes.delete(fd);
    this.closed.push(fd);
  }

  #look(): void {
    const pending = this.#pending;
    if (pending === undefined || this.wakes.get(pending.fds[0]!) !== true) return;
    this.#pending = undefined;
    pending.shorts[3] = 1;
    setTimeout(() => pending.resolve(1), 0);
  }
}

const never = (): void => {};

Deno.test("faults: where a poll cannot be woken, nobody is taken on and nobody waits; it is woken as soon as may be", async () => {
  using time = new FakeTime();
  const system = new Pipes();
  const poller = new Poller(system);
  const first = poller.add(3, never, never);
  await time.tickAsync(1); // the poll has begun
  system.wakeFails = true;
  const error = assertThrows(() => poller.add(4, never, never), NetflagsError);
  assertEquals(error.operation, "wait for interface events");
  let closed = false;
  void first.close().then(() => closed = true);
  await time.tickAsync(5000);
  assertEquals([closed, system.closed], [true, []]);
  system.wakeFails = false;
  await time.tickAsync(2000);
  assertEquals(system.closed, [3, 101]);
});

Deno.test("faults: a wake descriptor that stays readable is given up for another one", async () => {
  using time = new FakeTime();
  const system = new Pipes();
  const poller = new Poller(system);
  const first = poller.add(3, never, never);
  system.calmFails = true;
  const second = poller.add(4, never, never);
  for (let i = 0; i < 50; i++) await time.tickAsync(1);
  assert(system.polls < 10, `${system.polls} polls`);
  system.calmFails = false;
  await time.tickAsync(1);
  const ends = Promise.all([first.close(), second.close()]);
  await time.tickAsync(10);
  await ends;
  assertEquals(system.wakes.size, 0);
  assertEquals(system.closed.filter((fd) => fd < 100), [3, 4]);
});

/** Where a request cannot be cancelled, so often. */
class Keeping extends LinuxLibc {
  refusals = Infinity;
  cancelled = 0;
  destroyed = 0;

  override ioCancel(...args: Parameters<LinuxLibc["ioCancel"]>): boolean {
    this.cancelled++;
    return this.refusals-- <= 0 && super.ioCancel(...args);
  }

  override ioDestroy(context: bigint): void {
    this.destroyed++;
    super.ioDestroy(context);
  }
}

/** Takes answers until something is so; not for ever. */
async function answered(aio: LoopWaiter, is: () => boolean): Promise<void> {
  for (const end = performance.now() + 5000; !is() && performance.now() < end;) {
    aio.takeAnswers();
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

for (const [refusals, text] of [[1, "once"], [Infinity, "ever"]] as const) {
  Deno.test({
    name: `faults: a request that cannot be cancelled ${text} does not keep its descriptor, nor whoever waits for that`,
    ignore: !linux,
    fn: async () => {
      const libc = new Keeping("poll");
      libc.refusals = refusals;
      const wake = libc.eventfd();
      const failures: unknown[] = [];
      let empty = false;
      const queue = new AioQueue(libc, AioQueue.context(libc)!, wake);
      const aio = new LoopWaiter(queue, (fd) => libc.close(fd), () => empty = true);
      const first = aio.add(libc.eventfd(), never, (error) => failures.push(error))!;
      const other = aio.add(libc.eventfd(), never, (error) => failures.push(error))!;
      let ended = false;
      void first.close().then(() => ended = true);
      await answered(aio, () => ended);
      assert(ended);
      // Where nothing can be cancelled, the other one is told that it must wait in another way.
      assertEquals([libc.destroyed, failures.length], refusals === 1 ? [0, 0] : [1, 1]);
      libc.refusals = 0;
      let over = false;
      void other.close().then(() => over = true);
      await answered(aio, () => over);
      assert(over && empty);
      libc.close(wake);
    },
  });
}
