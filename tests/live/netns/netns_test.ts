/** Other network namespaces: several in one process, and a thread that is always back where it was. */
import { assert, assertEquals, assertInstanceOf, assertMatch, assertRejects, assertThrows } from "@std/assert";
import {
  active,
  capabilities,
  get,
  inspect,
  type InterfaceEvent,
  type InterfaceWatcher,
  InvalidInputError,
  list,
  NetflagsError,
  setFlags,
  SystemError,
  waitFor,
  watch,
} from "../../../mod.ts";
import { useBackend } from "../../../platforms/current.ts";
import { LinuxBackend } from "../../../platforms/linux/backend.ts";
import { LinuxLibc, useLibc } from "../../../platforms/linux/libc/libc.ts";
import { ioctlFlags, setLinkMode } from "../../../src/linux.ts";
import { type Call, makeShim, Shim } from "../../faults/shim.ts";
import { CAN_NAME, descriptors, here, leaked, Named, nameOf } from "../../helpers/live/namespaces.ts";
import {
  clear,
  eventually,
  ip,
  linkListeners,
  liveTest,
  otherNamespace,
  ROUNDS,
  run,
} from "../../helpers/live/system.ts";
import { movedOf } from "../../helpers/events.ts";

/** A thousand; fewer where the machine is emulated. */
const TIMES = 50 * ROUNDS;
const SHIM = CAN_NAME ? makeShim() : undefined;

function named(what: string, test: () => Promise<void> | void, needs = true): void {
  liveTest(`live netns: ${what}`, test, CAN_NAME && needs);
}

async function next(watcher: InterfaceWatcher): Promise<InterfaceEvent> {
  const { value } = await watcher.next();
  assert(value !== undefined, "the watcher has ended");
  return value;
}

/** The next event of a type, of an interface. */
async function nextOf(watcher: InterfaceWatcher, type: string, name: string): Promise<InterfaceEvent> {
  for (;;) {
    const event = await next(watcher);
    if (event.type === type && event.status.name === name) return event;
  }
}

/** Ends with one error that says that a namespace is gone, and then without another one. */
async function endsAsGone(watcher: InterfaceWatcher, words: string): Promise<void> {
  const error = await assertRejects(async () => {
    for (;;) await next(watcher);
  }, SystemError);
  assertEquals(error.message.slice(0, words.length + 8), `${words} is gone`);
  assertEquals(await watcher.next(), { done: true, value: undefined });
}

named("two and the own one are watched in one process; one is deleted, and the others go on", async () => {
  const before = [here(), descriptors()];
  {
    using red = new Named("red");
    using blue = new Named("blue");
    await using inRed = watch({ netns: red.name });
    await using inBlue = watch({ netns: blue.path, settle: 10 });
    await using here = watch();
    const waiting = waitFor("never0", "present", { netns: blue.name });
    red.ip("link add va type ifb");
    blue.ip("link add vb type ifb");
    ip("link add vc type ifb");
    assertEquals((await nextOf(inRed, "added", "va")).status.name, "va");
    assertEquals((await nextOf(inBlue, "added", "vb")).status.name, "vb");
    assertEquals((await nextOf(here, "added", "vc")).status.name, "vc");
    assertEquals([list({ netns: red.name }).length, list({ netns: blue.name }).length, list().length], [2, 2, 2]);
    blue.remove();
    await endsAsGone(inBlue, `Network namespace "${blue.path}"`);
    const error = await assertRejects(() => waiting, SystemError);
    assertMatch(error.message, /^Network namespace "netflags-\d+-blue" is gone: its name was removed/);
    assertThrows(() => list({ netns: blue.name }), InvalidInputError, blue.name);
    red.ip("link set va up");
    assertEquals((await nextOf(inRed, "changed", "va")).flagsSet[0], "UP");
    ip("link set vc up");
    assertEquals((await nextOf(here, "changed", "vc")).flagsSet[0], "UP");
  }
  clear();
  assertEquals([here(), await leaked(before[1] as number)], [before[0], 0]);
});

named("an interface that is moved is removed in the one and added in the other", async () => {
  using red = new Named("red");
  using blue = new Named("blue");
  await using inRed = watch({ netns: red.name });
  await using inBlue = watch({ netns: blue.name });
  red.ip("link add va type ifb");
  await nextOf(inRed, "added", "va");
  red.ip(`link set va netns ${blue.name}`);
  const removed = await nextOf(inRed, "removed", "va");
  assertEquals(typeof movedOf(removed)?.netnsId, "number");
  const added = await nextOf(inBlue, "added", "va");
  assertEquals(movedOf(removed)?.index, added.status.index);
});

