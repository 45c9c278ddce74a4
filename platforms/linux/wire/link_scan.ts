import { MalformedMessageError } from "../../contract/errors.ts";
import { linkTexts } from "./link_texts.ts";
import { attributeEnd, Messages, nextAttribute, type Packet } from "./netlink.ts";
import * as N from "./numbers.ts";

/**
 * Index, flags and name of each link of a packet, and nothing else. It is for programs that search thousands of links
 * for a few. The kernel writes the name first, so the scan need not walk a message's forty attributes. It makes no
 * object and, if it has seen the name at that index before, no string.
 *
 * @example
 * ```ts
 * import { LinkScan, Packet } from "@netflags/netflags/linux";
 *
 * const scan = new LinkScan(Packet.of(new Uint8Array(0))); // the bytes of an RTM_GETLINK dump
 * for (scan.begin(0); scan.next();) console.log(scan.index, scan.flags, scan.name);
 * ```
 */
export class LinkScan {
  /** ifi_index */
  index = 0;
  /** ifi_flags, all 32 bits */
  flags = 0;
  /** IFLA_IFNAME; empty if the message has none. */
  name = "";
  readonly #messages: Messages;

  /** Scans a packet from its start. {@linkcode LinkScan.begin} says how far. */
  constructor(packet: Packet) {
    this.#messages = new Messages(packet);
  }

  /** Starts over with the packet's first `length` bytes. */
  begin(length: number): this {
    this.#messages.begin(length);
    return this;
  }

  /**
   * Goes to the next RTM_NEWLINK, or returns false at the end.
   *
   * @throws {MalformedMessageError} The next bytes are not a whole message, or an attribute before the name is not
   * whole.
   */
  next(): boolean {
    const messages = this.#messages;
    while (messages.next()) {
      if (messages.type === N.RTM_NEWLINK) {
        this.#read(messages.packet, messages.start, messages.end);
        return true;
      }
    }
    return false;
  }

  #read(packet: Packet, start: number, end: number): void {
    if (end - start < N.IFINFOMSG_LEN) throw shortLink(start, end);
    const index = this.index = packet.i32[(start >> 2) + 1]!;
    this.flags = packet.u32[(start >> 2) + 2]!;
    const header = nextAttribute(packet, N.IFLA_IFNAME, start + N.IFINFOMSG_LEN, end);
    this.name = header < 0
      ? ""
      : linkTexts.name(packet, index, header, attributeEnd(packet, header) - header - N.NLA_HDRLEN);
  }
}

/** A link message that ends before its struct ifinfomsg does. */
export function shortLink(start: number, end: number): MalformedMessageError {
  return new MalformedMessageError(
    `Cannot decode link message at byte ${start}: ${end - start} bytes where ${N.IFINFOMSG_LEN} are needed`,
    { operation: "decode link message" },
  );
}
