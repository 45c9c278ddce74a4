import { bytesOfText, textOfBytes } from "../../../../platforms/common/byte_text.ts";
import { InvalidInputError } from "../../../../platforms/contract/errors.ts";
import * as N from "../../../../platforms/linux/wire/numbers.ts";
import { refuse } from "../../texts.ts";
import type { Device } from "../device.ts";
import type { Neighbours } from "./contradict.ts";

/** isspace() of lib/ctype.c, which takes a byte as a character of Latin-1, and what else dev_valid_name() refuses. */
function isRefused(byte: number): boolean {
  return (byte >= 0x09 && byte <= 0x0d) || [0x00, 0x20, 0x25, 0x2f, 0x3a, 0xa0].includes(byte);
}

/** Refuses a name that no interface can have (dev_valid_name()); of "%", __dev_alloc_name() makes a number. */
export function checkName(name: string): void {
  const bytes = bytesOfText(name);
  const fits = bytes.length > 0 && bytes.length < N.IFNAMSIZ && name !== "." && name !== ".." && !bytes.some(isRefused);
  if (!fits || textOfBytes(bytes) !== name) {
    refuse(name, `a name of 1 to ${N.IFNAMSIZ - 1} bytes without "/", ":", "%", white space and NUL`);
  }
}

/** Refuses an alternative name that does not fit (rtnl_alt_ifname()): the kernel takes any other, also an empty one. */
export function checkAltName(name: string): void {
  const bytes = bytesOfText(name);
  if (bytes.length >= N.ALTIFNAMSIZ || name.includes("\0") || textOfBytes(bytes) !== name) {
    refuse(name, `an alternative name of at most ${N.ALTIFNAMSIZ - 1} bytes without NUL`);
  }
}

/** Refuses names that other interfaces have, and a name that is given twice. */
export function checkNames(before: Device, names: readonly string[], others: Neighbours): void {
  for (const [i, name] of names.entries()) {
    const owner = others.find(name);
    const taken = owner !== undefined && owner.index !== before.index;
    if (taken || names.indexOf(name) !== i) {
      const who = taken ? `index ${owner.index}` : "this interface";
      throw new InvalidInputError(
        `Cannot make interface ${JSON.stringify(name)} of index ${before.index}: ${who} has the name; give another`,
      );
    }
  }
}
