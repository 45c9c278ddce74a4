/** What the fields of a status ask of an interface in a Linux kernel. A state that no kernel can have is refused. */
import { bytesOfText } from "../../../../platforms/common/byte_text.ts";
import * as N from "../../../../platforms/linux/wire/numbers.ts";
import type { FakeFields } from "../../fake.ts";
import { addressBytes, checkNumber, hardwareAddressBytes, refuse } from "../../texts.ts";
import { typeNumber } from "../born.ts";
import type { Device } from "../device.ts";
import { addressesOf } from "./address.ts";
import { contradict, type Neighbours } from "./contradict.ts";
import { checkAltName, checkName, checkNames } from "./names.ts";
import { radioOf } from "./radio.ts";
import { relationsOf } from "./relations.ts";
import { countersOf, stateOf } from "./state.ts";

/**
 * The interface as the fields want it.
 *
 * @param before The interface as it is.
 * @throws {InvalidInputError} No kernel can hold one of the values, or have all of them.
 */
export function wantedDevice(before: Device, fields: FakeFields, others: Neighbours): Device {
  const { name, altNames = before.altNames, mtu = before.mtu } = fields;
  checkName(name);
  for (const alias of altNames) checkAltName(alias);
  checkNames(before, [name, ...altNames], others);
  checkNumber(mtu, 0, 31); // dev_validate_mtu()
  const kind = "kind" in fields ? fields.kind : before.kind;
  if (kind !== undefined) checkKind(kind);
  const type = fields.type === undefined ? before.type : typeNumber(fields.type);
  const state = stateOf(before, fields, others.at(before.parent));
  if (((state.flags & N.IFF_LOOPBACK) !== 0) !== (type === N.ARPHRD_LOOPBACK)) {
    contradict(name, "flag LOOPBACK", `type ${JSON.stringify(N.ARPHRD_NAMES[type] ?? type)}`, "they come together");
  }
  const wanted: Device = {
    ...before,
    ...state,
    ...countersOf(before, fields, state.carrier),
    ...relationsOf(before, fields, others),
    name,
    altNames: [...altNames],
    kind,
    type,
    mtu,
    addresses: fields.addresses === undefined ? before.addresses : addressesOf(fields.addresses, type),
  };
  if ("hardwareAddress" in fields) {
    wanted.hardwareAddress = hardwareBytes(type, fields.hardwareAddress);
    wanted.addressSet = true;
  }
  wanted.wireless = radioOf(wanted, fields, others.at(before.index) !== undefined);
  return wanted;
}

/** Refuses a kind for which there is no room (MODULE_NAME_LEN), or none. */
function checkKind(kind: string): void {
  const { length } = bytesOfText(kind);
  if (length === 0 || length >= N.MODULE_NAME_LEN || kind.includes("\0")) refuse(kind, "a kind such as veth");
}

/** A hardware address, with as many bytes as the type has (dev->addr_len). */
function hardwareBytes(type: number, text: string | undefined): Uint8Array {
  const bytes = anyBytes(type, text);
  const length = type === N.ARPHRD_ETHER || type === N.ARPHRD_LOOPBACK ? N.ETH_ALEN : undefined;
  if (length !== undefined && bytes.length !== length) {
    refuse(text, `a hardware address of ${length} bytes, or another type`);
  }
  if (bytes.length > N.MAX_ADDR_LEN) refuse(text, `a hardware address of at most ${N.MAX_ADDR_LEN} bytes`);
  return bytes;
}

/** A tunnel's hardware address is the IP address of its own end. */
function anyBytes(type: number, text: string | undefined): Uint8Array {
  switch (type) {
    case N.ARPHRD_TUNNEL:
    case N.ARPHRD_SIT:
    case N.ARPHRD_IPGRE:
      if (text?.includes(".")) return Uint8Array.from(addressBytes("inet", text));
      break;
    case N.ARPHRD_TUNNEL6:
    case N.ARPHRD_IP6GRE:
      if (text?.includes("::") || text?.split(":").length === 8) return Uint8Array.from(addressBytes("inet6", text));
  }
  return hardwareAddressBytes(text);
}
