import { assertEquals } from "@std/assert";
import { formatIpv4, formatIpv6, readIp } from "../../../platforms/common/address_text.ts";
import { withSeed } from "../../helpers/random.ts";

Deno.test("ip address: each form that RFC 4291 and RFC 4007 have", () => {
  const read = (text: string) => {
    const found = readIp(text);
    return found && [found.family, found.bytes.toHex(), found.text, found.zone];
  };
  assertEquals(read("192.0.2.1"), ["inet", "c0000201", "192.0.2.1", undefined]);
  assertEquals(read("0.0.0.0"), ["inet", "00000000", "0.0.0.0", undefined]);
  assertEquals(read("::"), ["inet6", "00".repeat(16), "::", undefined]);
  assertEquals(read("2001:DB8::1"), ["inet6", "20010db8000000000000000000000001", "2001:db8::1", undefined]);
  assertEquals(read("1:2:3:4:5:6:7:8")?.[2], "1:2:3:4:5:6:7:8");
  assertEquals(read("1:2:3:4:5:6:7::")?.[1], "00010002000300040005000600070000");
  assertEquals(read("::ffff:192.0.2.1"), ["inet6", "00000000000000000000ffffc0000201", "::ffff:192.0.2.1", undefined]);
  assertEquals(read("fe80::1%eth0.7"), ["inet6", "fe800000000000000000000000000001", "fe80::1", "eth0.7"]);
});

Deno.test("ip address: what is none, and what other programs would read in other ways, is none", () => {
  const wrong = [
    "",
    "1",
    "1.2.3",
    "1.2.3.4.5",
    "256.0.0.1",
    "01.2.3.4",
    "1.2.3.4/8",
    " 1.2.3.4",
    "1.2.3.4%eth0",
    "0x7f.1",
  ];
  wrong.push(":", ":::", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::", "::1:2:3:4:5:6:7:8");
  wrong.push("12345::", "g::", "1.2.3.4::", "::1.2.3", "::256.0.0.1", "fe80::1%", "[::1]", "::1/128", "example.org");
  for (const text of wrong) assertEquals(readIp(text), undefined, text);
});

Deno.test("ip address: what is written is read again, whatever the bytes", () => {
  withSeed((random) => {
    for (let i = 0; i < 2000; i++) {
      const few = random.below(2) === 0;
      const bytes = Uint8Array.from(
        { length: random.pick([4, 16]) },
        () => few && random.below(4) ? 0 : random.below(256),
      );
      const text = bytes.length === 4 ? formatIpv4(bytes) : formatIpv6(bytes);
      assertEquals([readIp(text)?.bytes, readIp(text)?.text], [bytes, text]);
    }
  });
});
