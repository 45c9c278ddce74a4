/** What an event says of a real kernel's changes: addresses, arrivals, and interfaces that refer to others. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { get, type InterfaceStatus, list, watch } from "../../../mod.ts";
import { runHere } from "../../helpers/cli/in_process.ts";
import { assertNotAdopted } from "../../helpers/live/adoption.ts";
import { clear, eventually, ip, LIVE, liveTest, sleep, TUN } from "../../helpers/live/system.ts";
import { Tap } from "../../helpers/live/tap.ts";
import { detailsOf } from "../../helpers/live/why.ts";

/** Whether this kernel makes macvlans. */
const MACVLAN = LIVE && makesMacvlan();

function makesMacvlan(): boolean {
  ip("link add v0 type veth peer name v1");
  try {
    ip("link add link v0 name m0 type macvlan");
    return true;
  } catch {
    console.error("SKIPPED: this kernel makes no macvlan");
    return false;
  } finally {
    clear();
  }
}

function pairUp(): void {
  for (const name of ["v0", "v1"]) ip(`link set ${name} up`);
}

/** A pair of interfaces that works. */
function pair(): void {
  ip("link add v0 type veth peer name v1");
  pairUp();
}

const global = (status: InterfaceStatus | undefined) =>
  status?.addresses?.filter(({ scope }) => scope === "global")
    .map(({ address, prefixLength, peer }) => [address, prefixLength, peer]);

liveTest("events live: an IPv6 address whose peer changes leaves nothing of itself behind", async () => {
  try {
    ip("link set lo up"); // or the comparison for silent changes would find it
    pair();
    await eventually(() => assertEquals(get("v0")?.connected, true));
    await using watcher = watch({ names: "v0", addresses: true });
    const told = async (): Promise<unknown> => {
      for (;;) {
        const { value } = await watcher.next();
        if (value?.changed.includes("addresses")) {
          const found = global(value.status);
          if (JSON.stringify(found) !== JSON.stringify(last)) return last = found;
        }
      }
    };
    let last: unknown = [];
    ip("-6 addr add 2001:db8::1/128 dev v0 nodad");
    assertEquals(await told(), [["2001:db8::1", 128, undefined]]);
    ip("-6 addr change 2001:db8::1 peer 2001:db8::2/128 dev v0");
    assertEquals(await told(), [["2001:db8::1", 128, "2001:db8::2"]]);
    ip("-6 addr change 2001:db8::1 peer 2001:db8::3/128 dev v0");
    assertEquals(await told(), [["2001:db8::1", 128, "2001:db8::3"]]);
    assertEquals(global(get("v0")), [["2001:db8::1", 128, "2001:db8::3"]]);
    ip("-6 addr del 2001:db8::1/128 dev v0");
    assertEquals(await told(), []);
  } finally {
    clear();
  }
});

liveTest("events live: labels are those that say more than the name, also while an interface is renamed", async () => {
  const labels = (status: InterfaceStatus | undefined) =>
    status?.addresses?.filter(({ family }) => family === "inet").map(({ label }) => label);
  try {
    ip("link add v0 type veth peer name v1");
    ip("addr add 10.0.0.1/24 dev v0");
    ip("addr add 10.0.0.2/24 dev v0 label v0:up");
    ip("addr add 10.0.0.3/24 dev v0");
    assertEquals(labels(get("v0")), [undefined, "v0:up", undefined]);
    await using watcher = watch({ names: ["v0", "w0"], addresses: true });
    ip("link set v0 name w0");
    const seen: unknown[] = [];
    const last = [undefined, "w0:up", "w0:3"]; // the kernel numbers those that had no label of their own
    while (JSON.stringify(seen.at(-1)) !== JSON.stringify(last)) {
      seen.push(labels((await watcher.next()).value?.status));
    }
    assertEquals(seen, [[undefined, "v0:up", undefined], [undefined, "w0:up", undefined], last]);
    assertEquals([labels(get("w0")), labels(list({ names: "w0" })[0])], [last, last]);
  } finally {
    clear();
  }
});

