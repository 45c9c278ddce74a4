/** What is played on the fake system of Linux: beside a real kernel, and beside what one said of the same. */
import type { Stage } from "./stage.ts";

/** What a play needs of the machine that it is played on. What is played alone needs nothing. */
export interface Machine {
  /** The words after `ip link set NAME netns`. */
  readonly elsewhere: string | number;
  /** Makes a tap interface, switches its carrier, and closes it. */
  readonly tap: { open(): void; carrier(on: boolean): void; close(): void };
}

/** Stands for the machine where there is no real kernel. */
export const ALONE: Machine = { elsewhere: "", tap: { open() {}, carrier() {}, close() {} } };

/** Plays verbs. */
export type Play = (stage: Stage, machine: Machine) => Promise<void>;

const play = (act: Play): Play => act;

/** A pair of veths, its names, and what a program sets. */
const pair = play(async (stage) => {
  await stage.up("lo");
  await stage.add("v0", { kind: "veth", peer: "v1" });
  await stage.lookAgain(); // the other end has a parent by now, and no message said so
  await stage.up("v0");
  await stage.up("v1");
  await stage.setAltNames("v0", ["other"], "add dev v0 altname other");
  await stage.setAltNames("v0", ["other", "more"], "add dev v0 altname more");
  await stage.setAltNames("v0", ["more"], "del dev v0 altname other");
  await stage.rename("v0", "w0");
  await stage.setMtu("w0", 1400);
  await stage.setLinkMode("w0", "dormant");
  await stage.down("v1");
  await stage.up("v1");
  await stage.setOperState("w0", "up");
  await stage.setOperState("w0", "dormant");
  await stage.setOperState("w0", "up");
  await stage.setLinkMode("w0", "default");
  await stage.down("w0");
  await stage.setAltNames("w0", [], "del dev w0 altname more");
  await stage.lookAgain();
  await stage.up("w0");
  await stage.remove("w0");
  await stage.add("v0", { kind: "veth", peer: "v1", index: 9 });
  await stage.remove("v1");
  await stage.add("v2", { kind: "veth", peer: "v3", index: 9 }); // another one with the same number
  await stage.remove("v2");
});

/** Addresses, primary, secondary and tentative ones. */
const addresses = play(async (stage) => {
  await stage.add("v0", { kind: "veth", peer: "v1" });
  await stage.addAddress("v0", "10.0.0.1/24");
  await stage.addAddress("v0", "2001:db8::9/64"); // which is tentative as long as there is no carrier
  await stage.up("v0");
  await stage.up("v1");
  await stage.confirmAddress("v0", "2001:db8::9");
  await stage.addAddress("v0", "10.0.0.2/24");
  await stage.addAddress("v0", "10.0.0.3/25");
  await stage.addAddress("v0", "10.1.0.1/24", "10.1.0.255");
  await stage.addAddress("v0", "10.0.0.4/24");
  await stage.addAddress("v0", "2001:db8::1/64");
  await stage.confirmAddress("v0", "2001:db8::1");
  await stage.addAddress("v0", "fe80::1/64");
  await stage.confirmAddress("v0", "fe80::1");
  await stage.addAddress("v0", "2001:db8::2/64");
  await stage.confirmAddress("v0", "2001:db8::2");
  await stage.rename("v0", "a-name-of-15-by");
  await stage.rename("a-name-of-15-by", "v0");
  await stage.removeAddress("v0", "2001:db8::1/64");
  await stage.removeAddress("v0", "10.0.0.4/24");
  await stage.removeAddress("v0", "10.0.0.1/24"); // and its second one
  await stage.down("v0"); // and those of IPv6
  await stage.up("v0");
  await stage.addAddress("v0", "2001:db8::3/64");
  await stage.confirmAddress("v0", "2001:db8::3");
  await stage.remove("v0");
});

/** A bridge and its ports. */
const bridge = play(async (stage) => {
  await stage.add("br0", { kind: "bridge" }, false);
  await stage.up("br0");
  await stage.down("br0");
  await stage.up("br0");
  await stage.add("v0", { kind: "veth", peer: "v1" });
  await stage.lookAgain();
  await stage.up("v0");
  await stage.up("v1");
  await stage.join("v0", "br0");
  await stage.down("v1");
  await stage.up("v1");
  await stage.down("v0");
  await stage.up("v0");
  await stage.add("w0", { kind: "veth", peer: "w1" });
  await stage.lookAgain();
  await stage.join("w0", "br0"); // one that is not up
  await stage.down("v0");
  await stage.up("w0");
  await stage.up("w1");
  await stage.up("v0");
  await stage.down("br0");
  await stage.up("br0");
  await stage.leave("w0");
  await stage.leave("v0");
  await stage.join("w0", "br0");
  await stage.rename("br0", "br1");
  await stage.join("v0", "br1");
  await stage.remove("v0");
  await stage.remove("w1");
  await stage.remove("br1");
  await stage.add("br2", { kind: "bridge" }, false);
  await stage.add("v2", { kind: "veth", peer: "v3" });
  await stage.lookAgain();
  await stage.join("v2", "br2");
  await stage.up("br2");
  await stage.up("v2");
  await stage.up("v3");
  await stage.remove("br2");
});

