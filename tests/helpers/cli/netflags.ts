/** Runs the real command, as a user's shell does. */

const ROOT = new URL("../../../", import.meta.url).pathname;

/** The words that start the command, or another program, with these permissions. A path may begin in this checkout. */
export function commandLine(
  permissions: readonly string[] = ["--allow-ffi", "--allow-read"],
  program = "src/cli/main.ts",
): string[] {
  const config = `--config=${ROOT}deno.json`; // by which a program elsewhere finds netflags too
  const path = new URL(program, `file://${ROOT}`).pathname;
  return ["run", "--quiet", "--no-check", "--no-prompt", config, ...permissions, path];
}

/** What a command did. */
export interface Result {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** How to run a command. */
export interface RunOptions {
  readonly permissions?: readonly string[];
  readonly env?: Record<string, string>;
  readonly input?: Uint8Array;
}

/** Runs a command to its end. */
export async function netflags(args: readonly string[], options: RunOptions = {}): Promise<Result> {
  const process = new Deno.Command(Deno.execPath(), {
    args: [...commandLine(options.permissions), ...args],
    env: options.env ?? {},
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = process.stdin.getWriter();
  if (options.input !== undefined) await writer.write(options.input);
  await writer.close();
  const { code, stdout, stderr } = await process.output();
  return { status: code, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
}

/** A command, or another program of this checkout, that goes on and whose lines are read one by one. */
export class Running implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #reader: ReadableStreamDefaultReader<string>;
  #text = "";

  /** `before`: the words of a command that runs the one behind it. */
  constructor(
    args: readonly string[],
    permissions?: readonly string[],
    program?: string,
    before: readonly string[] = [],
  ) {
    const [first, ...rest] = [...before, Deno.execPath(), ...commandLine(permissions, program), ...args];
    this.#process = new Deno.Command(first!, {
      args: rest,
      stdin: "null",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    this.#reader = this.#process.stdout.pipeThrough(new TextDecoderStream()).getReader();
  }

  /** The next line. */
  async line(): Promise<string> {
    for (;;) {
      const end = this.#text.indexOf("\n");
      if (end >= 0) {
        const line = this.#text.slice(0, end);
        this.#text = this.#text.slice(end + 1);
        return line;
      }
      const { done, value } = await this.#reader.read();
      if (done) throw new Error("The command has ended");
      this.#text += value;
    }
  }

  /** Stops reading, as head(1) does. */
  async hangUp(): Promise<void> {
    await this.#reader.cancel();
  }

  /** Sends a signal. */
  signal(signal: Deno.Signal): void {
    this.#process.kill(signal);
  }

  /** The exit status, once it has ended. */
  async status(): Promise<number> {
    return (await this.#process.status).code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#process.kill("SIGKILL");
    } catch { /* it has ended */ }
    await this.#reader.cancel().catch(() => {});
    await this.#process.status;
  }
}
