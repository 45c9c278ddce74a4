/** The program of tests/bsd/headers.ts, compiled against the structures of tests/bsd/layouts.c in the headers' place. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { BsdPlatform } from "../../../../platforms/contract/platform.ts";
import type { SystemNumbers } from "../../../../platforms/bsd/systems/layout.ts";
import { SYSTEMS } from "../../../../platforms/bsd/systems/systems.ts";
import { headersProgram } from "../../../bsd/headers.ts";

/** How layouts.c calls the structures of each system. */
const NAMES: Readonly<Record<BsdPlatform, Readonly<Record<string, string>>>> = {
  netbsd: {
    if_msghdr: "nb_if_msghdr",
    ifa_msghdr: "nb_ifa_msghdr",
    if_announcemsghdr: "announce",
    rt_msghdr: "nb_rt_msghdr",
    ifreq: "nb_ifreq",
  },
  freebsd: {
    if_msghdr: "fb_if_msghdr",
    if_msghdrl: "fb_if_msghdrl",
    ifa_msghdr: "fb_ifa_msghdr",
    ifa_msghdrl: "fb_ifa_msghdrl",
    if_announcemsghdr: "announce",
    rt_msghdr: "rt_msghdr_lp64",
  },
  openbsd: {
    if_msghdr: "ob_if_msghdr",
    ifa_msghdr: "ob_ifa_msghdr",
    if_announcemsghdr: "ob_announce",
    rt_msghdr: "ob_rt_msghdr",
    ifmediareq: "ob_ifmediareq",
  },
  dragonfly: {
    if_msghdr: "df_if_msghdr",
    ifa_msghdr: "df_ifa_msghdr",
    if_announcemsghdr: "announce",
    rt_msghdr: "rt_msghdr_lp64",
  },
  darwin: {
    if_msghdr: "xn_if_msghdr",
    if_msghdr2: "xn_if_msghdr2",
    ifa_msghdr: "xn_ifa_msghdr",
    rt_msghdr: "xn_rt_msghdr",
    ifmediareq: "xn_ifmediareq",
  },
};

/** How it calls their fields: without the prefix that a header gives them. */
const FIELDS = ["ifm_index", "ifm_addrs", "ifm_flags", "ifm_data", "ifm_status", "ifm_active", "ifi_type", "ifi_mtu"]
  .concat(["ifi_link_state", "ifam_index", "ifam_addrs", "ifam_addrflags", "ifan_index", "ifan_name", "ifan_what"])
  .concat(["rtm_index", "rtm_flags", "rtm_addrs", "rtm_pid", "rtm_seq", "rtm_tableid", "rtm_hdrlen"])
  .map((name) => `#define ${name} ${name.replace(/^[a-z]+_/, "")}\n`).join("") + "#define rtm_errno error\n";

/** The same on all of them. */
const TIMESPEC = "struct timespec { long long tv_sec; long tv_nsec; };\n";

function standIn(platform: BsdPlatform, macros: string): string {
  const layouts = new URL("../../../bsd/layouts.c", import.meta.url).pathname;
  const names = Object.entries(NAMES[platform]).map(([name, here]) => `#define ${name} ${here}\n`).join("");
  return `#define main unused\n#include "${layouts}"\n#undef main\n#undef FIELD\n#undef SIZE\n${TIMESPEC}${FIELDS}${names}${macros}`;
}

/** Compiles and runs a program; undefined where there is no compiler. */
function compiled(program: string): { readonly success: boolean; readonly text: string } | undefined {
  const folder = Deno.makeTempDirSync();
  try {
    Deno.writeTextFileSync(`${folder}/headers.c`, program);
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    const args = ["-w", "-o", `${folder}/headers`, `${folder}/headers.c`];
    const made = new Deno.Command("cc", { args }).outputSync();
    assert(made.success, text(made.stderr));
    const { success, stdout } = new Deno.Command(`${folder}/headers`).outputSync();
    return { success, text: text(stdout) };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

const NO_COMPILER = Deno.build.os !== "linux" || compiled("int main(void) { return 0; }") === undefined;
if (NO_COMPILER) console.error("SKIPPED: no C compiler on Linux, so the program for the BSDs' headers is not compiled");

for (const platform of Object.keys(SYSTEMS) as BsdPlatform[]) {
  const system = SYSTEMS[platform];
  const run = (numbers: SystemNumbers, macros = "") => compiled(headersProgram(numbers, standIn(platform, macros)))!;

  Deno.test({
    name: `headers ${platform}: the program finds its structures right, and says what it did not find`,
    ignore: NO_COMPILER,
    fn: () => {
      const { success, text } = run(system, "#define IFF_UP 0x1\n");
      assertMatch(text, /^[0-9]{2} right, 0 wrong$/m);
      assert(success);
      assertStringIncludes(text, "absent: this system's headers have no RTM_IFINFO\n");
      assertEquals(text.includes("no IFF_UP"), false);
    },
  });

  Deno.test({
    name: `headers ${platform}: the program fails where a number or a structure differs`,
    ignore: NO_COMPILER,
    fn: () => {
      const flag = run(system, "#define IFF_UP 0x2\n");
      assertEquals(flag.success, false);
      assertStringIncludes(flag.text, "WRONG IFF_UP: the header says 0x2, netflags 0x1\n");
      const size = run({ ...system, ifreq: 31 });
      assertEquals(size.success, false);
      assertStringIncludes(size.text, `WRONG the size of ifreq: the header says 0x${system.ifreq.toString(16)}`);
    },
  });
}

Deno.test("headers: every flag, message and request of a system is asked for", () => {
  for (const system of Object.values(SYSTEMS)) {
    const program = headersProgram(system);
    for (const { name } of system.flags.infos) assertStringIncludes(program, `#ifdef IFF_${name}\n`);
    for (const { name } of Object.values(system.layouts[0]!.messages)) {
      assertStringIncludes(program, `#ifdef ${name}\n`);
    }
    assertStringIncludes(program, "#include <net/if.h>\n");
  }
});
