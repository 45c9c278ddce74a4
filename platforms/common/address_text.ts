import type { IpAddress } from "../contract/route.ts";

/**
 * Addresses that stand for the default: those of a root name server (a.root-servers.net), which every resolver knows,
 * and to which nobody has a route of their own. A kernel says which way a packet to one address takes: of the network
 * 0.0.0.0/0 alone it would not say what routes with longer prefixes take from it. Nothing is sent there.
 */
export const ANYWHERE = {
  inet: Uint8Array.of(198, 41, 0, 4),
  inet6: Uint8Array.of(0x20, 0x01, 0x05, 0x03, 0xba, 0x3e, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0x30),
} as const;

/** The text of a 4-byte IPv4 address. */
export function formatIpv4(bytes: Uint8Array): string {
  return bytes.subarray(0, 4).join(".");
}

/** The text of a 16-byte IPv6 address as RFC 5952 has it: the longest run of two or more zero groups as `::`. */
export function formatIpv6(bytes: Uint8Array): string {
  const groups = Array.from({ length: 8 }, (_, i) => bytes[2 * i]! << 8 | bytes[2 * i + 1]!);
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff) {
    return `::ffff:${formatIpv4(bytes.subarray(12))}`;
  }
  let start = -1;
  let length = 1;
  for (let i = 0; i < 8; i++) {
    let run = 0;
    while (i + run < 8 && groups[i + run] === 0) run++;
    if (run > length) {
      start = i;
      length = run;
    }
    i += run;
  }
  const text = groups.map((group) => group.toString(16));
  if (start < 0) return text.join(":");
  return `${text.slice(0, start).join(":")}::${text.slice(start + length).join(":")}`;
}

/** Each byte as two lower-case hexadecimal digits. */
export const HEX: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** Bytes as lower-case hexadecimal, with a separator between them. */
export function formatHex(bytes: Uint8Array, separator = ""): string {
  let text = "";
  for (let i = 0; i < bytes.length; i++) text += i === 0 ? HEX[bytes[i]!]! : separator + HEX[bytes[i]!]!;
  return text;
}

/** Four decimal numbers, none with a zero before it, which other programs read as octal. */
const IPV4 = /^(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})$/;

function ipv4Bytes(text: string): number[] | undefined {
  const bytes = IPV4.exec(text)?.slice(1).map(Number);
  return bytes?.every((byte) => byte < 256) ? bytes : undefined;
}

/** The 16-bit groups of one side of `::`, as bytes. At the end of the address the last one may be an IPv4 address. */
function groupBytes(text: string, end: boolean): number[] | undefined {
  if (text === "") return [];
  const bytes: number[] = [];
  const groups = text.split(":");
  for (const [i, group] of groups.entries()) {
    if (/^[0-9a-f]{1,4}$/i.test(group)) bytes.push(parseInt(group, 16) >> 8, parseInt(group, 16) & 0xff);
    else {
      const last = end && i === groups.length - 1 ? ipv4Bytes(group) : undefined;
      if (last === undefined) return undefined;
      bytes.push(...last);
    }
  }
  return bytes;
}

/** RFC 4291, section 2.2. */
function ipv6Bytes(text: string): number[] | undefined {
  const sides = text.split("::");
  if (sides.length > 2) return undefined;
  const [head, tail] = [groupBytes(sides[0]!, sides.length === 1), groupBytes(sides[1] ?? "", true)];
  if (head === undefined || tail === undefined) return undefined;
  const left = 16 - head.length - tail.length;
  if (sides.length === 1 ? left !== 0 : left < 2) return undefined;
  return [...head, ...new Array<number>(left).fill(0), ...tail];
}

/** Reads an IPv4 or IPv6 address; undefined if the text is none. An IPv6 address may have a zone after "%". */
export function readIp(text: string): IpAddress | undefined {
  const ipv4 = ipv4Bytes(text);
  if (ipv4 !== undefined) {
    const bytes = Uint8Array.from(ipv4);
    return { family: "inet", bytes, text: formatIpv4(bytes), zone: undefined };
  }
  const at = text.indexOf("%");
  const zone = at < 0 ? undefined : text.slice(at + 1);
  const ipv6 = zone === "" ? undefined : ipv6Bytes(at < 0 ? text : text.slice(0, at));
  if (ipv6 === undefined) return undefined;
  const bytes = Uint8Array.from(ipv6);
  return { family: "inet6", bytes, text: formatIpv6(bytes), zone };
}
