import { assertEquals } from "@std/assert";
import { get, setFlags } from "../../mod.ts";
import { LinuxBackend } from "../../platforms/linux/backend.ts";
import { devGetFlags } from "../helpers/linux/dev_get_flags.ts";
import { sysfsFlags } from "../../platforms/linux/ask/sysfs.ts";
import { eventually, ip, liveTest, run } from "../helpers/live/system.ts";
import { checkTransitions } from "../helpers/live/transitions.ts";

const LAB = Deno.env.get("NETFLAGS_LAB") === "1";

liveTest("lab: every transition of state and mode, on a dummy", async () => {
  run("modprobe", "dummy");
  ip("link add dev d0 type dummy");
  ip("link set d0 up");
  ip("link set d0 carrier off");
  ip("link set d0 carrier on");
  await eventually(() => assertEquals(get("d0")?.operState, "up"));
  await checkTransitions("d0");
  ip("link del d0");
}, LAB);

liveTest(
  "lab: the flag word is what dev_get_flags makes of its inputs, in every combination that can be reached",
  () => {
    run("modprobe", "dummy");
    ip("link add dev d0 type dummy");
    ip("link add link d0 name d0.7 type vlan id 7"); // it gets IFF_DORMANT when d0 is dormant
    const backend = new LinuxBackend();
    let checked = 0;
    const words = new Set<number>();
    const check = (name: string, globalFlags: number, what: string): void => {
      const status = get(name)!;
      const modelled = devGetFlags({
        flags: sysfsFlags(name)!,
        globalFlags,
        running: status.up,
        operState: status.operState!,
        carrier: status.carrier!,
        dormant: status.up && Deno.readTextFileSync(`/sys/class/net/${name}/dormant`).trim() === "1",
      });
      assertEquals(modelled.toString(16), status.flags.toString(16), `${name}: ${what}`);
      words.add(status.flags);
      checked++;
    };
    for (const up of [false, true]) {
      for (const carrier of ["on", "off"]) {
        ip(`link set d0 carrier ${carrier}`);
        for (const linkMode of ["default", "dormant"] as const) {
          for (const state of ["up", "dormant", "testing", undefined] as const) {
            for (const [promisc, allmulti] of [[false, false], [true, false], [false, true], [true, true]] as const) {
              for (const noarp of [false, true]) {
                setFlags("d0", { up, promisc, allmulti, noarp });
                setFlags("d0.7", { up });
                // Unchecked: which of these the kernel ignores is not the question here.
                backend.setLink("d0", state === undefined ? { linkMode } : { linkMode, operState: state });
                const what = [up, carrier, linkMode, state, promisc, allmulti, noarp].join(" ");
                check("d0", (promisc ? 0x100 : 0) | (allmulti ? 0x200 : 0), what);
                check("d0.7", 0, what);
              }
            }
          }
        }
      }
    }
    assertEquals(checked, 512);
    assertEquals(words.size >= 24, true, `${words.size} different words`);
  },
  LAB,
);
