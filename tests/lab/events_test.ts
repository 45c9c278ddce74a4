/** What an event says of kinds of interfaces that few machines have. */
import { assertEquals } from "@std/assert";
import { get, list } from "../../mod.ts";
import { clear, eventually, ip, liveTest, run } from "../live/system.ts";
import { detailsOf } from "../live/why.ts";

const LAB = Deno.env.get("NETFLAGS_LAB") === "1";

liveTest("events lab: a bond, a team and a bridge are connected as long as they have a port that works", async () => {
  for (const module of ["bonding", "team", "dummy"]) run("modprobe", module);
  const state = (name: string) => {
    const { connected } = get(name)!;
    return [connected, list({ names: name })[0]?.connected, detailsOf(name).causes.map(({ code }) => code).join()];
  };
  try {
    ip("link add port type dummy");
    for (const kind of ["bond", "team", "bridge"]) {
      ip(`link add x0 type ${kind}`);
      ip("link set x0 up");
      assertEquals(state("x0"), [false, false, "no-ports"], kind);
      ip("link set port down");
      ip("link set port master x0");
      ip("link set port up");
      await eventually(() => assertEquals(state("x0"), [true, true, ""], kind));
      ip("link set port nomaster");
      await eventually(() => assertEquals(state("x0"), [false, false, "no-ports"], kind));
      ip("link del x0");
    }
  } finally {
    clear();
  }
}, LAB);
