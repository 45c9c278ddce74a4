/** What `show --json` prints beside what `ip -d -s -j link` prints. */
import { assertEquals } from "@std/assert";
import type { Traffic } from "../../../platforms/contract/inventory.ts";
import type { ShownInterface } from "../../../src/cli/terminal/shown.ts";
import { ip, run } from "./system.ts";

const MAIN = new URL("../../../src/cli/main.ts", import.meta.url).pathname;

/** What `show --json` prints of interfaces that a name or a glob stands for. */
function shownAll(...args: readonly string[]): ShownInterface[] {
  return run(Deno.execPath(), "run", "-A", "--no-check", "--quiet", MAIN, "show", "--json", ...args)
    .trim().split("\n").map((line) => JSON.parse(line));
}

/** What `show --json` prints of one interface. */
export function shown(...args: readonly string[]): ShownInterface {
  return shownAll(...args)[0]!;
}

/** What ip prints of a kind. */
interface IpData {
  readonly id?: number;
  readonly protocol?: string;
  readonly group?: string;
  readonly group6?: string;
  readonly remote?: string;
  readonly remote6?: string;
  readonly local?: string;
  readonly local6?: string;
  readonly link?: string | null;
  readonly port?: number;
  readonly ttl?: number;
  readonly ikey?: string;
  readonly okey?: string;
}

interface IpLink {
  readonly ifname: string;
  readonly master?: string;
  readonly permaddr?: string;
  readonly address?: string;
  readonly linkinfo?: {
    readonly info_kind?: string;
    readonly info_data?: IpData;
    readonly info_slave_data?: { readonly state?: string };
  };
  readonly stats64: { readonly rx: Traffic; readonly tx: Traffic };
}

/** An ip that knows no name for an interface prints none; "any" stands for no address. */
function address(...texts: readonly (string | null | undefined)[]): string | undefined {
  return texts.filter((text) => typeof text === "string").find((text) => text !== "any");
}

/** ip prints a key as if it were an address. */
function key(text: string | undefined): number | undefined {
  return text?.split(".").map(Number).reduce((sum, byte) => sum * 256 + byte);
}

const traffic = ({ bytes, packets, errors, dropped }: Traffic): Traffic => ({ bytes, packets, errors, dropped });

/** What both say, in one form. */
function fromIp(link: IpLink, all: readonly IpLink[]) {
  const { info_kind: kind, info_data: data = {} } = link.linkinfo ?? {};
  const ports = all.filter(({ master }) => master === link.ifname).map(({ ifname, linkinfo }) =>
    `${ifname} ${linkinfo?.info_slave_data?.state?.toLowerCase()}`
  );
  const isTunnel = ["gre", "gretap", "erspan", "ipip", "sit"].includes(kind ?? "");
  const tunnel = {
    local: address(data.local),
    remote: address(data.remote),
    device: address(data.link),
    inputKey: key(data.ikey),
    outputKey: key(data.okey),
    ttl: data.ttl === 0 || data.ttl === undefined ? "inherit" : data.ttl,
  };
  const vxlan = {
    id: data.id,
    group: address(data.group, data.group6),
    remote: address(data.remote, data.remote6),
    local: address(data.local, data.local6),
    device: address(data.link),
    port: data.port,
  };
  return {
    name: link.ifname,
    // ip shows a permanent address only where another one is in use, and of tunnels too, which have none.
    permanentAddress: isTunnel ? undefined : link.permaddr,
    ports,
    vlanProtocol: kind === "vlan" ? data.protocol : undefined,
    vxlan: kind === "vxlan" ? vxlan : undefined,
    tunnel: isTunnel ? tunnel : undefined,
    counters: { received: traffic(link.stats64.rx), sent: traffic(link.stats64.tx) },
  };
}

function fromShown(one: ShownInterface): ReturnType<typeof fromIp> {
  const { vxlan, tunnel, permanentAddress: own } = one;
  return {
    name: one.name,
    permanentAddress: own === one.hardwareAddress ? undefined : own,
    ports: (one.ports ?? []).map(({ name, port }) => `${name} ${port?.state}`),
    vlanProtocol: one.vlanProtocol,
    vxlan: vxlan && {
      id: vxlan.id,
      group: vxlan.group,
      remote: vxlan.remote,
      local: vxlan.local,
      device: vxlan.device,
      port: vxlan.port,
    },
    tunnel: tunnel && {
      local: tunnel.local,
      remote: tunnel.remote,
      device: tunnel.device,
      inputKey: tunnel.inputKey,
      outputKey: tunnel.outputKey,
      ttl: tunnel.ttl ?? "inherit",
    },
    counters: one.counters!,
  };
}

/** Fails unless `show` has of every interface what ip shows of it. */
export function assertShownAsIp(): void {
  const links: IpLink[] = JSON.parse(ip("-d -s -j link show")).filter((link: Partial<IpLink>) => link.ifname);
  const all = shownAll("*").map(fromShown);
  assertEquals(all.map(({ name }) => name), links.map(({ ifname }) => ifname));
  for (const [i, link] of links.entries()) assertEquals(all[i], fromIp(link, links), link.ifname);
}