named("watchers of one namespace share a socket, by whatever name they came", async () => {
  using red = new Named("red");
  const child = new Deno.Command("ip", { args: ["netns", "exec", red.name, "sleep", "600"] }).spawn();
  const own = `/proc/${Deno.pid}/ns/net`;
  try {
    await eventually(() => assertEquals(list({ netns: child.pid }).length, 1));
    await eventually(() =>
      assertEquals(
        red.run("readlink", `/proc/${child.pid}/ns/net`),
        red.run("readlink", own.replace(String(Deno.pid), "self")),
      )
    );
    await using byName = watch({ netns: red.name });
    await using byPath = watch({ netns: red.path });
    await using byProcess = watch({ netns: child.pid });
    assertEquals(red.listeners(), 1);
    await using _here = watch();
    await using _byOwnName = watch({ netns: Deno.pid });
    assertEquals(linkListeners().length, 1);
    child.kill("SIGKILL");
    await endsAsGone(byProcess, `Network namespace of process ${child.pid}`);
    red.ip("link add va type ifb");
    for (const one of [byName, byPath]) assertEquals((await nextOf(one, "added", "va")).type, "added");
  } finally {
    await child.status;
  }
});

liveTest("live netns: that of a process, until it ends", async () => {
  const before = descriptors();
  const child = await otherNamespace();
  try {
    await using watcher = watch({ netns: child.pid });
    await using byPath = watch({ netns: `/proc/${child.pid}/ns/net` });
    run("nsenter", "-t", String(child.pid), "-n", "ip", "link", "add", "va", "type", "ifb");
    for (const one of [watcher, byPath]) assertEquals((await nextOf(one, "added", "va")).type, "added");
    assertEquals(get("va", { netns: child.pid })?.kind, "ifb");
    assertEquals(get("va"), undefined);
    child.kill("SIGKILL");
    await endsAsGone(watcher, `Network namespace of process ${child.pid}`);
    await endsAsGone(byPath, `Network namespace "/proc/${child.pid}/ns/net"`);
  } finally {
    await child.status;
  }
  assertThrows(() => list({ netns: child.pid }), InvalidInputError, `process ${child.pid}`);
  assertEquals(await leaked(before), 0);
});

named("a name that passes to another namespace, and one whose mount alone is taken away", async () => {
  using red = new Named("red");
  await using first = watch({ netns: red.name });
  red.remove();
  run("ip", "netns", "add", red.name);
  await endsAsGone(first, `Network namespace "${red.name}"`);
  await using second = watch({ netns: red.name });
  red.ip("link add va type ifb");
  await nextOf(second, "added", "va");
  run("umount", red.path);
  await endsAsGone(second, `Network namespace "${red.name}"`);
});

named("flags and link mode are set there, and read there by ioctl", () => {
  using red = new Named("red");
  red.ip("link add va type ifb");
  const netns = red.name;
  assertEquals(setFlags("va", { up: true, noarp: true }, { netns }).up, true);
  assertEquals(ioctlFlags("va", { netns }) & 0x81, 0x81);
  assertEquals(setLinkMode("va", "dormant", { netns }).linkMode, "dormant");
  assertEquals(active({ netns }).map(({ name }) => name), ["va"]);
  assertEquals(inspect("va", { netns })?.name, "va");
  assertThrows(() => ioctlFlags("va"), NetflagsError, `"va"`);
});

named("a cause is followed from there into a third one", () => {
  using red = new Named("red");
  using blue = new Named("blue");
  red.ip(`link add va type veth peer name vb netns ${blue.name}`);
  red.ip("link set va up");
  const status = inspect("va", { netns: red.name });
  assertEquals([typeof status?.parentNetnsId, status?.causes.at(-1)?.interfaceName], ["number", "vb"]);
  blue.ip("link set vb up");
  assertEquals(inspect("va", { netns: red.name })?.connected, true);
});

