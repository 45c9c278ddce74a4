import { flagTable } from "../../flags.ts";
import type { Cause, InterfaceDetails, KnownInterface } from "../../../platforms/contract/details.ts";
import { isUpToBond, rootText } from "../../why/reason.ts";
import type { InterfaceStatus } from "../../../platforms/contract/status.ts";
import type { Platform } from "../../../platforms/contract/platform.ts";
import type { SysfsView } from "../../../platforms/contract/host.ts";

/** The flag words that a system shows of one interface. */
export interface FlagWords {
  /** What netlink reports: all 32 bits; on a BSD, `if_flags`. */
  readonly full: number;
  /** What SIOCGIFFLAGS reports. Linux only. */
  readonly ioctl: number | undefined;
  /** What /sys/class/net/NAME/flags has; undefined if it cannot be read, or is of another interface. Linux only. */
  readonly sysfs: number | undefined;
}

/** What the words say of one flag, and why they differ. */
export interface FlagExplanation {
  /** The flag's name, without `IFF_`. */
  readonly name: string;
  /** Whether the full word has it. */
  readonly full: boolean;
  /** Whether the ioctl's word has it. */
  readonly ioctl: boolean | undefined;
  /** Whether the word of sysfs has it. */
  readonly sysfs: boolean | undefined;
  /** Who sets it. */
  readonly setBy: "users" | "the kernel";
  /** Why a word lacks it, or what it means. */
  readonly why: string;
}

/** Why an interface is connected or not, and what each of its flag words says: what `explain --json` prints. */
export interface Explanation {
  /** The interface's name. */
  readonly name: string;
  /** Whether it works. */
  readonly connected: boolean | undefined;
  /** Why it is connected or not, in a sentence. */
  readonly sentence: string;
  /** The causes, each followed by its own cause. The last one is the root cause. */
  readonly causes: readonly Cause[];
  /** What to do about the root cause, or where to look; undefined where there is none. */
  readonly remedy: string | undefined;
  /** What each source says about the flags. */
  readonly words: FlagWords;
  /** Whose interface sysfs shows under that name. */
  readonly sysfs: SysfsView | undefined;
  /** Each flag that is set in one of the words. */
  readonly flags: readonly FlagExplanation[];
  /** Everything that is known about it. */
  readonly status: InterfaceDetails;
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
 *
 * @param causes The causes for which it is not: the sentence names the last, and by way of which others it is one.
 */
export function explainState(status: KnownInterface, causes: readonly Cause[]): string {
  const { name, up, connected } = status;
  if (connected === true) return `${name} ${whyConnected(status)}${whatMasterSays(status)}`;
  const root = rootText(causes);
  if (connected !== false || root === undefined) {
    return `${name} is ${up ? "up" : "down"}; this system does not say whether it has a link`;
  }
  return causes.length === 1 ? root : `${name} is not connected because ${root}`;
}

/** An interface may work, and yet be of no use to whoever it is a port of. */
function whatMasterSays({ master, port }: KnownInterface): string {
  if (port === undefined) return "";
  const { kind, state, miiStatus } = port;
  if (kind === "bond") {
    if (!isUpToBond(port)) return `, but the link monitor of ${master} finds it ${miiStatus}`;
    return state === "backup" ? `, and ${master} keeps it as a backup` : "";
  }
  return kind !== "bridge" || state === undefined || state === "forwarding"
    ? ""
    : `, but ${master} lets nothing through it: its spanning tree state is ${state}`;
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

/** The rule that led to `connected`, in words. */
export function explainRule(status: InterfaceStatus): string {
  return status.operState === undefined
    ? "that is UP with a valid status of the medium that says so; without one, a link state up, or unknown of what is no " +
      "Wi-Fi; without either, RUNNING of what is no Ethernet"
    : "that is operational state UP with LOWER_UP, or UNKNOWN with RUNNING and LOWER_UP of what needs no ports " +
      "(RFC 2863); IFF_UP alone says only that somebody wants it";
}
