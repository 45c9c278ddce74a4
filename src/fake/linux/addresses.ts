/** How a Linux kernel keeps the addresses of an interface (net/ipv4/devinet.c, net/ipv6/addrconf.c). */
import { bytesOfText } from "../../../platforms/common/byte_text.ts";
import * as N from "../../../platforms/linux/wire/numbers.ts";
import { agree } from "../texts.ts";
import type { DeviceAddress } from "./device.ts";

/** An IPv6 address's scope as the kernel orders it: the wider, the earlier in its list. */
const SCOPE_ORDER: readonly number[] = [N.RT_SCOPE_UNIVERSE, N.RT_SCOPE_SITE, N.RT_SCOPE_LINK, N.RT_SCOPE_HOST];

/** The scope that `ip` gives an address of IPv4, and the kernel each address of IPv6. */
export function usualScope(bytes: ArrayLike<number>): number {
  const [first = 0, second = 0, ...rest] = Array.from(bytes);
  if (bytes.length === 4) return first === 127 ? N.RT_SCOPE_HOST : N.RT_SCOPE_UNIVERSE;
  if (first === 0 && second === 0 && rest.every((byte, i) => byte === (i === 13 ? 1 : 0))) return N.RT_SCOPE_HOST;
  if (first === 0xfe && (second & 0xc0) === 0x80) return N.RT_SCOPE_LINK;
  return first === 0xfe && (second & 0xc0) === 0xc0 ? N.RT_SCOPE_SITE : N.RT_SCOPE_UNIVERSE;
}

/** Whether two addresses are the same one for the kernel: of IPv4 the network counts too, which may be the peer's. */
export function isSameAddress(one: DeviceAddress, other: DeviceAddress): boolean {
  return one.family === other.family && equal(one.local, other.local) &&
    (one.family === N.AF_INET6 || isSameNetwork(one, other));
}

function equal(one: Uint8Array, other: Uint8Array): boolean {
  return one.every((byte, i) => byte === other[i]);
}

/** Whether two addresses of IPv4 are in one network. */
function isSameNetwork(one: DeviceAddress, other: DeviceAddress): boolean {
  return one.prefixLength === other.prefixLength &&
    agree(one.peer ?? one.local, other.peer ?? other.local, one.prefixLength);
}

const isSecondary = ({ flags }: DeviceAddress): boolean => (flags & N.IFA_F_SECONDARY) !== 0;

/** A whole list as the kernel keeps it: those of IPv4 as if one was added after the other, those of IPv6 by their scope. */
export function inOrder(list: readonly DeviceAddress[]): readonly DeviceAddress[] {
  const order = ({ scope }: DeviceAddress): number => SCOPE_ORDER.indexOf(scope);
  const ipv4 = list.filter(({ family }) => family === N.AF_INET).reduce<readonly DeviceAddress[]>(
    (kept, address) => withNew(kept, address).list,
    [],
  );
  const ipv6 = list.filter(({ family }) => family === N.AF_INET6).sort((one, other) => order(one) - order(other));
  return [...ipv4, ...ipv6];
}

/**
 * The list with one more address, and that address as the kernel keeps it: the second one of a network is secondary
 * (__inet_insert_ifa()), and the newest of IPv6 comes first among those of its scope (ipv6_link_dev_addr()).
 */
export function withNew(
  list: readonly DeviceAddress[],
  address: DeviceAddress,
): { readonly list: readonly DeviceAddress[]; readonly added: DeviceAddress } {
  const ipv4 = list.filter(({ family }) => family === N.AF_INET);
  const ipv6 = list.filter(({ family }) => family === N.AF_INET6);
  if (address.family === N.AF_INET6) {
    const order = (one: DeviceAddress): number => SCOPE_ORDER.indexOf(one.scope);
    const at = ipv6.findIndex((one) => order(address) <= order(one));
    ipv6.splice(at < 0 ? ipv6.length : at, 0, address);
    return { list: [...ipv4, ...ipv6], added: address };
  }
  const second = ipv4.some((one) => isSameNetwork(one, address));
  const added = {
    ...address,
    flags: second ? address.flags | N.IFA_F_SECONDARY : address.flags & ~N.IFA_F_SECONDARY,
  };
  const lastPrimary = ipv4.findLastIndex((one) => !isSecondary(one) && added.scope <= one.scope);
  ipv4.splice(second ? ipv4.length : lastPrimary + 1, 0, added);
  return { list: [...ipv4, ...ipv6], added };
}

/** What goes with an address, in the order in which it goes: first the secondary ones of a primary's network. */
export function goneWith(list: readonly DeviceAddress[], address: DeviceAddress): readonly DeviceAddress[] {
  if (address.family === N.AF_INET6 || isSecondary(address)) return [address];
  return [
    ...list.filter((one) => one.family === N.AF_INET && isSecondary(one) && isSameNetwork(one, address)),
    address,
  ];
}

/** The labels after a rename (inetdev_changename()): the first is the name, the others get a number behind it. */
export function relabelled(list: readonly DeviceAddress[], name: string): readonly DeviceAddress[] {
  let named = 0;
  return list.map((address) => {
    if (address.family !== N.AF_INET) return address;
    named++;
    if (named === 1) return { ...address, label: name };
    const colon = address.label?.indexOf(":") ?? -1;
    const suffix = colon < 0 ? `:${named}` : address.label!.slice(colon);
    const room = N.IFNAMSIZ - 1 - bytesOfText(suffix).length;
    return { ...address, label: cut(name, room) + suffix };
  });
}

/** As much of a name as fits into some bytes. */
function cut(name: string, room: number): string {
  let text = name;
  while (bytesOfText(text).length > room) text = text.slice(0, -1);
  return text;
}
