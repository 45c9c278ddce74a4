/**
 * Writes the pages that follow from the tables in the code: platforms/FLAGS.md and platforms/LIMITS.md. Run it by
 * `deno task pages` after a table has changed; tests/unit/pages_test.ts holds the files to it.
 */
import type { Capabilities } from "../platforms/contract/capabilities.ts";
import { type BsdPlatform, type Platform, PLATFORMS } from "../platforms/contract/platform.ts";
import type { InterfaceStatus } from "../platforms/contract/status.ts";
import { SYSTEMS } from "../platforms/bsd/systems.ts";
import { REGISTRY } from "../platforms/registry.ts";
import { flagNames, flagTable } from "../src/flags.ts";
import { VERSIONS } from "./bsd/versions.ts";

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

/** A table as `deno fmt` sets it. */
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

/** What each flag says, by name; systems that agree stand together. */
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
    ["flag", "says", "changed by", "on"],
    [...rows.values()]
      .sort((a, b) => a.cells[0] < b.cells[0] ? -1 : a.cells[0] > b.cells[0] ? 1 : 0)
      .map(({ cells, systems }) => [...cells, systems.length === PLATFORMS.length ? "all" : systems.join(", ")]),
  );
}

/** platforms/FLAGS.md */
export function flagsPage(): string {
  return `# Which flag means what, on which system

<!-- Written by \`deno task pages\` from the flag tables in the code. Do not edit it by hand. -->

The flag word of an interface looks alike on every system, and is not. \`0x1000\` is MULTICAST on Linux and LINK0 on a
BSD; RUNNING tells of the network on Linux, and of the driver on a BSD. \`formatFlags\` and \`parseFlags\` take the system
as an argument, and \`netflags flags 0x1043 --platform linux\` does the same in a shell.

## By bit

${bitTable()}

On Linux the bits from 0x10000 on are told by netlink alone: the ioctl SIOCGIFFLAGS has room for 16. On FreeBSD and
DragonFly they are in a second half of the ioctl's answer (\`ifr_flagshigh\`). The others have 16 bits.

## By name

"changed by" tells whether \`setFlags\` and \`netflags set\` can change a flag, or whether the kernel and the driver decide.

${meaningTable()}
`;
}

/** The capabilities of a current version whose kernel refuses nothing. */
function capabilityTable(): string {
  const rows: readonly (readonly [what: string, key: keyof Capabilities])[] = [
    ["operational states (RFC 2863)", "operState"],
    ["setting them, and the link mode", "setOperState"],
    ["how many carrier changes were merged into one event", "carrierCounters"],
    ["that messages were lost", "overflowDetection"],
    ["that interfaces come and go", "announcements"],
    ["access points that start and stop", "accessPoints"],
    ["alternative names", "altNames"],
  ];
  const cell = (platform: Platform, key: keyof Capabilities) => {
    if (key === "accessPoints" && platform === "linux") return "where it has nl80211";
    return REGISTRY[platform].capabilities[key] ? "yes" : "no";
  };
  return table(
    ["what it tells or does", "capability", ...PLATFORMS.map((one) => TITLES[one])],
    rows.map(([what, key]) => [what, `\`${key}\``, ...PLATFORMS.map((one) => cell(one, key))]),
  );
}

/** An interface of which everything is set that any system could tell. */
const WHOLE: Omit<InterfaceStatus, "flagNames" | "up" | "running" | "lowerUp" | "dormant" | "connected"> = {
  index: 2,
  name: "x0",
  altNames: ["x1"],
  type: "ether",
  kind: "veth",
  flags: 0x43,
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
  parent: "x3",
  parentIndex: 4,
  parentNetnsId: 0,
  addresses: [],
  media: { active: 0x20, link: true, text: "100baseTX" },
  wireless: { type: "station", ssid: "x", ssidHex: "78", frequency: undefined },
};

