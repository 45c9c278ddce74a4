/** Access points, on a radio that a test drives, beside interfaces in memory. */
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { UnsupportedError } from "../../../mod.ts";
import type { DescriptorCallbacks, WirelessSink, WirelessSubscription } from "../../../platforms/contract/backend.ts";
import type { Drained } from "../../../platforms/contract/backend.ts";
import { SystemError } from "../../../platforms/contract/errors.ts";
import type { WirelessMessage } from "../../../platforms/contract/wireless.ts";
import { currentBackend, useBackend } from "../../../platforms/current.ts";
import {
  type AccessPointEvent,
  type AccessPointOptions,
  watchAccessPoints,
  type WirelessMessageLink,
} from "../../../src/linux.ts";
import { FakeSystem } from "../../../src/testing.ts";
import { still } from "../../helpers/still.ts";

type Command =
  | "CH_SWITCH_NOTIFY"
  | "START_AP"
  | "STOP_AP"
  | "NEW_INTERFACE"
  | "SET_INTERFACE"
  | "DEL_INTERFACE"
  | "CONNECT";

function message(command: Command, index: number | undefined, fields: Partial<WirelessMessage> = {}): WirelessMessage {
  return {
    message: `NL80211_CMD_${command}`,
    wiphy: 4,
    index,
    name: undefined,
    wirelessType: undefined,
    wdev: undefined,
    ssid: undefined,
    ssidHex: undefined,
    mloLinkId: undefined,
    frequency: undefined,
    width: undefined,
    mac: undefined,
    reason: undefined,
    status: undefined,
    links: undefined,
    ...fields,
  };
}

const network = (ssid: string): Partial<WirelessMessage> => ({ ssid, ssidHex: new TextEncoder().encode(ssid).toHex() });
const running = (index: number, ssid: string, fields: Partial<WirelessMessage> = {}): WirelessMessage =>
  message("NEW_INTERFACE", index, { wirelessType: "ap", ...network(ssid), ...fields });

/** nl80211, and a watcher's socket to it. */
class Radio implements WirelessSubscription {
  /** What it answers of each interface. */
  readonly state = new Map<number, WirelessMessage>();
  readonly queue: WirelessMessage[] = [];
  readonly asked: number[] = [];
  /** Called behind each question, as if something came at that moment. */
  onGet: (() => void) | undefined;
  lists = 0;
  closed = 0;
  lost = false;
  waiter: DescriptorCallbacks | undefined;

  list(): WirelessMessage[] {
    this.lists++;
    return [...this.state.values()];
  }

  get(index: number): WirelessMessage | undefined {
    this.asked.push(index);
    const found = this.state.get(index);
    this.onGet?.();
    return found;
  }

  drain(sink: WirelessSink): Drained {
    for (const one of this.queue.splice(0)) sink(one);
    const { lost } = this;
    this.lost = false;
    return lost ? "lost" : "empty";
  }

  close(): Promise<void> {
    this.closed++;
    return Promise.resolve();
  }

  /** Sends messages, and lets them be read. */
  tell(...messages: readonly WirelessMessage[]): void {
    this.queue.push(...messages);
    this.waiter?.ready();
  }

  /** Loses what there is to read. */
  lose(): void {
    this.lost = true;
    this.waiter?.ready();
  }
}

/** A machine with a radio, and what its watcher tells. */
class Machine implements AsyncDisposable {
  readonly system = new FakeSystem();
  readonly radio = new Radio();
  readonly events: AccessPointEvent[] = [];
  /** What reading an interface's state throws. */
  failure: Error | undefined;
  readonly #inUse: Disposable;
  #watcher: ReturnType<typeof watchAccessPoints> | undefined;

