import type { SystemNumbers } from "../../../platforms/bsd/systems/layout.ts";
import { MediaWords } from "../../../platforms/bsd/systems/media.ts";
import { bsdFacts } from "../../../platforms/bsd/wire/status.ts";
import { type InterfaceStatus, NO_ADDRESSES } from "../../../platforms/contract/status.ts";
import type { FakeFields } from "../fake.ts";
import { checkNumber } from "../texts.ts";

/** A new interface's flags: BROADCAST, SIMPLEX and MULTICAST. */
const BORN = 0x8802;

/**
 * A status by the rules of a BSD. Fields that are left out get ordinary values, and fields that the system cannot report
 * become undefined.
 */
export function bsdStatus(
  numbers: SystemNumbers,
  fields: FakeFields & { readonly index: number },
): InterfaceStatus {
  if (fields.flags !== undefined) checkNumber(fields.flags, 0, 32);
  if (fields.media !== undefined) checkNumber(fields.media.active, 0, 53);
  const words = new MediaWords(numbers.mediaWords());
  const facts = bsdFacts(numbers, {
    ...fields,
    type: fields.type ?? "ether",
    mtu: fields.mtu ?? 1500,
    hardwareAddress: "hardwareAddress" in fields ? fields.hardwareAddress : "02:00:00:00:00:01",
    media: fields.media && { ...fields.media, text: words.text(fields.media.active) },
    wireless: numbers.wireless && fields.wireless,
    flags: ((fields.flags ?? BORN) & (numbers.flagsHigh ? -1 : 0xffff)) >>> 0,
    linkState: numbers.layouts[0]!.linkStates.length === 0 ? undefined : fields.linkState ?? "unknown",
  });
  facts.addresses = fields.addresses ?? NO_ADDRESSES;
  facts.defaultRoute = fields.defaultRoute;
  return facts;
}
