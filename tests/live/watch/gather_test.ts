/** Bursts of the real kernel, received several by one call and one by one. */
import { assert, assertEquals } from "@std/assert";
import { get, type InterfaceWatcher, watch } from "../../../mod.ts";
import { LinuxBackend } from "../../../platforms/linux/backend.ts";
import { LinuxLibc, useLibc } from "../../../platforms/linux/libc/libc.ts";
import { useBackend } from "../../../platforms/current.ts";
import { makeShim, Shim } from "../../faults/shim.ts";
import { clear, ip, ipBatch, liveTest } from "../../helpers/live/system.ts";

const SHIM = makeShim();
/** How many changes are made while nobody reads: more than one call receives, and fewer than the smallest queue holds. */
const CHANGES = 60;

/** Changes an interface so often, and reads what its watcher says until the last change was seen. */
async function burst(watcher: InterfaceWatcher, name: string): Promise<{ mtus: number[]; resyncs: number }> {
  const mtus: number[] = [];
  let resyncs = 0;
  const file = Deno.makeTempFileSync();
  Deno.writeTextFileSync(
    file,
    Array.from({ length: CHANGES }, (_, i) => `link set ${name} mtu ${1000 + i}\n`).join(""),
  );
  ip(`-batch ${file}`); // in this turn: nobody reads meanwhile
  Deno.removeSync(file);
  for await (const { status, resync } of watcher) {
    if (resync) resyncs++;
    mtus.push(status.mtu!);
    if (status.mtu === 1000 + CHANGES - 1) break;
  }
  return { mtus, resyncs };
}

/** Watches on the library whose functions fail, which the caller arms. */
function onShim(): DisposableStack {
  const libc = new LinuxLibc("poll", [SHIM!]);
  const stack = new DisposableStack();
  stack.use(useLibc(libc));
  stack.use(useBackend(new LinuxBackend(() => libc)));
  return stack;
}

for (const errno of [undefined, "EPERM", "ENOSYS"] as const) {
  const how = errno === undefined ? "several by one call" : `one by one, as recvmmsg fails with ${errno}`;
  liveTest(`live gather: a burst is received ${how}, whole and in order`, async () => {
    ip("link add dev burst0 type ifb");
    const shim = new Shim(SHIM!);
    shim.disarm("recvmmsg");
    using _ = onShim();
    if (errno !== undefined) shim.arm("recvmmsg", errno, "ever");
    const { mtus, resyncs } = await burst(watch({ names: "burst0" }), "burst0");
    assertEquals([resyncs, mtus], [0, mtus.toSorted((a, b) => a - b)]);
    assert(shim.calls("recvmmsg") > 0, "recvmmsg was never called");
    if (errno !== undefined) assert(shim.calls("recvmmsg") < 100, `${shim.calls("recvmmsg")} calls of recvmmsg`);
    shim.disarm("recvmmsg");
    clear();
  }, SHIM !== undefined);
}

liveTest(
  "live gather: a message that is longer than its place in a burst ends in the state that the kernel has",
  async () => {
    ip("link add dev long0 type ifb");
    const names = Array.from({ length: 100 }, (_, i) => `${i}-${"n".repeat(110)}`);
    await ipBatch(names.map((name) => `link property add dev long0 altname ${name}`)); // 12 KiB in each message
    await using watcher = watch({ names: "long0", initial: true });
    assertEquals((await watcher.next()).value!.status.altNames.length, names.length);
    const { mtus } = await burst(watcher, "long0");
    assertEquals(mtus, mtus.toSorted((a, b) => a - b));
    assertEquals([get("long0")!.altNames.length, get("long0")!.mtu], [names.length, 1000 + CHANGES - 1]);
    clear();
  },
);