  constructor() {
    const below = currentBackend();
    this.system.set({ name: "wlan0", index: 3 });
    this.system.set({ name: "wlan1", index: 4 });
    this.#inUse = useBackend({
      capabilities: below.capabilities,
      list: (options) => below.list(options),
      get: (nameOrIndex) => {
        if (this.failure !== undefined) throw this.failure;
        return below.get(nameOrIndex);
      },
      setFlags: (name, set, clear) => below.setFlags(name, set, clear),
      subscribe: (options) => below.subscribe(options),
      watchWireless: (waiter) => {
        this.radio.waiter = waiter;
        return this.radio;
      },
    });
  }

  watch(options?: AccessPointOptions): ReturnType<typeof watchAccessPoints> {
    const watcher = this.#watcher = watchAccessPoints(options);
    void (async () => {
      for await (const event of watcher) this.events.push(event);
    })().catch(() => {});
    return watcher;
  }

  /** What was told since the last time: type, interface, SSID, and the one before. */
  async told(): Promise<unknown[]> {
    for (let i = 0; i < 20; i++) await Promise.resolve();
    return this.events.splice(0).map(({ type, index, ssid, previousSsid }) => [type, index, ssid, previousSsid]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#watcher?.return();
    this.#inUse[Symbol.dispose]();
    this.system[Symbol.dispose]();
  }
}

still(
  "access points: those that run when watching begins are told as initial, with all that is known of them",
  async () => {
    await using machine = new Machine();
    const { radio } = machine;
    radio.state.set(3, running(3, "net", { frequency: 2437, name: "its-own" }));
    radio.state.set(4, running(4, "direct", { wirelessType: "p2p-go" }));
    radio.state.set(5, running(5, "none", { wirelessType: "station" }));
    radio.state.set(6, message("NEW_INTERFACE", 6, { wirelessType: "ap" })); // it does not run
    radio.state.set(7, running(7, "nameless", { name: "wlan7" })); // of which the links do not know
    machine.watch();
    await Promise.resolve();
    for (let i = 0; i < 20; i++) await Promise.resolve();
    assertEquals(
      machine.events.map(({ time: _time, elapsed: _elapsed, status, ...rest }) => ({ ...rest, status: status?.index })),
      [
        {
          type: "started",
          index: 3,
          name: "wlan0",
          ssid: "net",
          ssidHex: "6e6574",
          previousSsid: undefined,
          previousFrequency: undefined,
          frequency: 2437,
          mloLinkId: undefined,
          wiphy: 4,
          initial: true,
          status: 3,
        },
        {
          type: "started",
          index: 4,
          name: "wlan1",
          ssid: "direct",
          ssidHex: "646972656374",
          previousSsid: undefined,
          previousFrequency: undefined,
          frequency: undefined,
          mloLinkId: undefined,
          wiphy: 4,
          initial: true,
          status: 4,
        },
        {
          type: "started",
          index: 7,
          name: "wlan7",
          ssid: "nameless",
          ssidHex: "6e616d656c657373",
          previousSsid: undefined,
          previousFrequency: undefined,
          frequency: undefined,
          mloLinkId: undefined,
          wiphy: 4,
          initial: true,
          status: undefined,
        },
      ],
    );
  },
);

still("access points: a start, another one in its place, and the end, as messages tell them", async () => {
  await using machine = new Machine();
  const { radio } = machine;
  machine.watch();
  radio.state.set(3, running(3, "one", { frequency: 5180 }));
  radio.tell(message("START_AP", 3, network("one")));
  const [event] = (await Promise.resolve(), machine.events);
  assertEquals([event?.initial, event?.frequency], [false, 5180]); // which a start does not tell, and so is asked for
  assertEquals(await machine.told(), [["started", 3, "one", undefined]]);
  radio.tell(message("START_AP", 3, { ...network("two"), frequency: 2412 }), message("START_AP", 4, network("other")));
  assertEquals(machine.events[0]?.frequency ?? 2412, 2412);
  assertEquals(await machine.told(), [["started", 3, "two", "one"], ["started", 4, "other", undefined]]);
  radio.tell(message("STOP_AP", 3));
  assertEquals(await machine.told(), [["stopped", 3, "two", "two"]]);
  radio.tell(message("STOP_AP", 3), message("STOP_AP", undefined), message("START_AP", undefined, network("none")));
  assertEquals(await machine.told(), []);
  radio.tell(message("START_AP", 3)); // whose SSID nobody tells
  assertEquals(await machine.told(), [["started", 3, "", undefined]]);
});

