/**
 * Network namespaces (network_namespaces(7)): their names, and the only code that takes a thread into another namespace
 * and back. A socket belongs for ever to the namespace in which it was made, so only its making is done there.
 */
import { bytesOfText } from "../../common/byte_text.ts";
import {
  InvalidInputError,
  type NetflagsError,
  NotPermittedError,
  RETURN,
  SystemError,
} from "../../contract/errors.ts";
import type { Netns } from "../../contract/netns.ts";
import { uninterrupted } from "../../ffi/errno.ts";
import { runtime } from "../../ffi/runtime.ts";
import type { LinuxLibc } from "../libc/libc.ts";
import * as N from "../wire/numbers.ts";

/** Where ip-netns(8) keeps names. */
export const NAMES = "/run/netns";
/** The namespace of this thread, which need not be that of the process. */
const OWN = "/proc/thread-self/ns/net";
/** The largest number that a process may have (include/linux/threads.h), and more. */
const MOST_PID = 0x7fffffff;
/** How often to try to return before it counts as impossible for now. */
const TRIES = 16;

/** A network namespace as the caller named it. */
export interface NetnsName {
  /** In words, for errors. */
  readonly text: string;
  readonly path: string;
  /** The process, if the namespace was named by a process. */
  readonly pid: number | undefined;
}

/**
 * Reads the name of a network namespace: a text with "/" is a path, a text without it is a name of ip-netns(8), and a
 * number is a process id.
 *
 * @throws {InvalidInputError} It is none of these.
 */
export function readNetns(netns: Netns): NetnsName {
  if (typeof netns === "number") {
    if (!Number.isInteger(netns) || netns <= 0 || netns > MOST_PID) {
      throw new InvalidInputError(`Cannot enter network namespace of process ${netns}: give a process id`);
    }
    return { text: `network namespace of process ${netns}`, path: `/proc/${netns}/ns/net`, pid: netns };
  }
  const text = `network namespace ${JSON.stringify(netns)}`;
  if (typeof netns !== "string" || netns === "" || netns.includes("\0") || netns === "." || netns === "..") {
    throw new InvalidInputError(
      `Cannot enter ${text}: give a name from ip netns list, a path with "/", or a process id`,
    );
  }
  if (!netns.includes("/")) return { text, path: `${NAMES}/${netns}`, pid: undefined };
  const process = /^\/proc\/([1-9][0-9]{0,9})\/ns\/net$/.exec(netns)?.[1];
  return { text, path: netns, pid: process === undefined ? undefined : Number(process) };
}

/** Opens a file to find out what it is; a negative number if this fails. It never waits, whatever file it is. */
function openFile(libc: LinuxLibc, path: string): number {
  const bytes = bytesOfText(`${path}\0`);
  const flags = N.O_RDONLY | N.O_CLOEXEC | N.O_NONBLOCK | N.O_NOCTTY;
  return uninterrupted(libc.errno, () => libc.more.open(bytes, flags));
}

/** Which file a descriptor stands for: its device and inode. undefined if the kernel does not say. */
function identity(libc: LinuxLibc, fd: number): string | undefined {
  const stat = new Uint8Array(new ArrayBuffer(N.STAT_ROOM));
  const number = runtime().arch === "x86_64" ? N.SYS_FSTAT_X86_64 : N.SYS_FSTAT_GENERIC;
  if (libc.netns.fstat(number, fd, stat) < 0) return undefined;
  const [device, inode] = new BigUint64Array(stat.buffer);
  return `${device}:${inode}`;
}

/** The error numbers that mean that the name or the process does not exist. */
const NOBODY: ReadonlySet<number> = new Set([N.ENOENT, N.ESRCH, N.ENOTDIR, N.ENAMETOOLONG, N.ELOOP]);

/**
 * Whether a name still stands for the same namespace; undefined if this cannot be found out at the moment, because a
 * descriptor or a privilege is missing.
 */
export function stillNames(libc: LinuxLibc, { path }: NetnsName, key: string): boolean | undefined {
  const fd = openFile(libc, path);
  if (fd < 0) return NOBODY.has(libc.errno()) ? false : undefined;
  const now = identity(libc, fd);
  libc.close(fd);
  return now === undefined ? undefined : now === key;
}

function refuseOpen(libc: LinuxLibc, { text, pid }: NetnsName): NetflagsError {
  const errno = libc.errno();
  const code = N.ERRNO_NAMES[errno];
  const operation = `enter ${text}`;
  if (NOBODY.has(errno)) {
    const help = pid === undefined ? "ip netns list shows the names" : "there is no such process";
    return new InvalidInputError(`No ${text}: ${help}`, { operation, code });
  }
  if (pid !== undefined && (errno === N.EACCES || errno === N.EPERM)) {
    const help = "needs root, or permission to trace that process (ptrace(2))";
    return new NotPermittedError(`Cannot ${operation}: ${code}: ${help}`, { operation, code });
  }
  return libc.failureOf(errno, { operation });
}

