import config from "../../../deno.json" with { type: "json" };
import type { InterfaceStatus } from "../../../platforms/contract/status.ts";
import { plain } from "../terminal/output.ts";
import { truth } from "./node.ts";
import type { Past } from "./past.ts";
import type { Family, Sample } from "./text.ts";

function perInterface(
  statuses: readonly InterfaceStatus[],
  value: (status: InterfaceStatus) => number | undefined,
): Sample[] {
  return statuses.flatMap((status) => {
    const found = value(status);
    return found === undefined ? [] : [{ labels: { device: plain(status.name) }, value: found }];
  });
}

/** What netflags knows beyond node_exporter, of what is. */
export function stateFamilies(statuses: readonly InterfaceStatus[]): Family[] {
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
      help: "What an interface is.",
      samples: statuses.map((status) => ({
        labels: {
          device: plain(status.name),
          type: status.type,
          kind: status.kind,
          master: status.master && plain(status.master),
          parent: status.parent && plain(status.parent),
          linkmode: status.linkMode,
          linkstate: status.linkState,
        },
        value: 1,
      })),
    },
    {
      name: "netflags_wireless",
      type: "info",
      help: "What a wireless interface is used for, and its network.",
      samples: statuses.filter(({ wireless }) => wireless !== undefined).map(({ name, wireless }) => ({
        labels: {
          device: plain(name),
          type: wireless?.type,
          ssid: wireless?.ssid === undefined ? undefined : plain(wireless.ssid),
        },
        value: 1,
      })),
    },
    {
      name: "netflags_connected",
      type: "gauge",
      help: "Whether packets can really flow; there is no value where the system does not tell.",
      samples: perInterface(statuses, ({ connected }) => truth(connected)),
    },
    {
      name: "netflags_admin_up",
      type: "gauge",
      help: "Whether somebody wants it up (IFF_UP).",
      samples: perInterface(statuses, ({ up }) => truth(up)),
    },
    {
      name: "netflags_flags",
      type: "gauge",
      help: "The whole flag word.",
      samples: perInterface(statuses, ({ flags }) => flags),
    },
  ];
}

/** The same of what was, since netflags began to watch. */
export function pastFamilies(statuses: readonly InterfaceStatus[], past: Past): Family[] {
  const seconds = (milliseconds: number): number => Math.round(milliseconds * 1000) / 1_000_000;
  const of = (value: (history: NonNullable<ReturnType<Past["history"]>>) => number | undefined): Sample[] =>
    perInterface(statuses, ({ index }) => {
      const history = past.history(index);
      return history === undefined ? undefined : value(history);
    });
  return [
    {
      name: "netflags_state_since_timestamp_seconds",
      type: "gauge",
      unit: "seconds",
      help: "Since when netflags_connected is what it is; there is no value where that began before it was watched.",
      samples: of(({ since, sinceKnown }) => sinceKnown ? seconds(since) : undefined),
    },
    {
      name: "netflags_flaps",
      type: "counter",
      help: "Changes of the carrier that an event showed.",
      samples: of(({ flaps }) => flaps.total.seen),
    },
    {
      name: "netflags_hidden_flaps",
      type: "counter",
      help: "Changes of the carrier that the kernel merged away, by its own counter.",
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
      help: "Outages that were seen to begin and are over.",
      samples: of(({ outages }) => outages),
    },
    {
      name: "netflags_outage_seconds",
      type: "counter",
      unit: "seconds",
      help: "How long it was not connected after it had been, the outage that lasts included.",
      samples: of(({ outageTime }) => seconds(outageTime)),
    },
    {
      name: "netflags_watch_start_timestamp_seconds",
      type: "gauge",
      unit: "seconds",
      help: "When watching began.",
      samples: [{ labels: {}, value: seconds(past.started) }],
    },
    {
      name: "netflags_resync_events",
      type: "counter",
      help: "Changes that were found by asking for everything, after messages were lost.",
      samples: [{ labels: {}, value: past.resyncs }],
    },
    {
      name: "netflags_watch_failures",
      type: "counter",
      help: "How often listening failed, and was tried again.",
      samples: [{ labels: {}, value: past.failures }],
    },
  ];
}
