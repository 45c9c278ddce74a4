import { assert, assertEquals, assertThrows } from "@std/assert";
import { NetflagsError, NotPermittedError, SystemError } from "../../../../mod.ts";
import type { DefaultRoutes } from "../../../../platforms/contract/route.ts";
import type { Sink } from "../../../../platforms/contract/backend.ts";
import type { Facts, InterfaceStatus } from "../../../../platforms/contract/status.ts";
import { Discovered } from "../../../../platforms/common/discovered.ts";
import { LINUX_CAPABILITIES } from "../../../../platforms/linux/libc/capabilities.ts";
import { MEMORY } from "../../../../platforms/ffi/memory.ts";
import type { NetlinkCalls } from "../../../../platforms/linux/libc/calls.ts";
import {
  buildRequest,
  type RequestAttribute,
  textPayload,
  u32Payload,
} from "../../../../platforms/linux/wire/netlink.ts";
import * as N from "../../../../platforms/linux/wire/numbers.ts";
import { LinuxSubscription } from "../../../../platforms/linux/listen/subscription.ts";
import { ScriptedLinux } from "../../../helpers/linux/libc.ts";
import { datagram, doneMessage, errorMessage, nest } from "../../../helpers/linux/messages.ts";
import { NO_SINK } from "../../../helpers/made_up.ts";

Deno.test("linux subscription: a loss at each read is no overflow, and does not hold up the loop", async () => {
  let reads = 0;
  const libc: NetlinkCalls = {
    more: { ioctl: () => -1 },
    places: MEMORY,
    around: undefined,
    discovered: new Discovered(LINUX_CAPABILITIES),
    errno: () => reads < 1_000_000 ? N.ENOBUFS : 9, // EBADF, where it would never end
    failure: () => new NetflagsError("unexpected"),
    failureOf: (errno) => new NetflagsError(`errno ${errno}`),
    symbols: {
      socket: () => 3,
      bind: () => 0,
      setsockopt: () => 0,
      send: () => -1,
      recvfrom: () => (reads++, -1),
    },
    attachFilter: () => false,
    ioctlWith: () => false,
    close: () => {},
    waiter: { add: () => ({ pause: () => {}, close: () => Promise.resolve() }) },
  };
  const subscription = new LinuxSubscription(libc, { addresses: false, ready: () => {}, failed: () => {} });
  assertThrows(() => subscription.drain(NO_SINK, 1024), Error, `errno ${N.ENOBUFS}`);
  assert(reads < 100, `${reads} reads`);
  await subscription.close();
});

/** A sink that keeps what links say, and notes what it is told. */
class Notes implements Sink {
  readonly known = new Map<number, InterfaceStatus>();
  readonly unwanted = new Set<number>();
  readonly orphaned: number[] = [];
  #told: unknown[] = [];

  /** What was told since the last time. */
  take(): unknown[] {
    const told = this.#told;
    this.#told = [];
    return told;
  }

  get(index: number): InterfaceStatus | undefined {
    return this.known.get(index);
  }

  wants(index: number): boolean {
    return !this.unwanted.has(index);
  }

  passOver(up: boolean): void {
    this.#told.push(["passed over", up]);
  }

  route({ inet, inet6 }: DefaultRoutes): void {
    this.#told.push(["default", inet, inet6]);
  }

  apply(index: number, facts: Facts): void {
    if ("index" in facts) {
      this.#told.push([index, facts.name, facts.mtu]);
      this.known.set(index, { ...facts, wireless: facts.wireless ?? this.known.get(index)?.wireless });
    } else if ("address" in facts) this.#told.push([index, facts.address.address, facts.gone ? "gone" : "there"]);
    else if ("relations" in facts) {
      const { masterIndex, parentIndex, parentNetnsId } = facts.relations;
      this.#told.push([index, "relations", masterIndex, parentIndex, parentNetnsId]);
    } else if ("addresses" in facts) {
      this.#told.push([index, "addresses", ...facts.addresses.map(({ address }) => address)]);
    } else {
      this.#told.push([index, "wireless", facts.wireless?.type, facts.wireless?.ssid]);
      const known = this.known.get(index);
      if (known !== undefined) this.known.set(index, { ...known, wireless: facts.wireless });
    }
  }

  started(index: number, ssid: string): void {
    this.#told.push([index, "started", ssid]);
  }

  remove(index: number, move: unknown): void {
    this.#told.push([index, "removed", move]);
    this.known.delete(index);
  }

  orphans(): readonly number[] {
    return this.orphaned.splice(0);
  }
}

const EPERM = 1;
const ENOMEM = 12;
const FAMILY = 0x1c;

