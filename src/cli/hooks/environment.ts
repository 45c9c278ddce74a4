import { formatHex } from "../../../platforms/common/address_text.ts";
import type { InterfaceStatus, WirelessState } from "../../../platforms/contract/status.ts";
import { usableAddresses } from "../../steps/addresses.ts";
import type { Step } from "../../steps/life.ts";
import type { HookLine } from "../terminal/lines.ts";
import { frequencies, writtenBytes } from "../terminal/output.ts";

/** What a command is run for. */
export interface Occasion extends Omit<Step, "hook"> {
  /** The option that gave it, without "on-": "connected", "while-connected". */
  readonly name: HookLine["hook"];
}

/** What is said of a state, by the ends of the variables' names. */
type Variables = Readonly<Record<string, string>>;

/**
 * The variables that a command gets, each of them always: netflags itself may have been started with some of them. One
 * that has nothing to say is empty.
 */
export function environment(
  { name, event, gone, end, missed }: Occasion,
  netns: string | number | undefined,
): Variables {
  const { status, previous } = event;
  return prefixed("NETFLAGS_", {
    HOOK: name,
    EVENT: end ? "end" : event.type,
    INTERFACE: writtenBytes(status.name), // the environment of a process holds UTF-8 alone
    INDEX: String(status.index),
    MAC: status.hardwareAddress ?? "",
    ...(gone ? { ...stateOf(undefined), CONNECTED: "false" } : stateOf(status)),
    HIDDEN_FLAPS: String(event.hiddenFlaps ?? ""),
    MISSED: String(missed),
    NETNS: String(netns ?? ""),
    ...prefixed("PREVIOUS_", { MAC: previous?.hardwareAddress ?? "", ...stateOf(previous) }),
  });
}

/** What a state says. Where there is none, nothing. */
function stateOf(status: InterfaceStatus | undefined): Variables {
  return {
    FLAGS: status?.flagNames.join(",") ?? "",
    CONNECTED: status === undefined ? "" : String(status.connected ?? "unknown"),
    OPERSTATE: status?.operState ?? "",
    LINKSTATE: status?.linkState ?? "",
    ...networkText(status?.wireless),
    FREQUENCY: status?.wireless === undefined ? "" : frequencies(status.wireless).join(" "),
    DEFAULT_ROUTE: status?.defaultRoute?.join(" ") ?? "",
    ADDRESSES: status === undefined ? "" : usableAddresses(status).join(" "),
  };
}

/** An SSID is up to 32 bytes of any value: where they are no text, or more than a line of it, they are hexadecimal. */
function networkText(wireless: WirelessState | undefined): Variables {
  const { ssid = "", ssidHex = "" } = wireless ?? {};
  const isText = formatHex(new TextEncoder().encode(ssid)) === ssidHex && !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(ssid);
  return isText ? { SSID: ssid, SSID_HEX: "" } : { SSID: "", SSID_HEX: ssidHex };
}

function prefixed(prefix: string, variables: Variables): Variables {
  return Object.fromEntries(Object.entries(variables).map(([name, value]) => [prefix + name, value]));
}
