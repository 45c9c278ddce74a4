/** The default traffic beside a VRF, which has routes of its own. */
import { assertEquals } from "@std/assert";
import { get, list, route, waitFor } from "../../mod.ts";
import { eventually, ip, ipBatch, liveTest, run } from "../helpers/live/system.ts";

const LAB = Deno.env.get("NETFLAGS_LAB") === "1";

liveTest("lab: a default route of a VRF is not that of others, until a rule says so", async () => {
  for (const module of ["dummy", "vrf"]) run("modprobe", module);
  await ipBatch([
    "link add v0 type vrf table 10",
    "link set v0 up",
    ...[0, 1].flatMap((
      i,
    ) => [`link add d${i} type dummy`, `link set d${i} up`, `addr add 192.0.2.${64 * i + 2}/26 dev d${i}`]),
    "link set d1 master v0",
  ]);
  await eventually(() => assertEquals([get("d0")?.connected, get("d1")?.master], [true, "v0"]));
  const carries = () =>
    list({ routes: true }).filter(({ defaultRoute }) => defaultRoute?.length).map(({ name }) => name);
  ip("route add default via 192.0.2.65 dev d1 table 10");
  assertEquals([carries(), route(), ip("route get 198.41.0.4 vrf v0").includes("dev d1")], [[], [], true]);
  ip("route add default via 192.0.2.1 dev d0");
  assertEquals(carries(), ["d0"]);
  const moved = waitFor("d1", "default-route", { timeout: 10_000 });
  ip("rule add pref 100 lookup 10");
  assertEquals((await moved).defaultRoute, ["inet"]);
  assertEquals([carries(), route().map(({ name, table }) => [name, table])], [["d1"], [["d1", 10]]]);
  ip("rule del pref 100");
  await eventually(() => assertEquals(carries(), ["d0"]));
  ip("link set d0 master v0"); // its routes go with it
  await eventually(() => assertEquals(carries(), []));
}, LAB);