function link(
  index: number,
  mtu: number,
  { type = N.RTM_NEWLINK, family = 0, seq = 0, flags = 0, up = 1, more = [] }: {
    type?: number;
    family?: number;
    seq?: number;
    flags?: number;
    up?: number;
    more?: readonly RequestAttribute[];
  } = {},
): Uint8Array {
  const header = new Uint8Array(new Uint32Array([family | 1 << 16, index, 0x1002 | up, 0]).buffer);
  return buildRequest(type, flags, seq, header, [
    [N.IFLA_IFNAME, textPayload(`eth${index}`)],
    [N.IFLA_MTU, u32Payload(mtu)],
    ...more,
  ]);
}

const KIND: RequestAttribute = [N.IFLA_LINKINFO, nest([N.IFLA_INFO_KIND, textPayload("veth")])];

function address(type: number, index: number, last: number, family = N.AF_INET): Uint8Array {
  return buildRequest(type, 0, 0, Uint8Array.of(family, 24, 0, 0, index, 0, 0, 0), [
    [N.IFA_ADDRESS, Uint8Array.of(10, 0, 0, last)],
  ]);
}

/** A subscription, and the kernel below it: the first socket hears events, the second asks. */
function subscribed(wireless = false) {
  const linux = new ScriptedLinux();
  const networks = new Map<number, string>();
  linux.onSend = ({ type, seq, bytes }) => {
    if (type === N.RTM_GETLINK) return [link(1, 1500, { seq, flags: N.NLM_F_MULTI }), doneMessage(seq)];
    if (type === N.RTM_GETADDR) return [doneMessage(seq)];
    if (type === N.GENL_ID_CTRL) {
      const id: RequestAttribute = [N.CTRL_ATTR_FAMILY_ID, new Uint8Array(new Uint16Array([FAMILY]).buffer)];
      const name: RequestAttribute = [N.CTRL_ATTR_FAMILY_NAME, textPayload(N.NL80211_GENL_NAME)];
      const family = buildRequest(N.GENL_ID_CTRL, N.NLM_F_MULTI, seq, Uint8Array.of(1, 2, 0, 0), [name, id]);
      return wireless ? [family, doneMessage(seq)] : [doneMessage(seq)];
    }
    const index = bytes[24]!; // the one attribute: the interface's index
    const ssid = networks.get(index);
    if (ssid === undefined) return [errorMessage(seq, N.ENODEV)];
    return [buildRequest(FAMILY, 0, seq, Uint8Array.of(N.NL80211_CMD_NEW_INTERFACE, 1, 0, 0), [
      [N.NL80211_ATTR_IFINDEX, u32Payload(index)],
      [N.NL80211_ATTR_IFTYPE, u32Payload(3)],
      [N.NL80211_ATTR_SSID, new TextEncoder().encode(ssid)],
    ])];
  };
  const sink = new Notes();
  const subscription = new LinuxSubscription(linux.libc, { addresses: true, ready: () => {}, failed: () => {} });
  const events = linux.queueOf(11);
  /** What is told of these datagrams, behind how the drain ended. */
  const read = (...datagrams: Uint8Array[]): unknown[] => {
    events.push(...datagrams);
    return [subscription.drain(sink, 1024), ...sink.take()];
  };
  return { linux, sink, subscription, events, read, networks };
}

Deno.test("linux subscription: links and addresses are told in order, and what says nothing of them is passed over", () => {
  const { read } = subscribed();
  assertEquals(
    read(
      datagram(link(1, 1500), link(2, 1400), link(1, 1500)),
      address(N.RTM_NEWADDR, 1, 7),
      address(N.RTM_DELADDR, 2, 8),
      address(N.RTM_NEWADDR, 1, 9, 28), // of another family
      buildRequest(24, 0, 0, new Uint8Array(16), []), // RTM_NEWROUTE
      link(3, 1500, { family: 7 }), // AF_BRIDGE: what a bridge says of its port
      link(3, 1500, { type: N.RTM_DELLINK, family: 7 }),
      link(2, 1400, { type: N.RTM_DELLINK }),
      link(4, 1500, { more: [[N.IFLA_WIRELESS, new Uint8Array(4)]] }), // not whole: a wireless extension's event
    ),
    [
      "empty",
      [1, "eth1", 1500],
      [2, "eth2", 1400],
      [1, "10.0.0.7", "there"],
      [2, "10.0.0.8", "gone"],
      [2, "removed", undefined],
    ],
  );
});

