/** The rehearsal: made-up events walk the road of an event, and nobody sees anything of it. */
import { assert, assertEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { watch } from "../../../mod.ts";
import type { Backend, NetnsHandle, Rehearsal } from "../../../platforms/contract/backend.ts";
import { currentBackend, useBackend } from "../../../platforms/current.ts";
import { LINUX_CAPABILITIES } from "../../../platforms/linux/libc/capabilities.ts";
import { linuxRehearsal } from "../../../platforms/linux/listen/rehearsal.ts";
import { FakeSystem } from "../../../src/testing.ts";
import type { InterfaceEvent } from "../../../src/table/event.ts";
import { rehearse } from "../../../src/watch/rehearsal.ts";

/** Watches a backend by the public call. */
function watchAll({ backend }: NetnsHandle): ReturnType<typeof watch> {
  using _ = useBackend(backend);
  return watch({ addresses: true });
}

Deno.test("rehearsal: each message that Linux makes up is an event, of every kind that the road knows", async () => {
  const { backend, say } = linuxRehearsal(LINUX_CAPABILITIES);
  using _ = useBackend(backend);
  const events: InterfaceEvent[] = [];
  await using watcher = watch({ addresses: true });
  for (let i = 0; i < 16; i++) {
    const event = watcher.next();
    say();
    const { value } = await event;
    events.push(value!);
  }
  assertEquals(events[0]!.type, "added");
  assert(events.slice(1).every(({ type, changed }) => type === "changed" && changed.length > 0));
  const changed = new Set(events.flatMap(({ changed }) => changed));
  for (const field of ["flags", "operState", "carrier", "connected", "mtu", "addresses"] as const) {
    assert(changed.has(field), field);
  }
  assertEquals(new Set(events.map(({ status: { connected } }) => connected)), new Set([true, false]));
  assert(events.every(({ status: { wireless } }) => wireless === undefined));
});

Deno.test("rehearsal: it ends when its time is over, and its watcher with it", async () => {
  let closed = 0;
  const rehearsal = linuxRehearsal(LINUX_CAPABILITIES);
  const subscribe: Backend["subscribe"] = (options) => {
    const subscription = rehearsal.backend.subscribe(options);
    return { ...subscription, close: () => Promise.resolve(void closed++) };
  };
  const events = await rehearse({ ...rehearsal, backend: { ...rehearsal.backend, subscribe } }, watchAll, 1);
  assert(events >= 1, `${events} events`);
  assertEquals(closed, 1);
});

Deno.test("rehearsal: forty rounds in a thread, after a watcher's start and while one is open, and unseen", async () => {
  using time = new FakeTime();
  using system = new FakeSystem();
  const real = currentBackend();
  let rehearsals = 0;
  const rehearsal = (): Rehearsal => {
    rehearsals++;
    return linuxRehearsal(LINUX_CAPABILITIES);
  };
  const backend: Backend = {
    capabilities: real.capabilities,
    list: (options) => real.list(options),
    get: (name) => real.get(name),
    setFlags: () => {},
    subscribe: (options) => real.subscribe(options),
    rehearsal,
  };
  using _ = useBackend(backend);
  {
    await using first = watch();
    first.close();
    await time.tickAsync(1);
    assertEquals(rehearsals, 0);
  }
  {
    await using second = watch({ initial: true });
    assertEquals(rehearsals, 0);
    await time.tickAsync(1);
    assertEquals(rehearsals, 1);
    second.close();
    await time.tickAsync(1000);
    assertEquals(rehearsals, 1);
  }
  await using watcher = watch();
  await using another = watch();
  for (let i = 0; i < 60; i++) await time.tickAsync(10);
  assertEquals(rehearsals, 40);
  system.set({ index: 7, name: "eth7" });
  await time.tickAsync(1);
  for (const told of [watcher, another]) assertEquals((await told.next()).value?.status.name, "eth7");
});
