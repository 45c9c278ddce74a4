import { assertEquals } from "@std/assert";
import { type SysfsReader, sysfsView } from "../../../../platforms/linux/ask/sysfs.ts";
import { fakeStatus } from "../../../../src/testing.ts";

const LO = fakeStatus({ name: "lo", index: 1, flags: 0x9, hardwareAddress: "00:00:00:00:00:00" });
const CARD = fakeStatus({ name: "eth0", index: 2, flags: 0x1003, hardwareAddress: "52:54:00:12:34:56" });
const TUN = fakeStatus({ name: "tun0", index: 3, type: "none", flags: 0x1091, hardwareAddress: undefined });
const TUNNEL = fakeStatus({ name: "sit0", index: 4, type: "sit", flags: 0x80, hardwareAddress: "10.0.0.1" });
const ALL = [LO, TUN, TUNNEL, CARD];

/** A sysfs that shows these: of each its index and address. */
function sysfs(shown: Record<string, readonly [string, string]>): SysfsReader {
  return (name, file) => shown[name]?.[file === "ifindex" ? 0 : 1];
}

const OWN = {
  lo: ["1", "00:00:00:00:00:00"],
  eth0: ["2", "52:54:00:12:34:56"],
  tun0: ["3", ""],
  sit0: ["4", "0a:00:00:01"],
} as const;

Deno.test("sysfs: one that shows this namespace is known by an address, the asked interface's or another's", () => {
  for (const status of ALL) assertEquals(sysfsView(status, () => ALL, sysfs(OWN)), "this", status.name);
});

Deno.test("sysfs: that of another namespace is never taken for this one's, also where index and address coincide", () => {
  const view = (status: typeof LO, shown: Record<string, readonly [string, string]>, all = ALL) =>
    sysfsView(status, () => all, sysfs(shown));
  assertEquals(view(CARD, { ...OWN, eth0: ["7", OWN.eth0[1]] }), "another");
  assertEquals(view(CARD, { ...OWN, eth0: ["2", "52:54:00:12:34:57"] }), "another");
  assertEquals(view(CARD, { lo: OWN.lo }), "none");
  // lo is 1 and of zeros everywhere
  assertEquals(view(LO, { ...OWN, eth0: ["2", "52:54:00:12:34:57"] }), "another");
  assertEquals(view(LO, { lo: OWN.lo }), "another");
  assertEquals(view(LO, OWN, [LO, TUN, TUNNEL]), "unknown");
  assertEquals(view(TUN, { ...OWN, tun0: ["5", ""] }), "another");
});
