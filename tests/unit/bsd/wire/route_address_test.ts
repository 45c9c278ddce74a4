/** The socket addresses behind a routing message, byte by byte. */
import { assert, assertEquals } from "@std/assert";
import { type BsdPlatform, decodeRoute } from "../../../../src/bsd.ts";

type Loose = Readonly<Record<string, unknown>>;

const [NETMASK, IFP, IFA, BRD] = [2, 4, 5, 7] as const;
const sin = (...ip: number[]): number[] => [16, 2, 0, 0, ...ip, ...new Array<number>(8).fill(0)];
const sin6 = (
  hex: string,
): number[] => [28, 24, ...new Array<number>(6).fill(0), ...Uint8Array.fromHex(hex), 0, 0, 0, 0];
const sdl = (name: string, address: number[] = [], selector: number[] = []): number[] => {
  const text = [...new TextEncoder().encode(name)];
  const all = [...text, ...address, ...selector];
  return [8 + all.length, 18, 3, 0, 6, text.length, address.length, selector.length, ...all];
};

/** NetBSD's RTM_NEWADDR of interface 3: struct ifa_msghdr has 32 bytes, with the mask of what follows at 12. */
function newAddress(parts: Readonly<Record<number, readonly number[]>>, more = 0): Uint8Array {
  // One of length 0 takes room like any other.
  const padded = (part: readonly number[]) =>
    Array.from({ length: Math.max(8, (part.length + 7) & -8) }, (_, i) => part[i] ?? 0);
  const body = Object.values(parts).flatMap(padded);
  const bytes = new Uint8Array([...new Array<number>(32).fill(0), ...body]);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, bytes.length, true);
  bytes.set([4, 0x16], 2); // RTM_VERSION, RTM_NEWADDR
  view.setUint16(4, 3, true);
  view.setUint32(12, Object.keys(parts).reduce((mask, bit) => mask | 1 << Number(bit), more), true);
  return bytes;
}

const decode = (bytes: Uint8Array, platform: BsdPlatform = "netbsd"): Loose =>
  decodeRoute(bytes, platform)[0] as unknown as Loose;
const address = (parts: Readonly<Record<number, readonly number[]>>): Loose | undefined => {
  const { addresses, error } = decode(newAddress(parts));
  assertEquals(error, undefined);
  return (addresses as Loose[])[0];
};

Deno.test("route address: the index that KAME's kernels keep in a link-local address is not part of it", () => {
  const ipv6 = (hex: string) => address({ [IFA]: sin6(hex) })?.address;
  assertEquals(ipv6("fe800003000000000000000000000001"), "fe80::1");
  assertEquals(ipv6("febf0003000000000000000000000001"), "febf::1"); // fe80::/10
  for (
    const [hex, text] of [
      ["fec00003000000000000000000000001", "fec0:3::1"],
      ["fe400003000000000000000000000001", "fe40:3::1"],
      ["fd800003000000000000000000000001", "fd80:3::1"],
      ["20010db8000000000000000000000001", "2001:db8::1"],
    ] as const
  ) assertEquals(ipv6(hex), text);
  assertEquals(address({ [IFA]: sin(254, 128, 1, 2) })?.address, "254.128.1.2");
});

Deno.test("route address: the one field for the far end is the broadcast address, the peer, or nothing", () => {
  const far = (brd: readonly number[], mask = [7, 0, 0, 0, 255, 255, 255], own = sin(10, 0, 0, 1)) => {
    const found = address({ [NETMASK]: mask, [IFA]: own, [BRD]: brd });
    return [found?.broadcast, found?.peer];
  };
  assertEquals(far(sin(10, 0, 0, 255)), ["10.0.0.255", undefined]);
  assertEquals(far(sin(10, 0, 0, 2)), [undefined, "10.0.0.2"]);
  assertEquals(far(sin(10, 0, 0, 1)), [undefined, undefined]);
  assertEquals(far(sin(10, 0, 0, 1), [8, 0, 0, 0, 255, 255, 255, 255]), [undefined, undefined]);
  assertEquals(far(sin(0, 0, 0, 0)), [undefined, undefined]);
  assertEquals(far([]), [undefined, undefined]); // sa_len 0
  assertEquals(far([7, 2, 0, 0, 10, 0, 0]), [undefined, undefined]);
  assertEquals(far([8, 2, 0, 0, 10, 0, 0, 255]), ["10.0.0.255", undefined]);
  assertEquals(far(sin6("20010db8000000000000000000000001")), [undefined, undefined]);
  const without = address({ [NETMASK]: [7, 0, 0, 0, 255, 255, 255], [IFA]: sin(10, 0, 0, 1) });
  assertEquals([without?.broadcast, without?.peer], [undefined, undefined]);
  const six = { [IFA]: sin6("20010db8000000000000000000000001"), [BRD]: sin(10, 0, 0, 255) };
  assertEquals([address(six)?.broadcast, address(six)?.peer], [undefined, undefined]);
});