/** The error for a namespace that could not be entered. */
function refuseEntry(libc: LinuxLibc, text: string, home: boolean): NetflagsError {
  const errno = libc.errno();
  const code = N.ERRNO_NAMES[errno];
  const operation = `enter ${text}`;
  if (errno === N.EPERM) {
    const help = home
      ? "needs root, or CAP_SYS_ADMIN, without which this thread could not return to its own network namespace"
      : "needs root, or CAP_SYS_ADMIN both here and in the user namespace that owns the network namespace";
    return new NotPermittedError(`Cannot ${operation}: EPERM: ${help}`, { operation, code });
  }
  if (errno === N.EINVAL && !home) {
    return new InvalidInputError(`Cannot ${operation}: it is not a network namespace`, {
      operation,
      code,
    });
  }
  return libc.failureOf(errno, { operation });
}

/** Whether the thread is back in its own namespace. */
function comeBack(libc: LinuxLibc, own: number): boolean {
  for (let i = 0; i < TRIES; i++) if (libc.netns.setns(own, N.CLONE_NEWNET) === 0) return true;
  return false;
}

/**
 * The error for a thread that could not return. Any socket that it opened now would belong to the wrong namespace. So
 * it opens no more sockets unless it can return first.
 */
function strand(libc: LinuxLibc, own: number, text: string): NetflagsError {
  const { around } = libc;
  const error = (): NetflagsError => {
    const errno = libc.errno();
    const code = N.ERRNO_NAMES[errno] ?? `errno ${errno}`;
    return new SystemError(
      `Cannot return from ${text}: ${code} (${libc.errorText(errno)}): this thread is in the wrong network namespace ` +
        "and opens no more sockets: end the program",
      { operation: RETURN },
    );
  };
  const first = error();
  libc.around = (open) => {
    if (!comeBack(libc, own)) throw error();
    libc.around = around;
    libc.close(own);
    return open();
  };
  return first;
}

/** Opens the namespace that the thread is in at the moment. */
function openOwn(libc: LinuxLibc, text: string): number {
  const fd = openFile(libc, OWN);
  if (fd >= 0) return fd;
  const errno = libc.errno();
  throw libc.failureOf(errno, { operation: `enter ${text}`, text: `${OWN}: ${libc.errorText(errno)}` });
}

/** Opens something in the network namespace of a descriptor. The thread ends in the namespace where it began. */
function openInside(libc: LinuxLibc, target: number, text: string, open: () => number): number {
  let own = openOwn(libc, text);
  const { setns } = libc.netns;
  try {
    // A thread that may not return must not leave: the privilege to enter one namespace does not allow entering
    // another.
    if (setns(own, N.CLONE_NEWNET) < 0) throw refuseEntry(libc, text, true);
    if (setns(target, N.CLONE_NEWNET) < 0) throw refuseEntry(libc, text, false);
    let opened = -1;
    let failure: unknown;
    try {
      opened = open();
    } catch (error) {
      failure = error;
    }
    if (!comeBack(libc, own)) {
      const stranded = strand(libc, own, text);
      own = -1; // it is the way back
      if (opened >= 0) libc.close(opened);
      throw stranded;
    }
    if (opened < 0) throw failure;
    return opened;
  } finally {
    if (own >= 0) libc.close(own);
  }
}

/** A network namespace, held until it is disposed of. */
export interface HeldNetns extends Disposable {
  /** Its device and inode. While it is held, no other namespace has them. */
  readonly key: string;
  /** Whether it is the one that this thread is in. */
  readonly own: boolean;
  /** The C library, whose sockets are made there. */
  readonly libc: LinuxLibc;
}

/** Calls a function with a namespace that this thread need not be in. */
function inside(libc: LinuxLibc, target: number, text: string, open: () => number): number {
  const go = (): number => openInside(libc, target, text, open);
  return libc.around === undefined ? go() : libc.around(go);
}

/**
 * Holds a network namespace by a descriptor that was opened inside it. A descriptor of the file that stands for it
 * would keep the file's mount busy.
 *
 * @throws {InvalidInputError} There is no namespace of this name.
 * @throws {NotPermittedError} This process may not enter it, or may not leave it again.
 * @throws {SystemError} The system has no file descriptor left, or another system call failed.
 */
export function enter(libc: LinuxLibc, name: NetnsName): HeldNetns {
  const { text } = name;
  const named = openFile(libc, name.path);
  if (named < 0) throw refuseOpen(libc, name);
  try {
    const key = identity(libc, named);
    if (key === undefined) throw libc.failure({ operation: `enter ${text}` });
    const own = libc.around === undefined && stillNames(libc, { ...name, path: OWN }, key) === true;
    const open = (): number => openOwn(libc, text);
    const fd = own ? open() : inside(libc, named, text, open);
    return {
      key,
      own,
      libc: own ? libc : libc.with((socket) => inside(libc, fd, text, socket)),
      [Symbol.dispose]: () => libc.close(fd),
    };
  } finally {
    libc.close(named);
  }
}
