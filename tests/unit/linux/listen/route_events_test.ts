/** What is heard of routes: which messages count, and that nobody pays who does not ask. */
import { assertEquals, assertThrows } from "@std/assert";
import { SystemError } from "../../../../mod.ts";
import { LinuxSubscription } from "../../../../platforms/linux/listen/subscription.ts";
import { FILTER, RouteEvents } from "../../../../platforms/linux/listen/route_events.ts";
import { runFilter } from "../../../../src/fake/linux/filter.ts";
import { buildRequest, textPayload, u32Payload } from "../../../../platforms/linux/wire/netlink.ts";
import * as N from "../../../../platforms/linux/wire/numbers.ts";
import { type Asked, ScriptedLinux } from "../../../helpers/linux/libc.ts";
import { errorMessage } from "../../../helpers/linux/messages.ts";
import { NO_SINK } from "../../../helpers/made_up.ts";
import { withSeed } from "../../../helpers/random.ts";

const CALLBACKS = { ready: () => {}, failed: () => {} };

function route(prefixLength: number, type = N.RTM_NEWROUTE): Uint8Array<ArrayBuffer> {
  return buildRequest(type, 0, 0, Uint8Array.of(N.AF_INET, prefixLength, 0, 0, 254, 3, 0, 1, 0, 0, 0, 0), []);
}

/** A message about a link that cannot be wireless, so that nothing is asked about that. */
function link(index: number, flags: number): Uint8Array<ArrayBuffer> {
  const header = new Uint8Array(new Uint32Array([N.ARPHRD_TUNNEL << 16, index, flags, 0]).buffer);
  return buildRequest(N.RTM_NEWLINK, 0, 0, header, [[N.IFLA_IFNAME, textPayload(`eth${index}`)]]);
}

Deno.test("route events: the filter lets through what may move the default traffic, and so does netflags without it", async () => {
  const linux = new ScriptedLinux();
  const events = RouteEvents.open(linux.libc, CALLBACKS)!;
  const counts = (bytes: Uint8Array): boolean => {
    linux.queueOf(11).push(bytes);
    assertEquals(events.drain(8), true);
    const { dirty } = events;
    events.settled();
    assertEquals(runFilter(FILTER, bytes) !== 0, dirty, "the filter says otherwise");
    return dirty;
  };
  for (const type of [N.RTM_NEWROUTE, N.RTM_DELROUTE]) {
    assertEquals([0, 1, 4, 5, 24, 32, 128].map((length) => counts(route(length, type))), [
      true,
      true,
      true,
      false,
      false,
      false,
      false,
    ]);
  }
  const rule = buildRequest(32, 0, 0, Uint8Array.of(2, 32, 0, 0, 254, 0, 0, 1, 0, 0, 0, 0), []); // RTM_NEWRULE
  assertEquals([counts(rule), counts(buildRequest(N.RTM_DELADDR, 0, 0, new Uint8Array(8), []))], [true, true]);
  withSeed((random) => {
    for (let i = 0; i < 1000; i++) {
      counts(route(random.below(129), random.pick([N.RTM_NEWROUTE, N.RTM_DELROUTE, 16, 21, 32, 33, 104])));
    }
  });
  await events.close();
});

Deno.test("route events: the filter is there before the first message; a kernel that has none sends more", async () => {
  const options: [number, number][] = [];
  const linux = new ScriptedLinux();
  linux.onOption = (level, name, value) => {
    if (name === N.NETLINK_ADD_MEMBERSHIP) options.push([level, value]);
    return 0;
  };
  linux.onFilter = (instructions) => {
    options.push([N.SOL_SOCKET, instructions]);
    return false;
  };
  const events = RouteEvents.open(linux.libc, CALLBACKS)!;
  const groups = [7, 11, 8, 19, 5, 32].map((group): [number, number] => [N.SOL_NETLINK, group]);
  assertEquals(options, [[N.SOL_SOCKET, FILTER.length], ...groups]);
  await events.close();
  assertEquals([linux.waiting.size, linux.closed], [0, [11]]);
});

Deno.test("route events: a kernel that refuses a group reports none; nexthop objects may be missing", async () => {
  const open = (...refused: number[]) => {
    const linux = new ScriptedLinux();
    linux.onOption = (_level, name, group) =>
      name === N.NETLINK_ADD_MEMBERSHIP && refused.includes(group) ? -N.EPERM : 0;
    return { linux, events: RouteEvents.open(linux.libc, CALLBACKS) };
  };
  for (const group of [7, 11, 8, 19, 5]) {
    const { linux, events } = open(group);
    assertEquals([events, linux.closed, linux.waiting.size], [undefined, [11], 0], `group ${group}`);
  }
  const { events } = open(N.RTNLGRP_NEXTHOP);
  assertEquals(events?.dirty, false);
  await events?.close();
});

Deno.test("route events: a message that was lost is one that came, and the rest waits for a later turn", async () => {
  const linux = new ScriptedLinux();
  const events = RouteEvents.open(linux.libc, CALLBACKS)!;
  linux.queueOf(11).push({ errno: N.ENOBUFS });
  assertEquals([events.drain(8), events.dirty], [true, true]);
  events.settled();
  linux.queueOf(11).push(route(24), route(24), route(0));
  assertEquals([events.drain(2), events.dirty, events.drain(2), events.dirty], [false, false, true, true]);
  await events.close();
});

