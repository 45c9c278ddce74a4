/** What an event says of kinds of interfaces that few machines have. */
import { assertEquals } from "@std/assert";
import { get, list } from "../../mod.ts";
import { assertNotAdopted } from "../helpers/live/adoption.ts";
import { clear, eventually, ip, liveTest, run } from "../helpers/live/system.ts";
import { detailsOf } from "../helpers/live/why.ts";

/** Whether this kernel makes some interfaces. */
function makes(lines: readonly string[]): boolean {
  try {
    for (const line of lines) ip(line);
    return true;
  } catch {
    return false;
  } finally {
    clear();
  }
}

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

/** How an interface that refers to "far" is made, by its kind. */
const NEARS: Readonly<Record<string, readonly string[]>> = {
  netkit: ["link add near type netkit", "link set nk0 name far"], // iproute2 before 6.7 takes no more
  vlan: ["link add far type dummy", "link set far up", "link add link far name near type vlan id 7"],
  macvlan: ["link add far type dummy", "link set far up", "link add link far name near type macvlan mode bridge"],
  ipvlan: ["link add far type dummy", "link set far up", "link add link far name near type ipvlan"],
  vxcan: ["link add near type vxcan peer name far"],
};

for (const [kind, make] of Object.entries(NEARS)) {
  for (const module of LAB ? ["dummy", "ifb", kind] : []) {
    new Deno.Command("modprobe", { args: [module], stderr: "null" }).outputSync(); // some are built in
  }
  const made = LAB && makes(make);
  if (LAB && !made) console.error(`SKIPPED: this kernel makes no ${kind}`);
  liveTest(
    `events lab: what an interface of kind ${kind} refers to is its parent where it is, and who gets the index is not`,
    () => assertNotAdopted(make),
    made,
  );
}
