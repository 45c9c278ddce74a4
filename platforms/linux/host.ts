import type { Host } from "../contract/host.ts";
import { isFile } from "./libc/files.ts";
import { linuxLibc } from "./libc/libc.ts";
import { ignoresHangUp } from "./libc/process.ts";
import { takeKeys } from "./libc/terminal.ts";
import { NAMES } from "./netns/netns.ts";

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
