/** In which form a capture is written. */
export type CaptureFormat = "binary" | "hex" | "pcap" | "pcapng";

/** How many bytes decide. */
export const DECIDING = 4;

/** The first four bytes of a pcap file, in both byte orders, with microseconds and with nanoseconds. */
export const PCAP_MAGICS: readonly number[] = [0xa1b2c3d4, 0xd4c3b2a1, 0xa1b23c4d, 0x4d3cb2a1];
/** A pcapng file begins with this block, in any byte order. */
export const SECTION_HEADER = 0x0a0d0d0a;

/**
 * Tells the form by the first bytes. A captured message is never taken for anything else: its length would be that of a
 * netlink message of 160 MiB or more, and a routing message has its version, which is below 8, as its third byte, where
 * a text has a character and a pcap file 0x0d, or 0xb2 or its like.
 */
export function formatOf(start: Uint8Array): CaptureFormat {
  const word = start.length < DECIDING ? 0 : new DataView(start.buffer, start.byteOffset, DECIDING).getUint32(0);
  if (PCAP_MAGICS.includes(word)) return "pcap";
  if (word === SECTION_HEADER) return "pcapng";
  return hasMark(start) || start.subarray(0, DECIDING).every(isText) ? "hex" : "binary";
}

/** Whether a byte is of a line of ASCII: printable, or white space. */
function isText(byte: number): boolean {
  return byte >= 0x20 && byte < 0x7f || byte === 0x09 || byte === 0x0a || byte === 0x0d;
}

/** Whether a text begins with the mark that some editors write: U+FEFF as UTF-8. */
function hasMark(start: Uint8Array): boolean {
  return start[0] === 0xef && start[1] === 0xbb && start[2] === 0xbf;
}
