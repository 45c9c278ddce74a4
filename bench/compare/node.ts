/** netflags.ts in Node.js: what it uses of Deno is had from Node.js. Its arguments are those of netflags.ts. */
import fs from "node:fs";
import os from "node:os";
import process from "node:process";

Object.assign(globalThis, {
  Deno: {
    args: process.argv.slice(2),
    readFileSync: (path: string): Uint8Array<ArrayBuffer> => new Uint8Array(fs.readFileSync(path)),
    stdout: { writeSync: (bytes: Uint8Array): number => fs.writeSync(1, bytes) },
    memoryUsage: process.memoryUsage,
    networkInterfaces: (): unknown[] => Object.values(os.networkInterfaces()).flat(),
    exit: process.exit,
  },
});
await import("./netflags.ts");
