/**
 * The Linux kernel in memory for tests of the backend: they set its interfaces as they like, without the rules that the
 * fake system keeps, decide on each message, and make calls fail.
 */
import type { InterfaceStatus } from "../../../mod.ts";
import { useBackend } from "../../../platforms/current.ts";
import { NetlinkBackend } from "../../../platforms/linux/backend.ts";
import type { RequestAttribute } from "../../../platforms/linux/wire/netlink.ts";
import * as N from "../../../platforms/linux/wire/numbers.ts";
import { Answers } from "../../../src/fake/linux/answers.ts";
import { newDevice } from "../../../src/fake/linux/born.ts";
import { type Device, type DeviceAddress, type DeviceWireless, WORKED_OUT } from "../../../src/fake/linux/device.ts";
import { LinuxKernel } from "../../../src/fake/linux/kernel.ts";
import { type CallName, FakeLibc } from "../../../src/fake/linux/libc.ts";
import { sendWireless } from "../../../src/fake/linux/radio.ts";
import { otherWordsOf } from "../../../src/fake/linux/status.ts";
import type { FakeSocket } from "../../../src/fake/linux/sockets.ts";

export const { EPERM, EBADF, EOPNOTSUPP } = N;
/** include/uapi/asm-generic/errno-base.h */
export const EMFILE = 24;

export type { CallName as FakeCall, Device as FakeLink, FakeSocket };

/** What a test sets: fields of an interface, where the flag word and the counters are written as messages have them. */
export type LinkFields = Partial<Omit<Device, "wireless" | "addresses">> & {
  /** How often the carrier came or went. */
  readonly changes?: number;
  readonly wireless?: FakeWireless | undefined;
};

/** What nl80211 knows, with networks as texts. */
export interface FakeWireless {
  /** NL80211_IFTYPE_* */
  readonly type: number;
  readonly ssid?: string;
  readonly frequency?: number;
  readonly links?: readonly FakeWirelessLink[];
}

/** A link of a multi-link device. */
export interface FakeWirelessLink {
  readonly id: number;
  readonly frequency?: number;
  readonly ssid?: string;
}

/** A wireless interface's state. */
export function radio({ links, ...device }: FakeWireless): DeviceWireless {
  const bytes = <T extends { readonly ssid?: string }>({ ssid, ...more }: T) => ({
    ...more,
    ssid: ssid === undefined ? undefined : new TextEncoder().encode(ssid),
  });
  return { ...bytes(device), links: links?.map(bytes) };
}

/** The network of an interface. */
export function ssidOf({ wireless }: Device): string | undefined {
  return wireless?.ssid && new TextDecoder().decode(wireless.ssid);
}

/** The counters after so many changes, of which the first was that the carrier came. */
export function counters(changes: number): Pick<Device, "carrierUps" | "carrierDowns"> {
  return { carrierUps: (changes + 1) >> 1, carrierDowns: changes >> 1 };
}

/** The kernel, in the place of the real system until it is disposed of. */
export class FakeLinux extends Answers implements Disposable {
  /** Which protocols socket(2) refuses, and with which error number. */
  readonly refused = new Map<number, number>();
  /** Which multicast groups are refused, with EPERM: 1 (links), 5, 9 (addresses). */
  readonly refusedGroups = new Set<number>();
  /** What receiving of multicast messages fails with, as long as this is set. */
  receiveErrno: number | undefined;
  /** What the next call of a function fails with, once. */
  readonly failOnce = new Map<CallName, number>();
  /** Called before the second and each later part of a dump is made. */
  onPart: (() => void) | undefined;
  /** Called once, after the next request was answered. */
  afterAnswer: (() => void) | undefined;
  /** The index and the command of each request to ethtool's family. */
  readonly ethtoolRequests: (readonly [index: number, command: number])[] = [];
  /** How often socket(2) was called, by protocol. */
  readonly socketCalls = new Map<number, number>();
  /** What was called with a descriptor that was not open. */
  readonly strayCalls: string[] = [];
  /** The kernel itself. */
  readonly kernel: LinuxKernel;
  readonly #inUse: Disposable;
  #failed = 0;

  constructor() {
    const kernel = new LinuxKernel();
    super(kernel);
    this.kernel = kernel;
    kernel.cacheInfo = undefined;
    this.partSize = 1;
    this.onEthtool = (index, command) => this.ethtoolRequests.push([index, command]);
    const libc = new StrayLibc(this, {
      before: (call, socket, number) => this.#before(call, socket, number),
      onPart: () => this.onPart?.(),
    });
    const backend = Object.assign(new NetlinkBackend(() => libc), {
      otherWords: ({ name }: InterfaceStatus) => otherWordsOf(kernel.find(name)!),
    });
    this.#inUse = useBackend(backend);
  }

  [Symbol.dispose](): void {
    this.#inUse[Symbol.dispose]();
  }

  override answer(socket: FakeSocket, request: Uint8Array): void {
    super.answer(socket, request);
    const { afterAnswer } = this;
    this.afterAnswer = undefined;
    afterAnswer?.();
  }

