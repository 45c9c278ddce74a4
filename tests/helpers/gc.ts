/** Garbage collections on demand. */
import v8 from "node:v8";
import vm from "node:vm";

v8.setFlagsFromString("--expose-gc");
const gc = vm.runInNewContext("gc") as () => void;

/** Collects what nobody refers to, and writes over memory that was given back. */
export async function collect(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 0)); // a WeakRef that was read holds its object until the turn ends
  gc();
  for (const size of [8, 16, 32, 64, 128, 256]) {
    for (let i = 0; i < 100; i++) new Uint8Array(new ArrayBuffer(size)).fill(0xff);
  }
}
