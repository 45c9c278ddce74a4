/**
 * Writes a C program that holds the numbers of platforms/bsd against the headers of the system that compiles it:
 *
 *     deno run tests/bsd/headers.ts netbsd > headers.c    # on any machine
 *     cc -o headers headers.c && ./headers                # on NetBSD
 *
 * So the numbers can be checked on a system that has a C compiler and no Deno.
 */
import type {
  AddressLayout,
  Field,
  InterfaceLayout,
  RouteHeader,
  SystemNumbers,
} from "../../platforms/bsd/systems/layout.ts";
import * as C from "../../platforms/bsd/systems/common.ts";
import { isBsdPlatform, SYSTEMS } from "../../platforms/bsd/systems/systems.ts";

const INCLUDES = ["time.h", "sys/param.h", "sys/socket.h", "sys/sysctl.h", "sys/ioctl.h", "sys/sockio.h"]
  .concat(["net/if.h", "net/if_dl.h", "net/if_media.h", "net/route.h"])
  .concat(["netinet/in.h", "netinet/in_var.h", "netinet6/in6_var.h"])
  .map((header) => `#include <${header}>\n`).join("");

/** The flags of a route that are the same on all. */
const ROUTE_FLAGS = {
  RTF_UP: C.RTF_UP,
  RTF_GATEWAY: C.RTF_GATEWAY,
  RTF_HOST: C.RTF_HOST,
  RTF_REJECT: C.RTF_REJECT,
  RTF_DONE: C.RTF_DONE,
  RTF_STATIC: C.RTF_STATIC,
  RTF_BLACKHOLE: C.RTF_BLACKHOLE,
};

/** What counts; a number is right where it is one of those that are known. */
const CHECKS = `
#include <stddef.h>
#include <stdio.h>

static int right, wrong;

static void check(const char *what, unsigned long long found, int count, const unsigned long long *known)
{
	int i;
	for (i = 0; i < count; i++)
		if (known[i] == found) { right++; return; }
	wrong++;
	printf("WRONG %s: the header says 0x%llx, netflags 0x%llx\\n", what, found, known[0]);
}

#define CHECK(what, found, ...) do { \\
	static const unsigned long long known[] = { __VA_ARGS__ }; \\
	check(what, (unsigned long long)(found), (int)(sizeof known / sizeof known[0]), known); \\
} while (0)
#define FIELD(type, field, at, bytes) do { \\
	CHECK(#type "." #field ", its place", offsetof(struct type, field), at); \\
	CHECK(#type "." #field ", its size", sizeof(((struct type *)0)->field), bytes); \\
} while (0)
#define ABSENT(what) printf("absent: this system's headers have no %s\\n", what)
`;

/** A check of a macro, which older or newer headers may lack. */
function constant(name: string, known: readonly number[]): string {
  const numbers = known.map((one) => `0x${one.toString(16)}`).join(", ");
  return `#ifdef ${name}\n\tCHECK("${name}", (unsigned int)${name}, ${numbers});\n#else\n\tABSENT("${name}");\n#endif`;
}

function field(type: string, name: string, [at, bytes]: Field): string {
  return `\tFIELD(${type}, ${name}, ${at}, ${bytes});`;
}

function size(type: string, known: readonly number[]): string {
  return `\tCHECK("the size of ${type}", sizeof(struct ${type}), ${known.join(", ")});`;
}

function interfaceChecks(type: string, layout: InterfaceLayout): string[] {
  return [
    field(type, "ifm_index", layout.index),
    field(type, "ifm_addrs", layout.addrs),
    field(type, "ifm_flags", layout.flags),
    field(type, "ifm_data.ifi_type", layout.type),
    field(type, "ifm_data.ifi_mtu", layout.mtu),
    ...(layout.linkState === undefined ? [] : [field(type, "ifm_data.ifi_link_state", layout.linkState)]),
    size(type, layout.size),
  ];
}

function addressChecks(type: string, layout: AddressLayout): string[] {
  return [
    field(type, "ifam_index", layout.index),
    field(type, "ifam_addrs", layout.addrs),
    ...(layout.addressFlags === undefined ? [] : [field(type, "ifam_addrflags", layout.addressFlags)]),
    size(type, [layout.size]),
  ];
}

function routeChecks(type: string, layout: RouteHeader): string[] {
  return [
    field(type, "rtm_index", layout.index),
    field(type, "rtm_flags", layout.flags),
    field(type, "rtm_addrs", layout.addrs),
    field(type, "rtm_pid", layout.pid),
    field(type, "rtm_seq", layout.seq),
    field(type, "rtm_errno", layout.errno),
    ...(layout.table === undefined ? [] : [field(type, "rtm_tableid", layout.table)]),
    ...(layout.sizeField === undefined ? [] : [field(type, "rtm_hdrlen", layout.sizeField)]),
    size(type, [layout.size]),
  ];
}

