/** What a Linux kernel in memory answers to the requests of netlink. */
import { buildRequest, readText } from "../../../platforms/linux/wire/netlink.ts";
import * as N from "../../../platforms/linux/wire/numbers.ts";
import { type Device, flagWord } from "./device.ts";
import type { LinuxKernel } from "./kernel.ts";
import * as M from "./messages.ts";
import type { Answering } from "./libc.ts";
import type { Dump, FakeSocket } from "./sockets.ts";

/** What a request asks for, for those who look on. */
export type Question = "links" | "link" | "wireless list" | "wireless";

/** A request in parts. */
interface Request {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly type: number;
  readonly seq: number;
  /** Whether it asks for everything. */
  readonly dump: boolean;
  /** The flags of each message of the answer. */
  readonly multi: number;
}

/** Answers requests. Its fields say what a kernel has besides rtnetlink, and what a test sees and does of the answers. */
export class Answers implements Answering {
  /** Whether nl80211 is there. */
  hasWireless = true;
  /** Whether ethtool's family is there, as it is from 5.6 on. */
  hasEthtool = true;
  /** Whether that knows the flag that asks for statistics, as it does from 5.13 on. */
  hasEthtoolStatistics = true;
  /** How many links a datagram of a dump has. */
  partSize = 16;
  /** How many answers to dumps of nl80211 say that what was dumped changed meanwhile. */
  interrupted = 0;
  /** How often the kernel would have started modprobe, for a family that it does not have. */
  modprobes = 0;
  /** Called before a request is answered. */
  onRequest: ((what: Question) => void) | undefined;
  /** Called before a question about a wireless interface is answered: the kernel first ends what it does to it. */
  onWireless: ((device: Device) => void) | undefined;
  /** Called before ethtool's family answers. */
  onEthtool: ((index: number, command: number) => void) | undefined;
  readonly #kernel: LinuxKernel;

  constructor(kernel: LinuxKernel) {
    this.#kernel = kernel;
  }

  /** Answers a request at the socket that it came from. */
  answer(socket: FakeSocket, bytes: Uint8Array): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const dump = (view.getUint16(6, true) & N.NLM_F_DUMP) === N.NLM_F_DUMP;
    const request: Request = {
      bytes,
      view,
      type: view.getUint16(4, true),
      seq: view.getUint32(8, true),
      dump,
      multi: dump ? N.NLM_F_MULTI : 0,
    };
    // netlink_dump_start(): a socket has one dump at a time
    if (dump && socket.dumping) return socket.answer(M.errorMessage(request.seq, N.EBUSY));
    for (const part of this.#parts(socket, request)) socket.answer(part);
  }

  /**
   * SIOCGIFFLAGS: a name ends at a colon, and the flags that do not fit are cut off (dev_ioctl()). SIOCETHTOOL: what the
   * driver says of itself goes where the request points to.
   */
  ioctl(request: number, ifreq: Uint8Array, data?: Uint8Array): number {
    if (request !== N.SIOCGIFFLAGS && request !== N.SIOCETHTOOL) return N.EINVAL;
    const [name = ""] = readText(ifreq, 0, N.IFNAMSIZ, undefined).split(":");
    const device = this.#kernel.find(name);
    if (device === undefined) return N.ENODEV;
    if (request === N.SIOCETHTOOL) {
      if (data === undefined || device.drvinfo === undefined) return N.EOPNOTSUPP;
      data.set(device.drvinfo, 4); // behind cmd
      return 0;
    }
    new DataView(ifreq.buffer, ifreq.byteOffset).setUint16(N.IFNAMSIZ, flagWord(device) & 0xffff, true);
    return 0;
  }

