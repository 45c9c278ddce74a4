/**
 * The command line on a C library that fails: `cli.ts LIBRARY CALL ERRNO WHEN WAY ARGUMENT...`. The call fails for ever,
 * from the start on, or from when a line comes on standard input, which is answered on standard error.
 */
import { useBackend } from "../../platforms/current.ts";
import { LinuxBackend } from "../../platforms/linux/backend.ts";
import { LinuxLibc, useLibc } from "../../platforms/linux/libc/libc.ts";
import { main } from "../../src/cli/main.ts";
import { type Call, Shim } from "./shim.ts";

const [file, call, errno, when, way, ...args] = Deno.args as [string, Call, string, "start" | "later", string];
const shim = new Shim(file);
const libc = new LinuxLibc(way, [file]);
useLibc(libc);
useBackend(new LinuxBackend(() => libc));

const arm = (): void => shim.arm(call, errno, "ever");
if (when === "start") arm();
else {
  void Deno.stdin.read(new Uint8Array(1)).then(() => {
    arm();
    console.error("armed");
  });
}
Deno.exit(await main(args));
