import type { Moment } from "../../platforms/contract/clock.ts";
import type { InterfaceStatus } from "../../platforms/contract/status.ts";
import type { WirelessMessage } from "../../platforms/contract/wireless.ts";

/** What happened to an access point. It is frozen. */
export interface AccessPointEvent {
  /**
   * "started": it began to send; also each one that existed when watching began. "changed": it goes on with another
   * SSID or on another channel, and the kernel sent no message of a start. "stopped": it ended. A start with another
   * SSID on the same interface ends the previous access point; there is no "stopped" for that one.
   */
  readonly type: "started" | "changed" | "stopped";
  /** The interface's index. */
  readonly index: number;
  /** The interface's name, as far as it is known. */
  readonly name: string | undefined;
  /** The SSID as text; bytes that are not UTF-8 become U+FFFD. For a stopped one, the last known SSID. */
  readonly ssid: string;
  /**
   * The SSID's bytes, 0 to 32 of any value, in hexadecimal.
   *
   * @pattern ^([0-9a-f]{2}){0,32}$
   */
  readonly ssidHex: string;
  /** The SSID that the interface had before, if one was known. */
  readonly previousSsid: string | undefined;
  /** The channel's frequency in MHz, if the kernel reports it. For a stopped one, the last known frequency. */
  readonly frequency: number | undefined;
  /** The frequency that it had before, if one was known. */
  readonly previousFrequency: number | undefined;
  /** Which link of a multi-link access point. */
  readonly mloLinkId: number | undefined;
  /** The radio's number. */
  readonly wiphy: number | undefined;
  /** Whether it existed when watching began. */
  readonly initial: boolean;
  /** The interface's state at that time; undefined if it is gone. */
  readonly status: InterfaceStatus | undefined;
  /** When netflags read of it, by the system's clock as it was set then, in milliseconds since the Unix epoch. */
  readonly time: number;
  /**
   * The same moment in milliseconds since the first watcher of this thread began, by a clock that nobody sets and that
   * goes on while the machine sleeps (CLOCK_BOOTTIME). The difference of two events is the time between them.
   */
  readonly elapsed: number;
}

/** What the running access points report and ask. */
export interface PointsHost {
  /** What nl80211 says of an interface now. */
  ask(index: number): WirelessMessage | undefined;
  /** The interface's state now. */
  status(index: number): InterfaceStatus | undefined;
  /** The present moment. */
  moment(): Moment;
  /** Takes an event. */
  report(event: AccessPointEvent): void;
}

/** What a message or an answer says of one access point. */
type Point = Pick<WirelessMessage, "ssid" | "ssidHex" | "frequency" | "mloLinkId">;

/** The access points that run, and the events in which they start, change and stop. */
export class RunningPoints {
  readonly #host: PointsHost;
  /** The last event of each, by interface and link. */
  readonly #running = new Map<string, AccessPointEvent>();

  constructor(host: PointsHost) {
    this.#host = host;
  }

  /** Whether one runs on an interface. */
  knows(index: number): boolean {
    return this.#on(index).length > 0;
  }

