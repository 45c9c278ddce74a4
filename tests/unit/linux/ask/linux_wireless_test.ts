/** What nl80211 is asked, and what is made of its answers and messages. */
import { assertEquals, assertThrows } from "@std/assert";
import { list, NotPermittedError, SystemError } from "../../../../mod.ts";
import { systemError } from "../../../../platforms/contract/errors.ts";
import type { WirelessMessage } from "../../../../platforms/contract/wireless.ts";
import {
  buildRequest,
  type RequestAttribute,
  textPayload,
  u32Payload,
} from "../../../../platforms/linux/wire/netlink.ts";
import * as N from "../../../../platforms/linux/wire/numbers.ts";
import { optional } from "../../../../platforms/linux/ask/generic.ts";
import { wirelessState } from "../../../../platforms/linux/ask/requests.ts";
import { WirelessRequests } from "../../../../platforms/linux/ask/wireless.ts";
import { LinuxWireless } from "../../../../platforms/linux/listen/wireless.ts";
import { FakeLinux } from "../../../helpers/linux/kernel.ts";
import { type Asked, attributeOf, type Received, ScriptedLinux } from "../../../helpers/linux/libc.ts";
import { doneMessage, errorMessage, nest } from "../../../helpers/linux/messages.ts";

const FAMILY = 0x1c;
const EPERM = 1;
const EMFILE = 24;
const EBUSY = 16;
const STATION = 2;
const AP = 3;
const P2P_CLIENT = 8;
const u16 = (value: number): Uint8Array => new Uint8Array(new Uint16Array([value]).buffer);
const group = (name: string, id: number): Uint8Array =>
  nest([N.CTRL_ATTR_MCAST_GRP_NAME, textPayload(name)], [N.CTRL_ATTR_MCAST_GRP_ID, u32Payload(id)]);
const GROUPS = nest([1, group("scan", 5)], [2, group("config", 6)], [3, group("mlme", 7)]);

function familyMessage(seq: number, groups: Uint8Array | null = GROUPS): Uint8Array {
  return buildRequest(N.GENL_ID_CTRL, N.NLM_F_MULTI, seq, Uint8Array.of(1, 2, 0, 0), [
    [N.CTRL_ATTR_FAMILY_NAME, textPayload("nl80211")],
    [N.CTRL_ATTR_FAMILY_ID, u16(FAMILY)],
    ...(groups === null ? [] : [[N.CTRL_ATTR_MCAST_GROUPS, groups] as const]),
  ]);
}

function wireless(
  command: number,
  index: number,
  more: readonly RequestAttribute[] = [],
  seq = 0,
  flags = 0,
): Uint8Array {
  return buildRequest(FAMILY, flags, seq, Uint8Array.of(command, 1, 0, 0), [
    [N.NL80211_ATTR_IFINDEX, u32Payload(index)],
    ...more,
  ]);
}

const type = (value: number): RequestAttribute => [N.NL80211_ATTR_IFTYPE, u32Payload(value)];
const ssid = (text: string): RequestAttribute => [N.NL80211_ATTR_SSID, new TextEncoder().encode(text)];
const FREQUENCY: RequestAttribute = [N.NL80211_ATTR_WIPHY_FREQ, u32Payload(2437)];

/** A kernel with nl80211, which answers as `answer` says. */
function kernel(answer: (asked: Asked, command: number) => readonly Received[] = () => []): ScriptedLinux {
  const linux = new ScriptedLinux();
  linux.onSend = (asked) =>
    asked.type === N.GENL_ID_CTRL
      ? [familyMessage(asked.seq), doneMessage(asked.seq)]
      : answer(asked, asked.bytes[N.NLMSG_HDRLEN]!);
  return linux;
}

const ignore = { ready: (): void => {}, failed: (): void => {} };

