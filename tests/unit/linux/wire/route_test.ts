/** The decoder of route messages: what each attribute says, and what is torn. */
import { assertEquals } from "@std/assert";
import { decodeNetlink } from "../../../../platforms/linux/wire/decode.ts";
import { buildRequest, type RequestAttribute, u32Payload } from "../../../../platforms/linux/wire/netlink.ts";
import * as N from "../../../../platforms/linux/wire/numbers.ts";

type Loose = Readonly<Record<string, unknown>>;

/** struct rtmsg: family, dst_len, src_len, tos, table, protocol, scope, type, flags */
function route(header: readonly number[], ...attributes: readonly RequestAttribute[]): Loose {
  const bytes = new Uint8Array(N.RTMSG_LEN);
  bytes.set(header);
  return decodeNetlink(buildRequest(N.RTM_NEWROUTE, 0, 0, bytes, attributes))[0] as unknown as Loose;
}

const IPV4 = [N.AF_INET, 0, 0, 0, 254, 3, 0, 1];
const GATEWAY: RequestAttribute = [N.RTA_GATEWAY, Uint8Array.of(192, 0, 2, 1)];

Deno.test("route: a message of its header alone is one, and a byte less is none", () => {
  assertEquals(route(IPV4), {
    message: "RTM_NEWROUTE",
    family: "inet",
    destination: "0.0.0.0",
    prefixLength: 0,
    type: "unicast",
    table: 254,
    protocol: "boot",
    scope: "global",
    metric: undefined,
    source: undefined,
    mtu: undefined,
    nexthopId: undefined,
    hops: [],
  });
  const [torn] = decodeNetlink(buildRequest(N.RTM_DELROUTE, 0, 0, new Uint8Array(8), []));
  assertEquals(torn, {
    error: "Cannot decode route message at byte 16: 8 bytes where 12 are needed",
    of: "RTM_DELROUTE",
  });
});

Deno.test("route: numbers without a name stay numbers; the table's attribute goes before the header's byte", () => {
  const { protocol, scope, type, table } = route([2, 0, 0, 0, 252, 77, 7, 99], [N.RTA_TABLE, u32Payload(0xffffffff)]);
  assertEquals([protocol, scope, type, table], ["77", "7", 99, 0xffffffff]);
  assertEquals(route([2, 0, 0, 0, 252]).table, 252);
});

Deno.test("route: of another family nothing more is read", () => {
  const { family, destination, hops } = route([128, 32, 0, 0, 253], GATEWAY, [N.RTA_OIF, u32Payload(3)]);
  assertEquals([family, destination, hops], [128, undefined, []]);
});

Deno.test("route: the flags of a way, of the message and of one of several", () => {
  const flags = [...IPV4, 0x10 | 0x1, 2, 0, 0]; // RTNH_F_LINKDOWN, RTNH_F_DEAD, and RTM_F_CLONED, which is no way's
  assertEquals(route(flags, [N.RTA_OIF, u32Payload(3)]).hops, [
    { index: 3, gateway: undefined, weight: 1, flags: ["dead", "linkdown"] },
  ]);
  const ways = Uint8Array.of(8, 0, 4, 255, 3, 0, 0, 0, 8, 0, 0, 0, 4, 0, 0, 0);
  assertEquals(route(IPV4, [N.RTA_MULTIPATH, ways]).hops, [
    { index: 3, gateway: undefined, weight: 256, flags: ["onlink"] },
    { index: 4, gateway: undefined, weight: 1, flags: [] },
  ]);
});

Deno.test("route: a way that is torn, whatever its length says, is an error", () => {
  const ways = (...bytes: number[]) => route(IPV4, [N.RTA_MULTIPATH, Uint8Array.from(bytes)]).error;
  const torn = (length: number, left: number) =>
    `Cannot decode way of route at byte 32: length ${length} with ${left} bytes left`;
  assertEquals(ways(0, 0, 0, 0, 3, 0, 0, 0), torn(0, 8));
  assertEquals(ways(7, 0, 0, 0, 3, 0, 0, 0), torn(7, 8));
  assertEquals(ways(12, 0, 0, 0, 3, 0, 0, 0), torn(12, 8));
  assertEquals(ways(8, 0, 0, 0, 3, 0, 0), undefined); // less than a way is padding
  assertEquals(
    ways(12, 0, 0, 0, 3, 0, 0, 0, 9, 0, 5, 0), // the attribute in it reaches beyond it
    "Cannot decode netlink attribute at byte 40: length 9 with 4 bytes left",
  );
});

Deno.test("route: an address that is not as long as its family's is an error", () => {
  const message = (at: number, length: number, needs: number) =>
    `Cannot decode address of route at byte ${at}: ${length} bytes where ${needs} are needed`;
  assertEquals(route(IPV4, [N.RTA_GATEWAY, new Uint8Array(16)]).error, message(32, 16, 4));
  assertEquals(route([10], [N.RTA_DST, new Uint8Array(4)]).error, message(32, 4, 16));
  assertEquals(route(IPV4, [N.RTA_VIA, Uint8Array.of(10, 0, 1)]).error, message(34, 1, 16));
  assertEquals(
    route(IPV4, [N.RTA_VIA, Uint8Array.of(10)]).error,
    "Cannot decode router of route at byte 32: 1 bytes where 2 are needed",
  );
  assertEquals(route(IPV4, [N.RTA_VIA, Uint8Array.of(28, 0, 1)]).hops, []); // of a family that nobody knows
});

Deno.test("route: the metrics of a route are nested", () => {
  const metrics = (...bytes: number[]) => route(IPV4, [N.RTA_METRICS, Uint8Array.from(bytes)]);
  assertEquals(metrics(8, 0, 2, 0, 0xdc, 5, 0, 0).mtu, 1500);
  assertEquals(metrics(8, 0, 8, 0, 0xdc, 5, 0, 0).mtu, undefined); // RTAX_ADVMSS
  assertEquals(
    metrics(6, 0, 2, 0, 0xdc, 5).error,
    "Cannot decode netlink attribute 2 at byte 36: 2 bytes where 4 are needed",
  );
});
