/** A tap interface with a queue that this process holds: its carrier can be switched (tun(4), TUNSETCARRIER). */

// include/uapi/linux/if_tun.h
const TUNSETIFF = 0x400454ca;
const TUNSETCARRIER = 0x400454e2;
const IFF_TAP = 0x2;
const IFF_NO_PI = 0x1000;
const O_RDWR = 2;
// include/uapi/linux/sockios.h and include/linux/socket.h
const SIOCSIFMTU = 0x8922;
const AF_INET = 2;
const SOCK_DGRAM = 2;

const libc = Deno.dlopen(Deno.env.get("NETFLAGS_TEST_LIBC") ?? "libc.so.6", {
  open: { parameters: ["buffer", "i32"], result: "i32" },
  ioctl: { parameters: ["i32", "u32", "buffer"], result: "i32" },
  socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
});

/** A tap interface that lasts until it is disposed of. */
export class Tap implements Disposable {
  readonly #fd: number;
  readonly #name: string;
  readonly #on = new Uint8Array(new Int32Array([1]).buffer);
  readonly #off = new Uint8Array(new Int32Array([0]).buffer);

  constructor(name: string) {
    this.#name = name;
    this.#fd = libc.symbols.open(new TextEncoder().encode("/dev/net/tun\0"), O_RDWR);
    const request = this.#request();
    new DataView(request.buffer).setUint16(16, IFF_TAP | IFF_NO_PI, true);
    if (libc.symbols.ioctl(this.#fd, TUNSETIFF, request) < 0) throw new Error(`Cannot make tap ${name}`);
  }

  /** Switches the carrier. */
  carrier(on: boolean): void {
    if (libc.symbols.ioctl(this.#fd, TUNSETCARRIER, on ? this.#on : this.#off) < 0) {
      throw new Error("Cannot switch the carrier");
    }
  }

  /** Changes the mtu, and asks for nothing: a question about an interface makes the kernel look at its carrier. */
  mtu(mtu: number): void {
    const request = this.#request();
    new DataView(request.buffer).setInt32(16, mtu, true);
    const socket = libc.symbols.socket(AF_INET, SOCK_DGRAM, 0);
    const result = libc.symbols.ioctl(socket, SIOCSIFMTU, request);
    libc.symbols.close(socket);
    if (result < 0) throw new Error("Cannot change the mtu");
  }

  /** struct ifreq */
  #request(): Uint8Array<ArrayBuffer> {
    const request = new Uint8Array(40);
    request.set(new TextEncoder().encode(this.#name));
    return request;
  }

  [Symbol.dispose](): void {
    libc.symbols.close(this.#fd);
  }
}
