import { bytesOfText } from "../../common/byte_text.ts";
import { InvalidInputError } from "../../contract/errors.ts";
import type { NetlinkCalls } from "../libc/calls.ts";
import * as N from "../wire/numbers.ts";
import { openSocket } from "../libc/socket.ts";

/** The flags of SIOCGIFFLAGS, through a C library, in whose network namespace it asks. */
export function readIoctlFlags(libc: NetlinkCalls, name: string): number {
  const what = { operation: "read ioctl flags", interfaceName: name };
  const bytes = bytesOfText(name);
  if (bytes.length === 0 || bytes.length >= N.IFNAMSIZ || bytes.includes(0)) {
    throw new InvalidInputError(
      `Cannot read ioctl flags of interface "${name}": an ioctl takes a name of 1 to 15 bytes; use get for others`,
      what,
    );
  }
  const fd = openSocket(libc, N.AF_INET, N.SOCK_DGRAM, 0, what);
  try {
    const request = new Uint8Array(new ArrayBuffer(N.IFREQ_LEN));
    request.set(bytes);
    if (libc.more.ioctl(fd, N.SIOCGIFFLAGS, request) < 0) throw libc.failure(what);
    return new DataView(request.buffer).getUint16(16, true); // ifr_flags, a signed short, behind ifr_name
  } finally {
    libc.close(fd);
  }
}
