/** Programs in Python that hold what netflags prints to what others understand by its forms. */

/** A Python that has a module; undefined: there is none. */
export function pythonWith(module: string): string | undefined {
  return ["python3", "/usr/bin/python3"].find((program) => {
    try {
      const args = ["-W", "ignore", "-c", `import ${module}`];
      return new Deno.Command(program, { args, stderr: "null" }).outputSync().success;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return false;
      throw error;
    }
  });
}

/** Runs a program with an input. Returns what it printed, errors behind the rest. */
export async function runPython(python: string, script: string, input: string): Promise<string> {
  const process = new Deno.Command(python, {
    args: ["-W", "ignore", "-c", script],
    env: { PYTHONIOENCODING: "utf-8:surrogatepass" },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = process.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input));
  await writer.close();
  const { stdout, stderr } = await process.output();
  return new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
}
