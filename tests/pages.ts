/**
 * Writes the pages that are generated from the tables in the code: platforms/FLAGS.md and platforms/LIMITS.md. Run
 * `deno task pages` after a table has changed; tests/unit/house/pages_test.ts fails if the files are out of date.
 */
import type { Capabilities } from "../platforms/contract/capabilities.ts";
import { type BsdPlatform, type Platform, PLATFORMS } from "../platforms/contract/platform.ts";
import type { InterfaceStatus } from "../platforms/contract/status.ts";
import { SYSTEMS } from "../platforms/bsd/systems/systems.ts";
import { REGISTRY } from "../platforms/registry.ts";
import { flagNames, flagTable, parseFlags } from "../src/flags.ts";
import { type FakeInterface, fakeStatus } from "../src/testing.ts";
import { VERSIONS } from "./helpers/bsd/versions.ts";

/** What people call each system. */
const TITLES: Readonly<Record<Platform, string>> = {
  linux: "Linux",
  netbsd: "NetBSD",
  freebsd: "FreeBSD",
  openbsd: "OpenBSD",
  dragonfly: "DragonFly",
  darwin: "macOS",
};

const BSDS = Object.keys(SYSTEMS) as BsdPlatform[];

/** A table in the format of `deno fmt`. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, at) => Math.max(title.length, ...rows.map((row) => row[at]!.length)));
  const line = (cells: readonly string[]) => `| ${cells.map((cell, at) => cell.padEnd(widths[at]!)).join(" | ")} |`;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n");
}

/** Which flag has a bit, system by system. */
function bitTable(): string {
  const bits = [...new Set(PLATFORMS.flatMap((one) => flagTable(one).map(({ bit }) => bit)))].sort((a, b) => a - b);
  const nameOf = (platform: Platform, bit: number) => flagTable(platform).find((flag) => flag.bit === bit)?.name ?? "-";
  return table(
    ["bit", ...PLATFORMS.map((one) => TITLES[one])],
    bits.map((bit) => [`0x${bit.toString(16)}`, ...PLATFORMS.map((one) => nameOf(one, bit))]),
  );
}

/** What each flag means, by name; systems that agree share a row. */
function meaningTable(): string {
  const rows = new Map<string, { cells: [string, string, string]; systems: string[] }>();
  for (const platform of PLATFORMS) {
    for (const { name, meaning, settable } of flagTable(platform)) {
      const cells: [string, string, string] = [name, meaning, settable ? "a user" : "the kernel"];
      const key = cells.join("|");
      const row = rows.get(key) ?? { cells, systems: [] };
      row.systems.push(TITLES[platform]);
      rows.set(key, row);
    }
  }
  return table(
    ["flag", "means", "changed by", "on"],
    [...rows.values()]
      .sort((a, b) => a.cells[0] < b.cells[0] ? -1 : a.cells[0] > b.cells[0] ? 1 : 0)
      .map(({ cells, systems }) => [...cells, systems.length === PLATFORMS.length ? "all" : systems.join(", ")]),
  );
}

/** platforms/FLAGS.md */
export function flagsPage(): string {
  return `# Which flag means what, on which system

<!-- Written by \`deno task pages\` from the flag tables in the code. Do not edit it by hand. -->

The flag word of an interface looks the same on every system, but its meaning differs. \`0x1000\` is MULTICAST on Linux
and LINK0 on a BSD. RUNNING describes the network on Linux, and the driver on a BSD. \`formatFlags\` and \`parseFlags\` take
the system as an argument. In a shell, \`netflags flags 0x1043 --platform linux\` does the same.

## By bit

${bitTable()}

On Linux only netlink reports the bits from 0x10000 on: the ioctl SIOCGIFFLAGS has room for 16 bits. On FreeBSD and
DragonFly they are in the second half of the ioctl's answer (\`ifr_flagshigh\`). The other systems have 16 bits.

## By name

"changed by" says who can change a flag: a user, with \`setFlags\` and \`netflags set\`, or only the kernel and the driver.

${meaningTable()}
`;
}

/** The capabilities of a current version whose kernel refuses nothing. */
function capabilityTable(): string {
  const rows: readonly (readonly [what: string, key: keyof Capabilities])[] = [
    ["reports operational states (RFC 2863)", "operState"],
    ["can set operational state and link mode", "setOperState"],
    ["counts the carrier changes merged into one event", "carrierCounters"],
    ["reports that messages were lost", "overflowDetection"],
    ["announces that interfaces come and go", "announcements"],
    ["reports access points that start and stop", "accessPoints"],
    ["has alternative names", "altNames"],
  ];
  const cell = (platform: Platform, key: keyof Capabilities) => {
    if (key === "accessPoints" && platform === "linux") return "if it has nl80211";
    return REGISTRY[platform].capabilities[key] ? "yes" : "no";
  };
  return table(
    ["what the kernel does", "capability", ...PLATFORMS.map((one) => TITLES[one])],
    rows.map(([what, key]) => [what, `\`${key}\``, ...PLATFORMS.map((one) => cell(one, key))]),
  );
}

