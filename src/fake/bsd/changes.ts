import { IFF_RUNNING, IFF_UP } from "../../../platforms/bsd/systems/common.ts";
import type { SystemNumbers } from "../../../platforms/bsd/systems/layout.ts";
import type { InterfaceStatus } from "../../../platforms/contract/status.ts";
import type { BuiltAddress } from "./builder.ts";
import type { FakeBsdKernel } from "./kernel.ts";
import { checkNumber, hardwareAddressBytes } from "../texts.ts";
import * as texts from "./texts.ts";

/** The wanted state, in the kernel's own numbers and bytes. */
export interface Wanted {
  readonly status: InterfaceStatus;
  readonly type: number;
  readonly mtu: number;
  readonly linkState: number;
  readonly address: Uint8Array;
  /** undefined means unchanged. */
  readonly ips: readonly BuiltAddress[] | undefined;
}

/**
 * Translates a status into a kernel's own terms.
 *
 * @throws {InvalidInputError} The kernel cannot hold one of the values.
 */
export function wantedOf(
  numbers: SystemNumbers,
  status: InterfaceStatus,
  addresses: InterfaceStatus["addresses"],
): Wanted {
  const { type = "ether", mtu = 1500, linkState = "unknown", flags } = status;
  texts.checkName(status.name);
  checkNumber(mtu, 0, 32);
  return {
    status,
    type: texts.typeNumber(numbers, type),
    mtu,
    linkState: status.linkState === undefined ? 0 : texts.linkStateNumber(numbers, linkState),
    address: hardwareAddressBytes(status.hardwareAddress),
    ips: addresses?.map((address) => texts.builtAddress(numbers, address, flags)),
  };
}

/** Makes an interface. It is not up at first, and everything else is a later change. Returns its index. */
export function create(
  kernel: FakeBsdKernel,
  { status, type, mtu, address }: Wanted,
  index: number | undefined,
): number {
  const flags = (status.flags & ~(IFF_UP | IFF_RUNNING)) >>> 0;
  kernel.create(status.name, { type, mtu, address, flags, ...(index === undefined ? {} : { index }) });
  return kernel.index(status.name);
}

/** Makes the differences between the present and the wanted state of an interface, one change after the other. */
export function change(kernel: FakeBsdKernel, numbers: SystemNumbers, index: number, wanted: Wanted): void {
  const { status } = wanted;
  const { name } = status;
  const one = kernel.at(index)!;
  // Changes without a message come first, so that the next message includes them.
  one.type = wanted.type;
  if (one.name !== name) kernel.rename(one.name, name);
  put(kernel.mediaOf, name, status.media);
  if (one.address?.join() !== wanted.address.join()) kernel.setHardwareAddress(name, wanted.address);
  if (one.mtu !== wanted.mtu) kernel.setMtu(name, wanted.mtu);
  kernel.changeFlags(name, status.flags);
  if (one.linkState !== wanted.linkState) kernel.link(name, wanted.linkState);
  if (wanted.ips !== undefined) changeAddresses(kernel, numbers, name, wanted.ips);
  const wireless = status.wireless && { ...status.wireless, frequency: undefined }; // no BSD reports it
  const before = JSON.stringify(kernel.wirelessOf.get(name));
  put(kernel.wirelessOf, name, wireless);
  if (JSON.stringify(wireless) !== before) kernel.tellWireless(name);
}

function put<T>(map: Map<string, T>, name: string, value: T | undefined): void {
  if (value === undefined) map.delete(name);
  else map.set(name, value);
}

/** An address with a new far end is removed and added. NetBSD adds it again without removing it. */
function changeAddresses(
  kernel: FakeBsdKernel,
  { platform }: SystemNumbers,
  name: string,
  wanted: readonly BuiltAddress[],
): void {
  const isSame = (one: BuiltAddress) => ({ ip, prefixLength }: BuiltAddress) =>
    ip.join() === one.ip.join() && prefixLength === one.prefixLength;
  for (const address of kernel.of(name).ips ?? []) {
    if (!wanted.some(isSame(address))) kernel.removeAddress(name, address);
  }
  for (const address of wanted) {
    const there = kernel.of(name).ips?.find(isSame(address));
    if (there !== undefined) {
      if (there.far?.join() === address.far?.join()) {
        if (there.flags !== address.flags) kernel.setAddressFlags(name, address.ip, address.flags ?? 0);
        continue;
      }
      const remove = (): void => kernel.removeAddress(name, there);
      platform === "netbsd" ? kernel.sockets.silently(remove) : remove();
    }
    kernel.addAddress(name, address);
  }
}
