import { bytesOfText } from "../../common/byte_text.ts";
import type { BsdCalls } from "./libc.ts";
import { ENXIO, IFNAMSIZ, SOCK_DGRAM } from "../systems/common.ts";
import { bsdFailure } from "./failure.ts";

/**
 * The one socket for all ioctls of a domain. Any socket of it will do, because each request names its interface.
 *
 * It is opened when it is first needed. It stays open while somebody watches, so that a message needs no new socket and
 * a watcher cannot fail because no descriptor is left. Otherwise it is closed at the end of the turn: a list, or
 * reading and setting flags, opens one. Unlike the library, it does not stay open for the whole process, because a
 * Worker that ended would leave its socket open.
 */
export class IoctlSocket {
  readonly #libc: () => BsdCalls;
  readonly #domain: number;
  #fd: number | undefined;
  #holders = 0;

  constructor(libc: () => BsdCalls, domain: number) {
    this.#libc = libc;
    this.#domain = domain;
  }

  /** Keeps the socket open from its next use until the returned function is called. */
  hold(): () => void {
    let held = true;
    this.#holders++;
    return () => {
      if (held) this.#holders--;
      held = false;
      this.#closeSoon();
    };
  }

  /**
   * Makes a request. The name is first in every request.
   *
   * @param operation The operation, as the words after "Cannot".
   * @param data The data that the structure points to, and the offset of the pointer.
   * @returns 0, or the error number of the request: ENXIO for a name that no interface can have. Cut off, it might be
   * another one's.
   * @throws {SystemError} No socket can be opened. The next call tries again.
   */
  call(
    request: number,
    name: string,
    argument: Uint8Array<ArrayBuffer>,
    operation: string,
    data?: readonly [bytes: Uint8Array<ArrayBuffer>, at: number],
  ): number {
    const libc = this.#libc();
    const bytes = bytesOfText(name);
    if (bytes.length >= IFNAMSIZ) return ENXIO;
    argument.fill(0, 0, IFNAMSIZ);
    argument.set(bytes);
    const fd = this.#fd ??= this.#open(libc, operation, name);
    const result = data === undefined
      ? libc.ioctl(fd, request, argument)
      : libc.ioctlWith(fd, request, argument, data[0], data[1]);
    return result < 0 ? libc.errno() : 0;
  }

  #open(libc: BsdCalls, operation: string, name: string): number {
    const fd = libc.socket(this.#domain, SOCK_DGRAM);
    if (fd < 0) throw bsdFailure(libc, { operation, interfaceName: name });
    this.#closeSoon();
    return fd;
  }

  /** Closes the socket at the end of the turn, unless somebody holds it then. */
  #closeSoon(): void {
    queueMicrotask(() => {
      if (this.#holders > 0 || this.#fd === undefined) return;
      this.#libc().close(this.#fd);
      this.#fd = undefined;
    });
  }
}
