/** What generic netlink's controller says of a family. */
import { Attributes, type Packet, readText } from "./netlink.ts";
import * as N from "./numbers.ts";

/**
 * The id and the name of a family, from a message of nlctrl with its payload between two offsets; undefined if the
 * message lacks them.
 *
 * @throws {MalformedMessageError} An attribute is torn.
 */
export function readFamilyName(
  packet: Packet,
  start: number,
  end: number,
): { readonly id: number; readonly name: string } | undefined {
  if (end - start < N.GENL_HDRLEN || packet.u8[start] !== N.CTRL_CMD_NEWFAMILY) return undefined;
  const attributes = new Attributes(packet, N.CTRL_ATTR_FAMILY_NAME + 1);
  attributes.index(start + N.GENL_HDRLEN, end);
  const id = attributes.at(N.CTRL_ATTR_FAMILY_ID);
  const at = attributes.at(N.CTRL_ATTR_FAMILY_NAME);
  if (id === 0 || at === 0 || attributes.length(N.CTRL_ATTR_FAMILY_ID) < 2) return undefined;
  return {
    id: packet.u16[id >> 1]!,
    name: readText(packet.u8, at, attributes.end(N.CTRL_ATTR_FAMILY_NAME), undefined),
  };
}
