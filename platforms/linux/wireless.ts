import type { Drained, WirelessSink, WirelessSubscription } from "../../src/backend.ts";
import { MalformedMessageError, UnsupportedError } from "../../src/errors.ts";
import type { Registration } from "../../src/ffi/poller.ts";
import type { LinuxLibc } from "../../src/ffi/linux.ts";
import {
  afterAttribute,
  attributeEnd,
  Attributes,
  buildRequest,
  nextAttribute,
  readText,
  type RequestAttribute,
  textPayload,
  u32Payload,
} from "./netlink.ts";
import { type WirelessMessage, WirelessReader } from "./nl80211.ts";
import * as N from "./numbers.ts";
import { LOST, NetlinkSocket, NOTHING } from "./socket.ts";

/** More datagrams than the queue holds. */
const QUEUE_LIMIT = 65536;

/** struct genlmsghdr */
function genericHeader(command: number, version: number): Uint8Array {
  return Uint8Array.of(command, version, 0, 0);
}

/** A generic netlink family: its message type and its multicast groups, which differ from boot to boot. */
interface Family {
  readonly id: number;
  readonly groups: ReadonlyMap<string, number>;
}

/** Looks a family up by its name; undefined where the kernel has no such one. */
function resolveFamily(socket: NetlinkSocket, libc: LinuxLibc, name: string): Family | undefined {
  const { packet } = socket.messages;
  const attributes = new Attributes(packet, N.CTRL_ATTR_MCAST_GROUPS + 1);
  let family: Family | undefined;
  const { errno, text } = socket.request(
    (seq) =>
      buildRequest(N.GENL_ID_CTRL, N.NLM_F_REQUEST, seq, genericHeader(N.CTRL_CMD_GETFAMILY, 1), [
        [N.CTRL_ATTR_FAMILY_NAME, textPayload(name)],
      ]),
    () => {
      attributes.index(socket.messages.start + N.GENL_HDRLEN, socket.messages.end);
      const id = attributes.at(N.CTRL_ATTR_FAMILY_ID);
      if (id !== 0) family = { id: packet.u16[id >> 1]!, groups: readGroups() };
    },
  );
  if (errno !== 0 && errno !== N.ENOENT) throw libc.failureOf(errno, { operation: `find ${name}`, text });
  return family;

  /** The groups are an array of nests, each with a name and an id. */
  function readGroups(): Map<string, number> {
    const groups = new Map<string, number>();
    const at = attributes.at(N.CTRL_ATTR_MCAST_GROUPS);
    const end = at === 0 ? 0 : attributes.end(N.CTRL_ATTR_MCAST_GROUPS);
    for (let nest = at; end - nest >= N.NLA_HDRLEN; nest = afterAttribute(packet, nest)) {
      if (packet.u16[nest >> 1]! < N.NLA_HDRLEN) break;
      const inner = nest + N.NLA_HDRLEN;
      const innerEnd = Math.min(end, attributeEnd(packet, nest));
      const nameAt = nextAttribute(packet, N.CTRL_ATTR_MCAST_GRP_NAME, inner, innerEnd);
      const idAt = nextAttribute(packet, N.CTRL_ATTR_MCAST_GRP_ID, inner, innerEnd);
      if (nameAt < 0 || idAt < 0) continue;
      groups.set(
        readText(packet.u8, nameAt + N.NLA_HDRLEN, attributeEnd(packet, nameAt), undefined),
        packet.u32[(idAt + N.NLA_HDRLEN) >> 2]!,
      );
    }
    return groups;
  }
}

/** nl80211's events, and its answers about single interfaces. */
export class LinuxWireless implements WirelessSubscription {
  readonly #events: NetlinkSocket;
  readonly #requests: NetlinkSocket;
  readonly #family: Family;
  readonly #libc: LinuxLibc;
  readonly #eventReader: WirelessReader;
  readonly #answerReader: WirelessReader;
  readonly #registration: Registration;

  constructor(libc: LinuxLibc, ready: () => void, failed: (error: unknown) => void) {
    this.#libc = libc;
    const requests = this.#requests = new NetlinkSocket(libc, N.NETLINK_GENERIC, "read wireless interfaces");
    let events: NetlinkSocket | undefined;
    try {
      const family = resolveFamily(requests, libc, N.NL80211_GENL_NAME);
      if (family === undefined) {
        throw new UnsupportedError(
          "Cannot watch access points: this kernel has no wireless support (no nl80211): load cfg80211, or use another machine",
          { operation: "watch access points" },
        );
      }
      this.#family = family;
      this.#events = events = new NetlinkSocket(libc, N.NETLINK_GENERIC, "watch access points");
      for (const name of [N.NL80211_MULTICAST_GROUP_CONFIG, N.NL80211_MULTICAST_GROUP_MLME]) {
        const group = family.groups.get(name);
        if (group !== undefined) events.join(group);
      }
      this.#registration = libc.poller.add(events.fd, ready, failed);
    } catch (error) {
      events?.close();
      requests.close();
      throw error;
    }
    this.#eventReader = new WirelessReader(events.messages.packet);
    this.#answerReader = new WirelessReader(requests.messages.packet);
  }

  list(): WirelessMessage[] {
    return this.#ask(N.NLM_F_DUMP, []);
  }

  get(index: number): WirelessMessage | undefined {
    return this.#ask(0, [[N.NL80211_ATTR_IFINDEX, u32Payload(index)]])[0];
  }

  #ask(flags: number, attributes: readonly RequestAttribute[]): WirelessMessage[] {
    const socket = this.#requests;
    const found: WirelessMessage[] = [];
    const { errno, text } = socket.request(
      (seq) =>
        buildRequest(
          this.#family.id,
          N.NLM_F_REQUEST | flags,
          seq,
          genericHeader(N.NL80211_CMD_GET_INTERFACE, 0),
          attributes,
        ),
      () => {
        if (socket.messages.type === this.#family.id) {
          found.push(this.#answerReader.read(socket.messages.start, socket.messages.end));
        }
      },
    );
    if (errno !== 0 && errno !== N.ENODEV) {
      throw this.#libc.failureOf(errno, { operation: "read wireless interfaces", text });
    }
    return found;
  }

  drain(sink: WirelessSink): Drained {
    let lost = false;
    for (let left = QUEUE_LIMIT; left > 0; left--) {
      const length = this.#events.receive();
      if (length === NOTHING) break;
      if (length === LOST || !this.#apply(sink)) lost = true;
    }
    return lost ? "lost" : "empty";
  }

  #apply(sink: WirelessSink): boolean {
    const { messages } = this.#events;
    try {
      while (messages.next()) {
        if (messages.type !== this.#family.id) continue;
        // Scans and frames come by the hundred; only these are of interest here.
        switch (this.#eventReader.command(messages.start, messages.end)) {
          case N.NL80211_CMD_START_AP:
          case N.NL80211_CMD_STOP_AP:
          case N.NL80211_CMD_NEW_INTERFACE:
          case N.NL80211_CMD_DEL_INTERFACE:
          case N.NL80211_CMD_SET_INTERFACE:
            sink(this.#eventReader.read(messages.start, messages.end));
        }
      }
      return true;
    } catch (error) {
      if (error instanceof MalformedMessageError) return false;
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#requests.close();
    await this.#registration.close();
    this.#events.release();
  }
}
