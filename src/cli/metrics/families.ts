/** The metrics. Each name is netflags' own: node_exporter's would be there twice on a machine that has both. */
import config from "../../../deno.json" with { type: "json" };
import type { LinkSpeed } from "../../../platforms/contract/backend.ts";
import type { InterfaceStatus } from "../../../platforms/contract/status.ts";
import { dated, now } from "../../table/moment.ts";
import { plain } from "../terminal/output.ts";
import type { Past } from "./past.ts";
import type { Family, Sample } from "./text.ts";

/** An interface, with what its driver says of its speed. */
export interface Measured {
  readonly status: InterfaceStatus;
  readonly speed: LinkSpeed | undefined;
}

/** A truth as OpenMetrics has it. */
function truth(value: boolean | undefined): number | undefined {
  return value === undefined ? undefined : Number(value);
}

/** Mb/s are 125,000 bytes a second. */
const MEGABIT_IN_BYTES = 1_000_000 / 8;

type Row = readonly [
  name: string,
  type: "gauge" | "counter",
  help: string,
  value: (measured: Measured) => number | undefined,
  unit?: Family["unit"],
];

/** What is, in numbers. Of an interface that is not up, the carrier and the speed are not to be trusted. */
const ROWS: readonly Row[] = [
  [
    "connected",
    "gauge",
    "Whether the interface is connected: packets can flow, by the kernel's state. No value if the system does not say.",
    ({ status }) => truth(status.connected),
  ],
  ["admin_up", "gauge", "Whether the interface is marked up (IFF_UP).", ({ status }) => truth(status.up)],
  [
    "carrier",
    "gauge",
    "Whether there is a carrier. Only of an interface that is up.",
    ({ status: { up, carrier } }) => up ? truth(carrier) : undefined,
  ],
  ["flags", "gauge", "The whole flag word.", ({ status }) => status.flags],
  ["index", "gauge", "The interface's index.", ({ status }) => status.index],
  ["mtu_bytes", "gauge", "The largest payload in bytes.", ({ status }) => status.mtu, "bytes"],
  [
    "speed_bytes",
    "gauge",
    "The speed in bytes per second. Only of an interface that is up, and whose driver knows it.",
    ({ status, speed }) => status.up && speed?.speed !== undefined ? speed.speed * MEGABIT_IN_BYTES : undefined,
    "bytes",
  ],
  [
    "carrier_changes",
    "counter",
    "How often the carrier came or went since the interface was made, as the kernel counts.",
    ({ status }) => status.carrierChanges,
  ],
  ["carrier_ups", "counter", "How often the carrier came.", ({ status }) => status.carrierUps],
  ["carrier_downs", "counter", "How often the carrier went.", ({ status }) => status.carrierDowns],
];

/** What is, and is no number. */
function infoFamilies(measured: readonly Measured[]): Family[] {
  return [
    {
      name: "netflags_build",
      type: "info",
      help: "The version of netflags.",
      samples: [{ labels: { version: config.version }, value: 1 }],
    },
    {
      name: "netflags",
      type: "info",
      help: "What the interface is, and its state in words.",
      samples: measured.map(({ status, speed }) => ({
        labels: {
          device: plain(status.name),
          type: status.type,
          kind: status.kind,
          master: status.master && plain(status.master),
          parent: status.parent && plain(status.parent),
          address: status.hardwareAddress,
          operstate: status.operState,
          linkmode: status.linkMode,
          linkstate: status.linkState,
          duplex: status.up ? speed?.duplex : undefined,
        },
        value: 1,
      })),
    },
    {
      name: "netflags_wireless",
      type: "info",
      help: "How the wireless interface is used, and its network.",
      samples: measured.filter(({ status: { wireless } }) => wireless !== undefined).map(
        ({ status: { name, wireless } }) => ({
          labels: {
            device: plain(name),
            type: wireless?.type,
            ssid: wireless?.ssid === undefined ? undefined : plain(wireless.ssid),
          },
          value: 1,
        }),
      ),
    },
  ];
}

/** By which interfaces the default traffic leaves, for each family; none where the system does not say. */
function defaultRouteFamily(measured: readonly Measured[]): Family {
  return {
    name: "netflags_default_route",
    type: "gauge",
    help: "Whether the default traffic of a family leaves by the interface, connected or not.",
    samples: measured.flatMap(({ status: { name, defaultRoute } }) =>
      defaultRoute === undefined ? [] : (["inet", "inet6"] as const).map((family) => ({
        labels: { device: plain(name), family },
        value: Number(defaultRoute.includes(family)),
      }))
    ),
  };
}

/** What is. */
export function stateFamilies(measured: readonly Measured[]): Family[] {
  const families = ROWS.map(([name, type, help, value, unit]): Family => ({
    name: `netflags_${name}`,
    type,
    help,
    unit,
    samples: measured.flatMap((one) => {
      const found = value(one);
      return found === undefined ? [] : [{ labels: { device: plain(one.status.name) }, value: found }];
    }),
  }));
  return [...infoFamilies(measured), ...families, defaultRouteFamily(measured)];
}

/** What was, since netflags began to watch. */
export function pastFamilies(measured: readonly Measured[], past: Past): Family[] {
  const seconds = (milliseconds: number): number => Math.round(milliseconds * 1000) / 1_000_000;
  const of = (value: (history: NonNullable<ReturnType<Past["history"]>>) => number | undefined): Sample[] =>
    measured.flatMap(({ status: { name, index } }) => {
      const history = past.history(index);
      const found = history === undefined ? undefined : value(history);
      return found === undefined ? [] : [{ labels: { device: plain(name) }, value: found }];
    });
  return [
    {
      name: "netflags_state_since_timestamp_seconds",
      type: "gauge",
      unit: "seconds",
      help: "Since when netflags_connected has its value. No value if that began before watching did.",
      samples: of(({ since, sinceKnown }) => sinceKnown ? seconds(since) : undefined),
    },
    {
      name: "netflags_flaps",
      type: "counter",
      help: "Carrier changes that an event showed.",
      samples: of(({ flaps }) => flaps.total.seen),
    },
    {
      name: "netflags_hidden_flaps",
      type: "counter",
      help: "Carrier changes that the kernel merged into other events, by its counter.",
      samples: of(({ flaps }) => flaps.total.hidden),
    },
    {
      name: "netflags_downs",
      type: "counter",
      help: "How often the connection or the carrier was lost, hidden losses included.",
      samples: of(({ downs }) => downs),
    },
    {
      name: "netflags_outages",
      type: "counter",
      help: "Outages that began while watching, and are over.",
      samples: of(({ outages }) => outages),
    },
    {
      name: "netflags_outage_seconds",
      type: "counter",
      unit: "seconds",
      help: "How long the interface was not connected after it had been, a present outage included.",
      samples: of(({ outageTime }) => seconds(outageTime)),
    },
    {
      name: "netflags_watch_start_timestamp_seconds",
      type: "gauge",
      unit: "seconds",
      help: "When watching began.",
      samples: [{ labels: {}, value: seconds(dated(past.started, now())) }],
    },
    {
      name: "netflags_resync_events",
      type: "counter",
      help: "Changes that were found by reading everything again, after messages were lost.",
      samples: [{ labels: {}, value: past.resyncs }],
    },
    {
      name: "netflags_watch_failures",
      type: "counter",
      help: "How often watching failed, and was tried again.",
      samples: [{ labels: {}, value: past.failures }],
    },
  ];
}