  #parts(socket: FakeSocket, request: Request): Iterable<Uint8Array | Dump> {
    switch (request.type) {
      case N.RTM_GETLINK:
        return request.dump ? this.#links(request) : [this.#link(request)];
      case N.RTM_SETLINK:
        return [M.errorMessage(request.seq, this.#setLink(request))];
      case N.RTM_GETROUTE:
        return [this.#kernel.routes.answer(request.bytes, request.seq)];
      case N.RTM_GETADDR:
        return this.#addresses(request);
      case N.GENL_ID_CTRL:
        return this.#families(request);
      case M.FAMILY:
        return this.#wireless(socket, request);
      case M.ETHTOOL_FAMILY:
        return [this.#ethtool(request)];
      default:
        return [M.errorMessage(request.seq, N.EOPNOTSUPP)];
    }
  }

  /** An attribute behind struct ifinfomsg. */
  #linkAttribute({ bytes }: Request, type: number): Uint8Array | undefined {
    return M.attribute(bytes, N.NLMSG_HDRLEN + N.IFINFOMSG_LEN, type);
  }

  #asked(request: Request): Device | undefined {
    const name = this.#linkAttribute(request, N.IFLA_IFNAME) ?? this.#linkAttribute(request, N.IFLA_ALT_IFNAME);
    if (name === undefined) return this.#kernel.at(request.view.getInt32(N.NLMSG_HDRLEN + 4, true));
    return this.#kernel.find(readText(name, 0, name.length, undefined));
  }

  #link(request: Request): Uint8Array {
    this.onRequest?.("link");
    const { seq } = request;
    const { form } = this.#kernel;
    if (!form.altNames && this.#linkAttribute(request, N.IFLA_ALT_IFNAME) !== undefined) {
      return M.errorMessage(seq, N.EINVAL);
    }
    // An id of a network namespace that this one does not know.
    if (this.#linkAttribute(request, N.IFLA_TARGET_NETNSID) !== undefined) return M.errorMessage(seq, N.EINVAL);
    const device = this.#asked(request);
    return device === undefined
      ? M.errorMessage(seq, N.ENODEV)
      : M.linkMessage(device, { type: N.RTM_NEWLINK, seq }, form);
  }

  /** do_setlink(), as far as the flags, the operational state and the link mode go. Returns an error number, or 0. */
  #setLink(request: Request): number {
    const device = this.#asked(request);
    if (device === undefined) return N.ENODEV;
    const kernel = this.#kernel;
    const flags = request.view.getUint32(N.NLMSG_HDRLEN + 8, true);
    const mask = request.view.getUint32(N.NLMSG_HDRLEN + 12, true);
    const errno = mask === 0 ? 0 : kernel.changeFlags(device, (device.flags & ~mask) | (flags & mask));
    if (errno !== 0) return errno;
    const state = this.#linkAttribute(request, N.IFLA_OPERSTATE);
    if (state !== undefined) kernel.setOperState(device, state[0]!);
    const mode = this.#linkAttribute(request, N.IFLA_LINKMODE);
    if (mode !== undefined) kernel.setLinkMode(device, mode[0]!);
    kernel.settle();
    return 0;
  }