/** A radio's interface with every field set that any system could report of one. */
const RADIO: FakeInterface = {
  index: 2,
  name: "x0",
  altNames: ["x1"],
  type: "ether",
  operState: "up",
  linkMode: "default",
  carrier: true,
  carrierChanges: 1,
  carrierUps: 1,
  carrierDowns: 0,
  linkState: "up",
  mtu: 1500,
  hardwareAddress: "02:00:00:00:00:01",
  master: "x2",
  masterIndex: 3,
  masterKind: "bridge",
  addresses: [],
  defaultRoute: ["inet"],
  media: { active: 0x20, link: true },
  wireless: { type: "station", ssid: "x", ssidHex: "78", frequency: undefined },
};

/** The same of a virtual interface. */
const VIRTUAL: FakeInterface = {
  ...RADIO,
  kind: "veth",
  parent: "x3",
  parentIndex: 4,
  parentNetnsId: 0,
  wireless: undefined,
};

/** Which fields of a status a system leaves undefined, or empty. */
function missingFields(platform: Platform): string[] {
  const flags = parseFlags(platform === "linux" ? "UP,RUNNING,LOWER_UP" : "UP,RUNNING", platform);
  const statuses = [RADIO, VIRTUAL].map((fields) => fakeStatus({ ...fields, flags }, platform));
  const fields = Object.keys(statuses[0]!) as (keyof InterfaceStatus)[];
  return fields.filter((field) =>
    statuses.every((status) => status[field] === undefined || (field === "altNames" && status.altNames.length === 0))
  );
}

/** The fields that are missing somewhere. */
function fieldTable(): string {
  const missing = new Map(PLATFORMS.map((one) => [one, missingFields(one)]));
  const fields = [...new Set([...missing.values()].flat())].sort();
  return table(
    ["field", ...PLATFORMS.map((one) => TITLES[one])],
    fields.map((field) => [`\`${field}\``, ...PLATFORMS.map((one) => missing.get(one)!.includes(field) ? "-" : "yes")]),
  );
}

/** The changes of an existing interface that a BSD announces. */
function announcedTable(): string {
  const flagsOf = (platform: BsdPlatform) => {
    const { announces, flags: table } = SYSTEMS[platform];
    if (announces.flags === 0xffff) return "all";
    const settable = table.infos.reduce((bits, { settable, bit }) => settable ? bits | bit : bits, 0);
    return announces.flags === settable ? "those that a user may set" : flagNames(announces.flags, platform).join(", ");
  };
  const yes = (announced: boolean) => announced ? "yes" : "no";
  return table(
    ["system", "flags", "mtu", "link state", "hardware address", "name"],
    BSDS.map((one) => {
      const { mtu, linkState, hardwareAddress, name } = SYSTEMS[one].announces;
      return [TITLES[one], flagsOf(one), yes(mtu), yes(linkState), yes(hardwareAddress), name ? "yes" : "fixed"];
    }),
  );
}

/** A paragraph with line breaks where `deno fmt` puts them. */
function paragraph(text: string): string {
  return text.split(" ").reduce((lines, word) => {
    const last = lines.slice(lines.lastIndexOf("\n") + 1);
    return lines + (last === "" ? "" : last.length + 1 + word.length > 120 ? "\n" : " ") + word;
  }, "");
}

/** The versions that lose messages silently. */
function silentVersions(): string {
  const names = VERSIONS.filter(({ overflow }) => overflow === "silent").map(({ name }) => name);
  return paragraph(
    "Some versions do not say when messages were lost. On these, `poll` is on by default, every second: " +
      `${names.join(", ")}.`,
  );
}

