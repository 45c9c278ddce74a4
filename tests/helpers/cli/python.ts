/** Programs in Python that hold what netflags prints to what others understand by its forms. */

/** Runs one script after the other, each with an input: importing a module takes longer than all that they do. */
const SERVER = `
import io, json, sys, traceback
jobs, answers = sys.stdin, sys.stdout
for line in jobs:
    job, text = json.loads(line), io.StringIO()
    sys.stdin, sys.stdout, sys.stderr = io.StringIO(job["input"]), text, text
    try:
        exec(job["script"], {})
    except BaseException:
        traceback.print_exc(file=text)
    answers.write(json.dumps(text.getvalue()) + "\\n")
    answers.flush()
`;

/** A Python that waits for scripts until this process ends. */
class Server {
  readonly #jobs: WritableStreamDefaultWriter<Uint8Array>;
  readonly #answers: ReadableStreamDefaultReader<Uint8Array>;
  readonly #decoder = new TextDecoder();
  #text = "";
  /** What is being done, or was done last: one at a time. */
  #work: Promise<unknown> = Promise.resolve();

  constructor(python: string) {
    const process = new Deno.Command(python, {
      args: ["-W", "ignore", "-c", SERVER],
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    this.#jobs = process.stdin.getWriter();
    this.#answers = process.stdout.getReader(); // which reads when it is asked to, and not ahead into another test
  }

  run(script: string, input: string): Promise<string> {
    const answer = this.#work.then(async () => {
      await this.#jobs.write(new TextEncoder().encode(`${JSON.stringify({ script, input })}\n`));
      return JSON.parse(await this.#line());
    });
    this.#work = answer.catch(() => {});
    return answer;
  }

  async #line(): Promise<string> {
    while (!this.#text.includes("\n")) {
      const { done, value } = await this.#answers.read();
      if (done) throw new Error("Python has ended");
      this.#text += this.#decoder.decode(value, { stream: true });
    }
    const end = this.#text.indexOf("\n");
    const line = this.#text.slice(0, end);
    this.#text = this.#text.slice(end + 1);
    return line;
  }
}

const servers = new Map<string, Server>();

function has(program: string, module: string): boolean {
  const script = `import importlib.util, sys; sys.exit(importlib.util.find_spec("${module}") is None)`;
  try {
    return new Deno.Command(program, { args: ["-c", script], stderr: "null" }).outputSync().success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** A Python that has a module, ready for scripts; undefined: there is none. To be called before the tests begin. */
export function pythonWith(module: string): string | undefined {
  const python = ["python3", "/usr/bin/python3"].find((program) => has(program, module));
  if (python !== undefined && !servers.has(python)) servers.set(python, new Server(python));
  return python;
}

/** Runs a script with an input, by a Python that {@linkcode pythonWith} found. Returns what it printed, or why not. */
export function runPython(python: string, script: string, input: string): Promise<string> {
  return servers.get(python)!.run(script, input);
}