Deno.test("linux subscription: an interface that is moved says where to; 0 is a namespace and no index", () => {
  const { read } = subscribed();
  const gone = (netnsId: number, index?: number) => {
    const more: RequestAttribute[] = [[N.IFLA_NEW_NETNSID, u32Payload(netnsId)]];
    if (index !== undefined) more.push([N.IFLA_NEW_IFINDEX, u32Payload(index)]);
    return read(link(1, 1500, { type: N.RTM_DELLINK, more }))[1];
  };
  assertEquals(gone(0, 7), [1, "removed", { netnsId: 0, index: 7 }]);
  assertEquals(gone(3, 0), [1, "removed", { netnsId: 3, index: undefined }]);
  assertEquals(gone(3), [1, "removed", { netnsId: 3, index: undefined }]);
  assertEquals(gone(0xffffffff, 7), [1, "removed", undefined]); // -1: to none that has an id here
});

Deno.test("linux subscription: an overrun, and a message that cannot be decoded, are losses; what is queued is read first", () => {
  const { read, events, subscription, sink } = subscribed();
  assertEquals(read(buildRequest(N.NLMSG_OVERRUN, 0, 0, new Uint8Array(0), []), link(1, 1400)), ["lost", [
    1,
    "eth1",
    1400,
  ]]);
  assertEquals(read(link(1, 1400)), ["empty", [1, "eth1", 1400]]); // what was known before a loss is known no more
  assertEquals(read(link(1, 1400)), ["empty"]);
  assertEquals(read(buildRequest(N.RTM_NEWLINK, 0, 0, new Uint8Array(8), [])), ["lost"]);
  events.push(link(1, 1300), link(1, 1200));
  assertEquals([subscription.drain(sink, 1), sink.take()], ["more", [[1, "eth1", 1300]]]);
  assertEquals(read(), ["empty", [1, "eth1", 1200]]);
});

Deno.test("linux subscription: a state that nobody wants is passed over, and told before the next that somebody wants", () => {
  const { read, sink } = subscribed();
  read(link(1, 1500));
  sink.unwanted.add(1);
  assertEquals(read(link(1, 1400), link(1, 1400, { up: 0 })), ["empty", ["passed over", true], ["passed over", false]]);
  assertEquals(read(address(N.RTM_NEWADDR, 1, 7)), ["empty", [1, "eth1", 1400], [1, "10.0.0.7", "there"]]);
  read(link(1, 1300));
  sink.unwanted.delete(1);
  assertEquals(read(link(1, 1200)), ["empty", [1, "eth1", 1300], [1, "eth1", 1200]]);
  sink.unwanted.add(1);
  assertEquals(read(link(1, 1100, { more: [KIND] })), ["empty", [1, "eth1", 1100]]); // other names: it may be wanted
  read(link(1, 1000, { more: [KIND] }));
  assertEquals(read(link(1, 1000, { type: N.RTM_DELLINK })), ["empty", [1, "removed", undefined]]);
});

Deno.test("linux subscription: a snapshot that cannot be had for the moment is none, but the first one says why", () => {
  const { linux, subscription } = subscribed();
  const answer = linux.onSend;
  linux.onSend = () => -ENOMEM;
  assertThrows(() => subscription.snapshot(), SystemError, "ENOMEM");
  linux.onSend = answer;
  assertEquals(subscription.snapshot()?.map(({ name }) => name), ["eth1"]);
  linux.onSend = () => -ENOMEM;
  assertEquals(subscription.snapshot(), undefined);
  linux.onSend = () => -EPERM;
  assertThrows(() => subscription.snapshot(), NotPermittedError, "EPERM");
});

Deno.test("linux subscription: after a snapshot a message counts also where it says what the last one said", () => {
  const { read, subscription } = subscribed();
  read(link(1, 1500));
  subscription.snapshot();
  assertEquals(read(link(1, 1500)), ["empty", [1, "eth1", 1500]]);
});

Deno.test("linux subscription: nl80211 is asked about what may be wireless, and of others never", () => {
  const { linux, read, networks } = subscribed(true);
  assertEquals(read(link(2, 1500, { more: [KIND] })), ["empty", [2, "eth2", 1500]]);
  assertEquals(linux.asked.length, 0);
  networks.set(1, "net");
  assertEquals(read(link(1, 1500)), ["empty", [1, "eth1", 1500], [1, "wireless", "ap", "net"]]);
  networks.set(1, "other"); // its link is wireless now: each change of it may be one of the network
  assertEquals(read(link(1, 1400)), ["empty", [1, "eth1", 1400], [1, "wireless", "ap", "other"]]);
  const before = linux.asked.length;
  assertEquals(read(link(2, 1400, { more: [KIND] })), ["empty", [2, "eth2", 1400]]);
  assertEquals(read(link(1, 1400, { type: N.RTM_DELLINK })), ["empty", [1, "removed", undefined]]);
  assertEquals(linux.asked.length, before);
});

