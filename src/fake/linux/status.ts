/** The status of an interface as netflags reads it from the kernel's messages, without asking for them. */
import { bytesOfText } from "../../../platforms/common/byte_text.ts";
import type { OtherWords } from "../../../platforms/contract/host.ts";
import {
  frozen,
  type InterfaceStatus,
  type LinkFacts,
  nameRelations,
  onInterface,
} from "../../../platforms/contract/status.ts";
import { wirelessState } from "../../../platforms/linux/ask/requests.ts";
import { AddressReader } from "../../../platforms/linux/wire/address.ts";
import { LinkReader } from "../../../platforms/linux/wire/link.ts";
import { Packet } from "../../../platforms/linux/wire/netlink.ts";
import { WirelessReader } from "../../../platforms/linux/wire/nl80211.ts";
import * as N from "../../../platforms/linux/wire/numbers.ts";
import type { FakeFields } from "../fake.ts";
import { newDevice } from "./born.ts";
import { type Device, flagWord } from "./device.ts";
import type { LinuxKernel } from "./kernel.ts";
import { addressMessage, linkMessage, type LinkMessageForm, wirelessMessage } from "./messages.ts";
import { wantedDevice } from "./wanted/device.ts";

/** What a link message says. */
function factsOf(device: Device, form: LinkMessageForm): LinkFacts {
  const message = linkMessage(device, { type: N.RTM_NEWLINK }, form);
  return new LinkReader(Packet.of(message)).load(N.NLMSG_HDRLEN, message.length).facts();
}

/**
 * The status of an interface of a kernel, as `get` returns it.
 *
 * @param wireless Whether the kernel has nl80211.
 */
export function statusOf(kernel: LinuxKernel, device: Device, wireless: boolean): InterfaceStatus {
  const facts = factsOf(device, kernel.form);
  nameRelations(facts, (index) => kernel.at(index));
  facts.addresses = device.addresses.flatMap((one) => {
    const message = addressMessage(device.index, one, { type: N.RTM_NEWADDR }, kernel.cacheInfo);
    const { address } = new AddressReader(Packet.of(message)).read(N.NLMSG_HDRLEN, message.length);
    return address === undefined ? [] : [onInterface(address, device.name)];
  });
  if (wireless && device.wireless !== undefined) {
    const message = wirelessMessage(N.NL80211_CMD_NEW_INTERFACE, device, {});
    facts.wireless = wirelessState(new WirelessReader(Packet.of(message)).read(N.NLMSG_HDRLEN, message.length));
  }
  return frozen(facts);
}

/** The flag words of an interface that SIOCGIFFLAGS and sysfs show: 16 bits, and what was set alone. */
export function otherWordsOf(device: Device): OtherWords {
  const short = bytesOfText(device.name).length < N.IFNAMSIZ;
  return { ioctl: short ? flagWord(device) & 0xffff : undefined, sysfs: device.flags >>> 0, sysfsView: "this" };
}

/** Whether the kernel reports a field: undefined says that it does not. */
function says(fields: FakeFields, field: keyof FakeFields): boolean {
  return !(field in fields) || fields[field] !== undefined;
}

/**
 * A status of an interface without a system: what Linux's message about such an interface says. Other interfaces are
 * taken to be as the fields say.
 */
export function linuxStatus(
  { master, masterKind, parent, ...fields }: FakeFields & { readonly index: number },
): InterfaceStatus {
  const { index, addresses = [], wireless } = fields;
  const device = wantedDevice(newDevice(index, fields), fields, {
    at: (other) => other === undefined || other === index ? undefined : newDevice(other, { name: `if${other}` }),
    find: () => undefined,
  });
  const facts = factsOf(device, {
    operState: says(fields, "operState"),
    carrierCounters: says(fields, "carrierChanges"),
    altNames: true,
  });
  return { ...facts, master, masterKind, parent, addresses, wireless, defaultRoute: fields.defaultRoute };
}