still("access points: an interface that is removed, or is none any more, ends its access point", async () => {
  await using machine = new Machine();
  const { radio, system } = machine;
  machine.watch();
  const start = (index: number): void => radio.tell(message("START_AP", index, network("net")));
  for (
    const end of [
      message("DEL_INTERFACE", 3),
      message("NEW_INTERFACE", 3, { wirelessType: "station" }),
      message("SET_INTERFACE", 3, { wirelessType: "monitor" }),
    ]
  ) {
    start(3);
    await machine.told();
    radio.tell(message("CONNECT", 3), message("SET_INTERFACE", 3, { wirelessType: "ap" }), message("DEL_INTERFACE", 4));
    assertEquals(await machine.told(), []);
    radio.tell(end);
    assertEquals(await machine.told(), [["stopped", 3, "net", "net"]]);
  }
  start(3);
  start(4);
  await machine.told();
  system.remove("wlan0");
  for (let i = 0; i < 20; i++) await Promise.resolve();
  assertEquals(machine.events.map((event) => event.status), [undefined]);
  assertEquals(await machine.told(), [["stopped", 3, "net", "net"]]);
});

still(
  "access points: what a link's change means is asked, and only where it may be that of an access point",
  async () => {
    await using machine = new Machine();
    const { radio, system } = machine;
    machine.watch();
    radio.asked.length = 0;
    system.set({ name: "wlan0", mtu: 1400 });
    await machine.told();
    assertEquals(radio.asked, []);
    radio.state.set(3, running(3, "one")); // kernels before 6.3 send no start
    system.set({ name: "wlan0", flags: 0x11003 });
    for (let i = 0; i < 20; i++) await Promise.resolve();
    assertEquals(machine.events.map(({ initial }) => initial), [false]);
    assertEquals(await machine.told(), [["started", 3, "one", undefined]]);
    radio.state.set(3, running(3, "two"));
    system.set({ name: "wlan0", carrierChanges: 2 });
    for (let i = 0; i < 20; i++) await Promise.resolve();
    assertEquals(machine.events.map(({ initial }) => initial), [false]);
    assertEquals(await machine.told(), [["changed", 3, "two", "one"]]);
    system.set({ name: "wlan0", carrierChanges: 4 });
    assertEquals(await machine.told(), []);
    radio.state.set(3, message("NEW_INTERFACE", 3, { wirelessType: "ap" })); // stopped, and no message told it
    system.set({ name: "wlan0", carrierChanges: 5 });
    assertEquals(await machine.told(), [["stopped", 3, "two", "two"]]);
    for (const gone of [undefined, running(3, "net", { wirelessType: "station" })]) {
      radio.tell(message("START_AP", 3, network("net")));
      if (gone === undefined) radio.state.delete(3);
      else radio.state.set(3, gone);
      system.set({ name: "wlan0", carrierChanges: 6 + (gone === undefined ? 0 : 1) });
      assertEquals(await machine.told(), [["started", 3, "net", undefined], ["stopped", 3, "net", "net"]]);
    }
  },
);

still("access points: an interface that appears is asked about where one ran under its index", async () => {
  await using machine = new Machine();
  const { radio, system } = machine;
  machine.watch();
  await machine.told();
  radio.asked.length = 0;
  system.set({ name: "eth7", index: 7 });
  await machine.told();
  assertEquals(radio.asked, []);
  radio.state.set(8, running(8, "net"));
  radio.tell(message("START_AP", 8, network("net"))); // before its link
  await machine.told();
  radio.state.delete(8);
  system.set({ name: "wlan8", index: 8 });
  assertEquals(await machine.told(), [["stopped", 8, "net", "net"]]);
});

still("access points: what comes while a question is answered is read, and the question asked again", async () => {
  await using machine = new Machine();
  const { radio, system } = machine;
  machine.watch();
  await machine.told();
  radio.asked.length = 0;
  let times = 2;
  radio.onGet = () => {
    if (times-- > 0) radio.queue.push(message("CONNECT", 3));
    radio.queue.push(message("CONNECT", 4)); // of another one: no reason to ask again
  };
  radio.state.set(3, running(3, "net", { frequency: 2437 }));
  system.set({ name: "wlan0", flags: 0x11003 });
  assertEquals(await machine.told(), [["started", 3, "net", undefined]]);
  assertEquals(radio.asked, [3, 3, 3]);
  radio.asked.length = 0;
  times = 99; // without end: it gives up
  system.set({ name: "wlan0", carrierChanges: 2 });
  await machine.told();
  assertEquals(radio.asked.length, 8);
});

