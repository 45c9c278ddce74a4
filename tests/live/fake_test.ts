/** The fake system of Linux beside this machine's kernel: the same verbs, the same events, the same lists. */
import { assert, assertEquals } from "@std/assert";
import { Mirror } from "./mirror.ts";
import { ip, liveTest, otherNamespace, TUN } from "./system.ts";
import { Tap } from "./tap.ts";

liveTest("fake and kernel: a pair of veths, its names, and what a program sets", async () => {
  await using mirror = await Mirror.begin();
  await mirror.up("lo");
  await mirror.add("v0", { kind: "veth", peer: "v1" });
  await mirror.lookAgain(); // the other end has a parent by now, and no message said so
  await mirror.up("v0");
  await mirror.up("v1");
  await mirror.setAltNames("v0", ["other"], "add dev v0 altname other");
  await mirror.setAltNames("v0", ["other", "more"], "add dev v0 altname more");
  await mirror.setAltNames("v0", ["more"], "del dev v0 altname other");
  await mirror.rename("v0", "w0");
  await mirror.setMtu("w0", 1400);
  await mirror.setLinkMode("w0", "dormant");
  await mirror.down("v1");
  await mirror.up("v1");
  await mirror.setOperState("w0", "up");
  await mirror.setOperState("w0", "dormant");
  await mirror.setOperState("w0", "up");
  await mirror.setLinkMode("w0", "default");
  await mirror.down("w0");
  await mirror.setAltNames("w0", [], "del dev w0 altname more");
  await mirror.lookAgain();
  await mirror.up("w0");
  await mirror.remove("w0");
  await mirror.add("v0", { kind: "veth", peer: "v1", index: 9 });
  await mirror.remove("v1");
  await mirror.add("v2", { kind: "veth", peer: "v3", index: 9 }); // another one with the same number
  await mirror.remove("v2");
  assert(mirror.compared > 60, `${mirror.compared} events`);
});

liveTest("fake and kernel: addresses, primary, secondary and tentative ones", async () => {
  await using mirror = await Mirror.begin();
  await mirror.add("v0", { kind: "veth", peer: "v1" });
  await mirror.addAddress("v0", "10.0.0.1/24");
  await mirror.addAddress("v0", "2001:db8::9/64"); // which is tentative as long as there is no carrier
  await mirror.up("v0");
  await mirror.up("v1");
  await mirror.confirmAddress("v0", "2001:db8::9");
  await mirror.addAddress("v0", "10.0.0.2/24");
  await mirror.addAddress("v0", "10.0.0.3/25");
  await mirror.addAddress("v0", "10.1.0.1/24", "10.1.0.255");
  await mirror.addAddress("v0", "10.0.0.4/24");
  await mirror.addAddress("v0", "2001:db8::1/64");
  await mirror.confirmAddress("v0", "2001:db8::1");
  await mirror.addAddress("v0", "fe80::1/64");
  await mirror.confirmAddress("v0", "fe80::1");
  await mirror.addAddress("v0", "2001:db8::2/64");
  await mirror.confirmAddress("v0", "2001:db8::2");
  await mirror.rename("v0", "a-name-of-15-by");
  await mirror.rename("a-name-of-15-by", "v0");
  await mirror.removeAddress("v0", "2001:db8::1/64");
  await mirror.removeAddress("v0", "10.0.0.4/24");
  await mirror.removeAddress("v0", "10.0.0.1/24"); // and its second one
  await mirror.down("v0"); // and those of IPv6
  await mirror.up("v0");
  await mirror.addAddress("v0", "2001:db8::3/64");
  await mirror.confirmAddress("v0", "2001:db8::3");
  await mirror.remove("v0");
  assert(mirror.compared > 60, `${mirror.compared} events`);
});

liveTest("fake and kernel: a bridge and its ports", async () => {
  await using mirror = await Mirror.begin();
  await mirror.add("br0", { kind: "bridge" }, false);
  await mirror.up("br0");
  await mirror.down("br0");
  await mirror.up("br0");
  await mirror.add("v0", { kind: "veth", peer: "v1" });
  await mirror.lookAgain();
  await mirror.up("v0");
  await mirror.up("v1");
  await mirror.join("v0", "br0");
  await mirror.down("v1");
  await mirror.up("v1");
  await mirror.down("v0");
  await mirror.up("v0");
  await mirror.add("w0", { kind: "veth", peer: "w1" });
  await mirror.lookAgain();
  await mirror.join("w0", "br0"); // one that is not up
  await mirror.down("v0");
  await mirror.up("w0");
  await mirror.up("w1");
  await mirror.up("v0");
  await mirror.down("br0");
  await mirror.up("br0");
  await mirror.leave("w0");
  await mirror.leave("v0");
  await mirror.join("w0", "br0");
  await mirror.rename("br0", "br1");
  await mirror.join("v0", "br1");
  await mirror.remove("v0");
  await mirror.remove("w1");
  await mirror.remove("br1");
  await mirror.add("br2", { kind: "bridge" }, false);
  await mirror.add("v2", { kind: "veth", peer: "v3" });
  await mirror.lookAgain();
  await mirror.join("v2", "br2");
  await mirror.up("br2");
  await mirror.up("v2");
  await mirror.up("v3");
  await mirror.remove("br2");
  assert(mirror.compared > 90, `${mirror.compared} events`);
});

liveTest("fake and kernel: an end of a pair that moves to another network namespace", async () => {
  const elsewhere = await otherNamespace();
  try {
    await using mirror = await Mirror.begin();
    for (const up of [false, true]) {
      await mirror.add("v0", { kind: "veth", peer: "v1" });
      await mirror.lookAgain();
      if (up) {
        await mirror.up("v0");
        await mirror.up("v1");
      }
      await mirror.addAddress("v0", "10.0.0.1/24");
      const { index } = mirror.system.set({ name: "v0" });
      await mirror.step(
        "move v0",
        () => mirror.system.remove("v0", { netnsId: 0, index }),
        () => void ip(`link set v0 netns ${elsewhere.pid}`),
      );
      await mirror.lookAgain();
      await mirror.remove("v1");
    }
    assert(mirror.compared > 20, `${mirror.compared} events`);
  } finally {
    elsewhere.kill();
    await elsewhere.status;
  }
});

liveTest("fake and kernel: a tap, whose program switches its carrier and goes", async () => {
  await using mirror = await Mirror.begin();
  let tap: Tap | undefined;
  for (const index of [0, 1]) {
    await mirror.made("tap0", { kind: "tun" }, () => void (tap = new Tap("tap0")));
    await mirror.up("tap0");
    const plug = (on: boolean) =>
      mirror.step(
        `carrier ${on}`,
        () => on ? mirror.system.plug("tap0") : mirror.system.unplug("tap0"),
        () => tap!.carrier(on),
      );
    await plug(false);
    await plug(true);
    await mirror.down("tap0");
    await plug(false);
    await mirror.up("tap0");
    if (index === 1) await mirror.down("tap0");
    await mirror.step("close tap0", () => mirror.system.remove("tap0"), () => tap![Symbol.dispose]());
  }
  assertEquals(mirror.compared > 30, true);
}, TUN);