Deno.test("linux wireless: a kernel without nl80211 has none; one that refuses to say so is an error; no socket is left", () => {
  const linux = new ScriptedLinux();
  linux.onSend = ({ seq }) => [errorMessage(seq, N.ENOENT)];
  assertEquals([WirelessRequests.open(linux.libc), LinuxWireless.open(linux.libc, ignore)], [undefined, undefined]);
  linux.onSend = ({ seq }) => [errorMessage(seq, EPERM)];
  assertThrows(() => WirelessRequests.open(linux.libc), NotPermittedError, "Cannot find nl80211: EPERM");
  const family = (seq: number, ...attributes: RequestAttribute[]) =>
    buildRequest(N.GENL_ID_CTRL, N.NLM_F_MULTI, seq, Uint8Array.of(1, 2, 0, 0), attributes);
  const name = (text: string): RequestAttribute => [N.CTRL_ATTR_FAMILY_NAME, textPayload(text)];
  linux.onSend = ({ seq }) => [
    family(seq, name("nl80211")), // without a number
    family(seq, [N.CTRL_ATTR_FAMILY_ID, u16(FAMILY)]), // without a name
    family(seq, name("nl80211x"), [N.CTRL_ATTR_FAMILY_ID, u16(FAMILY)]), // another one
    doneMessage(seq),
  ];
  assertEquals(WirelessRequests.open(linux.libc), undefined);
  assertEquals(linux.closed, [11, 12, 13, 14]);
  const [asked] = linux.asked;
  assertEquals([asked?.type, asked?.flags, asked?.bytes[16]], [
    N.GENL_ID_CTRL,
    N.NLM_F_REQUEST | N.NLM_F_DUMP, // asked for it by name, the kernel would load it
    N.CTRL_CMD_GETFAMILY,
  ]);
});

Deno.test("linux wireless: the groups of the family by name, as far as they are whole", () => {
  const groups = (bytes: Uint8Array | null) => {
    const linux = new ScriptedLinux();
    linux.onSend = ({ seq }) => [familyMessage(seq, bytes), doneMessage(seq)];
    return [...WirelessRequests.open(linux.libc)?.family.groups ?? []];
  };
  assertEquals(groups(GROUPS), [["scan", 5], ["config", 6], ["mlme", 7]]);
  assertEquals(groups(null), []);
  assertEquals(groups(new Uint8Array(0)), []);
  const nameless = nest([1, nest([N.CTRL_ATTR_MCAST_GRP_ID, u32Payload(5)])], [2, group("mlme", 7)]);
  assertEquals(groups(nameless), [["mlme", 7]]);
  const numberless = nest([1, nest([N.CTRL_ATTR_MCAST_GRP_NAME, textPayload("scan")])], [2, group("mlme", 7)]);
  assertEquals(groups(numberless), [["mlme", 7]]);
  const torn = Uint8Array.of(...nest([1, group("scan", 5)]), 3, 0, 1, 0); // a nest that is shorter than its header
  assertEquals(groups(torn), [["scan", 5]]);
  assertEquals(groups(Uint8Array.of(...nest([1, group("scan", 5)]), 0, 0, 1, 0)), [["scan", 5]]); // and does not loop
  assertEquals(groups(nest([1, new Uint8Array(0)], [2, group("mlme", 7)])), [["mlme", 7]]);
});

Deno.test("linux wireless: every interface is asked for in a dump, one by its index, and a wireless one it may not be", () => {
  const linux = kernel((asked, command) => {
    assertEquals([command, asked.type], [N.NL80211_CMD_GET_INTERFACE, FAMILY]);
    const { seq } = asked;
    const index = attributeOf(asked, 4, N.NL80211_ATTR_IFINDEX);
    if (index !== undefined) {
      assertEquals(asked.flags, N.NLM_F_REQUEST);
      if (index[0] !== 3) return [errorMessage(seq, N.ENODEV)];
      return [wireless(N.NL80211_CMD_NEW_INTERFACE, 3, [type(AP), ssid("three")], seq)];
    }
    assertEquals(asked.flags, N.NLM_F_REQUEST | N.NLM_F_DUMP);
    return [
      wireless(N.NL80211_CMD_NEW_INTERFACE, 3, [type(AP), ssid("three")], seq, N.NLM_F_MULTI),
      buildRequest(99, N.NLM_F_MULTI, seq, new Uint8Array(4), []), // of another family
      wireless(N.NL80211_CMD_NEW_INTERFACE, 4, [type(STATION)], seq, N.NLM_F_MULTI),
      doneMessage(seq),
    ];
  });
  const requests = WirelessRequests.open(linux.libc)!;
  assertEquals(requests.list().map(({ index, ssid }) => [index, ssid]), [[3, "three"], [4, undefined]]);
  assertEquals([requests.get(3)?.ssid, requests.get(5), requests.gone], ["three", undefined, false]);
  requests.close();
});