liveTest(
  "events live: a bridge is connected as long as it has a port that works, also where it never had one",
  async () => {
    const state = () => {
      const { operState, connected } = get("br0")!;
      const listed = list({ names: "br0" })[0]?.connected;
      return [operState, connected, listed, detailsOf("br0").causes.map(({ code }) => code).join()];
    };
    try {
      pair();
      ip("link add br0 type bridge");
      await using watcher = watch({ names: "br0", initial: true });
      const told: (boolean | undefined)[] = [];
      const following = (async () => {
        for await (const { status } of watcher) if (status.connected !== told.at(-1)) told.push(status.connected);
      })();
      ip("link set br0 up");
      assertEquals(state(), ["unknown", false, false, "no-ports"]);
      const { stdout } = await runHere(["explain", "br0"]);
      assertStringIncludes(stdout, "br0 is up, but has no ports.\n");
      assertEquals(stdout.includes("never reports a carrier"), false);
      ip("link set br0 down"); // and up again, still without one
      ip("link set br0 up");
      assertEquals(state(), ["unknown", false, false, "no-ports"]);
      ip("link set v0 master br0");
      await eventually(() => assertEquals([state(), told], [["up", true, true, ""], [false, true]]));
      ip("link set v0 nomaster");
      await eventually(() => assertEquals(state(), ["down", false, false, "no-ports"]));
      await eventually(() => assertEquals(told, [false, true, false]));
      await watcher.return();
      await following;
    } finally {
      clear();
    }
  },
);

liveTest("events live: a state that is still UP after the carrier went is not connected", async () => {
  using tap = new Tap("tap0");
  try {
    ip("link set tap0 up");
    tap.carrier(false);
    tap.carrier(true);
    await eventually(() => assertEquals(get("tap0")?.operState, "up"));
    await using watcher = watch({ names: "tap0" });
    const told: InterfaceStatus[] = [];
    const following = (async () => {
      for await (const { status } of watcher) told.push(status);
    })();
    const early = () => told.filter(({ operState, lowerUp }) => operState === "up" && !lowerUp);
    // The kernel looks at a carrier once a second, so a message meanwhile has the state of before.
    for (let round = 0; round < 500 && early().length < 3; round++) {
      tap.carrier(false);
      tap.mtu(1000 + round);
      tap.carrier(true);
      await sleep(10);
    }
    await watcher.return();
    await following;
    assertEquals(early().length >= 3, true);
    assertEquals(told.filter(({ connected, lowerUp, carrier }) => connected && !(lowerUp && carrier)), []);
  } finally {
    clear();
  }
}, TUN);

liveTest(
  "events live: with changes, a card that is plugged in is told when it works, with the flaps before",
  async () => {
    try {
      ip("link add v0 type veth peer name v1");
      await using watcher = watch({ names: ["v0", "v1"], changes: ["connected", "mtu"], addresses: true });
      const next = async () => {
        const { value } = await watcher.next();
        return value!;
      };
      for (let i = 0; i < 3; i++) { // up and down by hand, without a carrier: nothing of it was asked for
        ip("link set v0 up");
        ip("link set v0 down");
      }
      ip("link set v0 mtu 1400");
      const first = await next();
      assertEquals([first.type, first.status.name, first.previous?.mtu, first.status.mtu], [
        "changed",
        "v0",
        1500,
        1400,
      ]);
      pairUp();
      const up = [await next(), await next()];
      assertEquals(up.map(({ status: { connected } }) => connected), [true, true]);
      assertEquals(up.find(({ status: { name } }) => name === "v0")?.previous, first.status);
      ip("link del v0");
      // The kernel sets both down before it removes them, and what did not work takes nothing along.
      const gone = [await next(), await next()];
      assertEquals(gone.map(({ type, status: { connected } }) => [type, connected]), [["changed", false], [
        "changed",
        false,
      ]]);
    } finally {
      clear();
    }
  },
);

liveTest("events live: the other end of a veth that moves away and comes back is the parent where it is", async () => {
  await assertNotAdopted(["link add near type veth peer name far"]);
});

liveTest(
  "events live: the interface below a macvlan that moves away and comes back is the parent where it is",
  async () => {
    await assertNotAdopted([
      "link add far type veth peer name end",
      "link set far up",
      "link set end up",
      "link add link far name near type macvlan mode bridge",
    ]);
  },
  MACVLAN,
);