  /** The interfaces on which one runs. */
  indexes(): ReadonlySet<number> {
    return new Set([...this.#running.values()].map(({ index }) => index));
  }

  /** Takes a message that the kernel sent by itself. */
  apply(message: WirelessMessage): void {
    const { index, mloLinkId } = message;
    if (index === undefined) return;
    switch (message.message) {
      case "NL80211_CMD_START_AP":
        return this.#tell("started", index, message, message, false);
      case "NL80211_CMD_STOP_AP":
        return this.#stop(index, (one) => isSame(one, message));
      case "NL80211_CMD_CH_SWITCH_NOTIFY":
        for (const before of this.#on(index)) {
          if (before.mloLinkId === mloLinkId) this.#compare(before, message, message);
        }
        return;
      case "NL80211_CMD_DEL_INTERFACE":
        return this.#stop(index);
      case "NL80211_CMD_NEW_INTERFACE":
      case "NL80211_CMD_SET_INTERFACE": // its type may have changed
        if (!isAccessPoint(message)) this.#stop(index);
    }
  }

  /** Takes nl80211's answer about an interface, which is newer than every message that was read. */
  accept(index: number, answer: WirelessMessage | undefined, initial: boolean): void {
    const found = answer === undefined || !isAccessPoint(answer) ? [] : pointsOf(answer);
    this.#stop(index, (one) => !found.some((other) => isSame(one, other)));
    for (const point of found) {
      const before = this.#on(index).filter((one) => isSame(one, point));
      const itself = before.find(({ mloLinkId }) => mloLinkId === point.mloLinkId);
      if (itself !== undefined) this.#compare(itself, point, answer!);
      else if (point.ssidHex === undefined) continue; // it was not seen to start, so its network is not known
      else if (before.length === 0 || point.mloLinkId !== undefined) {
        this.#tell("started", index, point, answer!, initial);
      } else if (before.every(({ ssidHex }) => ssidHex !== point.ssidHex)) {
        this.#tell("changed", index, point, answer!, initial); // it stands for links that were reported
      }
    }
  }

  #on(index: number): AccessPointEvent[] {
    return [...this.#running.values()].filter((one) => one.index === index);
  }

  /** Tells what is new of one that goes on. */
  #compare(before: AccessPointEvent, point: Point, message: WirelessMessage): void {
    const { ssid = before.ssid, ssidHex = before.ssidHex, frequency = before.frequency } = point;
    if (ssidHex === before.ssidHex && frequency === before.frequency) return;
    this.#tell("changed", before.index, { ssid, ssidHex, frequency, mloLinkId: before.mloLinkId }, message, false);
  }

  #stop(index: number, which: (one: AccessPointEvent) => boolean = () => true): void {
    for (const before of this.#on(index).filter(which)) {
      this.#running.delete(keyOf(before));
      this.#host.report(Object.freeze({
        ...before,
        type: "stopped",
        previousSsid: before.ssid,
        previousFrequency: before.frequency,
        initial: false,
        status: this.#host.status(index),
        ...this.#host.moment(),
      }));
    }
  }

  #tell(
    type: "started" | "changed",
    index: number,
    point: Point,
    { name, wiphy }: WirelessMessage,
    initial: boolean,
  ): void {
    const { mloLinkId } = point;
    // Asking comes first because it may fail: then what ran before must still be known.
    const frequency = point.frequency ?? frequencyOf(this.#host.ask(index), mloLinkId);
    const replaced = this.#on(index).filter((one) => isSame(one, point));
    const before = replaced.find((one) => one.mloLinkId === mloLinkId) ?? replaced[0];
    for (const one of replaced) this.#running.delete(keyOf(one));
    const status = this.#host.status(index);
    const event: AccessPointEvent = {
      type,
      index,
      name: status?.name ?? name,
      ssid: point.ssid ?? "",
      ssidHex: point.ssidHex ?? "",
      previousSsid: before?.ssid,
      frequency,
      previousFrequency: before?.frequency,
      mloLinkId,
      wiphy: wiphy ?? before?.wiphy,
      initial,
      status,
      ...this.#host.moment(),
    };
    this.#running.set(keyOf(event), Object.freeze(event)); // the consumer has it too
    this.#host.report(event);
  }
}

function keyOf({ index, mloLinkId }: AccessPointEvent): string {
  return `${index} ${mloLinkId ?? ""}`;
}

/**
 * Whether two points of one interface may be the same. A link id distinguishes them. Without one, an access point
 * stands for all links.
 */
function isSame(a: Pick<Point, "mloLinkId">, b: Pick<Point, "mloLinkId">): boolean {
  return a.mloLinkId === undefined || b.mloLinkId === undefined || a.mloLinkId === b.mloLinkId;
}

/** The access points that an answer about an interface shows. Linux names no network once a link has been stopped. */
function pointsOf({ ssid, ssidHex, frequency, links = [] }: WirelessMessage): Point[] {
  // A link has a channel while it runs. Where a driver tells no channel at all, the interface stands for its links.
  const running = links.filter((link) => link.frequency !== undefined);
  if (running.length > 0) return running.map((link) => link.ssidHex === undefined ? { ...link, ssid, ssidHex } : link);
  return ssidHex === undefined ? [] : [{ ssid, ssidHex, frequency, mloLinkId: undefined }];
}

/** The frequency of an interface, or of one of its links. */
function frequencyOf(answer: WirelessMessage | undefined, mloLinkId: number | undefined): number | undefined {
  if (mloLinkId === undefined) return answer?.frequency;
  return answer?.links?.find((link) => link.mloLinkId === mloLinkId)?.frequency;
}

/** Whether an interface is there to run an access point. */
function isAccessPoint({ wirelessType }: WirelessMessage): boolean {
  return wirelessType === "ap" || wirelessType === "p2p-go";
}