/** Which fields of a status a system leaves undefined, or empty. */
function missingFields(platform: Platform): string[] {
  const told = REGISTRY[platform].complete(WHOLE) as unknown as Readonly<Record<string, unknown>>;
  return Object.keys(told).filter((field) => {
    const value = told[field];
    return value === undefined || (field === "altNames" && (value as readonly string[]).length === 0);
  });
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

/** What a BSD sends a message of, while an interface is there. */
function toldTable(): string {
  const flagsOf = (platform: BsdPlatform) => {
    const { flags } = SYSTEMS[platform].told;
    return flags === 0xffff ? "all" : flagNames(flags, platform).join(", ");
  };
  const yes = (told: boolean) => told ? "yes" : "no";
  return table(
    ["system", "of the flags", "mtu", "link state", "hardware address", "another name"],
    BSDS.map((one) => {
      const { mtu, linkState, hardwareAddress, name } = SYSTEMS[one].told;
      return [TITLES[one], flagsOf(one), yes(mtu), yes(linkState), yes(hardwareAddress), name ? "yes" : "has none"];
    }),
  );
}

/** A paragraph as `deno fmt` breaks its lines. */
function paragraph(text: string): string {
  return text.split(" ").reduce((lines, word) => {
    const last = lines.slice(lines.lastIndexOf("\n") + 1);
    return lines + (last === "" ? "" : last.length + 1 + word.length > 120 ? "\n" : " ") + word;
  }, "");
}

/** The versions that lose messages and do not say so. */
function silentVersions(): string {
  const names = VERSIONS.filter(({ overflow }) => overflow === "silent").map(({ name }) => name);
  return paragraph(
    "Some versions do not tell that messages were lost. There `poll` is on by default, each second: " +
      `${names.join(", ")}.`,
  );
}

/** platforms/LIMITS.md */
export function limitsPage(): string {
  return `# What each kernel cannot tell

<!-- Written by \`deno task pages\` from the tables in the code. Do not edit the tables by hand. -->

netflags never guesses. Where a kernel does not tell something, the field is \`undefined\`, and \`capabilities()\` tells
what to expect of the system in use.

${capabilityTable()}

This is a current version whose kernel refuses nothing. Older versions differ: [bsd/README.md](bsd/README.md) has a row
for each, and \`capabilities()\` asks the kernel that is running. A sandbox (seccomp, gVisor) can refuse to tell changes;
then netflags compares everything each second, and \`capabilities().events\` is "partial" or "poll".

## Fields of a status

"-" means that the field is always \`undefined\` there (\`altNames\`: empty). A field that is told can still be \`undefined\`
of one interface: hardware has no \`kind\`, for example, and only wireless interfaces have \`wireless\`.

${fieldTable()}

## Changes that nobody announces

Of some changes a kernel sends no message. netflags finds them because it compares everything half a second after the
last event, or every five seconds while events go on. The option \`poll\` compares at an interval of your choice.

**Linux** sends no message of the alternative names, link mode and carrier of an interface that is not up. It merges a
carrier that goes and comes within a second into one event; \`hiddenFlaps\` has the number. Before 5.5 it has no
alternative names, and before 6.3 it does not tell that an access point starts.

**The BSDs** send a message of these changes of an interface. "has none": its name never changes.

${toldTable()}

- They also announce addresses. No BSD announces a change of the medium that leaves the link state as it is. Each
  message of an interface makes netflags ask for its medium too.
- The flags in a message can be old, because RUNNING changes after it is sent. netflags asks for them.
- macOS does not announce that an interface comes or goes, and it has no link state: the medium tells whether there is a
  link. An Ethernet interface without a medium has \`connected\` undefined.
- RUNNING tells that the driver has its resources, not that there is a link.

${silentVersions()}
`;
}

if (import.meta.main) {
  const folder = new URL("../platforms/", import.meta.url);
  Deno.writeTextFileSync(new URL("FLAGS.md", folder), flagsPage());
  Deno.writeTextFileSync(new URL("LIMITS.md", folder), limitsPage());
}
