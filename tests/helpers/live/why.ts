/** What ip, bridge and ethtool say of why an interface is as it is, in the words of {@linkcode inspect}. */
import { assert, assertEquals } from "@std/assert";
import { type HardwareState, inspect, type InterfaceDetails } from "../../../mod.ts";
import { run } from "./system.ts";

/** An interface with all that is known of it. */
export function detailsOf(name: string): InterfaceDetails {
  const found = inspect(name);
  assert(found !== undefined, `there is no ${name}`);
  return found;
}

/** The causes, each as an interface and a code. */
export function codesOf(name: string): string[] {
  return detailsOf(name).causes.map((cause) => `${cause.interfaceName} ${cause.code}`);
}

/** What of `ip -d -j link` is compared. */
interface IpDetails {
  readonly proto_down?: boolean;
  readonly proto_down_reason?: readonly string[];
  readonly linkinfo?: {
    readonly info_kind?: string;
    readonly info_slave_kind?: string;
    readonly info_data?: Readonly<Record<string, unknown>>;
    readonly info_slave_data?: {
      readonly state?: string;
      readonly mii_status?: string;
      readonly link_failure_count?: number;
      readonly table?: number;
    };
  };
}

/** ip shouts some of the words, and joins them by an underscore. */
function wordOf(text: string | undefined): string | undefined {
  return text?.toLowerCase().replaceAll("_", "-");
}

/** Fails unless an interface's place among others is told as `ip -d -j link` tells it. */
export function assertDetailsAsIp(name: string): void {
  const [link]: IpDetails[] = JSON.parse(run("ip", "-d", "-j", "link", "show", "dev", name));
  const { info_kind: kind, info_slave_kind: portKind, info_data: data, info_slave_data: port } = link?.linkinfo ?? {};
  const details = detailsOf(name);
  assertEquals(details.protoDown, link?.proto_down === true, name);
  assertEquals(details.protoDownReasons.map(String), link?.proto_down_reason ?? [], name);
  assertEquals(details.port?.kind, portKind, name);
  assertEquals(details.port?.state, portKind === "team" || portKind === "vrf" ? undefined : wordOf(port?.state), name);
  assertEquals(details.port?.miiStatus, wordOf(port?.mii_status), name);
  assertEquals(details.port?.linkFailures, port?.link_failure_count, name);
  assertEquals(details.port?.vrfTable, port?.table, name);
  assertEquals(details.bond?.mode, kind === "bond" ? data?.mode : undefined, name);
  assertEquals(details.bond?.activePort, kind === "bond" ? data?.active_slave : undefined, name);
  assertEquals(details.vlanId, kind === "vlan" ? data?.id : undefined, name);
  assertEquals(details.vrfTable, kind === "vrf" ? data?.table : undefined, name);
}

/** Fails unless a bridge's port has the state of the spanning tree that `bridge -j link` shows. */
export function assertAsBridge(name: string): void {
  const ports: { ifname: string; state: string }[] = JSON.parse(run("bridge", "-j", "link", "show"));
  assertEquals(detailsOf(name).port?.state, ports.find(({ ifname }) => ifname === name)?.state, name);
}

/** What ethtool has other words for. */
const PORTS: Readonly<Record<string, string>> = { "Twisted Pair": "tp", FIBRE: "fibre", Other: "other", None: "none" };

/** What ethtool prints; it fails where the driver says nothing at all. */
function ethtool(name: string): string {
  const { stdout, stderr } = new Deno.Command("ethtool", { args: [name] }).outputSync();
  const text = new TextDecoder().decode(stdout);
  assert(/^Settings for |^No data available/.test(text), `${name}: ${text}${new TextDecoder().decode(stderr)}`);
  return text;
}

/** Fails unless the driver is told to say what ethtool prints; what it does not print, or not know, is undefined. */
export function assertAsEthtool(name: string): void {
  const text = ethtool(name);
  const said = (label: string): string | undefined => {
    const value = new RegExp(`^\\s*${label}: (.*)$`, "m").exec(text)?.[1];
    return value === undefined || value.startsWith("Unknown!") ? undefined : value;
  };
  const yes = (value: string | undefined): boolean | undefined =>
    value === undefined ? undefined : value === "yes" || value === "on";
  const port = said("Port");
  const speed = said("Speed");
  const expected: Partial<HardwareState> = {
    link: yes(/^\w+/.exec(said("Link detected") ?? "")?.[0]),
    speed: speed === undefined ? undefined : parseInt(speed),
    duplex: said("Duplex")?.toLowerCase() as HardwareState["duplex"],
    autonegotiation: yes(said("Auto-negotiation")),
    port: port && (PORTS[port] ?? port),
  };
  const { hardware } = detailsOf(name);
  const told = Object.fromEntries(
    Object.keys(expected).map((field) => [field, hardware?.[field as keyof HardwareState]]),
  );
  assertEquals(told, { ...expected }, `${name}\n${text}`);
}
