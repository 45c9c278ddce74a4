import { assert, assertEquals } from "@std/assert";
import { get, list, waitFor, watch } from "../../../mod.ts";
import { CAN_NAME, Named } from "../../helpers/live/namespaces.ts";
import { eventually, linkListeners, LIVE, liveTest } from "../../helpers/live/system.ts";

interface Held {
  readonly descriptors: number;
  readonly threads: number;
}

/** What this process holds, as its own /proc tells. */
function held(): Held {
  return {
    descriptors: [...Deno.readDirSync("/proc/self/fd")].length,
    threads: [...Deno.readDirSync("/proc/self/task")].length,
  };
}

liveTest("live: 100 openings and closings of two watchers leave nothing open", async () => {
  list();
  await watch().return();
  const before = held();
  for (let i = 0; i < 100; i++) {
    const first = watch({ initial: true });
    const second = watch({ addresses: i % 2 === 0 });
    await first.next();
    const waiting = second.next();
    first.close();
    second.close();
    assertEquals((await waiting).done, true);
    get("lo");
    await waitFor("lo", "present");
  }
  await watch().return(); // what was closed without waiting is gone when the poll has come round
  const after = held();
  assertEquals(after.descriptors, before.descriptors);
  assert(after.threads <= before.threads + 2, `${before.threads} threads before, ${after.threads} after`);
});

liveTest(
  "live: ten open watchers take two sockets, at most two descriptors to wait by, and at most one thread",
  async () => {
    await watch().return();
    const before = held();
    const watchers = Array.from({ length: 10 }, () => watch());
    // The poll has one, the event loop one or, with io_uring, two; while it is tried there are those of both.
    await eventually(() => {
      const more = held().descriptors - before.descriptors;
      assert(more === 3 || more === 4, `${more} descriptors`);
    });
    assert(held().threads - before.threads <= 1, `${held().threads - before.threads} threads`);
    await Promise.all(watchers.map((watcher) => watcher.return()));
    await eventually(() => assertEquals(held().descriptors, before.descriptors)); // the runtime closes in its own time
  },
);

/** Runs worker.ts, which watches until its first event, to its end. */
async function watchInWorker(): Promise<unknown> {
  const worker = new Worker(new URL("../../helpers/live/worker.ts", import.meta.url), { type: "module" });
  return await new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = reject;
  });
}

liveTest("live: a Worker watches on its own and ends by itself", async () => {
  const before = held();
  const workers = 8;
  for (let i = 0; i < workers; i++) assertEquals(await watchInWorker(), "lo");
  // Deno itself keeps four descriptors from the first Worker on. Workers that each left one behind would leave more.
  await eventually(() => assert(held().descriptors - before.descriptors < workers, `${held().descriptors}`));
});

/** Lets a Worker open watchers, and ends it while they are open. */
async function endWorker(how: string, netns: string | undefined): Promise<void> {
  const worker = new Worker(new URL("../../helpers/live/ending_worker.ts", import.meta.url), { type: "module" });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  worker.onmessage = () => resolve();
  worker.onerror = (event) => {
    event.preventDefault();
    reject(event.error);
  };
  worker.postMessage({ how, netns });
  await promise;
  if (how === "terminate()") worker.terminate();
  else worker.postMessage({ how });
}

/** The keys of thread-specific data that the Workers of this process have used. */
function keys(): number {
  const { symbols } = Deno.dlopen("libc.so.6", {
    bindtextdomain: { parameters: ["buffer", "pointer"], result: "pointer" },
  });
  const text = symbols.bindtextdomain(new TextEncoder().encode("netflags-keys\0"), null);
  return new Deno.UnsafePointerView(text!).getCString().match(/\d+/g)?.length ?? 0;
}

const ENDS = ["self.close()", "close() and self.close()", "an error", "terminate()"] as const;

for (const elsewhere of [false, true]) {
  liveTest(
    `live: a Worker that watches${elsewhere ? " in another namespace" : ""} leaves nothing, however it ends`,
    async () => {
      using red = elsewhere ? new Named("worker") : undefined;
      const listeners = (): number => linkListeners().length + (red?.listeners() ?? 0);
      await Promise.all([endWorker("self.close()", red?.name), endWorker("terminate()", undefined)]);
      await eventually(() => assertEquals(listeners(), 0));
      const before = held(); // with what the runtime itself keeps from its first Workers on
      for (const how of ENDS) {
        await Promise.all([endWorker(how, red?.name), endWorker(how, undefined)]);
        await eventually(() => {
          const { descriptors, threads } = held();
          assertEquals(listeners(), 0, how);
          assert(descriptors <= before.descriptors, `${how}: ${descriptors - before.descriptors} descriptors more`);
          assert(threads <= before.threads, `${how}: ${threads - before.threads} threads more`);
        });
      }
      assert(keys() < 32, `${keys()} keys`); // those of the few that ran at once
    },
    elsewhere ? CAN_NAME : LIVE,
  );
}

/** Starts a Worker that ends at once, and waits for its word. */
async function hastyWorker(name: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const worker = new Worker(import.meta.resolve("../../helpers/live/hasty_worker.ts"), { type: "module", name });
  worker.onmessage = () => resolve();
  worker.onerror = (event) => reject(event.error);
  await promise;
}

liveTest("live: a Worker that calls self.close() in the turn in which it begins to listen leaves nothing", async () => {
  const ways = ["a watcher", "a watcher of names with poll", "a wait"];
  for (const way of ways) await hastyWorker(way);
  for (const way of ways) {
    const before = held();
    for (let i = 0; i < 5; i++) await hastyWorker(way);
    await eventually(() => {
      assertEquals(linkListeners(), []);
      // The runtime itself keeps some from its first Workers on, and none of each.
      const more = held().descriptors - before.descriptors;
      assert(more < 5, `${way}: ${more} descriptors more after 5 Workers`);
    });
  }
});

liveTest("live: a process ends by itself after its last watcher", async () => {
  const program = `
    import { watch, waitFor } from ${JSON.stringify(new URL("../../../mod.ts", import.meta.url).href)};
    await waitFor("lo", "present");
    const watcher = watch({ initial: true });
    await watcher.next();
    const waiting = watcher.next();
    watcher.close();
    console.log((await waiting).done);`;
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--quiet", program],
    signal: AbortSignal.timeout(20000),
  }).output();
  assertEquals([success, new TextDecoder().decode(stdout)], [true, "true\n"]);
});
