import type { Host } from "../contract/host.ts";
import { isFile } from "./libc/files.ts";
import { linuxLibc } from "./libc/libc.ts";
import { ignoresHangUp } from "./libc/process.ts";
import { NAMES } from "./netns/netns.ts";

/** What Linux says of this process and its machine. */
export const LINUX_HOST: Host = {
  ignoresHangUp,
  hasNetns: (name) => isFile(`${NAMES}/${name}`),
  onReaderGone: (fd, gone) => linuxLibc().waiter.addErrors(fd, gone),
};