named("what is no namespace is refused in words, and nothing waits for it", () => {
  const before = [here(), descriptors()];
  const folder = Deno.makeTempDirSync();
  try {
    run("mkfifo", `${folder}/fifo`);
    Deno.symlinkSync("loop", `${folder}/loop`);
    for (
      const [netns, words] of [
        [nameOf("none"), `No network namespace "${nameOf("none")}": ip netns list`],
        [`${folder}/none`, `No network namespace "${folder}/none"`],
        [`${folder}/loop`, "No network namespace"],
        [`${folder}/fifo`, "not a network namespace"],
        [folder, "not a network namespace"],
        ["/proc/self/ns/mnt", "not a network namespace"],
        ["a".repeat(5000), "No network namespace"],
        [0x7fffffff, "No network namespace of process 2147483647"],
        ["", "give a name"],
        ["..", "give a name"],
        ["a\0b", "give a name"],
        [0, "give a process id"],
        [-1, "give a process id"],
        [1.5, "give a process id"],
        [NaN, "give a process id"],
      ] as const
    ) {
      assertThrows(() => list({ netns }), InvalidInputError, words);
      assertThrows(() => watch({ netns }), InvalidInputError, words);
      assertThrows(() => setFlags("lo", { up: true }, { netns }), InvalidInputError, words);
    }
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
  assertEquals([here(), descriptors()], before);
});

/** A C library that fails, in the place of the system's. */
function useShim(): Disposable {
  const libc = new LinuxLibc("poll", [SHIM!]);
  const stack = new DisposableStack();
  stack.use(useLibc(libc));
  stack.use(useBackend(new LinuxBackend(() => libc)));
  return stack;
}

/** Each call that a question or a watcher in another namespace makes on its way there and back, with what may go wrong. */
const FAULTS: readonly (readonly [Call, string])[] = [
  ["open", "EMFILE"],
  ["open", "EACCES"],
  ["open", "ENOENT"],
  ["fstat", "ENOMEM"],
  ["setns", "EPERM"],
  ["setns", "ENOMEM"],
  ["setns", "EINVAL"],
  ["setns", "ENOSYS"],
  ["socket", "EMFILE"],
  ["socket", "EPERM"],
  ["socket generic", "EMFILE"],
  ["bind", "ENOMEM"],
  ["setsockopt join", "ENOMEM"],
  ["send", "ENOBUFS"],
  ["close", "EINTR"],
  ["eventfd", "EMFILE"],
  ["inotify_init", "EMFILE"],
  ["inotify_add", "ENOSPC"],
  ["pidfd_open", "ENOSYS"],
];

named("a thousand rounds, half of them with a call that fails, leave the thread where it was", async () => {
  using red = new Named("red");
  red.ip("link add va type ifb");
  const shim = new Shim(SHIM!);
  using _ = useShim();
  await watch({ netns: red.name }).return(); // what is opened once is open from here on
  assertThrows(() => list({ netns: nameOf("none") }), InvalidInputError);
  const before = [here(), descriptors()];
  let failed = 0;
  for (let round = 0; round < TIMES; round++) {
    const [call, errno] = FAULTS[(round >> 1) % FAULTS.length]!;
    const at = 1 + Math.floor(round / 2 / FAULTS.length) % 8;
    if (round % 2 === 1) shim.arm(call, errno, at);
    try {
      const netns = round % 10 === 9 ? nameOf("none") : red.name;
      if (round % 3 === 0) assertEquals(list({ netns }).length, 2);
      else if (round % 3 === 1) assertEquals(get("va", { netns })?.name, "va");
      else await watch({ netns, initial: true, addresses: true }).return();
    } catch (error) {
      assertInstanceOf(error, NetflagsError, String(error));
      assert(!error.message.includes("\n"), error.message);
      failed++;
    } finally {
      shim.disarm(call);
    }
    assertEquals(here(), before[0], `round ${round}: ${call} ${errno}`);
  }
  assert(failed > TIMES * 0.15 && failed < TIMES * 0.6, `${failed} rounds failed`);
  assertEquals([here(), await leaked(before[1] as number)], [before[0], 0]);
}, SHIM !== undefined);

named("a thread that cannot return for a moment tries again; one that cannot at all opens nothing more", async () => {
  using red = new Named("red");
  const shim = new Shim(SHIM!);
  using _ = useShim();
  assertEquals(list({ netns: red.name }).length, 1);
  const [home, open] = [here(), descriptors()];
  // To prove that it may return, to enter, to return.
  shim.arm("setns", "ENOMEM", 3);
  assertEquals(list({ netns: red.name }).length, 1);
  assertEquals([here(), shim.failed("setns")], [home, 1]);
  await using watcher = watch({ netns: red.name });
  shim.arm("setns", "ENOMEM", -3);
  const words = /^Cannot return from network namespace "[^"]*": ENOMEM \([^)]*\): this thread is in the wrong/;
  assertMatch(assertThrows(() => list({ netns: red.name }), SystemError).message, words);
  assert(here() !== home, "the fault did nothing");
  for (const netns of [undefined, red.name, "/proc/self/ns/net"]) {
    assertMatch(assertThrows(() => list({ netns }), SystemError).message, words);
    assertMatch(assertThrows(() => ioctlFlags("lo", { netns }), SystemError).message, words);
    assertMatch((await assertRejects(() => waitFor("lo", "present", { netns }), SystemError)).message, words);
  }
  red.ip("link add va type ifb"); // what listens already is where it was
  await nextOf(watcher, "added", "va");
  shim.disarm("setns");
  assertEquals(list({ netns: red.name }).length, 2);
  assertEquals(here(), home);
  await watcher.return();
  assertEquals(await leaked(open), 0);
}, SHIM !== undefined);

