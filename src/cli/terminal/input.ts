import { InvalidInputError, type NetflagsError, NotPermittedError } from "../../../platforms/contract/errors.ts";

/** What a command reads. */
export interface Input {
  /** Its bytes. A piece holds them until the next one is read. */
  readonly bytes: AsyncIterable<Uint8Array>;
  /** How many there are, where that is known. */
  readonly size: number | undefined;
}

/** How many bytes are read at once. */
const AT_ONCE = 1 << 16;

interface Reader {
  read(buffer: Uint8Array): Promise<number | null>;
}

function notPermitted(what: string): NotPermittedError {
  return new NotPermittedError(`Cannot read ${what}: give it on standard input, or run with --allow-read`, {
    operation: "read an input",
  });
}

function cannotRead(what: string, error: unknown): NetflagsError {
  if (error instanceof Deno.errors.NotCapable) return notPermitted(what);
  return new InvalidInputError(`Cannot read ${what}: ${error instanceof Error ? error.message : error}`);
}

/** All pieces are in one buffer: a stream's would each have 64 KiB of their own, for as little as a byte. */
async function* piecesOf(reader: Reader & Partial<Disposable>, what: string): AsyncGenerator<Uint8Array, void> {
  const buffer = new Uint8Array(AT_ONCE);
  try {
    for (;;) {
      const count = await reader.read(buffer).catch((error) => {
        throw cannotRead(what, error);
      });
      if (count === null) return;
      yield buffer.subarray(0, count);
    }
  } finally {
    reader[Symbol.dispose]?.();
  }
}

/**
 * Opens a file; standard input where none is named, and for "-".
 *
 * @throws {InvalidInputError} It cannot be read; so do its bytes.
 * @throws {NotPermittedError} The runtime does not permit it, or would ask for permission on the terminal.
 */
export async function openInput(file = "-"): Promise<Input> {
  if (file === "-") return { bytes: piecesOf(Deno.stdin, "standard input"), size: undefined };
  const what = `file "${file}"`;
  if (Deno.permissions.querySync({ name: "read", path: file }).state !== "granted") throw notPermitted(what);
  try {
    const opened = await Deno.open(file);
    const { isDirectory, isFile, size } = await opened.stat();
    if (!isDirectory) return { bytes: piecesOf(opened, what), size: isFile ? size : undefined };
    opened.close();
  } catch (error) {
    throw cannotRead(what, error);
  }
  throw cannotRead(what, "it is a directory");
}
