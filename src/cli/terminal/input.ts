import { InvalidInputError } from "../../../platforms/contract/errors.ts";

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

function cannotRead(what: string, error: unknown): InvalidInputError {
  if (error instanceof Deno.errors.NotCapable) {
    return new InvalidInputError(`Cannot read ${what}: run with --allow-read, or give it on standard input`);
  }
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
 */
export async function openInput(file = "-"): Promise<Input> {
  if (file === "-") return { bytes: piecesOf(Deno.stdin, "standard input"), size: undefined };
  const what = `file "${file}"`;
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