Deno.test("linux wireless: a list that changed while it was made is asked for five times at the most", () => {
  let asked = 0;
  let interrupted = 2;
  const linux = kernel(({ seq }) => [
    wireless(N.NL80211_CMD_NEW_INTERFACE, ++asked, [type(AP)], seq, N.NLM_F_MULTI),
    doneMessage(seq, asked <= interrupted ? N.NLM_F_DUMP_INTR : 0),
  ]);
  const requests = WirelessRequests.open(linux.libc)!;
  assertEquals(requests.list().map(({ index }) => index), [3]);
  asked = 0;
  interrupted = 99;
  assertEquals(requests.list().map(({ index }) => index), [5]);
});

Deno.test("linux wireless: ENOENT means that nl80211 went away; another refusal is an error", () => {
  let errno: number = N.ENOENT;
  const linux = kernel(({ seq }) => [errorMessage(seq, errno)]);
  const requests = WirelessRequests.open(linux.libc)!;
  assertEquals([requests.get(3), requests.gone], [undefined, true]);
  errno = EBUSY;
  const other = WirelessRequests.open(linux.libc)!;
  assertThrows(() => other.get(3), SystemError, "Cannot read wireless interfaces: EBUSY");
  assertEquals(other.gone, false);
});

/** A scan result: its status, and its information elements. */
const scanned = (seq: number, ...bss: RequestAttribute[]): Uint8Array =>
  wireless(34, 3, [[N.NL80211_ATTR_BSS, nest(...bss)]], seq, N.NLM_F_MULTI); // NL80211_CMD_NEW_SCAN_RESULTS
const status = (value: number): RequestAttribute => [N.NL80211_BSS_STATUS, u32Payload(value)];
const elements = (...bytes: number[]): RequestAttribute => [N.NL80211_BSS_INFORMATION_ELEMENTS, new Uint8Array(bytes)];
const NET = [0, 3, 0x6e, 0x65, 0x74]; // WLAN_EID_SSID, 3 bytes, "net"
const ASSOCIATED = status(N.NL80211_BSS_STATUS_ASSOCIATED);

/** The same bytes as a message of another family. */
function ofAnother(bytes: Uint8Array): Uint8Array {
  new DataView(bytes.buffer).setUint16(4, 99, true);
  return bytes;
}

/** What is told of an interface of these attributes, where the scan has these results. */
function stationWith(attributes: readonly RequestAttribute[], results: (seq: number) => readonly Uint8Array[]) {
  let scans = 0;
  const linux = kernel(({ seq, flags }, command) => {
    if (command === N.NL80211_CMD_GET_INTERFACE) return [wireless(N.NL80211_CMD_NEW_INTERFACE, 3, attributes, seq)];
    assertEquals([command, flags], [N.NL80211_CMD_GET_SCAN, N.NLM_F_REQUEST | N.NLM_F_DUMP]);
    scans++;
    return [...results(seq), doneMessage(seq)];
  });
  const found = WirelessRequests.open(linux.libc)?.get(3);
  return [found?.ssid, found?.ssidHex, scans];
}

