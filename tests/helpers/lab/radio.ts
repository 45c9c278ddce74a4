/** Simulated radios, and what is done to them: by hostapd, by iw, or by the requests that these do not make. */
import { buildRequest, type RequestAttribute, u32Payload } from "../../../platforms/linux/wire/netlink.ts";
import * as N from "../../../platforms/linux/wire/numbers.ts";
import { type Family, findFamily, genericHeader, openGeneric } from "../../../platforms/linux/ask/generic.ts";
import { LinuxLibc } from "../../../platforms/linux/libc/libc.ts";
import type { NetlinkSocket } from "../../../platforms/linux/libc/socket.ts";
import { nest } from "../linux/messages.ts";

export const LAB: boolean = Deno.env.get("NETFLAGS_LAB") === "1";

/** Whether a program is there. */
export function exists(program: string): boolean {
  return new Deno.Command("sh", { args: ["-c", `command -v ${program}`], stdout: "null" }).outputSync().success;
}

/** What a watcher told, taken in the background. */
export class Told<T> {
  readonly events: T[] = [];
  readonly #over: Promise<void>;
  readonly #watcher: AsyncIterableIterator<T> & AsyncDisposable;

  constructor(watcher: AsyncIterableIterator<T> & AsyncDisposable) {
    this.#watcher = watcher;
    this.#over = (async () => {
      for await (const event of watcher) this.events.push(event);
    })();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#watcher[Symbol.asyncDispose]();
    await this.#over;
  }
}

/** Starts an access point on 2412 MHz; `more`: lines of its configuration. */
export async function hostapd(name: string, ssid: string, ...more: readonly string[]): Promise<Deno.ChildProcess> {
  const config = await Deno.makeTempFile();
  const lines = [`interface=${name}`, "driver=nl80211", `ssid=${ssid}`, "hw_mode=g", "channel=1", ...more, ""];
  await Deno.writeTextFile(config, lines.join("\n"));
  return new Deno.Command("hostapd", { args: [config], stdout: "null", stderr: "null" }).spawn();
}

/** include/uapi/linux/nl80211.h: what netflags itself does not ask for. */
const NL80211_CMD_CHANNEL_SWITCH = 102;
const NL80211_CMD_ADD_LINK = 148;
const NL80211_CMD_REMOVE_LINK = 149;
const NL80211_ATTR_BEACON_INTERVAL = 12;
const NL80211_ATTR_DTIM_PERIOD = 13;
const NL80211_ATTR_BEACON_HEAD = 14;
const NL80211_ATTR_BEACON_TAIL = 15;
const NL80211_ATTR_CH_SWITCH_COUNT = 183;
const NL80211_ATTR_CSA_IES = 185;
const NL80211_ATTR_CNTDWN_OFFS_BEACON = 186;

/** A beacon's header, its fixed fields, an empty SSID and one rate. */
const BEACON_HEAD = Uint8Array.fromHex(
  "80000000ffffffffffff02000000000002000000000000000000000000000000640001040000010182",
);

/** The access point of several links of a radio that has Wi-Fi 7, which hostapd before 2.11 cannot start. */
export class MultiLinkAccessPoint implements Disposable {
  readonly #index: number;
  readonly #libc = new LinuxLibc();
  readonly #socket: NetlinkSocket;
  readonly #family: Family;

  constructor(index: number) {
    this.#index = index;
    this.#socket = openGeneric(this.#libc, "set up a radio");
    this.#family = findFamily(this.#socket, this.#libc, N.NL80211_GENL_NAME)!;
  }

  /** Adds a link, and sends beacons of a network on it. */
  start(link: number, frequency: number, ssid: string): void {
    this.#request(NL80211_CMD_ADD_LINK, link, [N.NL80211_ATTR_MAC, Uint8Array.of(2, 0, 0, 0, 9, link)]);
    this.#request(
      N.NL80211_CMD_START_AP,
      link,
      [NL80211_ATTR_BEACON_HEAD, BEACON_HEAD],
      [NL80211_ATTR_BEACON_INTERVAL, u32Payload(100)],
      [NL80211_ATTR_DTIM_PERIOD, u32Payload(2)],
      [N.NL80211_ATTR_SSID, new TextEncoder().encode(ssid)],
      [N.NL80211_ATTR_WIPHY_FREQ, u32Payload(frequency)],
    );
  }

  /** Moves a link to another channel, after so many beacons that announce it. */
  switch(link: number, frequency: number, channel: number, count = 1): void {
    const element = Uint8Array.of(37, 3, 1, channel, count); // IEEE 802.11: Channel Switch Announcement
    const csa = nest(
      [NL80211_ATTR_BEACON_HEAD, BEACON_HEAD],
      [NL80211_ATTR_BEACON_TAIL, element],
      [NL80211_ATTR_CNTDWN_OFFS_BEACON, Uint8Array.of(4, 0)], // where the count stands in the tail
    );
    this.#request(
      NL80211_CMD_CHANNEL_SWITCH,
      link,
      [N.NL80211_ATTR_WIPHY_FREQ, u32Payload(frequency)],
      [NL80211_ATTR_CH_SWITCH_COUNT, u32Payload(count)],
      [NL80211_ATTR_BEACON_HEAD, BEACON_HEAD],
      [NL80211_ATTR_CSA_IES | N.NLA_F_NESTED, csa],
    );
  }

  /** Ends the beacons of a link. */
  stop(link: number): void {
    this.#request(N.NL80211_CMD_STOP_AP, link);
  }

  /** Takes a link away. */
  remove(link: number): void {
    this.#request(NL80211_CMD_REMOVE_LINK, link);
  }

  #request(command: number, link: number, ...attributes: readonly RequestAttribute[]): void {
    const { errno, text } = this.#socket.request(
      (seq) =>
        buildRequest(this.#family.id, N.NLM_F_REQUEST | N.NLM_F_ACK, seq, genericHeader(command, 0), [
          [N.NL80211_ATTR_IFINDEX, u32Payload(this.#index)],
          [N.NL80211_ATTR_MLO_LINK_ID, Uint8Array.of(link)],
          ...attributes,
        ]),
      () => {},
    );
    if (errno !== 0) throw this.#libc.failureOf(errno, { operation: `set up link ${link} of a radio`, text });
  }

  [Symbol.dispose](): void {
    this.#socket.close();
  }
}