  /** Which error number a call fails with, if it does. */
  #before(call: CallName, socket: FakeSocket | undefined, number: number): number | undefined {
    if (call === "socket") {
      this.socketCalls.set(number, (this.socketCalls.get(number) ?? 0) + 1);
      const refused = this.refused.get(number);
      if (refused !== undefined) return refused;
    } else if (socket === undefined) {
      this.strayCalls.push(call);
      return EBADF;
    }
    const errno = this.failOnce.get(call);
    if (errno !== undefined) {
      this.failOnce.delete(call);
      this.#failed++;
      return errno;
    }
    if (call === "setsockopt" && this.refusedGroups.has(number)) return EPERM;
    return call === "recvfrom" && socket!.groups.size > 0 ? this.receiveErrno : undefined;
  }

  /** Whether link messages have no operational state, as gVisor's have none. */
  set withoutOperState(without: boolean) {
    this.kernel.form = { ...this.kernel.form, operState: !without };
  }

  /** Whether it has no alternative names, as those before 5.5 have none. */
  set withoutAltNames(without: boolean) {
    this.kernel.form = { ...this.kernel.form, altNames: !without };
  }

  /** struct ifa_cacheinfo of each address, in words. */
  set cacheInfo(words: readonly number[] | undefined) {
    this.kernel.cacheInfo = words;
  }

  /** How many unread multicast messages a socket holds. */
  set queueLimit(limit: number) {
    this.kernel.sockets.queueLimit = limit;
  }

  /** Whether whoever waits is called by {@linkcode FakeLinux.wake} alone, and not as soon as may be. */
  set manual(manual: boolean) {
    this.kernel.sockets.manual = manual;
  }

  /** How often a queue overflowed, or a call failed that was made to. */
  get troubles(): number {
    return this.#failed + this.kernel.sockets.overflows;
  }

  /** How many sockets are open. */
  get sockets(): number {
    return this.kernel.sockets.all.length;
  }

  /** Every interface, by index. */
  get links(): ReadonlyMap<number, Device> {
    return new Map([...this.kernel.all].map((device) => [device.index, device]));
  }

  /** The interface of a name. */
  find(name: string): Device | undefined {
    return this.kernel.find(name);
  }

  /** Makes an interface or changes one, without a message. */
  setSilently(name: string, { changes, wireless, ...fields }: LinkFields = {}): Device {
    const known = this.find(name);
    const link = known ?? newDevice(fields.index ?? this.kernel.nextIndex, { name, type: "ether" });
    if (known === undefined) this.kernel.register(link);
    Object.assign(link, fields);
    link.flags &= ~WORKED_OUT;
    if (changes !== undefined) Object.assign(link, counters(changes));
    if (wireless !== undefined) link.wireless = radio(wireless);
    return link;
  }

  /** The same, with an RTM_NEWLINK. */
  set(name: string, fields: LinkFields = {}): Device {
    const link = this.setSilently(name, fields);
    this.tell(link);
    return link;
  }

  /** Sends the state of an interface by an RTM_NEWLINK. */
  tell(link: Device): void {
    this.kernel.send(link);
  }

  /** Removes an interface, with its addresses. */
  remove(name: string): void {
    const link = this.find(name)!;
    for (const address of link.addresses) this.removeAddress(link, address);
    this.kernel.unregister(link);
    this.kernel.send(link, N.RTM_DELLINK);
  }

  /** Gives an interface an address of a network of 24 bits. */
  addAddress(link: Device, address: readonly number[]): void {
    const added: DeviceAddress = {
      family: N.AF_INET,
      local: Uint8Array.from(address),
      peer: undefined,
      broadcast: undefined,
      prefixLength: 24,
      scope: N.RT_SCOPE_UNIVERSE,
      flags: 0,
      label: undefined,
    };
    link.addresses = [...link.addresses, added];
    this.kernel.sendAddress(link, added, N.RTM_NEWADDR);
  }

  /** Takes an address away. */
  removeAddress(link: Device, address: DeviceAddress): void {
    link.addresses = link.addresses.filter((one) => one !== address);
    this.kernel.sendAddress(link, address, N.RTM_DELADDR);
  }

  /** Sends an nl80211 message of an interface. */
  tellWireless(command: number, name: string, extra: readonly RequestAttribute[] = []): void {
    sendWireless(this.kernel, command, this.find(name)!, extra);
  }

  /** Starts an access point: what nl80211 answers from now on, and its message. */
  startAccessPoint(name: string, ssid: string, mloLinkId?: number): void {
    this.setSilently(name, { wireless: { type: N.NL80211_IFTYPE_AP, ssid } });
    const link: RequestAttribute[] = mloLinkId === undefined
      ? []
      : [[N.NL80211_ATTR_MLO_LINK_ID, Uint8Array.of(mloLinkId)]];
    this.tellWireless(N.NL80211_CMD_START_AP, name, link);
  }

  /** Unloads cfg80211 and loads it again: who listened to it hears nothing any more. */
  reloadWireless(): void {
    for (const socket of this.kernel.sockets.all) if (socket.protocol === N.NETLINK_GENERIC) socket.stale = true;
  }

  /** Lets every queue of a protocol overflow: what is not read is lost. */
  overflow(protocol: number): void {
    this.kernel.sockets.overflow(protocol);
  }

  /** The sockets that somebody waits for and that have something to read. */
  get readable(): FakeSocket[] {
    return this.kernel.sockets.all.filter((socket) => socket.ready !== undefined && !socket.paused && socket.readable);
  }

  /** Whom to tell that waiting has failed, of those who wait for a protocol's sockets. */
  failures(protocol: number): ((error: unknown) => void)[] {
    return this.kernel.sockets.all.flatMap((socket) =>
      socket.protocol === protocol && socket.failed !== undefined ? [socket.failed] : []
    );
  }

  /** Tells whoever waits for a socket that it has something to read. */
  wake(socket: FakeSocket): void {
    socket.wake();
  }
}

/** Notes what closes a descriptor that is not open. */
class StrayLibc extends FakeLibc {
  readonly #linux: FakeLinux;

  constructor(linux: FakeLinux, hooks: ConstructorParameters<typeof FakeLibc>[2]) {
    super(linux.kernel.sockets, linux, hooks);
    this.#linux = linux;
  }

  override close(fd: number): void {
    if (this.#linux.kernel.sockets.get(fd) === undefined) this.#linux.strayCalls.push(`close ${fd}`);
    super.close(fd);
  }
}
