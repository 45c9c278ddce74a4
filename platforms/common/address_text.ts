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
