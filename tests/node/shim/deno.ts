/** What the unit tests use of Deno beside its tests, by what Node.js has. It has no `dlopen`: netflags must find its own. */
import { spawn, spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import process from "node:process";
import util from "node:util";

class NotFound extends Error {}
class NotCapable extends Error {}
class PermissionDenied extends Error {}
class BrokenPipe extends Error {}
class AddrInUse extends Error {}
class Interrupted extends Error {}

/** Node's errors in Deno's classes. */
function translated<A extends readonly unknown[], R>(call: (...args: A) => R): (...args: A) => R {
  return (...args) => {
    try {
      return call(...args);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code === "ENOENT") throw new NotFound(message);
      if (code === "EACCES" || code === "EPERM") throw new PermissionDenied(message);
      throw error;
    }
  };
}

const ARCHES: Readonly<Record<string, string>> = { x64: "x86_64", arm64: "aarch64" };

interface Options {
  readonly args?: readonly string[];
  readonly cwd?: string | URL;
  readonly env?: Readonly<Record<string, string>>;
}
type Output = { success: boolean; code: number; signal: string | null; stdout: Uint8Array; stderr: Uint8Array };

class Command {
  readonly #program: string;
  readonly #options: Options;

  constructor(program: string, options: Options = {}) {
    this.#program = program;
    this.#options = options;
  }

  get #settings(): { cwd?: string | URL; env: NodeJS.ProcessEnv } {
    const { cwd, env } = this.#options;
    return { ...(cwd === undefined ? {} : { cwd }), env: { ...process.env, ...env } };
  }

  outputSync(): Output {
    const done = spawnSync(this.#program, [...this.#options.args ?? []], this.#settings);
    if (done.error !== undefined) throw new NotFound(done.error.message);
    const { status, signal, stdout, stderr } = done;
    return { success: status === 0, code: status ?? 1, signal, stdout, stderr };
  }

  output(): Promise<Output> {
    return new Promise((resolve, reject) => {
      const child = spawn(this.#program, [...this.#options.args ?? []], { ...this.#settings, stdio: "pipe" });
      const stdout: Buffer[] = [];
      const stderr: Buffer[] = [];
      child.stdin.end();
      child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
      child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
      child.on("error", reject);
      child.on("close", (code, signal) =>
        resolve({
          success: code === 0,
          code: code ?? 1,
          signal,
          stdout: Buffer.concat(stdout),
          stderr: Buffer.concat(stderr),
        }));
    });
  }
}

/** A stream of the process. A test may put something in the place of `write`. */
const stream = (fd: 1 | 2) => ({
  write: (bytes: Uint8Array): Promise<number> => Promise.resolve(fs.writeSync(fd, bytes)),
  writeSync: (bytes: Uint8Array): number => fs.writeSync(fd, bytes),
  isTerminal: (): boolean => false,
});

const temporary = ({ prefix = "" }: { readonly prefix?: string } = {}): string =>
  fs.mkdtempSync(`${os.tmpdir()}/${prefix}`);

export const STAND_IN = {
  build: { os: process.platform, arch: ARCHES[process.arch] ?? process.arch },
  errors: { NotFound, NotCapable, PermissionDenied, BrokenPipe, AddrInUse, Interrupted },
  args: [] as readonly string[],
  pid: process.pid,
  noColor: true,
  env: {
    get: (name: string): string | undefined => process.env[name],
    set: (name: string, value: string): void => void (process.env[name] = value),
    delete: (name: string): void => void delete process.env[name],
  },
  execPath: (): string => process.execPath,
  inspect: util.inspect,
  readTextFileSync: translated((path: string | URL): string => fs.readFileSync(path, "utf8")),
  readTextFile: (path: string | URL): Promise<string> => fs.promises.readFile(path, "utf8"),
  writeTextFileSync: translated((path: string | URL, text: string): void => fs.writeFileSync(path, text)),
  removeSync: translated((path: string | URL, options?: fs.RmOptions): void => fs.rmSync(path, options)),
  readLinkSync: translated((path: string | URL): string => fs.readlinkSync(path)),
  readDirSync: translated((path: string | URL) =>
    fs.readdirSync(path, { withFileTypes: true }).map((entry) => ({
      name: entry.name,
      isFile: entry.isFile(),
      isDirectory: entry.isDirectory(),
    }))
  ),
  makeTempDirSync: temporary,
  makeTempFileSync: (): string => {
    const file = `${temporary()}/file`;
    fs.writeFileSync(file, "");
    return file;
  },
  stdout: stream(1),
  stderr: stream(2),
  stdin: { isTerminal: (): boolean => false },
  permissions: { querySync: (): { state: string; partial: boolean } => ({ state: "granted", partial: false }) },
  addSignalListener: (signal: NodeJS.Signals, listener: () => void): void => void process.on(signal, listener),
  removeSignalListener: (signal: NodeJS.Signals, listener: () => void): void => void process.off(signal, listener),
  memoryUsage: process.memoryUsage,
  Command,
};
