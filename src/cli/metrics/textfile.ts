import { InvalidInputError, NetflagsError, NotPermittedError } from "../../../platforms/contract/errors.ts";
import { cannotWrite } from "../terminal/writing.ts";

const OPERATION = "write metrics";
/** As many links as Linux follows (MAXSYMLINKS). */
const MOST_LINKS = 40;

/** The file that is written before it takes the place of the other. It does not end in .prom, so nobody reads it. */
function besides(target: string): string {
  return `${target}.${Deno.pid}.tmp`;
}

function ifThere<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** What a path is that is no regular file. */
function kindOf({ isDirectory, isFifo, isSocket, isBlockDevice }: Deno.FileInfo): string {
  if (isDirectory) return "a directory";
  if (isFifo) return "a FIFO";
  if (isSocket) return "a socket";
  return isBlockDevice ? "a block device" : "a character device";
}

/**
 * The file that a path leads to: links stay what they are. A file is replaced as a whole, so it must be a regular one: as
 * root, /dev/null would become a file of metrics.
 */
function targetOf(path: string): string {
  // The system follows the links first, because it refuses those that somebody else laid in a folder such as /tmp.
  const found = ifThere(() => Deno.statSync(path));
  if (found !== undefined && !found.isFile) {
    throw new InvalidInputError(
      `Cannot write "${path}": it is ${kindOf(found)}, which the file would replace: give the path of a regular file`,
      { operation: OPERATION },
    );
  }
  let target = path;
  for (let links = 0; links < MOST_LINKS && ifThere(() => Deno.lstatSync(target))?.isSymlink; links++) {
    const to = Deno.readLinkSync(target);
    target = to.startsWith("/") ? to : target.slice(0, target.lastIndexOf("/") + 1) + to;
  }
  return target;
}

function isGranted(name: "read" | "write", path: string): boolean {
  return Deno.permissions.querySync({ name, path }).state === "granted";
}

/**
 * Checks that a file may be written, and another put in its place.
 *
 * @throws {InvalidInputError} There is something else than a regular file.
 * @throws {NotPermittedError} It may not be written.
 */
export function checkWriting(path: string): void {
  let granted = isGranted("write", path) && isGranted("read", path);
  let shown = `"${path}"`;
  if (granted) {
    const target = attempt(path, () => targetOf(path));
    if (target !== path) shown += `, a link to "${target}"`;
    granted = [target, besides(target)].every((one) => isGranted("write", one) && isGranted("read", one));
  }
  if (granted) return;
  throw new NotPermittedError(`Cannot write ${shown}: run with --allow-write and --allow-read of its folder`, {
    operation: OPERATION,
  });
}

function attempt<T>(path: string, what: () => T): T {
  try {
    return what();
  } catch (error) {
    throw error instanceof NetflagsError ? error : cannotWrite(path, OPERATION, error);
  }
}

/** Writes a file that is not there. What a process of the same number left behind, as in a container, is removed. */
function writeNew(path: string, text: string): void {
  ifThere(() => Deno.removeSync(path));
  Deno.writeTextFileSync(path, text, { createNew: true, mode: 0o644 });
}

/**
 * Writes a file as a whole: whoever reads it sees the old text or the new one. Where a signal ends the command, it is
 * done with it first, if somebody listens to that signal.
 *
 * @throws {InvalidInputError} There is something else than a regular file.
 * @throws {NotPermittedError} The system does not let it be written.
 * @throws {SystemError} It cannot be written.
 */
export function writeWhole(path: string, text: string): void {
  attempt(path, () => {
    const target = targetOf(path);
    const temporary = besides(target);
    try {
      writeNew(temporary, text);
      Deno.renameSync(temporary, target);
    } catch (error) {
      ifThere(() => Deno.removeSync(temporary));
      throw error;
    }
  });
}
