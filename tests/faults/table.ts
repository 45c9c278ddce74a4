/** Every call and every error number that it is made to fail with, and how the table of outcomes is written. */
import type { Call, Mode } from "./shim.ts";

/** What a seccomp filter answers in a kernel's place. */
const FILTER = "EPERM EACCES ENOSYS";

/** What is called for other network namespaces alone: tests/live/netns/netns_test.ts lets these fail. */
export type NetnsCall = "setns" | "fstat" | "pidfd_open" | "inotify_init" | "inotify_add";

/**
 * What the calls fail with by their Linux man pages, as far as it can come here: no paths of local sockets, nothing of
 * files that are written. A filter's words are added to all but close, which fails after it has closed. io_destroy is called only
 * where another call has failed for good, and recvmmsg only in a burst: tests/live/watch/gather_test.ts lets it fail.
 */
const ERRORS: Readonly<Record<Exclude<Call, "io_destroy" | "recvmmsg" | NetnsCall>, string>> = {
  "socket": `EAFNOSUPPORT EINVAL EMFILE ENFILE ENOBUFS ENOMEM EPROTONOSUPPORT ${FILTER}`,
  "socket generic": `EAFNOSUPPORT EINVAL EMFILE ENFILE ENOBUFS ENOMEM EPROTONOSUPPORT ${FILTER}`,
  "socket inet": `EAFNOSUPPORT EINVAL EMFILE ENFILE ENOBUFS ENOMEM EPROTONOSUPPORT ${FILTER}`,
  "bind": `EADDRINUSE EADDRNOTAVAIL EBADF EFAULT EINVAL ENOMEM ENOTSOCK ${FILTER}`,
  "setsockopt join": `EBADF EFAULT EINVAL ENOMEM ENOPROTOOPT ENOTSOCK ${FILTER}`,
  "setsockopt option": `EBADF EFAULT EINVAL ENOPROTOOPT ENOTSOCK ${FILTER}`,
  "setsockopt buffer": `EBADF EFAULT EINVAL ENOPROTOOPT ENOTSOCK ${FILTER}`,
  "send": "EAGAIN EALREADY EBADF ECONNREFUSED ECONNRESET EDESTADDRREQ EFAULT EINTR EINVAL EISCONN EMSGSIZE ENOBUFS " +
    `ENOMEM ENOTCONN ENOTSOCK EOPNOTSUPP EPIPE ${FILTER}`,
  "recvfrom": `EAGAIN EBADF ECONNREFUSED EFAULT EINTR EINVAL ENETDOWN ENOBUFS ENOMEM ENOTCONN ENOTSOCK ${FILTER}`,
  "close": "EBADF EDQUOT EINTR EIO ENOSPC",
  "ioctl": `EBADF EFAULT EINVAL ENOTTY ${FILTER}`,
  "poll": `EAGAIN EFAULT EINTR EINVAL ENOMEM ${FILTER}`,
  "open": "EAGAIN EBADF EBUSY EFAULT EINTR EINVAL EIO ELOOP EMFILE ENAMETOOLONG ENFILE ENODEV ENOENT ENOMEM ENOTDIR " +
    `ENXIO EOPNOTSUPP EOVERFLOW ${FILTER}`,
  "eventfd": `EINVAL EMFILE ENFILE ENODEV ENOMEM ${FILTER}`,
  "write": `EAGAIN EBADF EDESTADDRREQ EDQUOT EFAULT EFBIG EINTR EINVAL EIO ENOSPC EPIPE ${FILTER}`,
  "read": `EAGAIN EBADF EFAULT EINTR EINVAL EIO EISDIR ${FILTER}`,
  "io_setup": `EAGAIN EFAULT EINVAL ENOMEM ${FILTER}`,
  "io_submit": `EAGAIN EBADF EFAULT EINVAL ENOMEM ${FILTER}`,
  "io_cancel": `EAGAIN EFAULT EINVAL ${FILTER}`,
  "io_getevents": `EFAULT EINTR EINVAL ${FILTER}`,
  "io_uring_setup": `EFAULT EINVAL EMFILE ENFILE ENOMEM ${FILTER}`,
  "io_uring_enter": `EAGAIN EBADF EBUSY EFAULT EINTR EINVAL ENXIO EOPNOTSUPP ${FILTER}`,
  "io_uring_register": `EBADF EBUSY EFAULT EINVAL EMFILE ENOMEM ENXIO EOPNOTSUPP ${FILTER}`,
  "mmap": `EAGAIN EBADF EINVAL ENFILE ENODEV ENOMEM EOVERFLOW ${FILTER}`,
};

