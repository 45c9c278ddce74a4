import * as N from "../../../platforms/linux/wire/numbers.ts";
import type { FakeFields } from "../fake.ts";
import { refuse } from "../texts.ts";
import type { Device } from "./device.ts";
import { bornFlags, driverOf } from "./drivers.ts";

/** ARPHRD_* of a type's name, or of its number. */
export function typeNumber(type: string): number {
  const named = Object.keys(N.ARPHRD_NAMES).find((number) => N.ARPHRD_NAMES[Number(number)] === type);
  if (named !== undefined) return Number(named);
  const number = /^\d{1,5}$/.test(type) ? Number(type) : NaN;
  return number < 0x10000 ? number : refuse(type, "the name of a type, as netflags spells it, or its number");
}

/** What a new interface is: its driver decides on what is not said. */
export function newDevice(
  index: number,
  fields: Pick<FakeFields, "name" | "kind" | "type" | "flags">,
): Device {
  const loops = fields.flags === undefined ? fields.name === "lo" : (fields.flags & N.IFF_LOOPBACK) !== 0;
  const loopback = fields.kind === undefined && fields.type === undefined && loops;
  const type = loopback ? N.ARPHRD_LOOPBACK : fields.type === undefined ? N.ARPHRD_ETHER : typeNumber(fields.type);
  const { kind } = fields;
  const { born } = driverOf({ kind, type });
  return {
    ...born,
    index,
    name: fields.name,
    altNames: [],
    kind,
    type,
    flags: bornFlags({ kind, type }),
    dormant: false,
    linkMode: 0,
    carrierUps: 0,
    hardwareAddress: newAddress(index, type),
    master: undefined,
    parent: undefined,
    parentNetnsId: undefined,
    addresses: [],
    wireless: undefined,
  };
}

function newAddress(index: number, type: number): Uint8Array {
  if (type === N.ARPHRD_LOOPBACK) return new Uint8Array(6);
  return type === N.ARPHRD_NONE ? new Uint8Array(0) : Uint8Array.of(2, 0, 0, 0, index >> 8, index);
}