still("access points: where messages were lost everything is compared, once", async () => {
  await using machine = new Machine();
  const { radio } = machine;
  for (const [index, ssid] of [[3, "same"], [4, "old"], [5, "gone"]] as const) {
    radio.state.set(index, running(index, ssid));
  }
  machine.watch();
  await machine.told();
  radio.state.set(4, running(4, "new"));
  radio.state.delete(5);
  radio.state.set(6, running(6, "come"));
  radio.lists = 0;
  radio.lose();
  assertEquals(machine.events.every(({ initial }) => !initial), true);
  assertEquals(await machine.told(), [
    ["stopped", 5, "gone", "gone"],
    ["changed", 4, "new", "old"],
    ["started", 6, "come", undefined],
  ]);
  assertEquals(radio.lists, 1);
  // What the list has of one that a message spoke of meanwhile is not believed: it is asked.
  radio.state.set(3, running(3, "newer"));
  const { list } = radio;
  radio.list = () => {
    const before = list.call(radio);
    radio.state.delete(6);
    radio.state.set(3, running(3, "newest"));
    radio.queue.push(message("CONNECT", 3), message("CONNECT", 6));
    return before;
  };
  radio.lose();
  assertEquals(await machine.told(), [["changed", 3, "newest", "same"], ["stopped", 6, "come", "come"]]);
  radio.list = () => {
    radio.lost = true; // and more are lost while it compares
    return list.call(radio);
  };
  radio.lists = 0;
  radio.lose();
  assertEquals(radio.lists, 8); // not without end
});

still("access points: of a multi-link one each link starts and stops by itself", async () => {
  await using machine = new Machine();
  const { radio } = machine;
  machine.watch();
  const start = (ssid: string, mloLinkId?: number) => message("START_AP", 3, { ...network(ssid), mloLinkId });
  const stop = (mloLinkId?: number) => message("STOP_AP", 3, { mloLinkId });
  radio.tell(start("mld", 0), start("mld", 1), start("mld2", 1));
  assertEquals(machine.events.length > 0, false); // nothing was taken yet
  assertEquals(await machine.told(), [
    ["started", 3, "mld", undefined],
    ["started", 3, "mld", undefined],
    ["started", 3, "mld2", "mld"],
  ]);
  radio.tell(stop(0));
  assertEquals(await machine.told(), [["stopped", 3, "mld", "mld"]]);
  radio.tell(stop(0));
  assertEquals(await machine.told(), []);
  radio.tell(start("whole")); // of no link: of all of them
  assertEquals(await machine.told(), [["started", 3, "whole", "mld2"]]);
  radio.tell(start("mld", 1)); // and a link is that one
  assertEquals(await machine.told(), [["started", 3, "mld", "whole"]]);
  radio.tell(start("mld", 2), stop());
  assertEquals(await machine.told(), [
    ["started", 3, "mld", undefined],
    ["stopped", 3, "mld", "mld"],
    ["stopped", 3, "mld", "mld"],
  ]);
  radio.tell(start("whole"), stop(1)); // it was not told of which link it is
  assertEquals(await machine.told(), [["started", 3, "whole", undefined], ["stopped", 3, "whole", "whole"]]);
  // A driver that tells no channel tells the interface, and none of its links: those are left alone.
  radio.tell(start("mld", 0), start("mld", 1));
  await machine.told();
  radio.state.set(3, running(3, "mld", { links: [link(0, undefined), link(1, undefined)] }));
  machine.system.set({ name: "wlan0", flags: 0x11003 });
  assertEquals(await machine.told(), []);
  radio.state.set(3, running(3, "other")); // which has no links any more
  machine.system.set({ name: "wlan0", carrierChanges: 2 });
  assertEquals(await machine.told(), [["changed", 3, "other", "mld"]]);
  radio.state.set(3, running(3, "other", { links: [link(0, 2412), link(1, 5180)] })); // which has them again
  machine.system.set({ name: "wlan0", carrierChanges: 4 });
  assertEquals(await machine.told(), [["started", 3, "other", "other"], ["started", 3, "other", undefined]]);
});

