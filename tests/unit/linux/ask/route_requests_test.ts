/** Questions about routes: what is asked, and what each answer means. */
import { assertEquals, assertThrows } from "@std/assert";
import { NoSuchInterfaceError, SystemError, UnsupportedError } from "../../../../mod.ts";
import type { IpAddress } from "../../../../platforms/contract/route.ts";
import { readIp } from "../../../../platforms/common/address_text.ts";
import { Requests } from "../../../../platforms/linux/ask/requests.ts";
import {
  buildRequest,
  type RequestAttribute,
  textPayload,
  u32Payload,
} from "../../../../platforms/linux/wire/netlink.ts";
import * as N from "../../../../platforms/linux/wire/numbers.ts";
import { type Asked, attributeOf, ScriptedLinux } from "../../../helpers/linux/libc.ts";
import { errorMessage } from "../../../helpers/linux/messages.ts";

const IPV4 = N.AF_INET;
const IPV6 = N.AF_INET6;

/** What is said of a packet to an address, or of the default traffic. */
const readRoutes = (requests: Requests, destination: IpAddress | undefined) =>
  requests.routes.read(destination, (nameOrIndex) => requests.link(nameOrIndex));

/** The answer to a question about a route: of a type, by an interface. */
function way({ seq, bytes }: Asked, type: number, index: number, ...more: RequestAttribute[]): Uint8Array {
  const family = bytes[N.NLMSG_HDRLEN]!;
  const header = Uint8Array.of(family, family === IPV4 ? 32 : 128, 0, 0, 254, 3, 0, type, 0, 0, 0, 0);
  return buildRequest(N.RTM_NEWROUTE, 0, seq, header, [[N.RTA_OIF, u32Payload(index)], ...more]);
}

/** A kernel with eth0 to eth9 by index that answers questions about the routes of each family so. */
function asking(answer: (asked: Asked, family: number) => Uint8Array) {
  const linux = new ScriptedLinux();
  linux.onSend = (asked) => {
    if (asked.type === N.RTM_GETROUTE) return [answer(asked, asked.bytes[N.NLMSG_HDRLEN]!)];
    const name = attributeOf(asked, N.IFINFOMSG_LEN, N.IFLA_IFNAME);
    const index = name === undefined ? asked.bytes[20]! : name[3]! - 0x30;
    if (!(index > 0 && index < 10)) return [errorMessage(asked.seq, N.ENODEV)];
    const header = new Uint8Array(new Uint32Array([1 << 16, index, 0x11043, 0]).buffer);
    return [buildRequest(N.RTM_NEWLINK, 0, asked.seq, header, [
      [N.IFLA_IFNAME, textPayload(`eth${index}`)],
      [N.IFLA_OPERSTATE, Uint8Array.of(index === 9 ? 2 : 6)],
    ])];
  };
  return { linux, requests: new Requests(linux.libc) };
}

