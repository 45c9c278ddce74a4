/**
 * What node_exporter's collector "netclass" tells under its names, with its meanings and units. It reads /sys/class/net.
 *
 * Not told here, because netflags does not ask for it: address_assign_type, device_id, name_assign_type, net_dev_group,
 * transmit_queue_length, and of node_network_info the labels broadcast and ifalias.
 */
import type { HardwareState } from "../../../platforms/contract/details.ts";
import type { InterfaceStatus } from "../../../platforms/contract/status.ts";
import {
  ARPHRD_NAMES,
  IF_LINK_MODE_NAMES,
  IFF_DORMANT,
  IFF_LOWER_UP,
  IFF_RUNNING,
} from "../../../platforms/linux/wire/numbers.ts";
import { plain } from "../terminal/output.ts";
import type { Family } from "./text.ts";

/** An interface, with what its driver says of the hardware. */
export interface Measured {
  readonly status: InterfaceStatus;
  readonly hardware: HardwareState | undefined;
}

const TYPES: ReadonlyMap<string, number> = new Map(
  Object.entries(ARPHRD_NAMES).map(([number, name]) => [name, Number(number)]),
);

/** Mb/s are 125,000 bytes a second. */
const MEGABIT_IN_BYTES = 1_000_000 / 8;

/** A truth as OpenMetrics has it. */
export function truth(value: boolean | undefined): number | undefined {
  return value === undefined ? undefined : Number(value);
}

/** ARPHRD_*; only Linux's types are numbers of these names. */
function protocolType({ type, operState }: InterfaceStatus): number | undefined {
  if (type === undefined || operState === undefined) return undefined;
  return TYPES.get(type) ?? (/^\d+$/.test(type) ? Number(type) : undefined);
}

/** Kinds whose drivers have no ndo_get_iflink: what they name is the interface itself. */
const SELF_CONTAINED: readonly (string | undefined)[] = [
  undefined,
  "bond",
  "bridge",
  "dummy",
  "ifb",
  "team",
  "tun",
  "vrf",
];

/** dev_get_iflink. Others that have no parent may be tunnels, which say 0 there: of those it is not known. */
function link({ index, parentIndex, kind, operState }: InterfaceStatus): number | undefined {
  return parentIndex ?? (operState !== undefined && SELF_CONTAINED.includes(kind) ? index : undefined);
}

/** Flags that Linux works out for each reader of netlink, and does not keep in the word that sysfs shows. */
const WORKED_OUT = IFF_RUNNING | IFF_LOWER_UP | IFF_DORMANT;

type Row = readonly [
  name: string,
  type: "gauge" | "counter",
  help: string,
  value: (measured: Measured) => number | undefined,
  unit?: Family["unit"],
];

/** sysfs refuses carrier, dormant and speed of an interface that is not up. */
const ROWS: readonly Row[] = [
  [
    "up",
    "gauge",
    "Value is 1 if operstate is 'up', 0 otherwise.",
    ({ status: { operState } }) => operState === undefined ? undefined : Number(operState === "up"),
  ],
  [
    "carrier",
    "gauge",
    "Whether there is a carrier; of an interface that is up.",
    ({ status: { up, carrier } }) => up ? truth(carrier) : undefined,
  ],
  ["carrier_changes", "counter", "How often the carrier came or went.", ({ status }) => status.carrierChanges],
  ["carrier_up_changes", "counter", "How often the carrier came.", ({ status }) => status.carrierUps],
  ["carrier_down_changes", "counter", "How often the carrier went.", ({ status }) => status.carrierDowns],
  [
    "dormant",
    "gauge",
    "Whether the driver waits for something; of an interface that is up.",
    ({ status }) => status.up ? truth(status.dormant) : undefined,
  ],
  [
    "flags",
    "gauge",
    "The flag word as sysfs has it: without RUNNING, LOWER_UP and DORMANT, but for what the kernel adds to it by itself.",
    ({ status: { flags, operState } }) => operState === undefined ? undefined : (flags & ~WORKED_OUT) >>> 0,
  ],
  ["iface_id", "gauge", "The interface's index.", ({ status }) => status.index],
  [
    "iface_link",
    "gauge",
    "The index of the interface below it; its own where it stands on nothing.",
    ({ status }) => link(status),
  ],
  [
    "iface_link_mode",
    "gauge",
    "0 default, 1 dormant, 2 testing.",
    ({ status: { linkMode } }) => linkMode === undefined ? undefined : IF_LINK_MODE_NAMES.indexOf(linkMode),
  ],
  ["mtu_bytes", "gauge", "The largest payload.", ({ status }) => status.mtu, "bytes"],
  ["speed_bytes", "gauge", "The speed in bytes a second; of an interface that is up, where its driver knows it.", ({
    status,
    hardware,
  }) => status.up && hardware?.speed !== undefined ? hardware.speed * MEGABIT_IN_BYTES : undefined, "bytes"],
  ["protocol_type", "gauge", "The hardware type (ARPHRD_*).", ({ status }) => protocolType(status)],
];

/** The families of node_exporter's names. */
export function nodeFamilies(measured: readonly Measured[]): Family[] {
  const info: Family = {
    name: "node_network",
    type: "info",
    help: "What of an interface is no number.",
    samples: measured.map(({ status, hardware }) => ({
      labels: {
        device: plain(status.name),
        address: status.hardwareAddress,
        duplex: hardware?.duplex,
        operstate: status.operState,
        adminstate: status.up ? "up" : "down",
      },
      value: 1,
    })),
  };
  const families = ROWS.map(([name, type, help, value, unit]): Family => ({
    name: `node_network_${name}`,
    type,
    help,
    unit,
    samples: measured.flatMap((one) => {
      const found = value(one);
      return found === undefined ? [] : [{ labels: { device: plain(one.status.name) }, value: found }];
    }),
  }));
  return [info, ...families];
}
