import type { Backend, LinkChange, SettableOperState } from "../platforms/contract/backend.ts";
import { checkName, checkOptions, NETNS_KINDS } from "../platforms/common/options.ts";
import { InvalidInputError, noSuchInterface, SystemError, UnsupportedError } from "../platforms/contract/errors.ts";
import type { NetnsOptions } from "../platforms/contract/netns.ts";
import type { InterfaceStatus, LinkMode } from "../platforms/contract/status.ts";
import { askIn, currentBackend } from "../platforms/current.ts";

const OPER_STATES: readonly SettableOperState[] = ["up", "dormant", "testing"];
const LINK_MODES: readonly LinkMode[] = ["default", "dormant", "testing"];

function linkSetter(
  what: string,
  backend: Backend = currentBackend(),
): (name: string, change: LinkChange) => void {
  const { setLink } = backend;
  if (!backend.capabilities.setOperState || setLink === undefined) {
    throw new UnsupportedError(
      `Cannot set ${what} on ${
        backend.capabilities.platform ?? "this system"
      }: only Linux has one that programs may set`,
      { operation: `set ${what}` },
    );
  }
  return (name, change) => setLink.call(backend, name, change);
}

function stateOf(backend: Backend, name: string): InterfaceStatus {
  const status = backend.get(name);
  if (status === undefined) throw noSuchInterface(name, "set the state");
  return status;
}

/**
 * Checks whether an operational state may be set. It sends nothing.
 *
 * @throws {InvalidInputError} The state is not one that programs may set.
 * @throws {UnsupportedError} This system has no operational state to set.
 */
export function checkOperState(name: string, state: string): SettableOperState {
  linkSetter("operational state");
  checkName("set operational state", name);
  const known = OPER_STATES.find((one) => one === state);
  if (known !== undefined) return known;
  throw new InvalidInputError(
    `Cannot set operational state "${state}" of interface "${name}": the kernel lets programs set ` +
      `${OPER_STATES.join(", ")}; the other states follow from the carrier and from up and down`,
  );
}

/**
 * Checks whether a link mode may be set. It sends nothing.
 *
 * @throws {InvalidInputError} There is no such mode.
 * @throws {UnsupportedError} This system has no link mode.
 */
export function checkLinkMode(name: string, mode: string): LinkMode {
  linkSetter("link mode");
  checkName("set link mode", name);
  const known = LINK_MODES.find((one) => one === mode);
  if (known !== undefined) return known;
  throw new InvalidInputError(`Cannot set link mode "${mode}" of interface "${name}": give ${LINK_MODES.join(", ")}`);
}

/** The changes to send, in order, to set a link mode on an interface in this state. */
export function linkModeSteps(mode: LinkMode, { operState }: InterfaceStatus): LinkChange[] {
  const waiting = operState === "dormant" || operState === "testing";
  return mode === "default" && waiting ? [{ operState: "up" }, { linkMode: mode }] : [{ linkMode: mode }];
}

/** Sends one change, and reads back whether the kernel made it. */
function send(backend: Backend, name: string, change: LinkChange): InterfaceStatus {
  const { operState, linkMode } = change;
  linkSetter(operState === undefined ? "link mode" : "operational state", backend)(name, change);
  const after = stateOf(backend, name);
  if (operState !== undefined && after.operState !== operState) {
    throw keptError(name, "operational state", after.operState, operState);
  }
  if (linkMode !== undefined && after.linkMode !== linkMode) {
    throw keptError(name, "link mode", after.linkMode, linkMode);
  }
  return after;
}

function keptError(name: string, what: string, kept: string | undefined, asked: string): SystemError {
  return new SystemError(
    `Kernel acknowledged but kept ${what} "${
      kept ?? "unknown"
    }" of interface "${name}" where "${asked}" was asked for: ` +
      `it makes this change only if the interface is up, has a carrier, and is in a state that allows the change`,
    { operation: `set ${what}`, interfaceName: name },
  );
}

/**
 * Sets the RFC 2863 operational state of a Linux interface, as an 802.1X supplicant does: "up" when it may carry
 * traffic, "dormant" while it waits for something (Documentation/networking/operstates.rst). The kernel also
 * acknowledges changes that it ignores, so the state is read back.
 *
 * @example
 * ```ts
 * import { setLinkMode, setOperState } from "@netflags/netflags/linux";
 *
 * // A supplicant, running as root. From now on, a carrier alone does not make the interface operational.
 * function authenticated(name: string): void {
 *   setLinkMode(name, "dormant");
 *   setOperState(name, "up");
 * }
 * console.log(typeof authenticated);
 * ```
 *
 * @param name The interface's name.
 * @param state The state to set.
 * @param options With `netns`, in another network namespace, as {@linkcode ListOptions.netns} names it.
 * @returns The state afterwards.
 * @throws {InvalidInputError} Programs may not set this state, or there is no such network namespace. Nothing was sent.
 * @throws {SystemError} The kernel acknowledged the change but kept another state.
 * @throws {NoSuchInterfaceError} There is no such interface.
 * @throws {NotPermittedError} The process lacks CAP_NET_ADMIN, or runs without `--allow-ffi`.
 * @throws {UnsupportedError} This system has no operational state to set.
 */
export function setOperState(
  name: string,
  state: SettableOperState,
  options: NetnsOptions = {},
): InterfaceStatus {
  checkOptions("set operational state", options, NETNS_KINDS);
  const known = checkOperState(name, state);
  return askIn(options.netns, (backend) => send(backend, name, { operState: known }));
}

/**
 * Sets the link mode of a Linux interface. With "dormant", the interface enters state "dormant" when it gets a carrier,
 * until a program sets the state "up". Before it sets the mode back to "default", it sets an interface that is dormant
 * or testing "up". Otherwise the interface would keep its state, because the kernel does not look at the mode again
 * until the carrier changes.
 *
 * @example
 * ```ts
 * import { capabilities, NoSuchInterfaceError } from "@netflags/netflags";
 * import { setLinkMode } from "@netflags/netflags/linux";
 * import { assertThrows } from "@std/assert";
 *
 * if (capabilities().platform === "linux") {
 *   assertThrows(() => setLinkMode("no-such-card", "dormant"), NoSuchInterfaceError);
 * }
 * ```
 *
 * @param name The interface's name.
 * @param mode The mode to set.
 * @param options With `netns`, in another network namespace, as {@linkcode ListOptions.netns} names it.
 * @returns The state afterwards.
 * @throws {InvalidInputError} There is no such mode or network namespace. Nothing was sent.
 * @throws {SystemError} The kernel acknowledged the change but kept another mode or state.
 * @throws {NoSuchInterfaceError} There is no such interface.
 * @throws {NotPermittedError} The process lacks CAP_NET_ADMIN, or runs without `--allow-ffi`.
 * @throws {UnsupportedError} This system has no link mode.
 */
export function setLinkMode(
  name: string,
  mode: LinkMode,
  options: NetnsOptions = {},
): InterfaceStatus {
  checkOptions("set link mode", options, NETNS_KINDS);
  const known = checkLinkMode(name, mode);
  return askIn(options.netns, (backend) => {
    let status = stateOf(backend, name);
    for (const step of linkModeSteps(known, status)) status = send(backend, name, step);
    return status;
  });
}