/** The calls of the event loop's way where there is no io_uring. */
const AIO: readonly Call[] = ["io_setup", "io_submit", "io_cancel", "io_getevents", "io_destroy"];

/** How the event loop must wait so that it makes a call. */
export function loopWay(call: Call): "loop" | "aio" {
  return AIO.includes(call) ? "aio" : "loop";
}

const MODES: readonly Mode[] = ["once", "fifth", "ever"];

/** One fault. */
export interface Fault {
  readonly call: Call;
  readonly errno: string;
  readonly mode: Mode;
}

/** Every fault, in the order of the table. */
export const FAULTS: readonly Fault[] = Object.entries(ERRORS).flatMap(([call, errors]) =>
  errors.split(" ").flatMap((errno) => MODES.map((mode): Fault => ({ call: call as Call, errno, mode })))
);

/**
 * What comes of a fault: "-": the call was not made; "unaffected": everything is told as it is; "recovered": trouble
 * was told, and then what had changed; "refused": one error that says what failed, or a part is told as unknown; where
 * something watches already, whoever begins then is refused, and the watcher goes on; "ended": one error ends it.
 */
export type Outcome = "-" | "unaffected" | "recovered" | "refused" | "ended";

/** What is done while a call fails: three ask once, three ask beside netlink, four watch. */
export const SCENARIOS = [
  "list",
  "get",
  "set",
  "ioctl",
  "files",
  "wireless",
  /** A watcher that waits by the poll, with the fault from its start on. */
  "open",
  /** The same, with the fault while it watches. */
  "later",
  /** The same two, by the event loop: by io_uring, or for the calls of asynchronous I/O by that. */
  "loopOpen",
  "loopLater",
] as const;

/** What comes of a fault in each scenario. */
export type Row = { readonly [name in typeof SCENARIOS[number]]: Outcome };

/** Where nothing was done. */
export const NOTHING: Row = {
  list: "-",
  get: "-",
  set: "-",
  ioctl: "-",
  files: "-",
  wireless: "-",
  open: "-",
  later: "-",
  loopOpen: "-",
  loopLater: "-",
};

const CALL_WIDTH = Math.max(...FAULTS.map(({ call }) => call.length));
const ERRNO_WIDTH = Math.max(...FAULTS.map(({ errno }) => errno.length));
const OUTCOME_WIDTH = "unaffected".length;

/** The beginning of a fault's line, which no other has. */
export function faultText({ call, errno, mode }: Fault): string {
  return `${call.padEnd(CALL_WIDTH)} ${errno.padEnd(ERRNO_WIDTH)} ${mode.padEnd(5)}`;
}

/**
 * What the poll calls while the event loop takes over from it: whichever is faster, the outcome is a good one, and which
 * one it is depends on the time.
 */
const RACING: { readonly [call in Call]?: readonly string[] } = {
  poll: ["loopOpen", "loopLater"],
  read: ["loopOpen", "loopLater"],
};

/** A fault's line in the table. */
export function rowText(fault: Fault, row: Row): string {
  const outcomes = SCENARIOS.map((name) => RACING[fault.call]?.includes(name) ? "any" : row[name]);
  return [faultText(fault), ...outcomes.map((outcome) => outcome.padEnd(OUTCOME_WIDTH))].join(" ").trimEnd();
}

/** The line above the table. */
export function headText(): string {
  const width = CALL_WIDTH + ERRNO_WIDTH + 7;
  return ["# call".padEnd(width), ...SCENARIOS.map((name) => name.padEnd(OUTCOME_WIDTH))].join(" ").trimEnd();
}
