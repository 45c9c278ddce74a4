/** What live tests do to a real kernel, and what `ip` says of it. They run in a network namespace of their own. */
import { assertEquals, assertNotEquals } from "@std/assert";
import type { InterfaceAddress, InterfaceStatus } from "../../../mod.ts";

/** Set by the test runner inside a namespace that nobody else uses. Without it, nothing of the machine is touched. */
export const LIVE = Deno.env.get("NETFLAGS_LIVE") === "1";
let said = false;

/** How often a random or long test goes round: fewer times where the machine is emulated. */
export const ROUNDS = Number(Deno.env.get("NETFLAGS_ROUNDS") ?? 20);

/** Whether tap interfaces can be made here. */
export const TUN = LIVE && exists("/dev/net/tun");

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

/** A test of a real kernel; ignored, and counted as such, where there is none to test on. */
export function liveTest(name: string, run: () => Promise<void> | void, needs: boolean = LIVE): void {
  if (!LIVE && !said) console.error("SKIPPED: live tests need a network namespace of their own: run deno task test");
  said = true;
  Deno.test({ name, ignore: !needs, sanitizeOps: true, fn: run });
}

/** Runs a program and returns what it prints. Throws if it fails. */
export function run(program: string, ...args: string[]): string {
  const { success, stdout, stderr } = new Deno.Command(program, { args }).outputSync();
  if (!success) throw new Error(`${program} ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout);
}

/** Runs `ip` with the words of a line. */
export function ip(line: string): string {
  return run("ip", ...line.split(" "));
}

/** Runs many lines with one `ip`, going on where one fails. */
export async function ipBatch(lines: readonly string[]): Promise<void> {
  const process = new Deno.Command("ip", {
    args: ["-force", "-batch", "-"],
    stdin: "piped",
    stdout: "null",
    stderr: "null",
  }).spawn();
  const writer = process.stdin.getWriter();
  await writer.write(new TextEncoder().encode(`${lines.join("\n")}\n`));
  await writer.close();
  await process.status;
}

/** Removes every interface but lo. */
export function clear(): void {
  for (const { ifname } of ipLinks()) {
    if (ifname === "lo") continue;
    try {
      ip(`link del dev ${ifname}`);
    } catch { /* it went with another one */ }
  }
}

/** The ports of every netlink socket of this namespace that listens to links: name, protocol, port, groups (proc(5)). */
export function linkListeners(): number[] {
  return Deno.readTextFileSync("/proc/net/netlink").trim().split("\n").slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter(([, protocol, , groups]) => protocol === "0" && (parseInt(groups!, 16) & 1) !== 0)
    .map(([, , port]) => Number(port) >>> 0);
}

/** Waits. */
export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** A link as `ip -d -j link` prints it: what of it is compared. */
interface IpLink {
  readonly ifindex: number;
  readonly ifname: string;
  readonly flags: readonly string[];
  readonly mtu: number;
  readonly operstate: string;
  readonly linkmode: string;
  readonly link_type: string;
  readonly address?: string;
  readonly master?: string;
  readonly link?: string | null;
  readonly link_index?: number;
  readonly link_netnsid?: number;
  readonly altnames?: readonly string[];
  readonly linkinfo?: { readonly info_kind?: string };
}

interface IpAddress {
  readonly family: string;
  readonly local: string;
  readonly address?: string;
  readonly prefixlen: number;
  readonly scope: string;
  readonly broadcast?: string;
}

/** What `ip -d -j link` says. */
export function ipLinks(): IpLink[] {
  return JSON.parse(ip("-d -j link show")).filter((link: Partial<IpLink>) => link.ifname !== undefined);
}

/** What both say of a link, in one form. */
export interface Comparable {
  readonly name: string;
  readonly index: number;
  readonly flags: string;
  readonly mtu: number | undefined;
  readonly operState: string | undefined;
  readonly linkMode: string | undefined;
  readonly type: string | undefined;
  readonly address: string | undefined;
  readonly master: string | undefined;
  readonly parent: string | number | undefined;
  readonly kind: string | undefined;
  readonly altNames: string;
}

/** ip makes these up from others; RUNNING it shows as UP without NO-CARRIER. */
const NOT_FLAGS = ["NO-CARRIER", "M-DOWN"];

function ipFlags(shown: readonly string[]): string {
  const flags = shown.filter((flag) => !NOT_FLAGS.includes(flag));
  if (flags.includes("UP") && !shown.includes("NO-CARRIER")) flags.push("RUNNING");
  return flags.sort().join(",");
}

function fromIp(link: IpLink): Comparable {
  return {
    name: link.ifname,
    index: link.ifindex,
    flags: ipFlags(link.flags),
    mtu: link.mtu,
    operState: link.operstate.toLowerCase(),
    linkMode: link.linkmode.toLowerCase(),
    type: link.link_type,
    address: link.address,
    master: link.master,
    parent: link.link_index ?? link.link ?? undefined,
    kind: link.linkinfo?.info_kind,
    altNames: (link.altnames ?? []).join(","),
  };
}

function fromStatus(status: InterfaceStatus): Comparable {
  return {
    name: status.name,
    index: status.index,
    flags: [...status.flagNames].sort().join(","),
    mtu: status.mtu,
    operState: status.operState,
    linkMode: status.linkMode,
    type: status.type,
    address: status.hardwareAddress,
    master: status.master,
    parent: status.parent ?? status.parentIndex,
    kind: status.kind,
    altNames: status.altNames.join(","),
  };
}

function byIndex(links: Comparable[]): Comparable[] {
  return links.sort((a, b) => a.index - b.index);
}

/** Fails unless these are the interfaces that `ip` shows, in every field. */
export function assertAsIp(statuses: Iterable<InterfaceStatus>, message?: string): void {
  assertEquals(byIndex(Array.from(statuses, fromStatus)), byIndex(ipLinks().map(fromIp)), message);
}

/** Fails unless an interface has the addresses that `ip` shows. */
export function assertAddressesAsIp(status: InterfaceStatus): void {
  const shown: { addr_info: IpAddress[] }[] = JSON.parse(ip(`-j addr show dev ${status.name}`));
  const sorted = (lines: string[]): string[] => lines.sort();
  const line = (one: InterfaceAddress): string =>
    [one.family, one.address, one.prefixLength, one.scope, one.peer ?? "", one.broadcast ?? ""].join(" ");
  const ipLine = (one: IpAddress): string =>
    [one.family, one.local, one.prefixlen, one.scope, one.address ?? "", one.broadcast ?? ""].join(" ");
  assertEquals(
    sorted(status.addresses!.map(line)),
    sorted(shown.flatMap((link) => link.addr_info).filter((one) => one.local !== undefined).map(ipLine)),
    status.name,
  );
}

/** A process with a network namespace of its own, for interfaces that move away. */
export async function otherNamespace(): Promise<Deno.ChildProcess> {
  const process = new Deno.Command("unshare", { args: ["-n", "sleep", "600"] }).spawn();
  const namespaceOf = (pid: number | "self"): string => Deno.readLinkSync(`/proc/${pid}/ns/net`);
  await eventually(() => assertNotEquals(namespaceOf(process.pid), namespaceOf("self")), 20000);
  return process;
}

/** Calls a check again and again until it passes; after `limit` milliseconds, its error is thrown. */
export async function eventually(check: () => void | Promise<void>, limit = 5000): Promise<void> {
  for (const end = performance.now() + limit;;) {
    try {
      return await check();
    } catch (error) {
      if (performance.now() > end) throw error;
      await sleep(20);
    }
  }
}