/** What is told of channels: type, SSID, link, and the frequency before and after. */
const channels = (events: readonly AccessPointEvent[]) =>
  events.map(({ type, ssid, mloLinkId, previousFrequency, frequency }) => [
    type,
    ssid,
    mloLinkId,
    previousFrequency,
    frequency,
  ]);

/** Lets everything be read, and says what was told of channels. */
async function channelsOf(machine: Machine): Promise<unknown[]> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
  return channels(machine.events.splice(0));
}

const link = (mloLinkId: number, frequency: number | undefined, ssid?: string): WirelessMessageLink => ({
  mloLinkId,
  frequency,
  ssid,
  ssidHex: ssid === undefined ? undefined : new TextEncoder().encode(ssid).toHex(),
  width: undefined,
  hardwareAddress: undefined,
});

still("access points: a channel switch is told with both channels, once, whoever says it first", async () => {
  await using machine = new Machine();
  const { radio } = machine;
  const switched = (frequency: number) => message("CH_SWITCH_NOTIFY", 3, { frequency });
  radio.state.set(3, running(3, "net", { frequency: 2412 }));
  machine.watch();
  assertEquals(await channelsOf(machine), [["started", "net", undefined, undefined, 2412]]);
  radio.tell(switched(2412), message("CH_SWITCH_NOTIFY", 4, { frequency: 5180 })); // 4 runs none
  assertEquals(await channelsOf(machine), []);
  radio.tell(switched(2437));
  assertEquals(await channelsOf(machine), [["changed", "net", undefined, 2412, 2437]]);
  // Where the link's event comes first, the answer tells it.
  radio.state.set(3, running(3, "net", { frequency: 2462 }));
  machine.system.set({ name: "wlan0", flags: 0x11003 });
  radio.tell(switched(2462));
  assertEquals(await channelsOf(machine), [["changed", "net", undefined, 2437, 2462]]);
  // Where messages were lost, comparing does.
  radio.state.set(3, running(3, "net", { frequency: 5180 }));
  radio.lose();
  assertEquals(await channelsOf(machine), [["changed", "net", undefined, 2462, 5180]]);
  radio.state.set(3, running(3, "new", { frequency: 5200 }));
  radio.lose();
  assertEquals(await channelsOf(machine), [["changed", "new", undefined, 5180, 5200]]);
  radio.state.set(3, running(3, "new")); // which tells no channel
  radio.lose();
  assertEquals(await channelsOf(machine), []);
  radio.tell(message("STOP_AP", 3));
  assertEquals(await channelsOf(machine), [["stopped", "new", undefined, 5200, 5200]]);
});

still("access points: each link of a multi-link one has its own channel and network", async () => {
  await using machine = new Machine();
  const { radio } = machine;
  radio.state.set(3, running(3, "mld", { links: [link(0, 2412), link(1, 5180, "own"), link(2, undefined)] }));
  machine.watch();
  assertEquals(await channelsOf(machine), [
    ["started", "mld", 0, undefined, 2412],
    ["started", "own", 1, undefined, 5180],
  ]);
  radio.tell(message("CH_SWITCH_NOTIFY", 3, { mloLinkId: 1, frequency: 5200 }));
  assertEquals(await channelsOf(machine), [["changed", "own", 1, 5180, 5200]]);
  // A link that starts says nothing of its channel: the answer does.
  radio.state.set(3, running(3, "mld", { links: [link(0, 2412), link(1, 5200), link(2, 2437)] }));
  radio.tell(message("START_AP", 3, { ...network("mld"), mloLinkId: 2 }));
  assertEquals(await channelsOf(machine), [["started", "mld", 2, undefined, 2437]]);
  // One that is stopped has no channel any more, and Linux names no network then.
  radio.state.set(3, message("NEW_INTERFACE", 3, { wirelessType: "ap", links: [link(0, undefined), link(1, 5220)] }));
  radio.lose();
  assertEquals(await channelsOf(machine), [
    ["stopped", "mld", 0, 2412, 2412],
    ["stopped", "mld", 2, 2437, 2437],
    ["changed", "own", 1, 5200, 5220],
  ]);
  radio.state.delete(3);
  radio.lose();
  assertEquals(await channelsOf(machine), [["stopped", "own", 1, 5220, 5220]]);
  // Of one that nobody saw start, the network must be known.
  radio.state.set(3, message("NEW_INTERFACE", 3, { wirelessType: "ap", links: [link(0, 2412)] }));
  radio.lose();
  assertEquals(await channelsOf(machine), []);
});

