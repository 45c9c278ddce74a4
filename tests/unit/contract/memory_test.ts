/** Memory that a kernel, a thread or the runtime writes to is there as long as it does, whatever is collected meanwhile. */
import { assert, assertEquals } from "@std/assert";
import { openLoopHandle } from "../../../platforms/ffi/event_loop.ts";
import { Poller, type Waiting, type Wake } from "../../../platforms/ffi/poller.ts";
import { LinuxBackend } from "../../../platforms/linux/backend.ts";
import { LinuxLibc } from "../../../platforms/linux/libc/libc.ts";
import { collect } from "../../helpers/gc.ts";

const LINUX = Deno.build.os === "linux";

/** A runtime's handle for pipes that keeps of what it reads into the address alone, as Node's does. */
class Pipe {
  static buffer: WeakRef<Uint8Array> | undefined;
  onread = (): void => {};

  open(): number {
    return 0;
  }

  useUserBuffer(buffer: Uint8Array): void {
    Pipe.buffer = new WeakRef(buffer);
  }

  readStart(): number {
    return 0;
  }

  close(): void {}
}

Deno.test({
  name: "memory: what the event loop reads into is kept as long as its handle is open",
  ignore: !("dlopen" in Deno), // Deno's event loop
  fn: async () => {
    const runtime = globalThis as unknown as { process: { binding: unknown } };
    const { binding } = runtime.process;
    runtime.process.binding = () => ({ Pipe, constants: { SOCKET: 0 } });
    try {
      let handle = openLoopHandle(-1, () => {});
      await collect();
      assert(Pipe.buffer?.deref() !== undefined);
      handle?.close();
      handle = undefined;
      await collect();
      assertEquals(Pipe.buffer?.deref(), undefined); // and no longer: what is kept would be collected
    } finally {
      runtime.process.binding = binding;
    }
  },
});

/** poll(2) on another thread, which keeps the address alone. */
class Polled implements Waiting {
  readonly polled: WeakRef<Uint8Array>[] = [];
  #return: ((result: number) => void) | undefined;

  memory(bytes: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(new ArrayBuffer(bytes));
  }

  poll(fds: Uint8Array<ArrayBuffer>): Promise<number> {
    this.polled.push(new WeakRef(fds));
    return new Promise((resolve) => this.#return = resolve);
  }

  openWake(): Wake {
    return { read: 100, write: 100 };
  }

  wake(): boolean {
    this.#return?.(0);
    return true;
  }

  drainWake(): boolean {
    return true;
  }

  close(): void {}
}

Deno.test("memory: what a pending poll writes to is kept until it comes back, also where more is polled meanwhile", async () => {
  const system = new Polled();
  const poller = new Poller(system);
  const registrations = [poller.add(1, () => {}, () => {})];
  for (let i = 1; i <= 2; i++) {
    await collect();
    assertEquals(system.polled.length, i);
    assert(system.polled.at(-1)!.deref() !== undefined, `poll ${i}`);
    for (let j = 0; j < i; j++) registrations.push(poller.add(registrations.length + 1, () => {}, () => {}));
  }
  for (const registration of registrations) void registration.close();
});

for (const way of ["poll", "io_uring", "aio"] as const) {
  Deno.test({
    name: `memory: descriptors that are waited for by ${way} are heard, whatever is collected meanwhile`,
    ignore: !LINUX || (way !== "poll" && !("dlopen" in Deno)), // the event loop is Deno's
    fn: async () => {
      const libc = new LinuxLibc(way);
      const heard = new Map<number, () => void>();
      const fds = Array.from({ length: 8 }, () => libc.eventfd());
      const registrations = fds.map((fd) =>
        libc.waiter.add(fd, () => {
          libc.drainWake({ read: fd, write: fd });
          heard.get(fd)?.();
        }, (error) => {
          throw error;
        })
      );
      for (let i = 0; i < 4; i++) {
        await collect();
        const all = fds.map((fd) => new Promise<void>((resolve) => heard.set(fd, resolve)));
        for (const fd of fds) libc.notify(fd);
        await Promise.all(all);
      }
      if (libc.waiter.way !== way) console.error(`SKIPPED: no ${way} here: it was the ${libc.waiter.way}`);
      await collect();
      await Promise.all(registrations.map((registration) => registration.close())); // their requests are cancelled
    },
  });
}

Deno.test({
  name: "memory: lists of a real kernel are the same after each collection, on sockets of old buffers and new ones",
  ignore: !LINUX,
  fn: async () => {
    const backend = new LinuxBackend(() => new LinuxLibc("poll"));
    const expected = backend.list({ addresses: true }).map(({ index, name, type }) => ({ index, name, type }));
    for (let i = 0; i < 3; i++) {
      await collect();
      const now = backend.list({ addresses: true }).map(({ index, name, type }) => ({ index, name, type }));
      assertEquals(now, expected);
      assertEquals(backend.get("lo")?.name, "lo");
    }
  },
});
