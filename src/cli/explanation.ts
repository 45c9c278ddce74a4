import { flagTable } from "../flags.ts";
import type { InterfaceStatus, OperState } from "../../platforms/contract/status.ts";
import type { Platform } from "../../platforms/contract/platform.ts";

/** The flag words that a system shows of one interface. */
export interface FlagWords {
  /** What netlink tells: all 32 bits; on a BSD, `if_flags`. */
  readonly full: number;
  /** What SIOCGIFFLAGS tells. */
  readonly ioctl: number | undefined;
  /** What /sys/class/net/NAME/flags has; undefined where it cannot be read. */
  readonly sysfs: number | undefined;
}

/** What the words say of one flag, and why they differ. */
export interface FlagExplanation {
  readonly name: string;
  readonly full: boolean;
  readonly ioctl: boolean | undefined;
  readonly sysfs: boolean | undefined;
  /** Who sets it. */
  readonly setBy: "users" | "the kernel";
  /** Why a word lacks it, or what it means. */
  readonly why: string;
}

/** Flags that Linux works out for each reader, and keeps nowhere. */
const WORKED_OUT = ["RUNNING", "LOWER_UP", "DORMANT"];
/** Flags of which users are shown only what users asked for. */
const COUNTED = ["PROMISC", "ALLMULTI"];

/** Tells of each flag that is set in one of the words where it is set, and why not in the others. */
export function explainFlags(words: FlagWords, platform: Platform): FlagExplanation[] {
  const any = words.full | (words.ioctl ?? 0) | (words.sysfs ?? 0);
  return flagTable(platform).filter(({ bit }) => (any & bit) !== 0).map(({ name, bit, settable, meaning }) => {
    const has = (word: number | undefined): boolean | undefined => word === undefined ? undefined : (word & bit) !== 0;
    const [full, ioctl, sysfs] = [has(words.full) === true, has(words.ioctl), has(words.sysfs)];
    const reasons: string[] = [];
    if (full && ioctl === false && bit > 0xffff) reasons.push("the ioctl's word has 16 bits");
    if (full && sysfs === false && WORKED_OUT.includes(name)) {
      reasons.push("the kernel works it out for each reader, and sysfs shows what it keeps");
    }
    if (!full && sysfs === true && COUNTED.includes(name)) {
      reasons.push("the kernel asked for it itself, for a bridge or a capture; users are shown what users asked for");
    }
    return {
      name,
      full,
      ioctl,
      sysfs,
      setBy: settable ? "users" : "the kernel",
      why: reasons.length === 0 ? meaning : `${meaning}; ${reasons.join("; ")}`,
    };
  });
}

/**
 * Why an interface is connected or not, in a plain sentence. Whether it is, only `connected` decides; the other fields
 * say why, so the sentence cannot differ from what stands below it.
 */
export function explainState(status: InterfaceStatus): string {
  const { name, up, connected } = status;
  if (connected === true) return `${name} ${whyConnected(status)}`;
  if (connected !== false) return `${name} is ${up ? "up" : "down"}; this system does not tell whether it has a link`;
  if (!up) return `${name} is down: nobody has set it up, or somebody has set it down`;
  return `${name} ${status.operState === undefined ? whyNoLink(status) : whyNotOperational(status, status.operState)}`;
}

function whyConnected({ operState, media, linkState }: InterfaceStatus): string {
  if (operState === "up") return "is up and operational";
  if (operState !== undefined) return "is up, and its driver never reports a carrier: it counts as connected";
  if (media?.link === true) return "is up and has a link (its medium says so)";
  switch (linkState) {
    case "up":
      return "is up and has a link";
    case "unknown":
      return "is up, and its driver never reports a link: it counts as connected";
    default:
      return "is up and running";
  }
}

/** Why an interface that is up does not work, where there is an operational state. */
function whyNotOperational(status: InterfaceStatus, operState: OperState): string {
  switch (operState) {
    case "unknown":
      return status.running
        ? "is up and running, but without LOWER_UP: it does not count as connected before the kernel has looked at its carrier"
        : "is up, but not running";
    case "lowerlayerdown":
      return status.kind === "veth"
        ? `is up, but its other end${status.parent === undefined ? "" : ` ${status.parent}`} is not`
        : `is up, but ${status.parent ?? "the interface"} below it is down or has no carrier`;
    case "dormant":
      return status.linkMode === "dormant"
        ? "has a carrier, and waits for a program to set its operational state up, as an 802.1X supplicant does (link mode dormant)"
        : "has a carrier, and waits for something outside before it can carry traffic";
    case "testing":
      return "is being tested, and carries no traffic meanwhile";
    case "notpresent":
      return "has parts that are not present";
    case "up":
    case "down":
      return status.carrier === false
        ? "is up but has no carrier: no cable, or the other end is down"
        : "is up but not operational";
  }
}

/** Why an interface that is up does not work, where there is a link state or a medium. */
function whyNoLink({ linkState, media }: InterfaceStatus): string {
  if (media?.link === false) return "is up but has no link: no cable, or the other end is down (its medium says so)";
  switch (linkState) {
    case "down":
      return "is up but has no link: no cable, or the other end is down";
    case "unknown":
      return "is up, and not associated";
    default:
      return "is up, but not running";
  }
}

/** The rule that led to `connected`, in words. */
export function explainRule(status: InterfaceStatus): string {
  return status.operState === undefined
    ? "that is UP with a valid status of the medium that says so; without one, a link state up, or unknown of what is no " +
      "Wi-Fi; without either, RUNNING of what is no Ethernet"
    : "that is operational state UP, or UNKNOWN with RUNNING and LOWER_UP (RFC 2863); IFF_UP alone says only that " +
      "somebody wants it";
}
