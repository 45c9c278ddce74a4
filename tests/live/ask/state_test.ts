import { assertEquals } from "@std/assert";
import { get } from "../../../mod.ts";
import { clear, eventually, ip, liveTest, TUN } from "../../helpers/live/system.ts";
import { Tap } from "../../helpers/live/tap.ts";
import { checkTransitions } from "../../helpers/live/transitions.ts";

liveTest("live: every transition of state and mode is made, or refused with what was kept: veth, macvlan", async () => {
  try {
    ip("link add dev va type veth peer name vb");
    ip("link set va up");
    ip("link set vb up");
    await eventually(() => assertEquals(get("va")?.operState, "up"));
    ip("link add mv0 link vb type macvlan");
    ip("link set mv0 up");
    await eventually(() => assertEquals(get("mv0")?.operState, "up"));
    await checkTransitions("mv0");
    await checkTransitions("va");
  } finally {
    clear();
  }
});

liveTest("live: every transition of state and mode, on a tap", async () => {
  using tap = new Tap("tap0");
  ip("link set tap0 up");
  tap.carrier(false);
  tap.carrier(true);
  await eventually(() => assertEquals(get("tap0")?.operState, "up"));
  await checkTransitions("tap0");
}, TUN);
