/**
 * Tries some faults one after the other, in a network namespace of its own: `run.ts LIBRARY NUMBER...`. Each answer is a line of
 * JSON on standard output.
 */
import { LinuxBackend } from "../../platforms/linux/backend.ts";
import { LinuxLibc } from "../../platforms/linux/libc/libc.ts";
import { Bad, Trial } from "./scenario.ts";
import { Shim } from "./shim.ts";
import { FAULTS } from "./table.ts";

const [file, ...numbers] = Deno.args as [string, ...string[]];
const shim = new Shim(file);
const libc = new LinuxLibc("poll");
const real = new LinuxBackend(() => libc);
function ip(line: string): void {
  const { success } = new Deno.Command("ip", { args: line.split(" ") }).outputSync();
  if (!success) throw new Error(`ip ${line} fails`);
}

ip("link set lo up");
ip("link add fault0 type ifb");
ip("link set fault0 up");
// What the runtime opens when it is first needed is open from here on.
await new Trial(shim, file, { call: "io_destroy", errno: "EINVAL", mode: "fifth" }, real).run(true);
// Whoever waits sees that this goes on, however slow the machine is.
setInterval(() => console.log(""), 1000);
for (const number of numbers) {
  void shim.end();
  const fault = FAULTS[Number(number)]!;
  try {
    const row = await new Trial(shim, file, fault, real).run(true);
    console.log(JSON.stringify({ number: Number(number), row }));
  } catch (error) {
    const bad = error instanceof Bad ? error.message : `crash: ${error instanceof Error ? error.stack : error}`;
    console.log(JSON.stringify({ number: Number(number), bad }));
  }
}
Deno.exit(0);
