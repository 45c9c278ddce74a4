/** What a bridge without spanning tree does when its ports change (net/bridge). */
import { type Device, isUp } from "./device.ts";
import { type Net, portsOf, works } from "./net.ts";

/** br_port_state_selection(): a bridge has a carrier while one of its ports forwards. */
function select(net: Net, bridge: Device): void {
  net.setCarrier(bridge, portsOf(net, bridge).some(({ forwarding }) => forwarding));
}

function enable(net: Net, bridge: Device, port: Device): void {
  port.forwarding = true;
  select(net, bridge);
}

function disable(net: Net, bridge: Device, port: Device): void {
  if (!port.forwarding) return;
  port.forwarding = false;
  select(net, bridge);
}

/**
 * br_stp_recalculate_bridge_id(): the lowest address of its ports, or zeros without one, unless somebody set it.
 * Returns whether it is another one now.
 */
function recalculateAddress(net: Net, bridge: Device): boolean {
  if (bridge.addressSet) return false;
  const [lowest = new Uint8Array(6)] = portsOf(net, bridge).map(({ hardwareAddress }) => hardwareAddress)
    .sort((a, b) => compare(a, b));
  if (compare(lowest, bridge.hardwareAddress) === 0) return false;
  bridge.hardwareAddress = lowest;
  select(net, bridge);
  return true;
}

function compare(a: Uint8Array, b: Uint8Array): number {
  for (const [i, byte] of a.entries()) if (byte !== b[i]) return byte - (b[i] ?? -1);
  return a.length - b.length;
}

/** br_add_if(): an interface becomes a port. */
export function addPort(net: Net, bridge: Device, port: Device): void {
  port.master = bridge.index;
  net.send(port);
  const moved = recalculateAddress(net, bridge);
  if (works(port) && isUp(bridge)) enable(net, bridge, port);
  if (moved) net.send(bridge);
}

/** del_nbp(): a port is one no more, because its bridge is being deleted. */
export function releasePort(net: Net, bridge: Device, port: Device): void {
  disable(net, bridge, port);
  port.master = undefined;
  net.send(port);
}

/** br_del_if(): an interface is a port no more. `gone`: it is being deleted, and its own message follows. */
export function removePort(net: Net, bridge: Device, port: Device, gone: boolean): void {
  disable(net, bridge, port);
  port.master = undefined;
  if (!gone) net.send(port);
  recalculateAddress(net, bridge);
  net.send(bridge); // its features change with its ports
}

/** br_stp_enable_bridge() */
export function openBridge(net: Net, bridge: Device): void {
  for (const port of portsOf(net, bridge)) if (works(port)) enable(net, bridge, port);
}

/** br_stp_disable_bridge() */
export function stopBridge(net: Net, bridge: Device): void {
  for (const port of portsOf(net, bridge)) disable(net, bridge, port);
}

/** br_device_event(): a port came up, went down, or has another state. */
export function portChanged(net: Net, bridge: Device, port: Device): void {
  if (!isUp(bridge)) return;
  if (works(port)) {
    if (!port.forwarding) enable(net, bridge, port);
  } else disable(net, bridge, port);
}