Deno.test("route address: a mask counts up to its own length and to its first zero; without one it is the address alone", () => {
  const prefix = (mask: readonly number[] | undefined, own: readonly number[]) =>
    address(mask === undefined ? { [IFA]: own } : { [NETMASK]: mask, [IFA]: own })?.prefixLength;
  const four = sin(10, 0, 0, 1);
  assertEquals([prefix(undefined, four), prefix([], four), prefix([4, 0, 0, 0], four)], [32, 0, 0]);
  assertEquals(prefix([7, 255, 0, 0, 255, 255, 240], four), 20);
  assertEquals(prefix([6, 0, 0, 0, 255, 255, 255, 255], four), 16); // what is behind it is not its own
  assertEquals(prefix([8, 0, 0, 0, 255, 0, 255, 255], four), 8);
  assertEquals(prefix([16, 2, 0, 0, 255, 255, 255, 255, 255, 255, 0, 0, 0, 0, 0, 0], four), 32);
  const six = sin6("20010db8000000000000000000000001");
  assertEquals(prefix(undefined, six), 128);
  assertEquals(prefix([16, 24, 0, 0, 0, 0, 0, 0, ...new Array<number>(8).fill(255)], six), 64);
  assertEquals(prefix([11, 24, 0, 0, 0, 0, 0, 0, 255, 255, 254], six), 23);
  assertEquals(prefix([28, 24, 0, 0, 0, 0, 0, 0, ...new Array<number>(20).fill(255)], six), 128);
});

Deno.test("route address: one of another family, or too short to have a family, is none; a torn one is an error", () => {
  for (const other of [[], [1], sdl("em0"), [16, 7, ...new Array<number>(14).fill(0)]]) {
    assertEquals(address({ [IFA]: other }), undefined);
  }
  assertEquals(address({ [NETMASK]: [5, 0, 0, 0, 255] }), undefined);
  assertEquals(address({ [IFA]: [8, 2, 0, 0, 10, 0, 0, 1] })?.address, "10.0.0.1"); // no more than its bytes
  const short = sin6("20010db8000000000000000000000001").slice(0, 24);
  assertEquals(address({ [IFA]: [24, ...short.slice(1)] })?.address, "2001:db8::1");
  for (const torn of [[2, 2], [7, 2, 0, 0, 10, 0, 0], [23, 24, ...new Array<number>(21).fill(1)]]) {
    const { error, of } = decode(newAddress({ [IFA]: torn }));
    assertEquals([error, of], [`Cannot decode routing message: an IP address of ${torn[0]} bytes`, "RTM_NEWADDR"]);
  }
});

Deno.test("route address: the link-level address has name, hardware address and selector behind each other", () => {
  const link = (part: readonly number[]): unknown => {
    const { error, name } = decode(newAddress({ [IFP]: part, [IFA]: sin(10, 0, 0, 1) }));
    return error ?? name;
  };
  assertEquals(link(sdl("em0", [2, 0, 0, 0, 0, 1], [9])), "em0");
  assertEquals(link(sdl("")), undefined);
  assertEquals(link([7, 18, 3, 0, 6, 3, 0]), undefined);
  assertEquals(link([]), undefined);
  assertEquals(link([8, 18, 3, 0, 6, 0, 0, 0]), undefined);
  assertEquals(link(sin(10, 0, 0, 1)), undefined);
  assertEquals(
    link([8, 18, 3, 0, 6, 3, 0, 0]),
    "Cannot decode routing message: a link-level address of 8 bytes says that it has 11",
  );
  for (const byte of [5, 6, 7]) {
    const torn = sdl("em0", [2, 0, 0, 0, 0, 1], [9]);
    torn[byte]!++; // one byte more than it has
    assertEquals(
      decode(newAddress({ [IFP]: torn, [IFA]: sin(10, 0, 0, 1) })).error,
      "Cannot decode routing message: a link-level address of 18 bytes says that it has 19",
    );
  }
});

Deno.test("route address: what a mask names must be there, and what it names beyond the known is passed over", () => {
  const parts = { [NETMASK]: [5, 0, 0, 0, 255], [IFA]: sin(10, 0, 0, 1) };
  assertEquals((decode(newAddress(parts, 1 << 16)).addresses as Loose[]).length, 1);
  assertEquals(
    decode(newAddress(parts, 1 << BRD)).error,
    "Cannot decode routing message: its addresses end before number 7",
  );
  const long = newAddress(parts);
  long[40] = 17; // one byte more than is left
  assertEquals(decode(long).error, "Cannot decode routing message: address 5 has length 17 with 16 bytes left");
});