Deno.test("linux wireless: a station's network is that of the scan result that it is associated with", () => {
  for (const station of [STATION, P2P_CLIENT]) {
    const found = stationWith([type(station), FREQUENCY], (seq) => [
      scanned(seq, status(0), elements(0, 5, 0x6f, 0x74, 0x68, 0x65, 0x72)),
      scanned(seq, elements(...NET)), // no status
      scanned(seq, ASSOCIATED, elements(1, 2, 0x82, 0x84, ...NET, 3, 1, 6)),
      wireless(34, 3, [], seq, N.NLM_F_MULTI), // no result
      ofAnother(scanned(seq, ASSOCIATED, elements(0, 1, 0x78))),
    ]);
    assertEquals(found, ["net", "6e6574", 1]);
  }
  const none: Record<string, RequestAttribute[]> = {
    "no elements": [ASSOCIATED],
    "no SSID among them": [ASSOCIATED, elements(1, 2, 0x82, 0x84)],
    "a torn element": [ASSOCIATED, elements(1, 200, 0)],
    "half an element": [ASSOCIATED, elements(1, 0, 0)],
    "an SSID that is cut off": [ASSOCIATED, elements(0, 3, 0x6e, 0x65)],
    "an SSID longer than there are": [ASSOCIATED, elements(0, 33, ...new Array<number>(33).fill(0x78))],
    "an empty status": [[N.NL80211_BSS_STATUS, new Uint8Array(0)], elements(...NET)],
    "not associated": [status(2), elements(...NET)],
  };
  for (const [what, bss] of Object.entries(none)) {
    assertEquals(
      stationWith([type(STATION), FREQUENCY], (seq) => [scanned(seq, ...bss)]),
      [undefined, undefined, 1],
      what,
    );
  }
  const hidden = stationWith([type(STATION), FREQUENCY], (seq) => [scanned(seq, ASSOCIATED, elements(0, 0))]);
  assertEquals(hidden, ["", "", 1]);
});

Deno.test("linux wireless: each link of a multi-link station has its channel, and the network of its scan result", () => {
  const channel = (frequency: number): RequestAttribute => [N.NL80211_ATTR_WIPHY_FREQ, u32Payload(frequency)];
  const link = (id: number, ...more: RequestAttribute[]): RequestAttribute => [
    id + 1,
    nest([N.NL80211_ATTR_MLO_LINK_ID, Uint8Array.of(id)], ...more),
  ];
  const on = (id: number): RequestAttribute => [N.NL80211_BSS_MLO_LINK_ID, Uint8Array.of(id)];
  const other = [0, 2, 0x66, 0x6f];
  const links: RequestAttribute = [
    N.NL80211_ATTR_MLO_LINKS,
    nest(link(0, channel(2412)), link(1, channel(5180)), link(5)),
  ];
  const ask = (attributes: readonly RequestAttribute[], results: (seq: number) => readonly Uint8Array[]) => {
    const linux = kernel(({ seq }, command) =>
      command === N.NL80211_CMD_GET_INTERFACE
        ? [wireless(N.NL80211_CMD_NEW_INTERFACE, 3, attributes, seq)]
        : [...results(seq), doneMessage(seq)]
    );
    const state = wirelessState(WirelessRequests.open(linux.libc)?.get(3));
    return [state?.ssid, state?.frequency, ...(state?.links ?? []).map(({ ssid, frequency }) => [ssid, frequency])];
  };
  const results = (seq: number) => [
    scanned(seq, ASSOCIATED, on(0), elements(...NET)),
    scanned(seq, ASSOCIATED, on(1), elements(...other)),
  ];
  const all = ["net", undefined, ["net", 2412], ["fo", 5180], ["net", undefined]];
  assertEquals(ask([type(STATION), links], results), all);
  // One that is named by its answer has that network on every link.
  const named = ["own", undefined, ["own", 2412], ["own", 5180], ["own", undefined]];
  assertEquals(ask([type(STATION), ssid("own"), links], results), named);
  assertEquals(ask([type(AP), ssid("own"), links], results), named);
  const idle: RequestAttribute = [N.NL80211_ATTR_MLO_LINKS, nest(link(0))];
  assertEquals(ask([type(STATION), idle], () => []), [undefined, undefined, [undefined, undefined]]);
});