/** The structures of the messages: where a system has several of one name, the last is that of its headers. */
function structureChecks({ layouts }: SystemNumbers): string[] {
  const checks = new Map<string, string[]>();
  for (const message of Object.values(layouts[0]!.messages)) {
    if ("interface" in message) {
      const type = message.name === "RTM_IFINFO2" ? "if_msghdr2" : "if_msghdr";
      checks.set(type, interfaceChecks(type, message.interface));
      if (message.long !== undefined) checks.set("if_msghdrl", interfaceChecks("if_msghdrl", message.long));
    } else if ("address" in message) {
      checks.set("ifa_msghdr", addressChecks("ifa_msghdr", message.address));
      if (message.long !== undefined) checks.set("ifa_msghdrl", addressChecks("ifa_msghdrl", message.long));
    } else if ("route" in message) {
      checks.set("rt_msghdr", routeChecks("rt_msghdr", message.route));
    } else if ("announce" in message) {
      const type = "if_announcemsghdr";
      const { index, name, what } = message.announce;
      checks.set(type, [
        field(type, "ifan_index", index),
        field(type, "ifan_name", [name, 16 as 8]),
        field(type, "ifan_what", what),
      ]);
    }
  }
  return [...checks.values()].flat();
}

/** The names and numbers of everything that is a macro. */
function constants(system: SystemNumbers): Map<string, number[]> {
  const found = new Map<string, number[]>();
  const add = (name: string, ...numbers: number[]) => found.set(name, [...found.get(name) ?? [], ...numbers]);
  const layout = system.layouts[0]!;
  add("AF_ROUTE", system.route);
  add("AF_INET6", layout.inet6);
  add("RTM_VERSION", ...layout.versions);
  for (const [number, { name }] of Object.entries(layout.messages)) add(name, Number(number));
  for (const [number, name] of Object.entries(layout.others)) add(name, Number(number));
  layout.linkStates.forEach((state, number) => add(`LINK_STATE_${state.toUpperCase()}`, number));
  add("NET_RT_IFLIST", ...system.lists);
  add("SIOCGIFFLAGS", system.SIOCGIFFLAGS);
  add("SIOCSIFFLAGS", system.SIOCSIFFLAGS);
  add("SIOCGIFAFLAG_IN6", C.SIOCGIFAFLAG_IN6);
  for (const [family, table] of [["IN", system.addressFlags.inet], ["IN6", system.addressFlags.inet6]] as const) {
    for (const { name, bit } of table.infos) add(`${family}_IFF_${name.toUpperCase()}`, bit);
  }
  if (system.SIOCGIFINDEX !== undefined) add("SIOCGIFINDEX", system.SIOCGIFINDEX);
  if (system.mediaRequests.length > 1) add("SIOCGIFXMEDIA", system.mediaRequests[0]!);
  add("SIOCGIFMEDIA", system.mediaRequests.at(-1)!);
  if (system.SO_RERROR !== undefined) add("SO_RERROR", system.SO_RERROR);
  if (system.filter !== undefined) {
    add(system.filter.form === "bytes" ? "RO_MSGFILTER" : "ROUTE_MSGFILTER", system.filter.option);
    if (system.filter.flags !== undefined) add("ROUTE_FLAGFILTER", system.filter.flags.option);
  }
  for (const [name, bit] of Object.entries(ROUTE_FLAGS)) add(name, bit);
  for (const [name, bit] of Object.entries(layout.routeFlags)) if (bit !== 0) add(name, bit);
  if (system.wireless !== undefined) {
    add("IFM_NMASK", system.wireless.mask);
    add("IFM_IEEE80211", system.wireless.is80211);
  }
  add(system.platform === "darwin" ? "CLOCK_MONOTONIC_RAW" : "CLOCK_MONOTONIC", system.steadyClock);
  for (const { name, bit } of system.flags.infos) add(`IFF_${name}`, bit);
  return found;
}

/**
 * The program for a system. It prints what is wrong and what the headers lack, and ends with 1 where anything is wrong.
 *
 * @param system Its numbers.
 * @param includes What brings the structures: its own headers.
 */
export function headersProgram(system: SystemNumbers, includes = INCLUDES): string {
  const { ifreq, media } = system;
  return [
    includes + CHECKS,
    "int main(void)\n{",
    ...structureChecks(system),
    size("timespec", [16]),
    size("ifreq", [ifreq]),
    size("ifmediareq", [media.size]),
    `\tCHECK("ifmediareq.ifm_status, its place", offsetof(struct ifmediareq, ifm_status), ${media.status});`,
    `\tCHECK("ifmediareq.ifm_active, its place", offsetof(struct ifmediareq, ifm_active), ${media.active});`,
    ...[...constants(system)].map(([name, known]) => constant(name, known)),
    '\tprintf("%d right, %d wrong\\n", right, wrong);',
    "\treturn wrong != 0;\n}\n",
  ].join("\n");
}

if (import.meta.main) {
  const [platform = ""] = Deno.args;
  if (!isBsdPlatform(platform)) {
    console.error(`Unknown system "${platform}": give one of ${Object.keys(SYSTEMS).join(", ")}`);
    Deno.exit(2);
  }
  console.log(headersProgram(SYSTEMS[platform]));
}
