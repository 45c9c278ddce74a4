import { assert, assertEquals } from "@std/assert";
import { get, type InterfaceEvent, type InterfaceStatus, type InterfaceWatcher, waitFor, watch } from "../../../mod.ts";
import { Random } from "../../helpers/random.ts";
import {
  assertAsIp,
  clear,
  eventually,
  ip,
  ipBatch,
  linkListeners,
  liveTest,
  otherNamespace,
  ROUNDS,
  run,
  TUN,
} from "../../helpers/live/system.ts";
import { Tap } from "../../helpers/live/tap.ts";
import { movedOf } from "../../helpers/events.ts";

/** The states that a watcher told last, taken up in the background. */
class Follower {
  readonly states = new Map<number, InterfaceStatus>();
  readonly events: InterfaceEvent[] = [];
  readonly #watcher: InterfaceWatcher;
  readonly #over: Promise<void>;

  constructor(watcher: InterfaceWatcher, onEvent: (event: InterfaceEvent) => Promise<void> | void = () => {}) {
    this.#watcher = watcher;
    this.#over = (async () => {
      for await (const event of watcher) {
        this.events.push(event);
        const { index } = event.status;
        if (event.type === "removed") this.states.delete(index);
        else {
          // Each event starts where the last one of the same interface ended.
          const known = this.states.get(index);
          if (known !== undefined) assertEquals(event.previous, known);
          this.states.set(index, event.status);
        }
        await onEvent(event);
      }
    })();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#watcher.return();
    await this.#over;
  }
}

/** What each sequence starts with; of that which is there already, the making fails. */
const START = [
  "link add br0 type bridge",
  "link add br1 type bridge",
  ...[0, 1, 2].flatMap((i) => [`link add a${i} type veth peer name b${i}`, `link add i${i} type ifb`]),
];

/** Random changes that an administrator might make, as lines for `ip -batch`. Some of them fail, as they do in life. */
function changes(random: Random, count: number): string[] {
  const names = ["a0", "a1", "a2", "b0", "b1", "b2", "i0", "i1", "i2"];
  const bridges = ["br0", "br1"];
  return Array.from({ length: count }, () => {
    const name = random.pick(names);
    const other = random.pick(names);
    const bridge = random.pick(bridges);
    switch (random.below(14)) {
      case 0:
      case 1:
        return `link set ${name} up`;
      case 2:
      case 3:
        return `link set ${name} down`;
      case 4:
        return `link set ${name} name ${other}`;
      case 5:
        return `link set ${name} mtu ${1000 + random.below(500)}`;
      case 6:
        return `link set ${name} master ${bridge}`;
      case 7:
        return `link set ${name} nomaster`;
      case 8:
        return `link del ${random.below(4) === 0 ? bridge : name}`;
      case 9:
        return `link add ${name} type veth peer name ${other}`;
      case 10:
        return `link add ${name} type ifb`;
      case 11:
        return `link add ${bridge} type bridge`;
      case 12:
        return `link property ${random.pick(["add", "del"])} dev ${name} altname ${
          random.pick(["x", "y", "z-is-longer-than-fifteen"])
        }`;
      default:
        return random.below(2) === 0
          ? `link set ${bridge} up`
          : `link set ${name} mode ${random.pick(["dormant", "default"])}`;
    }
  });
}

liveTest(`live: after ${ROUNDS} random sequences of 200 changes, the last states told are ip's`, async () => {
  const random = new Random();
  try {
    await using follower = new Follower(watch({ initial: true }));
    for (let round = 0; round < ROUNDS; round++) {
      await ipBatch([...START, ...changes(random, 200)]);
      await eventually(() => assertAsIp(follower.states.values(), `round ${round} with NETFLAGS_SEED=${random.seed}`));
    }
    assert(follower.events.length > 20 * ROUNDS, `${follower.events.length} events`);
  } finally {
    clear();
  }
});

liveTest(
  `live: a watcher for some names follows them through ${ROUNDS} random sequences, whatever the others do`,
  async () => {
    const random = new Random();
    const names = ["a0", "x"];
    const seen = new Set<string>();
    try {
      const states = new Map<number, InterfaceStatus>();
      const watcher = watch({ names, initial: true, addresses: false });
      const over = (async () => {
        for await (const { type, status, previous } of watcher) {
          const concerned = [status, previous].some((state) =>
            state !== undefined && names.some((name) => state.name === name || state.altNames.includes(name))
          );
          assert(concerned, `${status.name} was not asked for`);
          if (type === "removed" || type === "left") states.delete(status.index);
          else states.set(status.index, status);
          seen.add(`${type} ${status.name}`);
        }
      })();
      const now = () =>
        [...states.values()].filter((state) =>
          names.some((name) => state.name === name || state.altNames.includes(name))
        );
      for (let round = 0; round < ROUNDS; round++) {
        await ipBatch([...START, ...changes(random, 200)]);
        await eventually(() => {
          const want = names.map((name) => get(name)).filter((status) => status !== undefined);
          const byIndex = new Map(want.map((status) => [status.index, { ...status, addresses: undefined }]));
          assertEquals(
            new Map(now().map((status) => [status.index, status])),
            byIndex,
            `round ${round} with NETFLAGS_SEED=${random.seed}`,
          );
        });
      }
      await watcher.return();
      await over;
      assert(seen.size > 3, [...seen].join());
    } finally {
      clear();
    }
  },
);

