import { ADDRESS } from "../../helpers/made_up.ts";
import { assertEquals } from "@std/assert";
import type { InterfaceAddress, InterfaceStatus, StatusField } from "../../../mod.ts";
import type { StandsBefore } from "../../../platforms/contract/status.ts";
import { standsBefore } from "../../../platforms/linux/wire/address.ts";
import { changedFields, STATUS_FIELDS, withAddress, withoutAddress } from "../../../src/table/compare.ts";
import { fakeStatus } from "../../../src/testing.ts";

const BASE: InterfaceStatus = fakeStatus({ name: "eth0" });

/** Another value of each field. */
const OTHER: { readonly [field in StatusField]: InterfaceStatus[field] } = {
  index: 2,
  name: "eth1",
  altNames: ["wan"],
  type: "none",
  kind: "veth",
  flags: 1,
  flagNames: ["UP"],
  up: true,
  running: true,
  lowerUp: true,
  dormant: true,
  operState: "up",
  linkMode: "dormant",
  carrier: true,
  carrierChanges: 1,
  carrierUps: 1,
  carrierDowns: 1,
  linkState: "up",
  connected: true,
  mtu: 1400,
  hardwareAddress: "02:00:00:00:00:02",
  master: "br0",
  masterIndex: 3,
  masterKind: "bridge",
  parent: "eth9",
  parentIndex: 4,
  parentNetnsId: 5,
  addresses: [ADDRESS],
  defaultRoute: ["inet"],
  media: { active: 0x20, link: true, text: "autoselect" },
  wireless: { type: "ap", ssid: "net", ssidHex: "6e6574", frequency: 2412 },
};

Deno.test("compare: a difference in any field is found, and no other is", () => {
  assertEquals([...STATUS_FIELDS].sort(), Object.keys(BASE).sort());
  for (const field of STATUS_FIELDS) {
    assertEquals(changedFields(BASE, { ...BASE, [field]: OTHER[field] }), [field]);
  }
  assertEquals(changedFields(BASE, OTHER), [...STATUS_FIELDS]);
  assertEquals(changedFields(BASE, { ...BASE }), []);
  assertEquals(changedFields(BASE, BASE), []);
});

Deno.test("compare: a difference in any part of an address, a medium or a network is found; the order of addresses is none", () => {
  const same = (one: Partial<InterfaceStatus>, other: Partial<InterfaceStatus>) =>
    changedFields({ ...BASE, ...one }, { ...BASE, ...other });
  for (
    const part of [
      { family: "inet6" },
      { address: "10.0.0.2" },
      { prefixLength: 25 },
      { scope: "link" },
      { peer: "10.0.0.9" },
      { broadcast: "10.0.0.255" },
      { label: "eth0:1" },
      { flags: ["permanent", "deprecated"] },
      { flags: ["tentative"] },
    ] as const
  ) {
    assertEquals(same({ addresses: [ADDRESS] }, { addresses: [{ ...ADDRESS, ...part }] }), ["addresses"]);
  }
  const second = { ...ADDRESS, address: "10.0.0.2" };
  const third = { ...ADDRESS, address: "10.0.0.3" };
  assertEquals(same({ addresses: [ADDRESS, second] }, { addresses: [second, ADDRESS] }), []);
  assertEquals(same({ addresses: [ADDRESS, second, third] }, { addresses: [ADDRESS, third, second] }), []);
  assertEquals(same({ addresses: [ADDRESS, second] }, { addresses: [ADDRESS, third] }), ["addresses"]);
  assertEquals(same({ addresses: [ADDRESS] }, { addresses: undefined }), ["addresses"]);
  for (const part of [{ active: 0x21 }, { link: false }, { link: undefined }, { text: "autoselect instance 1" }]) {
    assertEquals(same({ media: OTHER.media }, { media: { ...OTHER.media!, ...part } }), ["media"]);
  }
  for (const part of [{ type: "station" }, { ssidHex: "6e65", ssid: "ne" }, { frequency: 5180 }]) {
    assertEquals(same({ wireless: OTHER.wireless }, { wireless: { ...OTHER.wireless!, ...part } }), ["wireless"]);
  }
  const link = { mloLinkId: 0, ssid: "net", ssidHex: "6e6574", frequency: 2412, hardwareAddress: "02:00:00:00:09:00" };
  const on = (...links: readonly Partial<typeof link>[]) => ({
    wireless: { ...OTHER.wireless!, links: links.map((one) => ({ ...link, ...one })) },
  });
  assertEquals([same(on({}), on({})), same(on({}), { wireless: OTHER.wireless })], [[], ["wireless"]]);
  assertEquals([same(on({}), on({}, { mloLinkId: 1 })), same(on(), on())], [["wireless"], []]);
  for (
    const part of [{ mloLinkId: 1 }, { ssidHex: "6e65" }, { frequency: 5180 }, {
      hardwareAddress: "02:00:00:00:09:01",
    }]
  ) {
    assertEquals(same(on({}), on(part)), ["wireless"]);
  }
});

