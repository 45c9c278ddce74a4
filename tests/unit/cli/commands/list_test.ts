/** What list says of each interface: whether it is connected and why not, in whole columns. */
import { assertEquals } from "@std/assert";
import { FakeSystem } from "../../../../src/testing.ts";
import { atWidth } from "../../../helpers/cli/at_width.ts";
import { runHere } from "../../../helpers/cli/in_process.ts";

const UP = { flags: 0x11043, operState: "up", carrier: true } as const;

function interfaces(): FakeSystem {
  const system = new FakeSystem();
  system.set({ name: "lo", index: 1, type: "loopback", flags: 0x10049, operState: "unknown", carrier: true });
  system.set({ name: "sw0", index: 2, flags: 0x1002, operState: "down", carrier: false });
  system.set({ name: "v7", index: 3, kind: "vlan", parent: "sw0", parentIndex: 2, flags: 0x1003, operState: "down" });
  system.set({ name: "eth0", index: 4, ...UP });
  system.set({ name: "eth1", index: 5, flags: 0x1003, operState: "down", carrier: false });
  system.set({ name: "dummy0", index: 6, kind: "dummy", ...UP, operState: "unknown" });
  return system;
}

Deno.test("list: CONNECTED and WHY say what to think of each", async () => {
  using _system = interfaces();
  const rows = (await runHere(["list"])).stdout.trimEnd().split("\n").map((line) => line.split(/ {2,}/).slice(0, 3));
  assertEquals(rows, [
    ["NAME", "CONNECTED", "WHY"],
    ["lo", "yes", "-"],
    ["sw0", "no", "down"],
    ["v7@sw0", "no", "sw0 is down"],
    ["eth0", "yes", "-"],
    ["eth1", "no", "no carrier"],
    ["dummy0", "yes?", "driver reports no carrier"],
  ]);
});

Deno.test("list: a terminal gets whole columns, as many as fit; --wide gets all", async () => {
  using _system = interfaces();
  for (
    const [columns, headings] of [
      [40, "NAME CONNECTED WHY"],
      [60, "NAME CONNECTED WHY KIND"],
      [100, "NAME CONNECTED WHY KIND FLAGS"],
      [200, "NAME CONNECTED WHY KIND FLAGS MTU MASTER MAC"],
    ] as const
  ) {
    const lines = (await atWidth(columns, ["list"])).trimEnd().split("\n");
    assertEquals(lines[0]!.trim().split(/ +/).join(" "), headings);
    // deno-lint-ignore no-control-regex -- colours take no column
    const longest = Math.max(...lines.map((line) => line.replace(/\x1b\[\d+m/g, "").trimEnd().length));
    assertEquals([longest <= columns, columns < 50 || !lines.join().includes("…")], [true, true], `${columns}`);
  }
  const wide = (await atWidth(40, ["list", "--wide"])).split("\n")[0]!;
  assertEquals(wide.trim().split(/ +/).join(" "), "NAME CONNECTED WHY KIND STATE FLAGS MTU MASTER MAC");
});