Deno.test("access points: of an interface whose events nobody takes the last 64 are kept, and those of others", async () => {
  await using machine = new Machine();
  const { radio } = machine;
  const watcher = watchAccessPoints();
  radio.tell(message("START_AP", 4, network("first")));
  for (let i = 0; i < 100; i++) radio.tell(message("START_AP", 3, network(`net${i}`)));
  const told: string[] = [];
  for (let i = 0; i < 65; i++) told.push((await watcher.next()).value!.ssid);
  assertEquals(told, ["first", ...Array.from({ length: 64 }, (_, i) => `net${36 + i}`)]);
  watcher.close();
  assertEquals((await watcher.next()).done, true);
});

still("access points: an interface that cannot be read for the moment is told without its state", async () => {
  await using machine = new Machine();
  const { radio } = machine;
  const watcher = machine.watch();
  machine.failure = new SystemError("Cannot read the state: EMFILE", { code: "EMFILE" });
  radio.tell(message("START_AP", 3, { ...network("net"), name: "wlan0" }));
  for (let i = 0; i < 20; i++) await Promise.resolve();
  assertEquals(machine.events.map(({ name, status }) => [name, status]), [["wlan0", undefined]]);
  await watcher.return();
  machine.failure = new TypeError("a mistake of ours");
  const other = watchAccessPoints();
  radio.tell(message("START_AP", 3, network("net")));
  await assertRejects(() => other.next(), TypeError, "a mistake of ours");
});

still("access points: it ends with its signal, with its radio, or at once", async () => {
  await using machine = new Machine();
  const { radio, system } = machine;
  assertEquals((await watchAccessPoints({ signal: AbortSignal.abort() }).next()).done, true);
  assertEquals([radio.waiter, system.subscriptions], [undefined, 0]);
  const abort = new AbortController();
  const watcher = watchAccessPoints({ signal: abort.signal });
  assertEquals(system.subscriptions, 1);
  const waiting = watcher.next();
  abort.abort();
  assertEquals([(await waiting).done, radio.closed, system.subscriptions], [true, 1, 0]);
  radio.tell(message("START_AP", 3, network("net"))); // what comes after is nobody's
  assertEquals((await watcher.next()).done, true);
  radio.queue.length = 0;
  const failing = watchAccessPoints();
  radio.waiter?.failed(new UnsupportedError("Cannot wait")); // which cannot get better
  await assertRejects(() => failing.next(), UnsupportedError, "Cannot wait");
  assertEquals([radio.closed, system.subscriptions], [2, 0]);
  const unheard = watchAccessPoints();
  system.fail(new TypeError("a mistake of ours"));
  await assertRejects(() => unheard.next(), TypeError);
});

still("access points: where it cannot begin nothing of it is left", async () => {
  await using machine = new Machine();
  const { radio, system } = machine;
  radio.list = () => {
    throw new SystemError("Cannot read wireless interfaces: EBUSY");
  };
  assertThrows(() => watchAccessPoints(), SystemError, "EBUSY");
  for (let i = 0; i < 20; i++) await Promise.resolve();
  assertEquals([radio.closed, system.subscriptions], [1, 0]);
  using _plain = new FakeSystem({ platform: "netbsd" });
  assertThrows(() => watchAccessPoints(), UnsupportedError, "this system does not report them; Linux does");
  using _deaf = new FakeSystem({ accessPoints: false });
  assertThrows(() => watchAccessPoints(), UnsupportedError, "no nl80211");
});