/** platforms/LIMITS.md */
export function limitsPage(): string {
  return `# What each kernel cannot report

<!-- Written by \`deno task pages\` from the tables in the code. Do not edit the tables by hand. -->

netflags never guesses. If a kernel does not report something, the field is \`undefined\`. \`capabilities()\` says what to
expect of the system in use.

${capabilityTable()}

The table is for a current version, with a kernel that refuses nothing. Older versions differ:
[bsd/README.md](bsd/README.md) has a row for each. \`capabilities()\` says the same as the table until a list, a watcher
or another call has shown what the running kernel can. A sandbox (seccomp, gVisor) can refuse to report changes. Then
netflags compares everything every second, and \`capabilities().events\` is "partial" or "poll" from the first watcher on.

## Fields of a status

"-" means that the field is always \`undefined\` on that system (\`altNames\`: empty). "yes" means that some interfaces have
it: for example, hardware has no \`kind\`, and only wireless interfaces have \`wireless\`.

${fieldTable()}

## Changes that nobody announces

For some changes a kernel sends no message. netflags finds these changes because it compares everything half a second
after the last event, or every five seconds while events keep coming. The option \`poll\` compares at an interval of your
choice.

**Linux** does not announce changes of alternative names, link mode and carrier of an interface that is not up, nor that
the parent of an interface went from one network namespace to another: from here or to here, the parent's own departure
or arrival makes netflags ask; between two others, only \`poll\` or another event finds it. If a carrier goes and comes
back within a second, Linux merges the changes into one event; \`hiddenFlaps\` has their number. Before 5.5 Linux has no
alternative names, and before 6.3 it does not announce that an access point starts.

- If hostapd changes its SSID on SIGHUP, without stopping, no kernel reports it: \`wireless\` keeps the old SSID, as \`iw\`
  does. Restart hostapd instead.
- If every watcher asks for names, the kernel drops messages of other interfaces. Those that have alternative names are
  not dropped, which costs a wake each. gVisor drops nothing, and neither does a kernel whose \`net.core.optmem_max\`
  leaves no room for the interfaces that are there.
- A program that stops one link of a multi-link access point (Wi-Fi 7) while another goes on is not announced: \`poll\` or
  another event finds it. From then on Linux names no network of the interface, and \`wireless.ssid\` is undefined;
  \`watchAccessPoints\` keeps the last SSID of each link.
- Which router the default traffic takes may change without a message: of two routers that advertise themselves, Linux
  leaves the one that does not answer. \`defaultRoute\` shows it with the next message about a link or a route, or by
  \`poll\`. A sysctl that changes how routes are chosen (ignore_routes_with_linkdown) is no message either. An IPv6 route
  whose lifetime ends is no longer taken at once, and its message comes when the kernel removes it: up to 30 seconds
  later.
- \`defaultRoute\` and \`route\` are for packets without a mark, of this process's user, and not bound to an interface or a
  VRF. A kernel that answers no such question leaves \`defaultRoute\` undefined.
- wpa_supplicant with its driver "wired" (802.1X on Ethernet) does not make the interface dormant. There, \`connected\`
  does not mean that it is authenticated.

**The BSDs** announce these changes of an interface. "fixed" means that the name never changes.

${announcedTable()}

- NetBSD announces flags other than UP from 10 on (9.99), not in 9 and before. A vlan's type and hardware address are
  read with its next message.
- FreeBSD 12 marks a tun as running as soon as it is up, opened or not, and gives it no link state: it counts as
  connected. 15.1 does not.
- FreeBSD does not announce what \`ifconfig promisc\` sets, that a vlan gets a parent or loses it, nor that an interface
  becomes a port of a lagg, with another type and hardware address. When a cable of a vtnet returns, it may say nothing:
  while link state and medium contradict each other, netflags asks that interface again each second.
- They also announce addresses. NetBSD 8 and later, and OpenBSD, announce that an address was verified or is a
  duplicate; on the others, an interface with an IPv6 address that is being verified is asked again each second. No BSD
  announces a change of the medium that leaves the link state as it is. On each message about an interface, netflags
  asks for its medium too.
- The flags in a message can be stale, because RUNNING changes after the message is sent. So netflags asks for them.
- \`defaultRoute\` and \`route\` are those of this process's routing table, which OpenBSD names and FreeBSD does not. A
  static route stays when its interface is set down or loses its carrier: it is told as dead. OpenBSD then takes another
  one, if there is one. A route that goes with an address or an interface has a message on OpenBSD alone; netflags asks
  after the messages about those two. In a jail without a network of its own, FreeBSD says that there is none.
- macOS does not announce that an interface comes or goes, and it has no link state. The medium says whether there is a
  link. An Ethernet interface without a medium has \`connected\` undefined.
- RUNNING means that the driver has its resources, not that there is a link.

${silentVersions()}

## Sleep

A duration comes from a clock that nobody sets. On Linux (CLOCK_BOOTTIME), OpenBSD (CLOCK_MONOTONIC) and macOS
(CLOCK_MONOTONIC_RAW) it goes on while the machine sleeps. On NetBSD and FreeBSD no clock does: there, \`elapsed\` and
history leave the sleep out, and a time before it is reported as that much later. DragonFly's clock was not verified.
Times of events are right everywhere.
`;
}

if (import.meta.main) {
  const folder = new URL("../platforms/", import.meta.url);
  Deno.writeTextFileSync(new URL("FLAGS.md", folder), flagsPage());
  Deno.writeTextFileSync(new URL("LIMITS.md", folder), limitsPage());
}