Deno.test("route address: what a message does not have is not read from elsewhere in it, however long it is", () => {
  for (const parts of [{ [NETMASK]: [5, 0, 0, 0, 255] }, { [IFA]: sin(10, 0, 0, 1) }]) {
    const message = newAddress(parts);
    for (let length = message.length; length < 600; length++) {
      const bytes = new Uint8Array(length);
      bytes.set(message);
      new DataView(bytes.buffer).setUint16(0, length, true);
      const { name, addresses, error } = decode(bytes);
      assertEquals([name, (addresses as Loose[]).length, error], [undefined, IFA in parts ? 1 : 0, undefined]);
    }
  }
});

/** NetBSD's RTM_IFINFO of interface 3 with this behind its 152 bytes. */
function interfaceInfo(behind: readonly number[], mask: number): Uint8Array {
  const bytes = new Uint8Array([...new Array<number>(152).fill(0), ...behind]);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, bytes.length, true);
  bytes.set([4, 0x14], 2);
  view.setUint32(4, mask, true);
  view.setUint16(12, 3, true);
  return bytes;
}

Deno.test("route interface: the link-level address may be of eight bytes, and may lack a name or a hardware address", () => {
  const said = (part: readonly number[]) => {
    const { error, name, hardwareAddress } = decode(interfaceInfo(part, 1 << IFP));
    return [error, name, hardwareAddress];
  };
  assertEquals(said([8, 18, 3, 0, 6, 0, 0, 0]), [undefined, undefined, undefined]);
  assertEquals(said(sdl("wm0")), [undefined, "wm0", undefined]);
  assertEquals(said(sdl("", [2, 0, 0, 0, 0, 1])), [undefined, undefined, "02:00:00:00:00:01"]);
  assertEquals(said(sdl("wm0", [2, 0, 0, 0, 0, 1], [9])), [undefined, "wm0", "02:00:00:00:00:01"]);
  for (const wrong of [[7, 18, 3, 0, 6, 0, 0], [8, 2, 3, 0, 6, 0, 0, 0], [8, 18, 4, 0, 6, 0, 0, 0]]) {
    assert(String(said(wrong)[0]).includes("layout is not known"));
  }
});

Deno.test("route: a name ends at its first NUL, also where that is its first byte", () => {
  const announce = new Uint8Array(24);
  announce.set([24, 0, 4, 0x10, 3]); // RTM_IFANNOUNCE of index 3
  assertEquals(decode(announce).name, "");
  announce.set(new TextEncoder().encode("tap0\0rest"), 6);
  assertEquals(decode(announce).name, "tap0");
});

Deno.test("route: a message of nothing but its header is one, and tells its name", () => {
  assertEquals(decodeRoute(Uint8Array.of(4, 0, 4, 0x05), "netbsd"), [{ message: "RTM_LOSING" }]);
  assertEquals(decodeRoute(Uint8Array.of(4, 0, 4, 0xee), "netbsd"), [{ message: 0xee }]);
  assertEquals(decodeRoute(Uint8Array.of(4, 0, 4, 0x14), "netbsd"), [
    { error: "Cannot decode routing message: 4 bytes where 24 are needed", of: "RTM_IFINFO" },
  ]);
  assertEquals(decodeRoute(Uint8Array.of(4, 0, 4, 0x01), "netbsd"), [
    { error: "Cannot decode routing message: 4 bytes where 16 are needed", of: "RTM_ADD" },
  ]);
});

Deno.test("route freebsd: its two forms are told apart by where the data start and by how long the header says it is", () => {
  const form = (size: number, told: number, offset: number) => {
    const bytes = new Uint8Array(size);
    const view = new DataView(bytes.buffer);
    view.setUint16(0, size, true);
    bytes.set([5, 0x0e], 2); // RTM_VERSION, RTM_IFINFO
    view.setUint16(12, 3, true);
    view.setUint16(16, told, true); // of the short form: ifi_type and ifi_physical
    view.setUint16(18, offset, true); // of the short form: ifi_addrlen and ifi_hdrlen
    view.setUint32(24, 1500, true); // the short form's mtu
    view.setUint32(32, 9000, true); // the long one's
    return decode(bytes, "freebsd").mtu;
  };
  assertEquals(form(176, 176, 24), 9000);
  assertEquals(form(200, 176, 24), 9000);
  assertEquals(form(176, 176, 20), 1500);
  assertEquals(form(168, 176, 24), 1500);
  assertEquals(form(168, 24, 24), 1500); // lo0, of an address of 24 bytes
  assertEquals(form(168, 6, 24), 1500); // an Ethernet of such a one
});
