import * as N from "./wire/numbers.ts";
import type { Host } from "../contract/host.ts";
import { ignoresHangUp, isFile } from "./libc/files.ts";
import { type LinuxLibc, linuxLibc } from "./libc/libc.ts";
import { NAMES } from "./netns/netns.ts";

/** Where c_iflag, c_lflag and c_cc stand in struct termios (include/uapi/asm-generic/termbits.h), and its size. */
const [IFLAG, LFLAG, CC, SIZE] = [0, 12, 17, 36] as const;

/**
 * Takes each key of a terminal as it comes, without echo, until the result is disposed of. TCSETS does it at once: what
 * the runtime uses, TCSETSW, waits as long as somebody hangs in a write to a terminal that is stopped (set_termios).
 */
export function takeKeys(fd: number, { more }: LinuxLibc = linuxLibc()): Disposable {
  const before = new Uint8Array(SIZE);
  if (more.ioctl(fd, N.TCGETS, before) < 0) return { [Symbol.dispose]: () => {} };
  const raw = before.slice();
  const view = new DataView(raw.buffer);
  const clear = (at: number, bits: number): void => view.setUint32(at, view.getUint32(at, true) & ~bits, true);
  clear(IFLAG, N.BRKINT | N.INPCK | N.ISTRIP | N.ICRNL | N.IXON);
  clear(LFLAG, N.ISIG | N.ICANON | N.ECHO | N.IEXTEN);
  raw[CC + N.VMIN] = 1;
  raw[CC + N.VTIME] = 0;
  more.ioctl(fd, N.TCSETS, raw);
  return { [Symbol.dispose]: () => void more.ioctl(fd, N.TCSETS, before) };
}

function waitingFor(registration: { close(): Promise<void> }): Disposable {
  return { [Symbol.dispose]: () => void registration.close() };
}

/** What Linux says of this process and its machine. */
export const LINUX_HOST: Host = {
  ignoresHangUp,
  hasNetns: (name) => isFile(`${NAMES}/${name}`),
  onReaderGone: (fd, gone) => waitingFor(linuxLibc().waiter.addErrors(fd, gone)),
  takeKeys: (fd) => takeKeys(fd),
  onReadable: (fd, ready, failed) => waitingFor(linuxLibc().waiter.addBorrowed(fd, ready, failed)),
};