liveTest("live: a name that passes to an interface nobody asked for brings that one's last state", async () => {
  try {
    ip("link add dev i0 type ifb");
    await using watcher = watch({ names: ["wan"] });
    // At one go: after half a second without an event everything is compared, and then the state before is an older one.
    await ipBatch([
      "link set i0 up",
      ...[1401, 1402, 1403, 1404].map((mtu) => `link set i0 mtu ${mtu}`),
      "link property add dev i0 altname wan",
    ]);
    const { value } = await watcher.next();
    assertEquals([value?.type, value?.status.name, value?.status.altNames], ["added", "i0", ["wan"]]);
    assertEquals([value?.status.mtu, value?.status.up], [1404, true]);
  } finally {
    clear();
  }
});

liveTest("live: creating, enslaving, renaming, moving away and deleting are told as what they are", async () => {
  const other = await otherNamespace();
  try {
    await using follower = new Follower(watch());
    const told = (name: string) => follower.events.filter((event) => event.status.name === name);
    ip("link add dev va type veth peer name vb");
    ip("link add br0 type bridge");
    ip("link set va master br0");
    await eventually(() => assertEquals(told("va").at(-1)?.status.master, "br0"));
    ip("link set br0 name br9");
    await eventually(() => assertEquals(told("va").at(-1)?.status.master, "br9"));
    ip("link set va nomaster");
    await eventually(() => assertEquals(told("va").at(-1)?.status.master, undefined));
    assertEquals(told("va").some((event) => event.type === "removed"), false);
    ip("link property add dev va altname an-alternative-name");
    await eventually(() => assertEquals(told("va").at(-1)?.changed, ["altNames"]));
    ip("link set va name vc");
    await eventually(() => assertEquals(told("vc")[0]?.previous?.name, "va"));
    ip("link add dev gone type ifb");
    ip(`link set gone netns ${other.pid}`);
    await eventually(() => assertEquals(told("gone").at(-1)?.type, "removed"));
    assertEquals(typeof movedOf(told("gone").at(-1))?.netnsId, "number");
    ip("link add dev tmp index 4711 type ifb");
    ip("link del tmp");
    ip("link add dev tmp2 index 4711 type ifb");
    await eventually(() => assertEquals(told("tmp2")[0]?.type, "added"));
    const removed = told("tmp").find((event) => event.type === "removed");
    assertEquals(removed?.moved, undefined);
    assert(removed === undefined || told("tmp2")[0]!.generation > removed.generation);
    ip("link del vc");
    await eventually(() => assertEquals(told("vb").at(-1)?.type, "removed"));
  } finally {
    other.kill("SIGKILL");
    await other.status;
    clear();
  }
});

liveTest("live: addresses are told where they were asked for", async () => {
  try {
    ip("link add dev va type veth peer name vb");
    await using follower = new Follower(watch({ names: ["va"], initial: true, addresses: true }));
    const told = () => follower.states.values().next().value?.addresses?.map(({ address }) => address);
    await eventually(() => assertEquals(told(), []));
    ip("addr add 10.0.0.1/24 dev va");
    await eventually(() => assertEquals(told(), ["10.0.0.1"]));
    ip("-6 addr add 2001:db8::1/64 dev va nodad");
    await eventually(() => assertEquals(told(), ["10.0.0.1", "2001:db8::1"]));
    ip("addr del 10.0.0.1/24 dev va");
    await eventually(() => assertEquals(told(), ["2001:db8::1"]));
  } finally {
    clear();
  }
});

liveTest("live: ten carrier changes in a millisecond are one event with as many hidden", async () => {
  using tap = new Tap("tap0");
  ip("link set tap0 up");
  tap.carrier(false);
  tap.carrier(true);
  await waitFor("tap0", "oper-up", { timeout: 5000 });
  await using follower = new Follower(watch({ names: ["tap0"] }));
  let merged = false;
  const carrier = (): boolean | undefined => follower.events.at(-1)?.status.carrier;
  // Where a worker of the kernel's gets between two of the ten, it makes two events of them; none may be miscounted.
  for (let round = 0; round < 5 && !merged; round++) {
    // What follows within a second of a carrier that went is held back, and merged: link_watch.c.
    tap.carrier(false);
    await eventually(() => assertEquals(carrier(), false));
    tap.carrier(true);
    await eventually(() => assertEquals(carrier(), true));
    const before = get("tap0")!.carrierChanges!;
    const first = follower.events.length;
    for (let i = 0; i < 5; i++) {
      tap.carrier(false);
      tap.carrier(true);
    }
    assertEquals(get("tap0")!.carrierChanges! - before, 10);
    const counted = (): number =>
      follower.events.slice(first).reduce(
        (sum, { hiddenFlaps, previous, status: now }) =>
          sum + hiddenFlaps! + (previous?.carrier === now.carrier ? 0 : 1),
        0,
      );
    await eventually(() => assertEquals(counted(), 10));
    const told = follower.events.slice(first);
    assertEquals(told.at(-1)?.status.connected, true);
    merged = told.length === 1 && told[0]!.hiddenFlaps === 10;
  }
  assert(merged, "five times, the kernel merged none");
}, TUN);