/** A subscription with routes to a kernel by whose eth1 and eth2 the default traffic leaves; what is asked of routes. */
function subscribed(routes: boolean) {
  const linux = new ScriptedLinux();
  let [inet, inet6] = [1, 2];
  linux.onSend = ({ type, seq, bytes }: Asked) => {
    if (type !== N.RTM_GETROUTE) return [errorMessage(seq, N.ENODEV)];
    const family = bytes[N.NLMSG_HDRLEN]!;
    const header = Uint8Array.of(family, 0, 0, 0, 254, 3, 0, N.RTN_UNICAST, 0, 0, 0, 0);
    const out = u32Payload(family === N.AF_INET ? inet : inet6);
    return [buildRequest(N.RTM_NEWROUTE, 0, seq, header, [[N.RTA_OIF, out]])];
  };
  const subscription = new LinuxSubscription(linux.libc, { addresses: false, routes, ...CALLBACKS });
  const told: unknown[] = [];
  const sink = { ...NO_SINK, route: (defaults: unknown) => told.push(defaults) };
  /** What is told after these messages about links, and about routes. */
  const read = (links: readonly Uint8Array[], messages: readonly Uint8Array[]): unknown[] => {
    linux.asked.length = told.length = 0;
    linux.queueOf(11).push(...links);
    if (routes) linux.queueOf(13).push(...messages);
    return [subscription.drain(sink, 1024), ...told, linux.asked.map(({ type }) => type)];
  };
  const move = (to: number): void => void ([inet, inet6] = [to, to]);
  return { linux, subscription, read, move };
}

Deno.test("linux subscription: after each change of a link or a route the kernel is asked, once for all that came together", async () => {
  const { read, move, subscription, linux } = subscribed(true);
  const asked = [N.RTM_GETLINK, N.RTM_GETROUTE, N.RTM_GETROUTE];
  assertEquals(read([], []), ["empty", []]);
  assertEquals(read([link(1, 0x1003), link(2, 0x1003)], []), ["empty", { inet: 1, inet6: 2 }, asked]);
  assertEquals(read([link(1, 0x1003)], [route(24)]), ["empty", []]); // it says what was known, and a route that moves nothing
  move(3);
  assertEquals(read([link(1, 0x1002)], [route(0), route(1)]), ["empty", { inet: 3, inet6: 3 }, asked]);
  assertEquals(read([], [route(0, N.RTM_DELROUTE)]), ["empty", { inet: 3, inet6: 3 }, asked]);
  await subscription.close();
  assertEquals([linux.waiting.size, linux.closed.sort()], [0, [11, 12, 13]]);
});

Deno.test("linux subscription: who does not ask for routes has no socket for them, and asks nothing", async () => {
  const { read, subscription, linux } = subscribed(false);
  assertEquals(read([link(1, 0x1003), link(2, 0x1002)], []), ["empty", []]);
  await subscription.close();
  assertEquals(linux.closed.sort(), [11, 12]);
});

Deno.test("linux subscription: a kernel that cannot be asked for a moment has lost something; one that never says is asked no less", async () => {
  const { read, linux, subscription } = subscribed(true);
  const { onSend } = linux;
  linux.onSend = (asked) => asked.type === N.RTM_GETROUTE ? [{ errno: N.ENOBUFS }] : onSend(asked);
  assertEquals(read([], [route(0)])[0], "lost");
  linux.onSend = (asked) => asked.type === N.RTM_GETROUTE ? [errorMessage(asked.seq, N.EOPNOTSUPP)] : onSend(asked);
  assertEquals(read([], [])[0], "empty");
  linux.onSend = onSend;
  assertEquals(read([], [route(0)])[1], { inet: 1, inet6: 2 });
  await subscription.close();
});

Deno.test("linux subscription: where routes are not reported, they are found by comparing", async () => {
  const linux = new ScriptedLinux();
  linux.onOption = (_level, name, group) => name === N.NETLINK_ADD_MEMBERSHIP && group === 7 ? -N.EINVAL : 0;
  const events = (routes: boolean) => new LinuxSubscription(linux.libc, { addresses: false, routes, ...CALLBACKS });
  const subscriptions = [events(true), events(false)];
  assertEquals(subscriptions.map((one) => one.events), ["partial", "kernel"]);
  for (const subscription of subscriptions) await subscription.close();
  assertEquals(linux.waiting.size, 0);
});

Deno.test("linux subscription: where the socket for routes cannot be had, nothing stays open", () => {
  for (const fails of ["socket", "bind", "join"] as const) {
    const linux = new ScriptedLinux();
    let sockets = 10;
    const third = (): boolean => sockets === 13;
    linux.onSocket = () => ++sockets === 13 && fails === "socket" ? -24 : sockets; // EMFILE
    linux.onBind = () => third() && fails === "bind" ? -N.ENOBUFS : 0;
    linux.onOption = (_level, name) =>
      third() && fails === "join" && name === N.NETLINK_ADD_MEMBERSHIP ? -N.ENOBUFS : 0;
    assertThrows(
      () => new LinuxSubscription(linux.libc, { addresses: false, routes: true, ...CALLBACKS }),
      SystemError,
      "Cannot watch routes: E",
    );
    assertEquals([linux.closed.sort(), linux.waiting.size], [fails === "socket" ? [11, 12] : [11, 12, 13], 0], fails);
  }
});
