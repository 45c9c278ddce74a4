import type { WirelessLink } from "./status.ts";

/** What a wireless interface is used for (`NL80211_IFTYPE_*`). */
export type WirelessType =
  | "unspecified"
  | "adhoc"
  | "station"
  | "ap"
  | "ap-vlan"
  | "wds"
  | "monitor"
  | "mesh-point"
  | "p2p-client"
  | "p2p-go"
  | "p2p-device"
  | "ocb"
  | "nan";

/** The content of an nl80211 message. A field that the message lacks is undefined. */
export interface WirelessMessage {
  /** The kernel's name of the command, or its number. */
  readonly message: `NL80211_CMD_${string}` | number;
  /** The radio's number (`NL80211_ATTR_WIPHY`). */
  readonly wiphy: number | undefined;
  /** The interface's index; a wireless device may have none (P2P_DEVICE). */
  readonly index: number | undefined;
  /** The interface's name. */
  readonly name: string | undefined;
  /** What it is used for. */
  readonly wirelessType: WirelessType | undefined;
  /** The wireless device's id. A device without an interface has one too. */
  readonly wdev: number | undefined;
  /** The network's name as text: bytes that are not UTF-8 become U+FFFD. */
  readonly ssid: string | undefined;
  /** The SSID's bytes, 0 to 32 of any value, in hexadecimal. */
  readonly ssidHex: string | undefined;
  /** Which link of a multi-link device the message is about, if it is about one. */
  readonly mloLinkId: number | undefined;
  /** The channel's frequency in MHz. */
  readonly frequency: number | undefined;
  /** The channel's width in MHz. */
  readonly width: number | undefined;
  /** A hardware address: the station's, the access point's, or the interface's own. */
  readonly mac: string | undefined;
  /** Why something ended (IEEE 802.11 reason code). */
  readonly reason: number | undefined;
  /** The result of something (IEEE 802.11 status code; 0 is success). */
  readonly status: number | undefined;
  /** The links of a multi-link device (`NL80211_ATTR_MLO_LINKS`), in the message's order. */
  readonly links: readonly WirelessMessageLink[] | undefined;
}

/** What a message says of one link of a multi-link device. */
export interface WirelessMessageLink extends WirelessLink {
  /** The SSID's bytes in hexadecimal, as many as the message has. */
  readonly ssidHex: string | undefined;
  /** The channel's width in MHz. */
  readonly width: number | undefined;
}