Deno.test("linux subscription: what nl80211 tells belongs to the links that were read before, starts first", async () => {
  const { linux, read, networks, subscription, sink } = subscribed(true);
  networks.set(1, "old");
  read(link(1, 1500));
  const start = (index: number, ssid: string) =>
    buildRequest(FAMILY, 0, 0, Uint8Array.of(N.NL80211_CMD_START_AP, 1, 0, 0), [
      [N.NL80211_ATTR_IFINDEX, u32Payload(index)],
      [N.NL80211_ATTR_SSID, new TextEncoder().encode(ssid)],
    ]);
  networks.set(1, "new");
  const wirelessEvents = linux.queueOf([...linux.waiting.keys()].at(-1)!);
  wirelessEvents.push(
    start(1, "between"),
    start(1, "new"),
    buildRequest(FAMILY, 0, 0, Uint8Array.of(N.NL80211_CMD_NEW_INTERFACE, 1, 0, 0), [
      [N.NL80211_ATTR_IFINDEX, u32Payload(1)],
      [N.NL80211_ATTR_SSID, new TextEncoder().encode("no start")],
    ]),
    buildRequest(FAMILY, 0, 0, Uint8Array.of(N.NL80211_CMD_START_AP, 1, 0, 0), []), // of a device without an interface
    buildRequest(FAMILY, 0, 0, Uint8Array.of(N.NL80211_CMD_STOP_AP, 1, 0, 0), [[
      N.NL80211_ATTR_IFINDEX,
      u32Payload(2),
    ]]),
  );
  assertEquals(read(link(1, 1400)), [
    "empty",
    [1, "eth1", 1400],
    [1, "started", "between"],
    [1, "started", "new"],
    [1, "wireless", "ap", "new"],
    [2, "wireless", undefined, undefined], // which nl80211 does not know
  ]);
  wirelessEvents.push({ errno: N.ENOBUFS });
  assertEquals(read(), ["lost"]);
  // What was passed over of a link is told before its network.
  read(link(1, 1400));
  sink.unwanted.add(1);
  read(link(1, 1300));
  wirelessEvents.push(start(1, "newest"));
  networks.set(1, "newest");
  assertEquals(read(), ["empty", [1, "started", "newest"], [1, "eth1", 1300], [1, "wireless", "ap", "newest"]]);
  subscription.pause(true);
  assertEquals(linux.paused, [true, true]);
  await subscription.close();
  assertEquals([linux.waiting.size, linux.closed.length, new Set(linux.closed).size], [0, 4, 4]);
});

Deno.test("linux subscription: nl80211 that cannot be asked for the moment is a loss; it is asked again", () => {
  const { linux, read, networks } = subscribed(true);
  networks.set(1, "net");
  const { onSocket, onSend } = linux;
  linux.onSocket = () => -24; // EMFILE
  assertEquals(read(link(1, 1500)), ["lost", [1, "eth1", 1500]]);
  linux.onSocket = onSocket;
  for (const failing of [1, 2]) { // the question that waits for the kernel, and the one that is answered
    let asked = 0;
    linux.onSend = (what) => what.type === FAMILY && ++asked === failing ? -ENOMEM : onSend(what);
    assertEquals(read(link(1, 1500 + failing))[0], "lost");
    assertEquals(read(link(1, 1500)), ["empty", [1, "eth1", 1500], [1, "wireless", "ap", "net"]]);
  }
});

Deno.test("linux subscription: a kernel that refuses nl80211 is one without it", () => {
  const { linux, read } = subscribed(true);
  linux.onSocket = () => -EPERM;
  assertEquals(read(link(1, 1500)), ["empty", [1, "eth1", 1500]]);
});

Deno.test("linux subscription: a wake tells how many datagrams it read", async () => {
  const linux = new ScriptedLinux();
  const subscription: LinuxSubscription = new LinuxSubscription(linux.libc, {
    addresses: false,
    ready: () => void subscription.drain(NO_SINK, 1024),
    failed: () => {},
  });
  linux.queue.push(link(1, 1500), link(2, 1500), link(3, 1500));
  const [waited] = [...linux.waiting.values()];
  assertEquals([waited?.ready(), waited?.ready()], [3, 0]);
  await subscription.close();
});

Deno.test("linux subscription: where it cannot be made whole nothing of it is left", () => {
  const linux = new ScriptedLinux();
  let sockets = 10;
  linux.onSocket = () => ++sockets === 12 ? -EPERM : sockets;
  const options = { addresses: false, ready: () => {}, failed: () => {} };
  assertThrows(() => new LinuxSubscription(linux.libc, options), NotPermittedError);
  assertEquals(linux.closed, [11]);
});
