/** What a line of `netflags watch` says of a value whose words are the same before and after. */
import { assertEquals } from "@std/assert";
import type { InterfaceAddress, InterfaceStatus, WirelessState } from "../../../../mod.ts";
import { valuesInWords } from "../../../../src/cli/terminal/differences.ts";
import { fakeStatus } from "../../../../src/testing.ts";

const HERE: InterfaceAddress = {
  family: "inet",
  address: "10.0.0.1",
  prefixLength: 24,
  scope: "global",
  peer: undefined,
  broadcast: "10.0.0.255",
  label: undefined,
  flags: ["permanent"],
};
const OTHER: InterfaceAddress = { ...HERE, family: "inet6", address: "fe80::1", prefixLength: 64, scope: "link" };

function addresses(before: readonly InterfaceAddress[], after: readonly InterfaceAddress[]): string {
  const status = fakeStatus({ name: "eth0" });
  return valuesInWords({ ...status, addresses: before }, { ...status, addresses: after }, "addresses").join(" -> ");
}

Deno.test("watch: a line shows the flags of an address where these changed", () => {
  const tentative = { ...OTHER, flags: ["permanent", "tentative"] };
  assertEquals(
    addresses([HERE, tentative], [HERE, OTHER]),
    "10.0.0.1/24,fe80::1/64 <permanent,tentative> -> 10.0.0.1/24,fe80::1/64 <permanent>",
  );
  assertEquals(addresses([{ ...HERE, flags: [] }], [HERE]), "10.0.0.1/24 <> -> 10.0.0.1/24 <permanent>");
});

Deno.test("watch: a line shows the peer of an address where it changed, came or went", () => {
  const [two, three] = ["10.0.0.2", "10.0.0.3"].map((peer) => ({ ...HERE, peer }));
  assertEquals(addresses([two!], [three!]), "10.0.0.1/24 peer 10.0.0.2 -> 10.0.0.1/24 peer 10.0.0.3");
  assertEquals(addresses([HERE], [two!]), "10.0.0.1/24 -> 10.0.0.1/24 peer 10.0.0.2");
  assertEquals(addresses([two!], [HERE]), "10.0.0.1/24 peer 10.0.0.2 -> 10.0.0.1/24");
  // IPv4 may have an address several times, with other peers.
  assertEquals(addresses([two!], [two!, three!]), "10.0.0.1/24 -> 10.0.0.1/24,10.0.0.1/24 peer 10.0.0.3");
});

Deno.test("watch: a line shows any other field of an address where that changed, and no field else", () => {
  assertEquals(
    addresses([HERE], [{ ...HERE, broadcast: "10.0.0.127", scope: "link" }]),
    "10.0.0.1/24 scope global broadcast 10.0.0.255 -> 10.0.0.1/24 scope link broadcast 10.0.0.127",
  );
  assertEquals(addresses([HERE], [{ ...HERE, label: 'a, "b' }]), '10.0.0.1/24 -> 10.0.0.1/24 label "a, \\"b"');
  assertEquals(addresses([], [{ ...HERE, peer: "10.0.0.2" }]), "none -> 10.0.0.1/24");
  assertEquals(addresses([OTHER], [{ ...OTHER, prefixLength: 128 }]), "fe80::1/64 -> fe80::1/128");
});

Deno.test("watch: a line shows what changed of a network or a medium whose words did not", () => {
  const values = (field: "wireless" | "media", before: Partial<InterfaceStatus>, after: Partial<InterfaceStatus>) => {
    const status = fakeStatus({ name: "wlan0" });
    return valuesInWords({ ...status, ...before }, { ...status, ...after }, field).join(" -> ");
  };
  const wireless = { type: "station", ssid: "foo", ssidHex: "666f6f", frequency: 2412 };
  const on = (frequency: number) => ({ wireless: { ...wireless, frequency } });
  assertEquals(values("wireless", on(2412), on(5180)), 'station "foo" 2412 -> 5180 MHz');
  const named = { wireless: { ...wireless, ssid: "bar", ssidHex: "626172" } };
  assertEquals(values("wireless", on(2412), named), 'station "foo" -> station "bar"');
  const bytes = (ssidHex: string) => ({ wireless: { ...wireless, ssid: "\ufffd", ssidHex } });
  assertEquals(
    values("wireless", bytes("ff"), bytes("fe")),
    'station "\ufffd" ssidHex ff -> station "\ufffd" ssidHex fe',
  );
  assertEquals(values("wireless", { wireless: undefined }, on(2412)), 'none -> station "foo"');
  const media = (active: number) => ({ media: { active, text: "autoselect", link: true } });
  assertEquals(values("media", media(1), media(2)), "autoselect active 1 -> autoselect active 2");
});

Deno.test("watch: a line shows a channel switch with both channels, of each link of a multi-link device", () => {
  const status = fakeStatus({ name: "wlan0" });
  const network = { type: "ap", ssid: "foo", ssidHex: "666f6f" } as const;
  const link = (mloLinkId: number, frequency: number | undefined) => ({
    ...network,
    mloLinkId,
    frequency,
    hardwareAddress: undefined,
  });
  const values = (before: WirelessState, after: WirelessState) =>
    valuesInWords({ ...status, wireless: before }, { ...status, wireless: after }, "wireless").join(" -> ");
  const on = (frequency: number | undefined, ...links: ReturnType<typeof link>[]): WirelessState => ({
    ...network,
    frequency,
    ...(links.length > 0 ? { links } : {}),
  });
  assertEquals(values(on(2412), on(2437)), 'ap "foo" 2412 -> 2437 MHz');
  assertEquals([values(on(undefined), on(2437)), values(on(2412), on(undefined))], [
    'ap "foo" no channel -> 2437 MHz',
    'ap "foo" 2412 -> no channel',
  ]);
  const links = (first: number, second: number) => on(undefined, link(0, first), link(1, second));
  assertEquals(values(links(2412, 5180), links(2412, 5200)), 'ap "foo" 2412+5180 -> 2412+5200 MHz');
  const idle = { type: "station", ssid: undefined, ssidHex: undefined, frequency: undefined };
  assertEquals(values(idle, { ...idle, frequency: 2412 }), "station no channel -> 2412 MHz");
  assertEquals(values(idle, { ...idle, ...network, type: "station" }), 'station -> station "foo"');
  const nothing = { ...idle, type: undefined };
  assertEquals(values(nothing, { ...nothing, frequency: 2412 }), "unknown no channel -> 2412 MHz");
});
