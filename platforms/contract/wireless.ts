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

/** An nl80211 message: what of this it says; undefined is what it does not say. */
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
  /** The wireless device's id, which one without an interface has too. */
  readonly wdev: number | undefined;
  /** The network's name as text: bytes that are not UTF-8 become U+FFFD. */
  readonly ssid: string | undefined;
  /** Its bytes, 0 to 32 of any value, in hexadecimal. */
  readonly ssidHex: string | undefined;
  /** Which link of a multi-link device. */
  readonly mloLinkId: number | undefined;
  /** The channel's frequency in MHz. */
  readonly frequency: number | undefined;
  /** The channel's width in MHz. */
  readonly width: number | undefined;
  /** A hardware address: the station's, the access point's, or the interface's own. */
  readonly mac: string | undefined;
  /** Why something ended (IEEE 802.11 reason code). */
  readonly reason: number | undefined;
  /** How something went (IEEE 802.11 status code; 0 is success). */
  readonly status: number | undefined;
}