  /** The kernel makes the first part while it takes the request, and each other part when it is read. */
  #links(request: Request): (Uint8Array | Dump)[] {
    this.onRequest?.("links");
    const master = this.#linkAttribute(request, N.IFLA_MASTER);
    const parts = this.#dumpLinks(request.seq, master && M.wordOf(master));
    const { value, done } = parts.next();
    return done ? [value] : [value, parts];
  }

  /** Every interface from the lowest index on, and whether one came or went meanwhile. */
  *#dumpLinks(seq: number, master: number | undefined): Dump {
    const kernel = this.#kernel;
    const { comings } = kernel;
    const changed = (): number => comings === kernel.comings ? 0 : N.NLM_F_DUMP_INTR;
    for (let last = 0;;) {
      const part = [...kernel.all].filter(({ index, master: its }) =>
        index > last && (master === undefined || its === master)
      ).sort((a, b) => a.index - b.index).slice(0, this.partSize);
      if (part.length === 0) break;
      last = part.at(-1)!.index;
      const envelope = { type: N.RTM_NEWLINK, seq, flags: N.NLM_F_MULTI | changed() };
      yield M.datagram(...part.map((device) => M.linkMessage(device, envelope, kernel.form)));
    }
    return M.doneMessage(seq, changed());
  }

  /** The addresses of IPv4 of all interfaces, then those of IPv6 (rtnl_dump_all()). */
  #addresses({ view, seq, dump, multi }: Request): Uint8Array[] {
    const kernel = this.#kernel;
    const index = view.getUint32(N.NLMSG_HDRLEN + 4, true);
    if (index !== 0 && kernel.at(index) === undefined) return [M.errorMessage(seq, N.ENODEV)];
    const devices = [...kernel.all].filter((device) => index === 0 || device.index === index);
    const envelope = { type: N.RTM_NEWADDR, seq, flags: multi };
    const answers = [N.AF_INET, N.AF_INET6].flatMap((family) =>
      devices.flatMap((device) =>
        device.addresses.filter((address) => address.family === family).map((address) =>
          M.addressMessage(device.index, address, envelope, kernel.cacheInfo)
        )
      )
    );
    return dump ? [...answers, M.doneMessage(seq)] : answers;
  }

  #families({ seq, dump, multi }: Request): Uint8Array[] {
    const envelope = { seq, flags: multi };
    if (!dump) {
      if (this.hasWireless) return [M.familyMessage(N.NL80211_GENL_NAME, M.FAMILY, M.GROUPS, envelope)];
      this.modprobes++;
      return [M.errorMessage(seq, N.ENOENT)];
    }
    const answers = [];
    if (this.hasEthtool) answers.push(M.familyMessage(N.ETHTOOL_GENL_NAME, M.ETHTOOL_FAMILY, {}, envelope));
    if (this.hasWireless) answers.push(M.familyMessage(N.NL80211_GENL_NAME, M.FAMILY, M.GROUPS, envelope));
    return [...answers, M.doneMessage(seq)];
  }

  #wireless(socket: FakeSocket, { bytes, seq, dump, multi }: Request): Uint8Array[] {
    if (!this.hasWireless || socket.stale) return [M.errorMessage(seq, N.ENOENT)];
    // No scan has found anything.
    if (bytes[N.NLMSG_HDRLEN] !== N.NL80211_CMD_GET_INTERFACE) return dump ? [M.doneMessage(seq)] : [];
    this.onRequest?.(dump ? "wireless list" : "wireless");
    const index = M.attribute(bytes, N.NLMSG_HDRLEN + N.GENL_HDRLEN, N.NL80211_ATTR_IFINDEX);
    const wanted = index && M.wordOf(index);
    const found = [...this.#kernel.all].filter((one) => one.wireless !== undefined && (dump || one.index === wanted));
    for (const one of found) this.onWireless?.(one);
    const interrupted = dump && this.interrupted > 0;
    if (interrupted) this.interrupted--;
    // What changed while it was dumped is not in the dump.
    const answers = interrupted
      ? []
      : found.map((one) => M.wirelessMessage(N.NL80211_CMD_NEW_INTERFACE, one, { seq, flags: multi }));
    if (dump) return [...answers, M.doneMessage(seq, interrupted ? N.NLM_F_DUMP_INTR : 0)];
    return answers.length === 0 ? [M.errorMessage(seq, N.ENODEV)] : answers;
  }

  #ethtool({ bytes, seq }: Request): Uint8Array {
    const command = bytes[N.NLMSG_HDRLEN]!;
    const start = N.NLMSG_HDRLEN + N.GENL_HDRLEN;
    const header = M.attribute(bytes, start, N.ETHTOOL_A_HEADER | N.NLA_F_NESTED)!;
    const index = M.wordOf(M.attribute(header, 0, N.ETHTOOL_A_HEADER_DEV_INDEX)!);
    const flags = M.wordOf(M.attribute(header, 0, N.ETHTOOL_A_HEADER_FLAGS)!);
    this.onEthtool?.(index, command);
    const known = N.ETHTOOL_FLAG_COMPACT_BITSETS | (this.hasEthtoolStatistics ? N.ETHTOOL_FLAG_STATS : 0);
    const said = this.#kernel.at(index)?.hardware?.[command];
    if ((flags & ~known) !== 0 || said === undefined) return M.errorMessage(seq, N.EOPNOTSUPP);
    // Each reply has the number of its request.
    return buildRequest(M.ETHTOOL_FAMILY, 0, seq, Uint8Array.of(command, 1, 0, 0), said);
  }
}
