import { ADDRESS } from "../../helpers/made_up.ts";
import { assertEquals } from "@std/assert";
import type { InterfaceStatus, StatusField } from "../../../mod.ts";
import { changedFields, STATUS_FIELDS, withAddress, withoutAddress } from "../../../src/watch/compare.ts";
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
  parent: "eth9",
  parentIndex: 4,
  parentNetnsId: 5,
  addresses: [ADDRESS],
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
