import { flagTable } from "../flags.ts";
import type { InterfaceStatus } from "../../platforms/contract/status.ts";
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

/** Why an interface is connected or not, in a plain sentence. */
export function explainState(status: InterfaceStatus): string {
  const { name } = status;
  if (!status.up) return `${name} is down: nobody has set it up, or somebody has set it down`;
  if (status.operState === undefined) return explainLink(status);
  switch (status.operState) {
    case "up":
      return `${name} is up and operational`;
    case "unknown":
      return status.running
        ? `${name} is up, and its driver never reports a carrier: it counts as connected`
        : `${name} is up, but not running`;
    case "lowerlayerdown":
      return status.kind === "veth"
        ? `${name} is up, but its other end${status.parent === undefined ? "" : ` ${status.parent}`} is not`
        : `${name} is up, but ${status.parent ?? "the interface"} below it is down or has no carrier`;
    case "dormant":
      return status.linkMode === "dormant"
        ? `${name} has a carrier, and waits for a program to set its operational state up, as an 802.1X supplicant does (link mode dormant)`
        : `${name} has a carrier, and waits for something outside before it can carry traffic`;
    case "testing":
      return `${name} is being tested, and carries no traffic meanwhile`;
    case "notpresent":
      return `${name} has parts that are not present`;
    case "down":
      return status.carrier === false
        ? `${name} is up but has no carrier: no cable, or the other end is down`
        : `${name} is up but not operational`;
  }
}

function explainLink(status: InterfaceStatus): string {
  const { name, linkState, media } = status;
  if (media?.link === false) {
    return `${name} is up but has no link: no cable, or the other end is down (its medium says so)`;
  }
  if (media?.link === true) return `${name} is up and has a link (its medium says so)`;
  switch (linkState) {
    case "up":
      return `${name} is up and has a link`;
    case "down":
      return `${name} is up but has no link: no cable, or the other end is down`;
    case "unknown":
      return status.connected === true
        ? `${name} is up, and its driver never reports a link: it counts as connected`
        : `${name} is up, and not associated`;
    default:
      return status.connected === "unknown"
        ? `${name} is up; this system does not tell whether it has a link`
        : `${name} is up${status.running ? " and running" : ", but not running"}`;
  }
}

/** The rule that led to `connected`, in words. */
export function explainRule(status: InterfaceStatus): string {
  return status.operState === undefined
    ? "that is UP, and a link state that is not down; where the medium's status is valid, that decides"
    : "that is operational state UP, or UNKNOWN with RUNNING (RFC 2863); UP alone says only that somebody wants it";
}
