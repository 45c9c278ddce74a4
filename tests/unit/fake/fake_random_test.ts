/** The fake system of Linux, driven at random: what it says holds together at every moment. */
import { assert, assertEquals } from "@std/assert";
import { get, type InterfaceStatus, InvalidInputError, list, NetflagsError, watch } from "../../../mod.ts";
import { linuxConnected, setLinkMode, setOperState } from "../../../src/linux.ts";
import { type FakeInterface, FakeSystem } from "../../../src/testing.ts";
import { type Random, withSeed } from "../../helpers/random.ts";
import { still } from "../../helpers/still.ts";

const NAMES = ["eth0", "eth1", "wlan0", "br0", "v0", "v1", "d0", "eth0.7", "mv0"];
const STATES = ["unknown", "notpresent", "down", "lowerlayerdown", "testing", "dormant", "up"] as const;
const ADDRESSES = ["10.0.0.1/24", "10.0.0.2/24", "10.1.0.1/16", "2001:db8::1/64", "fe80::1/64"];
const FLAGS = [0x1002, 0x1003, 0x1043, 0x11003, 0x11043, 0x31003, 0x1082, 0x40, 0x10000];

/** What no kernel says at the same time, of one interface or of one and its master. */
function assertPossible(status: InterfaceStatus): void {
  const { name, kind, up, running, lowerUp, dormant, operState, carrier, connected, flags } = status;
  const told = JSON.stringify(status);
  if (!up) assertEquals([running, lowerUp, dormant, operState], [false, false, false, "down"], told);
  else {
    assertEquals(running, operState === "up" || operState === "unknown", told);
    assertEquals(lowerUp, carrier, told);
  }
  assertEquals(connected, linuxConnected(operState, flags, carrier, lowerUp, kind), told);
  assertEquals(status.carrierChanges, status.carrierUps! + status.carrierDowns!, told);
  if (status.masterIndex !== undefined) assert(get(status.masterIndex) !== undefined, told);
  if (status.wireless?.ssid !== undefined) assert(up && (carrier || status.wireless.type !== "ap"), told);
  assertEquals(get(name), status, told);
}

/** One change, which may be refused. Returns what the verb says of the interface. */
function change(system: FakeSystem, random: Random): InterfaceStatus | undefined {
  const name = random.pick(NAMES);
  const other = random.pick(NAMES);
  switch (random.below(18)) {
    case 0:
    case 1:
      return add(system, name);
    case 2:
    case 3:
      return system.up(name);
    case 4:
      return system.down(name);
    case 5:
    case 6:
      return system.plug(name);
    case 7:
      return system.unplug(name);
    case 8:
      return system.rename(name, random.below(2) === 0 ? other : name);
    case 9:
      return random.below(3) === 0 ? void system.remove(name) : undefined;
    case 10:
      return system.join(name, "br0");
    case 11:
      return system.leave(name);
    case 12:
      return system.addAddress(name, random.pick(ADDRESSES));
    case 13:
      return system.removeAddress(name, random.pick(ADDRESSES));
    case 14:
      return random.below(2) === 0
        ? system.startAccessPoint(name, `net${random.below(3)}`)
        : system.stopAccessPoint(name);
    case 15:
      return setLinkMode(name, random.pick(["default", "dormant", "testing"]));
    case 16:
      return setOperState(name, random.pick(["up", "dormant", "testing"]));
    default:
      return system.set(anyFields(random, name));
  }
}

function add(system: FakeSystem, name: string): InterfaceStatus {
  if (name === "br0") return system.add(name, { kind: "bridge" });
  if (name === "v0") return system.add(name, { kind: "veth", peer: "v1" });
  if (name === "d0") return system.add(name, { kind: "dummy" });
  if (name === "eth0.7") return system.add(name, { kind: "vlan", parent: "eth0" });
  return name === "mv0" ? system.add(name, { kind: "macvlan", parent: "eth1" }) : system.add(name);
}

/** Fields that may contradict each other. */
function anyFields(random: Random, name: string): FakeInterface {
  const some = <T>(field: string, values: readonly T[]): object =>
    random.below(3) === 0 ? { [field]: random.pick(values) } : {};
  return {
    name,
    ...some("flags", FLAGS),
    ...some("operState", STATES),
    ...some("carrier", [true, false]),
    ...some("linkMode", ["default", "dormant"]),
    ...some("carrierChanges", [0, 5, 100]),
    ...some("carrierUps", [0, 3]),
    ...some("masterIndex", [undefined, 1, 2, 9]),
    ...some("parentIndex", [undefined, 1, 3, 9]),
    ...some("mtu", [1400, 1500]),
    ...some("wireless", [undefined, { type: "ap", ssid: "net", ssidHex: undefined, frequency: undefined }]),
  };
}

/** Does one change, or is refused. What the verb returns is what the system says. */
function step(system: FakeSystem, random: Random): boolean {
  const before = JSON.stringify(list());
  try {
    const status = change(system, random);
    if (status !== undefined) assertEquals(status, get(status.index));
    return true;
  } catch (error) {
    if (!(error instanceof NetflagsError)) throw error;
    assert(/^[A-Z][^\n]*[^.]$/.test(error.message), error.message);
    if (error instanceof InvalidInputError) assertEquals(JSON.stringify(list()), before, error.message);
    return false;
  }
}

Deno.test("fake random: no verb and no set brings about a state that no kernel has, and each says what get says", () => {
  withSeed((random) => {
    let done = 0;
    let refused = 0;
    for (let run = 0; run < 12; run++) {
      using system = new FakeSystem();
      for (let i = 0; i < 60; i++) {
        if (step(system, random)) done++;
        else refused++;
        for (const status of list()) assertPossible(status);
      }
    }
    assert(done > 150 && refused > 60, `${done} done, ${refused} refused`);
  });
});

still("fake random: a watcher knows every interface as the list has it, in the end", async () => {
  await withSeed(async (random) => {
    for (let run = 0; run < 12; run++) {
      using system = new FakeSystem({ silentChanges: "none" });
      await using watcher = watch({ initial: true, addresses: true });
      const known = new Map<number, InterfaceStatus>();
      void (async () => {
        for await (const { type, status } of watcher) {
          if (type === "removed" || type === "left") known.delete(status.index);
          else known.set(status.index, status);
        }
      })();
      for (let i = 0; i < 60; i++) {
        step(system, random);
        if (random.below(3) === 0) await turn();
      }
      await turn();
      const byIndex = [...known.values()].sort((a, b) => a.index - b.index);
      assertEquals(byIndex, list());
    }
  });
});

async function turn(): Promise<void> {
  for (let i = 0; i < 200; i++) await Promise.resolve();
}
