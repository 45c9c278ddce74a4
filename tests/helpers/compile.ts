/**
 * Compiles a C file of tests/ and runs it.
 *
 * @returns What it printed; undefined where there is no compiler.
 */
export function compiled(file: string): string | undefined {
  const folder = Deno.makeTempDirSync();
  try {
    const source = new URL(`../${file}`, import.meta.url).pathname;
    for (const compiler of ["cc", "gcc", "clang"]) {
      try {
        const made = new Deno.Command(compiler, { args: ["-w", "-o", `${folder}/a.out`, source] }).outputSync();
        if (!made.success) throw new Error(new TextDecoder().decode(made.stderr));
        return new TextDecoder().decode(new Deno.Command(`${folder}/a.out`).outputSync().stdout);
      } catch (error) {
        if (!(error instanceof Deno.errors.NotFound)) throw error;
      }
    }
    return undefined;
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}
