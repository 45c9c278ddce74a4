import { formatHex } from "../../common/address_text.ts";
import type { WirelessMessage } from "../../contract/wireless.ts";
import { type Family, findFamily, genericHeader, openGeneric, optional } from "./generic.ts";
import type { NetlinkCalls } from "../libc/calls.ts";
import { attributeEnd, buildRequest, nextAttribute, type RequestAttribute, u32Payload } from "../wire/netlink.ts";
import { WirelessReader } from "../wire/nl80211.ts";
import * as N from "../wire/numbers.ts";
import type { NetlinkSocket } from "../libc/socket.ts";

/** How often to repeat a dump that changed while it was read, as the kernel says. */
const DUMPS = 5;

/** What a scan result says of the network that a station is associated with, by link. */
type Networks = Map<number, Pick<WirelessMessage, "ssid" | "ssidHex">>;

/** Stands for the link of a device that has no links. */
const NO_LINK = -1;

/**
 * The SSID among IEEE 802.11 information elements: id, length, content. They were sent by a radio, and may say anything.
 */
function findSsid(elements: Uint8Array): Uint8Array | undefined {
  for (let at = 0; at + 2 <= elements.length; at += 2 + elements[at + 1]!) {
    const length = elements[at + 1]!;
    if (elements[at] !== N.WLAN_EID_SSID || length > N.IEEE80211_MAX_SSID_LEN) continue;
    return at + 2 + length <= elements.length ? elements.subarray(at + 2, at + 2 + length) : undefined;
  }
  return undefined;
}

/** Asks nl80211 about interfaces. */
export class WirelessRequests {
  readonly #socket: NetlinkSocket;
  readonly #family: Family;
  readonly #libc: NetlinkCalls;
  readonly #reader: WirelessReader;
  #gone = false;

  private constructor(libc: NetlinkCalls, socket: NetlinkSocket, family: Family) {
    this.#libc = libc;
    this.#socket = socket;
    this.#family = family;
    this.#reader = new WirelessReader(socket.messages.packet);
  }

  /** Opens it; undefined if the kernel has no nl80211. */
  static open(libc: NetlinkCalls): WirelessRequests | undefined {
    const socket = openGeneric(libc, "read wireless interfaces");
    let family: Family | undefined;
    try {
      family = findFamily(socket, libc, N.NL80211_GENL_NAME);
      libc.discovered.found({ accessPoints: family !== undefined });
      return family && new WirelessRequests(libc, socket, family);
    } finally {
      if (family === undefined) socket.close();
    }
  }

  /** Whether the kernel's nl80211 went away, so that this object can no longer be used. */
  get gone(): boolean {
    return this.#gone;
  }

  /** The family, for those who listen to it. */
  get family(): Family {
    return this.#family;
  }

  /** Every wireless interface, with its SSID if it runs an access point or is connected to one. */
  list(): WirelessMessage[] {
    for (let dumps = 1;; dumps++) {
      const { found, interrupted } = this.#ask(N.NLM_F_DUMP, []);
      if (!interrupted || dumps >= DUMPS) return found.map((one) => this.#withNetwork(one));
    }
  }

  /** One interface; undefined if it is not wireless, or does not exist. */
  get(index: number): WirelessMessage | undefined {
    const [found] = this.#ask(0, [[N.NL80211_ATTR_IFINDEX, u32Payload(index)]]).found;
    return found && this.#withNetwork(found);
  }

  /**
   * Asks about an interface and ignores the answer. When it comes, the kernel has finished its present work on the
   * interface.
   */
  synchronize(index: number): void {
    this.#ask(0, [[N.NL80211_ATTR_IFINDEX, u32Payload(index)]]);
  }

  close(): void {
    this.#socket.close();
  }

  /**
   * If a program such as wpa_supplicant associated a station, the answer lacks its network. The scan results have it.
   */
  #withNetwork(message: WirelessMessage): WirelessMessage {
    const { wirelessType, index, ssidHex, links } = message;
    const station = wirelessType === "station" || wirelessType === "p2p-client";
    const onAir = message.frequency !== undefined || links?.some(({ frequency }) => frequency !== undefined);
    if (!station || ssidHex !== undefined || !onAir || index === undefined) return message;
    const networks = this.#associated(index);
    const [network] = networks.values();
    if (network === undefined) return message;
    return {
      ...message,
      ...network,
      links: links?.map((link) => ({ ...link, ...networks.get(link.mloLinkId) })),
    };
  }

  /** The networks of the scan results with which a station is associated. */
  #associated(index: number): Networks {
    const networks: Networks = new Map();
    this.#socket.request(
      (seq) =>
        buildRequest(
          this.#family.id,
          N.NLM_F_REQUEST | N.NLM_F_DUMP,
          seq,
          genericHeader(N.NL80211_CMD_GET_SCAN, 0),
          [[N.NL80211_ATTR_IFINDEX, u32Payload(index)]],
        ),
      () => optional(() => this.#readScanResult(networks)), // one that is torn is none
    );
    return networks;
  }

  /** Adds the network of the scan result that was received, if it is one that a station is associated with. */
  #readScanResult(networks: Networks): void {
    const { packet, type, start: first, end: last } = this.#socket.messages;
    if (type !== this.#family.id) return;
    const bss = nextAttribute(packet, N.NL80211_ATTR_BSS, first + N.GENL_HDRLEN, last);
    if (bss < 0) return;
    const [start, end] = [bss + N.NLA_HDRLEN, attributeEnd(packet, bss)];
    const payload = (attribute: number): Uint8Array => {
      const at = nextAttribute(packet, attribute, start, end);
      return at < 0 ? new Uint8Array() : packet.u8.subarray(at + N.NLA_HDRLEN, attributeEnd(packet, at));
    };
    if (payload(N.NL80211_BSS_STATUS)[0] !== N.NL80211_BSS_STATUS_ASSOCIATED) return;
    const ssid = findSsid(payload(N.NL80211_BSS_INFORMATION_ELEMENTS));
    if (ssid === undefined) return;
    networks.set(payload(N.NL80211_BSS_MLO_LINK_ID)[0] ?? NO_LINK, {
      ssid: new TextDecoder().decode(ssid),
      ssidHex: formatHex(ssid),
    });
  }

  #ask(
    flags: number,
    attributes: readonly RequestAttribute[],
  ): { readonly found: WirelessMessage[]; readonly interrupted: boolean } {
    const { messages } = this.#socket;
    const found: WirelessMessage[] = [];
    const { errno, text, interrupted } = this.#socket.request(
      (seq) =>
        buildRequest(
          this.#family.id,
          N.NLM_F_REQUEST | flags,
          seq,
          genericHeader(N.NL80211_CMD_GET_INTERFACE, 0),
          attributes,
        ),
      () => {
        if (messages.type === this.#family.id) found.push(this.#reader.read(messages.start, messages.end));
      },
    );
    // ENOENT: cfg80211 was unloaded, and may have come back under another number.
    if (errno === N.ENOENT) this.#gone = true;
    else if (errno !== 0 && errno !== N.ENODEV) {
      throw this.#libc.failureOf(errno, { operation: "read wireless interfaces", text });
    }
    return { found, interrupted };
  }
}
