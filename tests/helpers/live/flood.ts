/** Sets PREFIX0, PREFIX1, ... up and changes their flags, as fast as the kernel takes it: flood.ts CHANGES PREFIX LINKS */

// include/uapi/linux/sockios.h, if.h
const SIOCSIFFLAGS = 0x8914;
const IFF_UP = 0x1;
const IFF_NOARP = 0x80;
const IFF_ALLMULTI = 0x200;

const [changes, prefix, links] = Deno.args;
const libc = Deno.dlopen("libc.so.6", {
  socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
  ioctl: { parameters: ["i32", "u32", "buffer"], result: "i32" },
});
const fd = libc.symbols.socket(2, 2, 0);
const requests = Array.from({ length: Number(links) }, (_, i) => {
  const request = new Uint8Array(40);
  request.set(new TextEncoder().encode(`${prefix}${i}`));
  return { request, flags: new DataView(request.buffer) };
});
for (let i = 0; i < Number(changes); i++) {
  const { request, flags } = requests[i % requests.length]!;
  const round = Math.floor(i / requests.length);
  const flag = round % 2 === 0 ? IFF_NOARP | IFF_ALLMULTI : i % 3 === 0 ? IFF_ALLMULTI : IFF_NOARP;
  flags.setUint16(16, IFF_UP | flag, true);
  if (libc.symbols.ioctl(fd, SIOCSIFFLAGS, request) < 0) throw new Error(`ioctl failed at change ${i}`);
}
// The end is a state that no change before it had: where the last messages are lost, there is a difference to tell.
for (const { request, flags } of requests) {
  flags.setUint16(16, IFF_UP, true);
  if (libc.symbols.ioctl(fd, SIOCSIFFLAGS, request) < 0) throw new Error("ioctl failed at the end");
}