Deno.test("routes: what is asked: one address of each family, and for the table where that is not refused", () => {
  const { linux, requests } = asking((asked) => way(asked, N.RTN_UNICAST, 3));
  assertEquals(requests.routes.defaults(), { inet: 3, inet6: 3 });
  const headers = linux.asked.map(({ type, flags, bytes }) => [type, flags, ...bytes.subarray(16, 28)]);
  assertEquals(headers, [
    [N.RTM_GETROUTE, N.NLM_F_REQUEST, IPV4, 32, 0, 0, 0, 0, 0, 0, 0, 0x10, 0, 0],
    [N.RTM_GETROUTE, N.NLM_F_REQUEST, IPV6, 128, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
  ]);
  const destinations = linux.asked.map((asked) => attributeOf(asked, N.RTMSG_LEN, N.RTA_DST));
  assertEquals(destinations, [readIp("198.41.0.4")!.bytes, readIp("2001:503:ba3e::2:30")!.bytes]);
});

Deno.test("routes: only what leaves to another machine is a default; each error says that nothing does, or that nobody knows", () => {
  const inet = (answer: (asked: Asked) => Uint8Array) =>
    asking((asked, family) => family === IPV4 ? answer(asked) : way(asked, N.RTN_UNICAST, 4)).requests.routes
      .defaults();
  for (const type of [2, 3, 4, 5, 6, 7, 8, 9, 99]) {
    assertEquals(inet((asked) => way(asked, type, 3)), { inet: undefined, inet6: 4 }, `type ${type}`);
  }
  for (const errno of [N.ENETUNREACH, N.EHOSTUNREACH, N.EACCES, N.EINVAL, N.EAGAIN, N.ESRCH]) {
    assertEquals(inet(({ seq }) => errorMessage(seq, errno)), { inet: undefined, inet6: 4 }, `errno ${errno}`);
  }
  for (const errno of [N.EOPNOTSUPP, N.EAFNOSUPPORT, N.EPERM]) {
    assertEquals(inet(({ seq }) => errorMessage(seq, errno)), undefined, `errno ${errno}`);
  }
  assertThrows(() => inet(({ seq }) => errorMessage(seq, N.ENODEV)), SystemError, "Cannot read routes: ENODEV");
});

Deno.test("routes: a kernel without IPv6 has no default of it", () => {
  const { requests } = asking((asked, family) =>
    family === IPV4 ? way(asked, N.RTN_UNICAST, 3) : errorMessage(asked.seq, N.EOPNOTSUPP)
  );
  assertEquals(requests.routes.defaults(), { inet: 3, inet6: undefined });
  assertEquals(readRoutes(requests, undefined).map(({ family, name }) => [family, name]), [["inet", "eth3"]]);
});

Deno.test("routes: a way is told with its interface, even if that is dead; what leads nowhere is none", () => {
  const { requests } = asking((asked, family) =>
    family === IPV6 ? way(asked, 7, 1) : way(
      asked,
      N.RTN_UNICAST,
      9,
      [N.RTA_GATEWAY, Uint8Array.of(192, 0, 2, 1)],
      [N.RTA_PREFSRC, Uint8Array.of(192, 0, 2, 7)],
      [N.RTA_TABLE, u32Payload(1000)],
    )
  );
  const found = {
    family: "inet" as const,
    type: "unicast",
    index: 9,
    name: "eth9",
    gateway: "192.0.2.1",
    source: "192.0.2.7",
    table: 1000,
    connected: false,
  };
  assertEquals(readRoutes(requests, undefined), [{ ...found, destination: undefined }]);
  assertEquals(readRoutes(requests, readIp("203.0.113.9")), [{ ...found, destination: "203.0.113.9" }]);
  assertEquals(readRoutes(requests, readIp("2001:db8::1")), []);
});

Deno.test("routes: an interface that goes before it is asked for takes its way with it", () => {
  const { requests } = asking((asked) => way(asked, N.RTN_UNICAST, 77));
  assertEquals(readRoutes(requests, readIp("203.0.113.9")), []);
});

Deno.test("routes: the zone of an address is a name or an index, and must exist", () => {
  const { linux, requests } = asking((asked) => way(asked, N.RTN_UNICAST, 3));
  const out = (zone: string): Uint8Array | undefined => {
    linux.asked.length = 0;
    readRoutes(requests, readIp(`fe80::1%${zone}`));
    return attributeOf(linux.asked.find(({ type }) => type === N.RTM_GETROUTE)!, N.RTMSG_LEN, N.RTA_OIF);
  };
  assertEquals([out("eth4"), out("5")], [u32Payload(4), u32Payload(5)]);
  assertThrows(() => out("wlan"), NoSuchInterfaceError);
  assertThrows(() => out("66"), NoSuchInterfaceError);
});

Deno.test("routes: a kernel that answers no such question is told of", () => {
  const { requests } = asking(({ seq }) => errorMessage(seq, N.EOPNOTSUPP));
  for (const destination of [undefined, readIp("203.0.113.9")]) {
    assertThrows(() => readRoutes(requests, destination), UnsupportedError, "Cannot read routes: this kernel");
  }
});