Deno.test("linux wireless: a scan result that is torn is none: the station keeps its channel, and its network if another has it", () => {
  const torn = (seq: number): Uint8Array =>
    wireless(34, 3, [[N.NL80211_ATTR_BSS, Uint8Array.of(99, 0, 9, 0)]], seq, N.NLM_F_MULTI);
  const whole = (seq: number): Uint8Array => scanned(seq, ASSOCIATED, elements(...NET));
  for (
    const [results, network] of [
      [() => [], undefined],
      [(seq: number) => [torn(seq)], undefined],
      [(seq: number) => [torn(seq), whole(seq)], "net"],
      [(seq: number) => [whole(seq), torn(seq)], "net"],
      [(seq: number) => [errorMessage(seq, EBUSY)], undefined],
      [(seq: number) => [scanned(seq, status(2), elements(...NET))], undefined],
    ] as const
  ) {
    const linux = kernel(({ seq }, command) =>
      command === N.NL80211_CMD_GET_INTERFACE
        ? [wireless(N.NL80211_CMD_NEW_INTERFACE, 3, [type(STATION), FREQUENCY], seq)]
        : [...results(seq), doneMessage(seq)]
    );
    const found = WirelessRequests.open(linux.libc)?.get(3);
    assertEquals([found?.ssid, found?.frequency], [network, 2437]);
  }
});

Deno.test("linux wireless: what knows its network, is not connected, or is no station is not looked for in the scan", () => {
  const results = (seq: number): readonly Uint8Array[] => [scanned(seq, ASSOCIATED, elements(...NET))];
  assertEquals(stationWith([type(STATION), FREQUENCY, ssid("own")], results), ["own", "6f776e", 0]);
  assertEquals(stationWith([type(STATION)], results), [undefined, undefined, 0]);
  assertEquals(stationWith([type(AP), FREQUENCY], results), [undefined, undefined, 0]);
});

Deno.test("linux wireless: messages that may change a state are told, and scans and frames are passed over", async () => {
  const linux = kernel();
  const joined: number[] = [];
  linux.onOption = (_level, name, value) => {
    if (name === N.NETLINK_ADD_MEMBERSHIP) joined.push(value);
    return 0;
  };
  const subscription = LinuxWireless.open(linux.libc, ignore)!;
  assertEquals(joined, [6, 7]); // config and mlme
  const told = (...messages: Received[]): unknown[] => {
    linux.queue.push(...messages);
    const found: unknown[] = [];
    const drained = subscription.drain(({ message, index }: WirelessMessage) => void found.push(message, index), 100);
    return [drained, ...found];
  };
  for (
    const name of [
      "NL80211_CMD_START_AP",
      "NL80211_CMD_STOP_AP",
      "NL80211_CMD_NEW_INTERFACE",
      "NL80211_CMD_DEL_INTERFACE",
      "NL80211_CMD_SET_INTERFACE",
      "NL80211_CMD_CONNECT",
      "NL80211_CMD_ROAM",
      "NL80211_CMD_DISCONNECT",
      "NL80211_CMD_CH_SWITCH_NOTIFY",
    ] as const
  ) assertEquals(told(wireless(N[name], 3)), ["empty", name, 3]);
  for (const command of [33, 34, 59]) assertEquals(told(wireless(command, 3)), ["empty"]); // scans, frames
  assertEquals(told(buildRequest(99, 0, 0, Uint8Array.of(N.NL80211_CMD_START_AP, 1, 0, 0), [])), ["empty"]);
  assertEquals(told({ errno: N.ENOBUFS }), ["lost"]);
  assertEquals(told(buildRequest(FAMILY, 0, 0, new Uint8Array(0), [])), ["lost"]); // torn
  subscription.pause(true);
  assertEquals(linux.paused, [true]);
  await subscription.close();
  await subscription.close();
  assertEquals([linux.waiting.size, new Set(linux.closed).size, linux.closed.length], [0, 2, 2]);
});

Deno.test("linux wireless: where its groups cannot be joined no socket is left", () => {
  const linux = kernel();
  linux.onOption = (_level, name) => name === N.NETLINK_ADD_MEMBERSHIP ? -EPERM : 0;
  assertThrows(
    () => LinuxWireless.open(linux.libc, ignore),
    NotPermittedError,
    "Cannot watch wireless interfaces: EPERM",
  );
  assertEquals(linux.closed.length, 2);
});

