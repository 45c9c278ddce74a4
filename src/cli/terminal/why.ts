/** Why an interface is not connected, in a few words: what stands in a column, or behind an event. */
import type { Cause, CauseCode, PortState } from "../../../platforms/contract/details.ts";
import type { InterfaceStatus } from "../../../platforms/contract/status.ts";

/** What is said of the interface itself, and of another one behind its name. */
const SHORT: Readonly<Record<CauseCode, readonly [own: string, other: string]>> = {
  "down": ["down", "is down"],
  "proto-down": ["held down by a program (proto_down)", "is held down by a program (proto_down)"],
  "lower-down": ["the interface below is down", "has an interface below that is down"],
  "peer-down": ["its other end is down", "has another end that is down"],
  "other-namespace": ["down in another network namespace", "is down in another network namespace"],
  "no-ports": ["no ports", "has no ports"],
  "ports-down": ["no port of use", "has no port of use"],
  "link-monitor": ["refused by its bond's link monitor", "is refused by its bond's link monitor"],
  "blocked": ["blocked by its bridge (STP)", "is blocked by its bridge (STP)"],
  "no-carrier": ["no carrier", "has no carrier"],
  "not-associated": ["not associated", "is not associated"],
  "no-access-point": ["its access point is not running", "has an access point that is not running"],
  "dormant": ["waits for a program (dormant)", "waits for a program (dormant)"],
  "testing": ["being tested", "is being tested"],
  "not-present": ["parts are not present", "has parts that are not present"],
  "undecided": ["state not worked out yet", "has a state that is not worked out yet"],
  "not-running": ["not running", "is not running"],
};

/** The root of a chain of causes in a few words; undefined where there is none. */
export function shortRoot(causes: readonly Cause[]): string | undefined {
  const [first, root] = [causes[0], causes.at(-1)];
  if (first === undefined || root === undefined) return undefined;
  const [own, other] = SHORT[root.code];
  if (root === first) return own;
  const where = root.netnsId === undefined ? "" : ` in network namespace ${root.netnsId}`;
  return `${root.interfaceName}${where} ${other}`;
}

/** Whether a connection is a guess: the driver never says whether there is a carrier. */
export function isGuess({ connected, operState, linkState, type }: InterfaceStatus): boolean {
  return connected === true && type !== "loopback" && (operState ?? linkState) === "unknown";
}

/** Why a packet may get lost all the same on an interface that is connected; undefined where nothing says so. */
export function doubt(
  status: InterfaceStatus & { readonly port?: PortState | undefined },
  below: InterfaceStatus | undefined,
): string | undefined {
  const { port, master } = status;
  if (port?.kind === "bridge" && port.state !== undefined && port.state !== "forwarding") {
    return `blocked by ${master} (STP ${port.state})`;
  }
  if (port?.kind === "bond" && port.miiStatus !== undefined && port.miiStatus !== "up") {
    return `${master} finds it ${port.miiStatus}`;
  }
  if (port?.kind === "bond" && port.state === "backup") return `backup in ${master}`;
  if (below?.connected === false) return `${below.name} below is down`;
  return isGuess(status) ? "driver reports no carrier" : undefined;
}
