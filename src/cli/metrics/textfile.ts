import { NotPermittedError } from "../../../platforms/contract/errors.ts";
import { cannotWrite } from "../terminal/writing.ts";

/** The file that is written before it takes the place of the other. It does not end in .prom, so nobody reads it. */
function besides(path: string): string {
  return `${path}.${Deno.pid}.tmp`;
}

/**
 * Checks that a file may be written, and another put in its place.
 *
 * @throws {NotPermittedError} It may not.
 */
export function checkWriting(path: string): void {
  const temporary = besides(path);
  const granted = ([["write", path], ["write", temporary], ["read", temporary]] as const).every(([name, of]) =>
    Deno.permissions.querySync({ name, path: of }).state === "granted"
  );
  if (granted) return;
  throw new NotPermittedError(`Cannot write "${path}": run with --allow-write and --allow-read of its folder`, {
    operation: "write metrics",
  });
}

/** Writes a file that is not there. What a process of the same number left behind, as in a container, is removed. */
function writeNew(path: string, text: string): void {
  const options = { createNew: true, mode: 0o644 };
  try {
    Deno.writeTextFileSync(path, text, options);
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    Deno.removeSync(path);
    Deno.writeTextFileSync(path, text, options);
  }
}

/**
 * Writes a file as a whole: whoever reads it sees the old text or the new one. A signal cannot come between.
 *
 * @throws {NotPermittedError} The system does not let it be written.
 * @throws {SystemError} It cannot be written.
 */
export function writeWhole(path: string, text: string): void {
  const temporary = besides(path);
  try {
    writeNew(temporary, text);
    try {
      Deno.renameSync(temporary, path);
    } catch (error) {
      Deno.removeSync(temporary);
      throw error;
    }
  } catch (error) {
    throw cannotWrite(path, "write metrics", error);
  }
}