Deno.test("linux wireless: nl80211 that went away is looked for again, and what went by meanwhile is lost, once", async () => {
  let there = true;
  const linux = new ScriptedLinux();
  linux.onSend = ({ type, seq }) =>
    !there
      ? [errorMessage(seq, N.ENOENT)]
      : type === N.GENL_ID_CTRL
      ? [familyMessage(seq), doneMessage(seq)]
      : [errorMessage(seq, N.ENODEV)];
  const subscription = LinuxWireless.open(linux.libc, ignore)!;
  const drain = () => subscription.drain(() => {}, 100);
  subscription.pause(true);
  there = false;
  subscription.synchronize(3); // which is how it is found out
  assertEquals([subscription.get(3), subscription.list(), drain()], [undefined, [], "empty"]);
  assertEquals(linux.waiting.size, 0);
  there = true;
  const { onSocket } = linux;
  linux.onSocket = () => -EMFILE;
  assertThrows(drain, SystemError, "EMFILE"); // it may pass: that is for those who ask again
  linux.onSocket = onSocket;
  assertEquals([drain(), drain()], ["lost", "empty"]);
  assertEquals([linux.waiting.size, linux.paused], [1, [true, true]]); // the new one rests as the old one did
  await subscription.close();
});

Deno.test("linux wireless: what it cannot be asked is nothing, and to those who ask again an error that may pass", () => {
  const fail = (code: string) => (): never => {
    throw systemError({ operation: "read wireless interfaces", code, privilege: "" });
  };
  assertEquals([optional(() => 7), optional(() => 7, true)], [7, 7]);
  assertEquals([optional(fail("EPERM")), optional(fail("EPERM"), true), optional(fail("EMFILE"))], [
    undefined,
    undefined,
    undefined,
  ]);
  assertThrows(() => optional(fail("EMFILE"), true), SystemError, "EMFILE");
  assertThrows(() =>
    optional(() => {
      throw new TypeError("a mistake of ours");
    }), TypeError);
  const linux = new ScriptedLinux();
  linux.onSocket = () => -EMFILE;
  assertThrows(() => WirelessRequests.open(linux.libc), SystemError, "EMFILE");
});

Deno.test("wireless: where the kernel has no nl80211, it is looked for again only when another interface came", () => {
  using kernel = new FakeLinux();
  kernel.hasWireless = false;
  const looked = (): number => kernel.socketCalls.get(N.NETLINK_GENERIC) ?? 0;
  const { index } = kernel.set("eth0", { hardwareAddress: Uint8Array.of(2, 0, 0, 0, 0, 1) });
  kernel.set("veth0", { kind: "veth" });
  for (let i = 0; i < 3; i++) assertEquals(list().map(({ wireless }) => wireless), [undefined, undefined]);
  assertEquals(looked(), 1);
  kernel.set("veth1", { kind: "veth" });
  kernel.set("eth0", { name: "lan0", mtu: 9000 });
  list();
  assertEquals(looked(), 1);
  kernel.hasWireless = true; // cfg80211 was loaded for a card that came
  kernel.set("wlan0", { wireless: { type: N.NL80211_IFTYPE_AP, ssid: "net" } });
  for (let i = 2; i < 4; i++) {
    assertEquals(list().find(({ name }) => name === "wlan0")?.wireless?.ssid, "net");
    assertEquals(looked(), i);
  }
  kernel.remove("wlan0");
  kernel.remove("lan0");
  list();
  assertEquals(looked(), 3);
  kernel.set("wlan1", { // moved here from another network namespace, with the index that another one had
    index,
    hardwareAddress: Uint8Array.of(2, 0, 0, 0, 0, 2),
    wireless: { type: N.NL80211_IFTYPE_AP, ssid: "other" },
  });
  assertEquals(list().find(({ name }) => name === "wlan1")?.wireless?.ssid, "other");
});
