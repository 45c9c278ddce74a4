/** What must type-check in a user's program. `deno task check` checks it; here it only has to run. */
import { assertEquals } from "@std/assert";
import {
  type Cause,
  type CauseCode,
  type HardwareState,
  type History,
  inspect,
  type InterfaceDetails,
  type InterfaceEvent,
  type InterfaceStatus,
  list,
  type Netns,
  type WaitCondition,
  waitFor,
  waitForAll,
  waitForAny,
  watch,
} from "../../../mod.ts";
import { type DecodedRouteMessage, decodeRoute } from "../../../src/bsd.ts";
import { type DecodedMessage, decodeNetlink, decodeNl80211, watchAccessPoints } from "../../../src/linux.ts";
import { FakeSystem } from "../../../src/testing.ts";

function previousName(event: InterfaceEvent): string {
  if (event.type === "removed" && event.moved !== undefined) return String(event.moved.netnsId);
  if (event.type === "changed" || event.type === "removed" || event.type === "left") return event.previous.name;
  const none: undefined = event.previous;
  return String(none);
}

function routeFlags(message: DecodedRouteMessage | undefined): number | undefined {
  if (message?.message === "RTM_IFINFO") return message.flags;
  if (message?.message === "RTM_IFANNOUNCE") return message.what === "arrival" ? 0 : 1;
  if (message?.message === "RTM_NEWADDR") return message.addresses.length;
  return undefined;
}

function linkFlags(message: DecodedMessage | undefined): number | undefined {
  if (message?.message === "RTM_NEWLINK") return message.flags;
  if (message?.message === "NLMSG_ERROR") return message.errno;
  if (message?.message === undefined) return message?.error.length;
  return undefined;
}

Deno.test("types: unions narrow on their tags, and every option takes undefined", async () => {
  using system = new FakeSystem();
  const status: InterfaceStatus = system.set({ name: "eth0" });
  assertEquals(list({ names: undefined, addresses: undefined }).length, 1);
  await using watcher = watch({
    names: undefined,
    signal: undefined,
    initial: true,
    addresses: undefined,
    poll: undefined,
    settle: undefined,
  });
  const { value } = await watcher.next();
  assertEquals(value && previousName(value), "undefined");
  const one: InterfaceStatus = await waitFor("eth0", "present", {
    timeout: undefined,
    signal: undefined,
    onTrouble: undefined,
    exclude: undefined,
    kinds: undefined,
    netns: undefined,
  });
  const both: InterfaceStatus = await waitFor("eth0", ["present", "down"]);
  const several: InterfaceStatus[] = await waitForAll(["eth0"], "present");
  const each: (InterfaceStatus | undefined)[] = await waitForAll({ eth0: "present", x: ["absent", () => true] });
  const any: InterfaceStatus = await waitForAny(["eth0", "x"], "present");
  const absent: undefined = await waitFor("x", "absent");
  const condition: WaitCondition = (card) => card?.mtu !== undefined;
  const perhaps: InterfaceStatus | undefined = await waitFor("eth0", condition);
  assertEquals([both.name, each.length, perhaps?.name], ["eth0", 2, "eth0"]);
  using past = watch();
  const history: History | undefined = past.history("eth0");
  assertEquals(history?.connected, false);
  assertEquals([one.index, several[0]?.index, any?.index, absent], [1, 1, 1, undefined]);
  const details: InterfaceDetails | undefined = inspect("eth0");
  const root: Cause | undefined = details?.causes.at(-1);
  const code: CauseCode | undefined = root?.code;
  const hardware: HardwareState | undefined = details?.hardware;
  const netns: Netns | undefined = undefined;
  assertEquals([code, hardware, inspect("eth0", { netns })?.name], ["down", undefined, "eth0"]);
  const connected: boolean | undefined = status.connected;
  assertEquals(connected, false);
  assertEquals(routeFlags(decodeRoute(new Uint8Array(0), "netbsd")[0]), undefined);
  assertEquals(linkFlags(decodeNetlink(new Uint8Array(3))[0]) !== undefined, true);
  const [wireless] = decodeNl80211(new Uint8Array(0));
  if (wireless?.message === "NL80211_CMD_START_AP") assertEquals(typeof wireless.ssid, "string");
  try {
    watchAccessPoints({ signal: undefined }).close();
  } catch { /* the fake system has none */ }
});
