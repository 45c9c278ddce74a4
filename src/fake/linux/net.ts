import { type Device, isOperational, isUp } from "./device.ts";
import * as N from "../../../platforms/linux/wire/numbers.ts";

/** What drivers, bridges and interfaces above others do to the interfaces of a kernel. */
export interface Net {
  /** The interfaces that are there. */
  readonly all: Iterable<Device>;
  /** The interface that has an index. */
  at(index: number | undefined): Device | undefined;
  /** netif_carrier_on() and netif_carrier_off(): counts the change, and has the state worked out later. */
  setCarrier(device: Device, carrier: boolean): void;
  /** linkwatch_fire_event(): has the state worked out later. */
  fire(device: Device): void;
  /** Sets an interface up. Returns an error number, or 0. */
  open(device: Device): number;
  /** Sets it down. */
  stop(device: Device): void;
  /** Sends an RTM_NEWLINK. */
  send(device: Device): void;
}

/** Whether an interface is up and operational. */
export function works(device: Device): boolean {
  return isUp(device) && isOperational(device.operState);
}

/** The ports of an interface. */
export function portsOf(net: Net, master: Device): Device[] {
  return [...net.all].filter((one) => one.master === master.index);
}

/**
 * Hands the state of an interface to one above it (netif_stacked_transfer_operstate()).
 */
export function transferState(net: Net, lower: Device, upper: Device): void {
  const dormant = lower.operState === N.IF_OPER_DORMANT;
  if (upper.dormant !== dormant) {
    upper.dormant = dormant;
    net.fire(upper);
  }
  net.setCarrier(upper, lower.carrier);
}