/** A watcher that never looks by itself: it must be told. */
function watchToldOnly(netns: string | number): InterfaceWatcher {
  const { setInterval } = globalThis;
  globalThis.setInterval = (() => 0) as unknown as typeof setInterval;
  try {
    return watch({ netns });
  } finally {
    globalThis.setInterval = setInterval;
  }
}

named("the end is told at once by the folder of a name, and by a process", async () => {
  using red = new Named("red");
  const child = await otherNamespace();
  try {
    await using byName = watchToldOnly(red.name);
    await using byProcess = watchToldOnly(child.pid);
    red.remove();
    await endsAsGone(byName, `Network namespace "${red.name}"`);
    child.kill("SIGKILL");
    await endsAsGone(byProcess, `Network namespace of process ${child.pid}`);
  } finally {
    await child.status;
  }
});

for (const [call, errno] of [["inotify_init", "EMFILE"], ["inotify_add", "ENOSPC"]] as const) {
  named(`the end is found where ${call} fails`, async () => {
    using red = new Named("red");
    const shim = new Shim(SHIM!);
    using _ = useShim();
    shim.arm(call, errno, "ever");
    try {
      await using watcher = watch({ netns: red.name });
      assertEquals(shim.failed(call), 1);
      red.remove();
      await endsAsGone(watcher, `Network namespace "${red.name}"`);
    } finally {
      shim.disarm(call);
    }
  }, SHIM !== undefined);
}

named("the end of a process is found where pidfd_open fails", async () => {
  const shim = new Shim(SHIM!);
  using _ = useShim();
  const child = await otherNamespace();
  shim.arm("pidfd_open", "ENOSYS", "ever");
  try {
    await using watcher = watch({ netns: child.pid });
    assertEquals(shim.failed("pidfd_open"), 1);
    child.kill("SIGKILL");
    await endsAsGone(watcher, `Network namespace of process ${child.pid}`);
  } finally {
    shim.disarm("pidfd_open");
    await child.status;
  }
}, SHIM !== undefined);

named("capabilities are data and open nothing, and what is shown in another namespace is known in each", () => {
  using red = new Named("red");
  list();
  const before = descriptors();
  for (const ask of [() => list({ netns: red.name }), () => get("lo", { netns: red.path }), () => list()]) {
    ask();
    const told = capabilities();
    assertEquals(structuredClone(told), JSON.parse(JSON.stringify({ ...told })));
  }
  assertEquals(descriptors(), before);
  const program = `
    import { capabilities, get, watch } from ${JSON.stringify(new URL("../../../mod.ts", import.meta.url).href)};
    const open = () => [...Deno.readDirSync("/proc/self/fd")].length;
    const before = open();
    for (let i = 0; i < 100; i++) JSON.stringify(capabilities());
    console.log(open() - before);
    await watch({ netns: "${red.name}" }).return();
    get("a-name-of-more-than-15-bytes", { netns: "${red.name}" });
    console.log(JSON.stringify(capabilities()));`;
  const [more, told] = run(Deno.execPath(), "eval", "--quiet", program).split("\n");
  assertEquals(more, "0");
  assertEquals([JSON.parse(told!).events, JSON.parse(told!).altNames], ["kernel", true]);
});