/** An end of a pair that moves to another network namespace. */
const move = play(async (stage, { elsewhere }) => {
  for (const up of [false, true]) {
    await stage.add("v0", { kind: "veth", peer: "v1" });
    await stage.lookAgain();
    if (up) {
      await stage.up("v0");
      await stage.up("v1");
    }
    await stage.addAddress("v0", "10.0.0.1/24");
    const { index } = stage.system.set({ name: "v0" });
    await stage.step(
      "move v0",
      () => stage.system.remove("v0", { netnsId: 0, index }),
      `link set v0 netns ${elsewhere}`,
    );
    await stage.lookAgain();
    await stage.remove("v1");
  }
});

/** A tap, whose program switches its carrier and goes. */
const tap = play(async (stage, { tap }) => {
  for (const index of [0, 1]) {
    await stage.made("tap0", { kind: "tun" }, () => tap.open());
    await stage.up("tap0");
    const plug = (on: boolean) =>
      stage.step(
        `carrier ${on}`,
        () => on ? stage.system.plug("tap0") : stage.system.unplug("tap0"),
        () => tap.carrier(on),
      );
    await plug(false);
    await plug(true);
    await stage.down("tap0");
    await plug(false);
    await stage.up("tap0");
    if (index === 1) await stage.down("tap0");
    await stage.step("close tap0", () => stage.system.remove("tap0"), () => tap.close());
  }
});

/** A dummy whose carrier comes and goes, and what stands on it. */
const dummy = play(async (stage) => {
  await stage.add("d9", { kind: "dummy" });
  await stage.up("d9");
  // Linux looks at carriers in the order in which they changed, but up to a second later where the interface is down, and
  // says nothing of that. After the carrier of another one, which it tells, it has looked at all.
  const looked = async () => {
    await stage.unplug("d9");
    await stage.plug("d9");
  };
  await stage.add("d0", { kind: "dummy" });
  await stage.up("d0");
  await stage.unplug("d0");
  await stage.plug("d0");
  await stage.setLinkMode("d0", "dormant");
  await stage.unplug("d0");
  await stage.plug("d0");
  await stage.setOperState("d0", "up");
  await stage.setLinkMode("d0", "default");
  await stage.add("d0.7", { kind: "vlan", parent: "d0" }, false);
  await stage.up("d0.7");
  await stage.unplug("d0");
  await stage.plug("d0");
  await stage.down("d0"); // and the VLAN with it
  await looked();
  await stage.up("d0");
  await stage.down("d0.7");
  await stage.down("d0");
  await looked();
  await stage.up("d0"); // which sets the VLAN up again
  await stage.setOperState("d0", "dormant");
  await stage.setOperState("d0", "up");
  await stage.rename("d0", "d1");
  await stage.remove("d1"); // and the VLAN with it
  await stage.add("d2", { kind: "dummy" });
  await stage.add("m0", { kind: "macvlan", parent: "d2" });
  await stage.up("m0");
  await stage.up("d2");
  await stage.unplug("d2");
  await stage.plug("d2");
  await stage.down("d2");
  await stage.up("d2");
  await stage.remove("m0");
  await stage.add("br0", { kind: "bridge" }, false);
  await stage.up("br0");
  await stage.join("d2", "br0");
  await stage.unplug("d2");
  await stage.plug("d2");
  await stage.down("d2");
  await stage.up("d2");
  await stage.remove("d2");
  await stage.add("d3", { kind: "dummy" });
  await stage.unplug("d3");
  await stage.add("d3.7", { kind: "vlan", parent: "d3" }, false);
  await stage.up("d3");
  await stage.up("d3.7");
  await stage.plug("d3");
});

/** What any machine can play, with how many events there are at least. */
export const PLAYS = { pair, addresses, bridge, move, tap } as const;

/** What needs kinds of interfaces that few machines have. */
export const LAB_PLAYS = { dummy } as const;