/**
 * Whether a child has ended, for a thread that does not return to its event loop meanwhile: there nobody takes up the
 * child's status, and it stays a zombie.
 */
function hasEnded(pid: number): boolean {
  try {
    return /\) [ZX] /.test(Deno.readTextFileSync(`/proc/${pid}/stat`));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return true;
    throw error;
  }
}

/** Computes without a pause until a child has ended. */
function computeUntilEnded(pid: number): void {
  const nothing = new Int32Array(new SharedArrayBuffer(4));
  while (!hasEnded(pid)) Atomics.wait(nothing, 0, 0, 10);
}

liveTest(
  `live: a flood that overflows the queue of a busy consumer ends in the right state, ${ROUNDS} times`,
  async () => {
    const flood = new URL("../../helpers/live/flood.ts", import.meta.url).pathname;
    try {
      // All are up: of one that is down the watcher would ask again by itself, and so hide a state that went wrong.
      await ipBatch(Array.from({ length: 50 }, (_, i) => `link add dev f${i} up type ifb`));
      ip("link set lo up");
      for (let round = 0; round < ROUNDS; round++) {
        let hold: (() => Promise<unknown> | void) | undefined = undefined;
        let held = 0;
        // From the middle of the flood to its end it takes nothing, however slow the machine is: the queue overflows.
        await using follower = new Follower(watch({ initial: true }), async () => {
          if (hold !== undefined && follower.events.length >= 60 && held++ === 0) await hold();
        });
        await eventually(() => assert(follower.states.size >= 50));
        const process = new Deno.Command(Deno.execPath(), {
          args: ["run", "--quiet", "--no-config", "--allow-ffi", flood, "50000", "f", "50"],
          stdout: "null",
          stderr: "piped",
        }).spawn();
        const output = process.output();
        // It waits for something else, or it computes without a pause.
        hold = () => round % 2 === 0 ? output : computeUntilEnded(process.pid);
        const { success, stderr } = await output;
        assert(success, new TextDecoder().decode(stderr));
        await eventually(() => assertAsIp(follower.states.values(), `round ${round}`));
        assert(follower.events.some((event) => event.resync), `round ${round}: no event says resync`);
        assert(held > 0, `round ${round}: the consumer was not held`);
      }
    } finally {
      clear();
    }
  },
);

liveTest("live: waitFor sees an interface that is created later, its carrier, and its end", async () => {
  try {
    const created = waitFor("late0", "present", { timeout: 5000 });
    const ready = waitFor("late0", "running", { timeout: 5000 });
    const gone = waitFor("late0", "absent", { timeout: 5000 });
    assertEquals(await gone, undefined);
    ip("link add dev late0 type veth peer name late1");
    assertEquals((await created).kind, "veth");
    ip("link set late0 up");
    ip("link set late1 up");
    assertEquals((await ready).connected, true);
    const end = waitFor("late0", "absent", { timeout: 5000 });
    ip("link del late0");
    assertEquals(await end, undefined);
  } finally {
    clear();
  }
});

liveTest("live: a message from another process is not the kernel's", async () => {
  await using follower = new Follower(watch({ initial: true }));
  await eventually(() => assert(follower.states.size > 0));
  const ports = linkListeners();
  assert(ports.length > 0);
  run(
    "python3",
    "-c",
    `import socket, struct, sys
s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
s.bind((0, 0))
body = struct.pack("=BBHiII", 0, 0, 1, 1, 0, 0) + struct.pack("=HH", 9, 3) + b"evil\\0" + b"\\0\\0\\0" + struct.pack("=HHB", 5, 16, 6) + b"\\0\\0\\0"
message = struct.pack("=IHHII", 16 + len(body), 16, 0, 0, 0) + body
for port in sys.argv[1:]:
    s.sendto(message, (int(port), 0))`,
    ...ports.map(String),
  );
  ip("link add dev real0 type ifb");
  await eventually(() => assert([...follower.states.values()].some(({ name }) => name === "real0")));
  assertEquals(follower.events.some((event) => event.status.name === "evil"), false);
  clear();
});
