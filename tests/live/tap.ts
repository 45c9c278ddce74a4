/** A tap interface with a queue that this process holds: its carrier can be switched (tun(4), TUNSETCARRIER). */

// include/uapi/linux/if_tun.h
const TUNSETIFF = 0x400454ca;
const TUNSETCARRIER = 0x400454e2;
const IFF_TAP = 0x2;
const IFF_NO_PI = 0x1000;
const O_RDWR = 2;

const libc = Deno.dlopen(Deno.env.get("NETFLAGS_TEST_LIBC") ?? "libc.so.6", {
  open: { parameters: ["buffer", "i32"], result: "i32" },
  ioctl: { parameters: ["i32", "u32", "buffer"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
});

/** A tap interface that lasts until it is disposed of. */
export class Tap implements Disposable {
  readonly #fd: number;
  readonly #on = new Uint8Array(new Int32Array([1]).buffer);
  readonly #off = new Uint8Array(new Int32Array([0]).buffer);

  constructor(name: string) {
    const bytes = new TextEncoder();
    this.#fd = libc.symbols.open(bytes.encode("/dev/net/tun\0"), O_RDWR);
    const request = new Uint8Array(40);
    request.set(bytes.encode(name));
    new DataView(request.buffer).setUint16(16, IFF_TAP | IFF_NO_PI, true);
    if (libc.symbols.ioctl(this.#fd, TUNSETIFF, request) < 0) throw new Error(`Cannot make tap ${name}`);
  }

  /** Switches the carrier. */
  carrier(on: boolean): void {
    if (libc.symbols.ioctl(this.#fd, TUNSETCARRIER, on ? this.#on : this.#off) < 0) {
      throw new Error("Cannot switch the carrier");
    }
  }

  [Symbol.dispose](): void {
    libc.symbols.close(this.#fd);
  }
}
