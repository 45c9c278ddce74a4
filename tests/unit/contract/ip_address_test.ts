import { assertEquals } from "@std/assert";
import { formatIpv4, formatIpv6 } from "../../../platforms/common/address_text.ts";
import { withSeed } from "../../helpers/random.ts";

const ipv6 = (hex: string): string => formatIpv6(Uint8Array.fromHex(hex));

Deno.test("ip address: RFC 5952", () => {
  assertEquals(formatIpv4(new Uint8Array([10, 0, 0, 1])), "10.0.0.1");
  assertEquals(ipv6("00000000000000000000000000000000"), "::");
  assertEquals(ipv6("00000000000000000000000000000001"), "::1");
  assertEquals(ipv6("20010db8000000000001000000000001"), "2001:db8::1:0:0:1");
  assertEquals(ipv6("20010db8000000010001000100010001"), "2001:db8:0:1:1:1:1:1");
  assertEquals(ipv6("fe800000000000000000000000000000"), "fe80::");
  assertEquals(ipv6("00000000000000000000ffffc0000201"), "::ffff:192.0.2.1");
});

Deno.test("ip address: the same text as the URL standard's serializer, for any address", () => {
  withSeed((random) => {
    for (let i = 0; i < 2000; i++) {
      const bytes = Uint8Array.from({ length: 16 }, () => random.below(3) === 0 ? random.below(256) : 0);
      if (bytes.subarray(0, 10).every((byte) => byte === 0)) continue; // IPv4 in it is written otherwise in URLs
      const full = Array.from({ length: 8 }, (_, g) => (bytes[2 * g]! << 8 | bytes[2 * g + 1]!).toString(16)).join(":");
      assertEquals(formatIpv6(bytes), new URL(`http://[${full}]`).hostname.slice(1, -1));
    }
  });
});
