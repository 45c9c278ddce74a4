/** What a user may do about the root of a trouble. */
import type { Cause, InterfaceDetails } from "../../../platforms/contract/details.ts";
import type { Platform } from "../../../platforms/contract/platform.ts";
import { driverOf } from "../../why/reason.ts";

/** Kinds whose other end is a program. */
const OF_PROGRAMS: readonly (string | undefined)[] = ["tun", "tap"];

/** How ifconfig(8) of each BSD gives a vlan its parent. */
const PARENTS: Readonly<Record<Exclude<Platform, "linux">, string>> = {
  netbsd: "vlan TAG vlanif PARENT",
  freebsd: "vlan TAG vlandev PARENT",
  openbsd: "vnetid TAG parent PARENT",
  dragonfly: "vlan TAG vlandev PARENT",
  darwin: "vlan TAG vlandev PARENT",
};

/** What a BSD's driver needs that no cable gives. */
function withoutParts(name: string, driver: string, platform: Exclude<Platform, "linux">): string | undefined {
  switch (driver) {
    case "gif":
    case "gre":
      return `give it a tunnel: ifconfig ${name} tunnel SOURCE DESTINATION`;
    case "vlan":
      return `give it a parent: ifconfig ${name} ${PARENTS[platform]}`;
    case "lagg":
      return `give it a port that has a link: ifconfig ${name} laggport PORT`;
    default:
      return undefined;
  }
}

/** What to look at where a link is missing. */
function withoutLink(name: string, kind: string | undefined, own: boolean, platform: Platform): string {
  const driver = kind ?? driverOf(name);
  if (OF_PROGRAMS.includes(driver)) return "start the program that opens it, such as a VPN";
  const parts = platform === "linux" ? undefined : withoutParts(name, driver, platform);
  if (parts !== undefined) return parts;
  return own && kind !== undefined
    ? `look at what ${name} stands on: netflags show ${name}`
    : `plug in the cable of ${name}, or look at the other end: its port may be off`;
}

/**
 * What to do about the root of why an interface is not connected, or where to look.
 *
 * @param root The root cause.
 * @param status The interface that was asked about; the root may lie with another one.
 */
export function remedy(root: Cause, status: InterfaceDetails, platform: Platform): string {
  const { code, interfaceName: name, netnsId } = root;
  const own = name === status.name;
  const linux = platform === "linux";
  if (netnsId !== undefined) return `look at ${name} in that network namespace: netflags explain ${name} --netns N`;
  switch (code) {
    case "down":
      return `netflags set ${name} up`;
    case "proto-down":
      return `find the program that set proto_down, such as a daemon for multi-chassis bonds; or ip link set ${name} protodown off`;
    case "no-carrier":
      return withoutLink(name, own ? status.kind : undefined, own, platform);
    case "not-associated":
      return linux
        ? `is wpa_supplicant or iwd running, and its network in reach? wpa_cli -i ${name} status`
        : `is wpa_supplicant running, and its network in reach? ifconfig ${name} list scan`;
    case "no-access-point":
      return `is hostapd running? hostapd_cli -i ${name} status`;
    case "dormant":
      return `is the 802.1X supplicant running? If there is none: netflags set ${name} --link-mode default`;
    case "no-ports":
      return linux ? `give it a port: ip link set PORT master ${name}` : `give it a port: ifconfig ${name} addm PORT`;
    case "ports-down":
      return `look at each of its ports: netflags explain PORT`;
    case "link-monitor":
      return `look at what the bond's monitor asks for (miimon, ARP targets): cat /proc/net/bonding/*`;
    case "blocked":
      return `wait until the spanning tree has settled; if it stays so, there is a loop, or another bridge of lower priority`;
    case "lower-down":
    case "peer-down":
      return `look at the interface below, or at the other end`;
    case "other-namespace":
      return `look at it there: ip netns list-id shows which namespace it is, netflags explain NAME --netns N looks`;
    case "testing":
      return `wait until the test of ${name} is over`;
    case "not-present":
      return `look at the kernel's log (dmesg): a part of ${name} is missing, such as a transceiver`;
    case "undecided":
      return `wait a moment, and ask again: netflags wait ${name} connected`;
    case "not-running":
      return withoutLink(name, own ? status.kind : undefined, own, platform);
  }
}
