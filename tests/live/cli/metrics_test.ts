/** `netflags metrics` on a real kernel, beside what sysfs says: /sys/class/net of the same namespace. */
import { assert, assertEquals } from "@std/assert";
import { get } from "../../../mod.ts";
import { commandLine, Running } from "../../helpers/cli/netflags.ts";
import { samplesOf } from "../../helpers/cli/metrics.ts";
import { clear, eventually, ip, liveTest } from "../../helpers/live/system.ts";

/** The names, the file of sysfs that says the same, and what becomes of its number. */
const FILES: readonly (readonly [name: string, file: string, of?: (value: number) => number])[] = [
  ["carrier", "carrier"],
  ["carrier_changes_total", "carrier_changes"],
  ["carrier_ups_total", "carrier_up_count"],
  ["carrier_downs_total", "carrier_down_count"],
  ["index", "ifindex"],
  ["mtu_bytes", "mtu"],
  ["speed_bytes", "speed", (megabits) => megabits * 125000],
];

liveTest(
  "live metrics: the numbers are those of sysfs, of each kind of interface there is",
  async () => {
    try {
      ip("link set lo up");
      ip("link add dev va type veth peer name vb");
      ip("link add dev vc type veth peer name vd");
      ip("link add dev br0 type bridge");
      ip("link add dev ifb7 type ifb");
      for (const name of ["va", "vb", "vc", "br0"]) ip(`link set ${name} up`);
      ip("link set vb master br0");
      ip("link set va mtu 1400");
      // The metrics are read first: what is still on its way would be another number in sysfs.
      await eventually(() => {
        const states = ["lo", "va", "vb", "vc", "br0"].map((name) => get(name)?.operState);
        assertEquals(states, ["unknown", "up", "up", "lowerlayerdown", "up"]);
      });
      const script = 'mount -t sysfs sysfs /sys || exit 77; "$@" && echo SYSFS && cd /sys/class/net && ' +
        'for f in */*; do [ -f $f ] && printf "%s " $f && { cat $f 2>/dev/null | tr "\\n" " "; echo; }; done; exit 0';
      const { code, stdout } = new Deno.Command("unshare", {
        args: ["-m", "sh", "-c", script, "sh", Deno.execPath(), ...commandLine(), "metrics"],
      }).outputSync();
      if (code === 77) return console.error("SKIPPED: sysfs cannot be mounted here, so metrics are not held to it");
      const [told, read] = new TextDecoder().decode(stdout).split("SYSFS\n");
      const samples = samplesOf(told!);
      const files = new Map(read!.split("\n").map((line) => [line.split(" ")[0]!, line.split(" ")[1] ?? ""]));
      const devices = [...told!.matchAll(/^netflags_index\{device="(\w+)"\}/gm)].map(([, name]) => name!);
      assert(devices.length >= 7);
      let compared = 0;
      for (const device of devices) {
        for (const [name, file, of] of FILES) {
          const text = files.get(`${device}/${file}`) ?? "";
          const number = Number(text);
          // A file that cannot be read, or says that the speed is unknown, is one that tells nothing.
          const expected = text === "" || (file === "speed" && number < 0) ? undefined : of?.(number) ?? number;
          assertEquals(samples.get(`netflags_${name}{device="${device}"}`), expected, `${name} of ${device}`);
          if (expected !== undefined) compared++;
        }
        const state = files.get(`${device}/operstate`);
        const info = new RegExp(`^netflags_info\\{device="${device}",(.*)\\} 1$`, "m").exec(told!)![1]!;
        const duplex = files.get(`${device}/duplex`) ?? "";
        const address = files.get(`${device}/address`);
        // An empty label and none are the same.
        const said = /duplex="(\w+)"/.exec(info)?.[1] ?? (duplex === "unknown" ? duplex : "");
        assertEquals([info.includes(`address="${address}"`), said], [true, duplex], device);
        assert(info.includes(`operstate="${state}"`), info);
      }
      assert(compared > 40, `${compared}`);
    } finally {
      ip("link set lo down");
      clear();
    }
  },
);

liveTest("live metrics: flaps and an outage that happen while it listens are in the next scrape", async () => {
  try {
    ip("link set lo up");
    ip("link add dev va type veth peer name vb");
    ip("link set va up");
    ip("link set vb up");
    await using running = new Running(["metrics", "v*", "--listen", "127.0.0.1:0"], ["--allow-ffi", "--allow-net"]);
    const url = await running.line();
    const scrape = async () => samplesOf(await (await fetch(url)).text());
    const of = async (name: string) => (await scrape()).get(`netflags_${name}{device="va"}`)!;
    const until = async (name: string, holds: (value: number) => boolean): Promise<void> => {
      for (const end = performance.now() + 10000; !holds(await of(name));) assert(performance.now() < end, name);
    };
    await until("connected", (value) => value === 1);
    assertEquals(await of("outages_total"), 0);
    ip("link set vb down");
    await until("connected", (value) => value === 0);
    await until("outage_seconds_total", (value) => value > 0);
    const before = await of("outage_seconds_total");
    await until("outage_seconds_total", (value) => value > before);
    ip("link set vb up");
    await until("outages_total", (value) => value === 1);
    const now = await scrape();
    const flaps = (name: string): number => now.get(`netflags_${name}_total{device="va"}`)!;
    assertEquals(flaps("flaps") + flaps("hidden_flaps"), 2);
    assert(now.get('netflags_state_since_timestamp_seconds{device="va"}')! > 1.7e9);
    assertEquals([...now.keys()].some((name) => name.includes('device="lo"')), false);
    running.signal("SIGINT");
    assertEquals(await running.status(), 0);
  } finally {
    ip("link set lo down");
    clear();
  }
});