Deno.test("compare: an IPv4 address is another one where its prefix or its peer is, and the same one whatever else is said of it", () => {
  const others = [{ ...ADDRESS, prefixLength: 32 }, { ...ADDRESS, peer: "10.0.0.9" }, {
    ...ADDRESS,
    address: "10.0.0.2",
  }];
  for (const other of others) {
    assertEquals(withAddress([ADDRESS], other, "eth0"), [ADDRESS, other]);
    assertEquals(withoutAddress([ADDRESS, other], other), [ADDRESS]);
    assertEquals(withoutAddress([ADDRESS], other), [ADDRESS]);
  }
  const relabelled = { ...ADDRESS, label: "eth0:1" };
  assertEquals(withAddress([others[0]!, ADDRESS], relabelled, "eth0"), [others[0]!, relabelled]);
  assertEquals(withoutAddress([relabelled], ADDRESS), []);
});

Deno.test("compare: an interface has an IPv6 address once, whatever its prefix and its peer are", () => {
  const first = { ...ADDRESS, family: "inet6", address: "fe80::1", prefixLength: 64, scope: "link" } as const;
  const neighbour = { ...first, address: "fe80::2" };
  const changes = [
    { ...first, peer: "fe80::2", prefixLength: 128 }, // pppd learns of the other end
    { ...first, peer: "fe80::3", prefixLength: 128 },
    { ...first, prefixLength: 48 },
    { ...first, flags: ["permanent", "deprecated"] },
  ];
  for (const changed of changes) {
    assertEquals(withAddress([first, neighbour], changed, "eth0"), [changed, neighbour]);
    assertEquals(withoutAddress([first, neighbour], changed), [neighbour]);
    assertEquals(withoutAddress([changed, neighbour], first), [neighbour]);
  }
});

Deno.test("compare: a label that repeats the interface's name is none, whether the address is new or known", () => {
  const labels = (before: readonly (string | undefined)[], label: string | undefined) => {
    const addresses = before.map((one, i) => ({ ...ADDRESS, address: `10.0.0.${i + 1}`, label: one }));
    return withAddress(addresses, { ...ADDRESS, label }, "eth0").map((one) => one.label);
  };
  for (const before of [[], [undefined], ["uplink"]]) {
    assertEquals(labels(before, "eth0"), [undefined]);
    assertEquals(labels(before, "eth0:1"), ["eth0:1"]);
    assertEquals(labels(before, "uplink"), ["uplink"]);
    assertEquals(labels(before, undefined), [undefined]);
  }
  assertEquals(labels([undefined, "eth0:7"], "eth0"), [undefined, "eth0:7"]);
});

Deno.test("compare: a new address stands where its kernel lists it, and one that is known keeps its place", () => {
  const four = (address: string, scope = "global", ...flags: string[]): InterfaceAddress => ({
    ...ADDRESS,
    address,
    scope,
    flags,
  });
  const six = (address: string, scope = "global", ...flags: string[]): InterfaceAddress => ({
    ...four(address, scope, ...flags),
    family: "inet6",
  });
  const added = (addresses: readonly InterfaceAddress[], rule?: StandsBefore): string[] =>
    addresses.reduce<readonly InterfaceAddress[]>((list, one) => withAddress(list, one, "eth0", rule), [])
      .map(({ address }) => address);
  // What ip addr show lists on Linux 6.12, 6.18 and 7.2 after these were added in this order.
  const order = [
    six("fe80::9", "link"),
    four("10.0.0.1"),
    four("10.0.0.2", "global", "secondary"),
    four("10.1.0.1"),
    four("169.254.1.1", "link"),
    four("10.2.0.1"),
    four("10.0.0.3", "global", "secondary"),
    four("127.9.9.9", "host"),
    six("2001:db8::1"),
    six("2001:db8::2"),
    six("fd00::1"),
    six("fe80::5", "link"),
    six("fec0::1", "site"),
    six("2001:db8::3"),
  ];
  const listed = [
    "127.9.9.9",
    "169.254.1.1",
    "10.0.0.1",
    "10.1.0.1",
    "10.2.0.1",
    "10.0.0.2",
    "10.0.0.3",
    "2001:db8::3",
    "fd00::1",
    "2001:db8::2",
    "2001:db8::1",
    "fec0::1",
    "fe80::5",
    "fe80::9",
  ];
  assertEquals(added(order, standsBefore), listed);
  assertEquals(added(order), order.map(({ address }) => address)); // a BSD's: in the order of arrival
  const changed = [...order, six("2001:db8::1", "global", "deprecated"), four("10.1.0.1", "global", "permanent")];
  assertEquals(added(changed, standsBefore), listed);
  // A primary one went, and the first secondary one of its network takes its place among the primary ones.
  assertEquals(added([...order, four("10.0.0.2")], standsBefore), [
    ...listed.slice(0, 5),
    "10.0.0.2",
    "10.0.0.3",
    ...listed.slice(7),
  ]);
});
