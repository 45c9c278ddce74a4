import type { Library, LibrarySymbols } from "../../platforms/ffi/contract.ts";
import { runtime } from "../../platforms/ffi/runtime.ts";

/** The few functions of the C library that the measuring itself needs; netflags' own are not touched by it. */
const SYMBOLS = {
  // int clock_gettime(clockid_t clockid, struct timespec *tp);
  clock_gettime: { parameters: ["i32", "buffer"], result: "i32" },
  // int getrusage(int who, struct rusage *usage);
  getrusage: { parameters: ["i32", "buffer"], result: "i32" },
  // int socket(int domain, int type, int protocol);
  socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
  // int bind(int sockfd, const struct sockaddr *addr, socklen_t addrlen);
  bind: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  // int setsockopt(int sockfd, int level, int optname, const void *optval, socklen_t optlen);
  setsockopt: { parameters: ["i32", "i32", "i32", "buffer", "u32"], result: "i32" },
  // ssize_t recv(int sockfd, void *buf, size_t len, int flags);
  recv: { parameters: ["i32", "buffer", "usize", "i32"], result: "i32" },
  // int poll(struct pollfd *fds, nfds_t nfds, int timeout);
  poll: { parameters: ["buffer", "usize", "i32"], result: "i32", nonblocking: true },
} as const satisfies LibrarySymbols;

export const libc: Library<typeof SYMBOLS> = runtime().open(["libc.so.6"], SYMBOLS);

const CLOCK_MONOTONIC = 1;
export const RUSAGE_SELF = 0;
export const RUSAGE_CHILDREN = -1;

// One buffer for all calls: reading the clock must cost little and allocate nothing.
const time = new Uint32Array(new ArrayBuffer(16));
const timeBytes = new Uint8Array(time.buffer);

/** CLOCK_MONOTONIC in ns: the clock that the C programs stamp by. As a number it is exact for 104 days of uptime. */
export function now(): number {
  libc.clock_gettime(CLOCK_MONOTONIC, timeBytes);
  return time[0]! * 1e9 + time[2]!;
}

/** User and system time in µs: two struct timeval at the start of struct rusage. */
export function cpu(who: number): number {
  const usage = new BigInt64Array(18);
  libc.getrusage(who, new Uint8Array(usage.buffer));
  return Number((usage[0]! + usage[2]!) * 1_000_000n + usage[1]! + usage[3]!);
}
