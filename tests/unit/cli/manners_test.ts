/** What the command line says beside its answers: help, what was meant by a mistyped word, times, completions. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { NO_CAPABILITIES } from "../../../platforms/contract/capabilities.ts";
import { NotPermittedError } from "../../../platforms/contract/errors.ts";
import { useBackend } from "../../../platforms/current.ts";
import { complete } from "../../../src/cli/commands/complete.ts";
import { COMMANDS } from "../../../src/cli/commands/commands.ts";
import { optionWord } from "../../../src/cli/options/option.ts";
import { Stamps } from "../../../src/cli/options/stamp.ts";
import { NoSuchInterfaceError } from "../../../platforms/contract/errors.ts";
import { meant } from "../../../src/cli/commands/meant.ts";
import { closestWord } from "../../../platforms/common/options.ts";
import { formatTable } from "../../../src/cli/terminal/table.ts";
import { hanging, wrap } from "../../../src/cli/terminal/wrap.ts";
import { FakeSystem } from "../../../src/testing.ts";
import { atWidth } from "../../helpers/cli/at_width.ts";
import { runHere } from "../../helpers/cli/in_process.ts";

Deno.test("help: of each command it has usage, description, options and examples, in this order and in 80 columns", async () => {
  for (const [name, { summary }] of Object.entries(COMMANDS)) {
    const { status, stdout, stderr } = await runHere(["help", name]);
    assertEquals([status, stderr], [0, ""]);
    assertEquals((await runHere([name, "--help"])).stdout, stdout);
    assert(stdout.startsWith(`Usage: netflags ${name} `), stdout);
    const places = [summary.slice(0, 40), "\nOptions:\n", "\nExamples:\n"].map((part) => stdout.indexOf(part));
    assert(places.every((place, i) => place > (places[i - 1] ?? 0)), `${name}: ${places}`);
    assertEquals(stdout.split("\n").filter((line) => line.length > 80), []);
    const examples = stdout.slice(places[2]).match(/^ {2}\S/gm)!.length;
    assert(examples >= 1 && examples <= 3, `${name} has ${examples} examples`);
  }
});

Deno.test("help: -h is a line for each option and two examples at most, in 80 columns, and none is cut", async () => {
  for (const [name, { load }] of Object.entries(COMMANDS)) {
    const { status, stdout, stderr } = await runHere([name, "-h"]);
    const { usage, options, examples } = await load();
    assertEquals([status, stderr], [0, ""]);
    const lines = stdout.trimEnd().split("\n");
    assertEquals(lines.filter((line) => line.length > 80 || line.includes("…")), []);
    for (const [option, form] of Object.entries(options)) {
      const word = optionWord(option, form);
      assertEquals(
        lines.filter((line) => line.includes(`${word} `) && /^ {2}-/.test(line)).length,
        1,
        `${name} ${word}`,
      );
    }
    const most = 2 * usage.length + Object.keys(options).length + 4 * Math.min(2, examples.length) + 5;
    assert(lines.length <= most, `${name}: ${lines.length} lines`);
    assert(lines.length <= (await runHere([name, "--help"])).stdout.split("\n").length, name);
  }
});

Deno.test("help: no text has tell or told in the place of report, print and show", async () => {
  const texts = await Promise.all([[], ...Object.keys(COMMANDS).map((name) => [name])].flatMap((words) => [
    runHere(["help", ...words]),
    runHere([...words, "-h"]),
  ]));
  for (const { stdout } of texts) assertEquals(stdout.match(/.*\b(?:tell|told).*/i)?.[0], undefined);
  const folders = ["src", "platforms"].map((name) => new URL(`../../../${name}/`, import.meta.url));
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const { name, isDirectory } of Deno.readDirSync(folder)) {
      if (isDirectory) folders.push(new URL(`${name}/`, folder));
      if (!name.endsWith(".ts")) continue;
      const code = Deno.readTextFileSync(new URL(name, folder)).replace(/^ *(\/\*\*?|\*|\/\/).*$/gm, "");
      // What is printed stands in quotation marks, and has more than a word.
      const words = code.match(
        /(["`])(?:(?!\1)[^\n\\]|\\.)*\b(?:tell|told)\b(?:(?!\1)[^\n\\]|\\.)* (?:(?!\1)[^\n\\]|\\.)*\1/i,
      );
      assertEquals(words?.[0], undefined, `${folder}${name}`);
    }
  }
});

Deno.test("units and scripts: no comment has tell or told, and none promises more than the kernel says", () => {
  const examples = new URL("../../examples/", import.meta.url);
  const files = [examples, new URL("rc.d/", examples)].flatMap((folder) =>
    [...Deno.readDirSync(folder)].filter(({ name }) => /\.(service|\w+bsd)$/.test(name)).map(({ name }) =>
      new URL(name, folder)
    )
  );
  assert(files.length >= 8);
  for (const file of files) {
    const words = Deno.readTextFileSync(file).match(/.*\b(?:tell|told|tells|really|begun anew)\b.*/i);
    assertEquals(words?.[0], undefined, file.pathname);
  }
});

Deno.test("help: no text promises that an interface really works", async () => {
  for (const words of [[], ...Object.keys(COMMANDS).map((name) => [name])]) {
    assertEquals((await runHere(["help", ...words])).stdout.match(/.*\breal(?:ly)?\b.*/i)?.[0], undefined);
  }
});

Deno.test("help: it fits the terminal, and is not wider than can be read", async () => {
  for (const [columns, most] of [[60, 60], [80, 80], [200, 100], [0, 80]] as const) {
    for (const name of [undefined, ...Object.keys(COMMANDS)]) {
      const help = await atWidth(columns, name === undefined ? ["help"] : ["help", name]);
      const longest = Math.max(...help.split("\n").map((line) => line.length));
      assert(longest <= most, `${name} at ${columns}: ${longest}`);
    }
  }
});

Deno.test("list, flags and explain: they fit a terminal of 60 columns", async () => {
  using system = new FakeSystem();
  system.set({ name: "enp0s31f6", flags: 0x11043, operState: "up", hardwareAddress: "02:00:00:00:00:01" });
  for (const args of [["list"], ["list", "--addresses"], ["flags", "4163"], ["explain", "enp0s31f6"]]) {
    // deno-lint-ignore no-control-regex -- colours take no column
    const shown = (await atWidth(60, args)).replace(/\x1b\[\d+m/g, "");
    assertEquals(shown.split("\n").filter((line) => line.length > 60), [], args.join(" "));
  }
});

Deno.test("help: it tells of each option that a command takes, and of no other", async () => {
  for (const [name, { load }] of Object.entries(COMMANDS)) {
    const { stderr } = await runHere([name, "--qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq"]);
    const taken = stderr.match(/--[a-z-]+(?=,|\n)/g);
    const shown = Object.entries((await load()).options).map(([option, form]) => optionWord(option, form));
    assertEquals([...shown, "--help"].sort(), taken?.sort(), name);
  }
});

Deno.test("help: a text is broken between words, and a word that is too long stays whole", () => {
  assertEquals(wrap("a bb ccc", 4), ["a bb", "ccc"]);
  assertEquals(wrap("abcdef g", 4), ["abcdef", "g"]);
  assertEquals(wrap("", 4), [""]);
  assertEquals(hanging("a: ", "bb ccc d", 8), ["a: bb", "   ccc d"]);
  assertEquals(hanging("a: ", "bb ccc d", Infinity), ["a: bb ccc d"]);
});

Deno.test("errors: a mistyped command, option, condition or platform gets the word that was meant, in one line", async () => {
  for (
    const [args, text] of [
      [["lsit"], 'Unknown command "lsit": did you mean "list"? netflags help says more'],
      [["help", "wach"], 'Unknown command "wach": did you mean "watch"? netflags help says more'],
      [["list", "--jsno"], 'Unknown option "--jsno": did you mean "--json"? netflags help list says more'],
      [["wait", "lo", "runing"], 'Unknown condition "runing": did you mean "running"? netflags help wait says more'],
      [
        ["flags", "1", "--platform", "Linux"],
        'Unknown value of --platform "Linux": did you mean "linux"? netflags help flags says more',
      ],
      [["completions", "bsah"], 'Unknown shell "bsah": did you mean "bash"? netflags help completions says more'],
      [["show"], "NAME is missing: netflags show NAME... [OPTION...]"],
      [
        ["wait", "lo"],
        "CONDITION is missing: netflags wait NAME... CONDITION [OPTION...] or netflags wait NAME:CONDITION... [OPTION...]",
      ],
    ] as const
  ) {
    assertEquals(await runHere(args), { status: 2, stdout: "", stderr: `netflags: ${text}\n` });
  }
  assertStringIncludes((await runHere(["xyzzy"])).stderr, 'Unknown command "xyzzy": it is one of list, ');
});

Deno.test("errors: ten typical mistakes get the right word, each in one line", async () => {
  using system = new FakeSystem();
  system.set({ name: "eth0", flags: 0x11043, operState: "up" });
  system.set({ name: "eth1", flags: 0x1003, operState: "down" });
  for (
    const [args, status, text] of [
      [["set", "eth0", "donw"], 2, 'Unknown flag "donw": did you mean "down"? netflags help set says more'],
      [
        ["show", "eht0"],
        1,
        'No such interface: "eht0": did you mean "eth0"? netflags list shows those that exist',
      ],
      [["list", "--kind", "brigde"], 1, 'No interface is of kind "brigde": did you mean "bridge"?'],
      [["list", "--type", "ehternet"], 1, 'No interface is of type "ehternet": did you mean "ether"?'],
      [["list", "--type=ethernet"], 1, 'No interface is of type "ethernet": did you mean "ether"?'],
      [
        ["wait", "eth1", "up", "--timeout", "5x"],
        2,
        'Option "--timeout" is "5x": the units of time are ms, s, m and h: give 5s, for example',
      ],
      [["--verison"], 2, 'Unknown option "--verison": did you mean "--version"? netflags help says more'],
      [["ls"], 2, 'Unknown command "ls": did you mean "list"? netflags help says more'],
      [["status"], 2, 'Unknown command "status": did you mean "list"? netflags help says more'],
      [["status", "eth0"], 2, 'Unknown command "status": did you mean "show"? netflags help says more'],
      [["monitor"], 2, 'Unknown command "monitor": did you mean "watch"? netflags help says more'],
      [["eth0"], 2, 'Unknown command "eth0": it is an interface: netflags show eth0 shows it'],
      [
        ["set", "eth1", "mtu", "1400"],
        2,
        "netflags sets flags and states, and not the mtu: use ip link set eth1 mtu 1400",
      ],
      [["set", "eth0", "eth1", "up"], 2, '"eth1" is an interface too: netflags set takes one, so run it for each'],
      [["wait", "eth1", "up", "--timeout", "-1"], 2, 'Option "--timeout" is "-1": a time cannot be negative'],
      [
        ["wait", "eth1", "up", "--timeout=5d"],
        2,
        'Option "--timeout" is "5d": the units of time are ms, s, m and h: give 5s, for example',
      ],
      [
        ["wait", "eth1", "conected"],
        2,
        'Unknown condition "conected": did you mean "connected"? netflags help wait says more',
      ],
      [
        ["list", "-x"],
        2,
        'Unknown option "-x": this command has --active, --addresses, --wide, --json, --kind, --type, ' +
        "--physical, --no-loopback, --exclude, --netns, --help",
      ],
    ] as const
  ) {
    assertEquals(await runHere(args), { status, stdout: "", stderr: `netflags: ${text}\n` }, args.join(" "));
  }
  // A module may have any kind, and a type may be a number.
  assertEquals((await runHere(["list", "--kind", "mykind0", "--type", "65535"])).stderr, "");
});

Deno.test("errors: of several kinds and types each mistyped one is named, and those that exist are taken as they are", async () => {
  using system = new FakeSystem();
  system.set({ name: "eth0", flags: 0x11043, operState: "up" });
  system.set({ name: "odd0", flags: 0x1003, operState: "down", kind: "vethx" });
  for (
    const [args, stderr, names] of [
      [["--type", "loopbakc,ether"], ['type "loopbakc": did you mean "loopback"'], ["eth0", "odd0"]],
      [["--type=ether", "--type=lo"], ['type "lo": did you mean "loopback"'], ["eth0", "odd0"]],
      [["--kind", "vethx", "--type", "e*"], [], ["odd0"]],
      [["--kind", "vhet,vethx", "--type", "ehter"], [
        'kind "vhet": did you mean "veth"',
        'type "ehter": did you mean "ether"',
      ], []],
      [["--kind=constructor"], [], []],
      [["--", "--type"], ['such interface: "--type"'], []],
    ] as const
  ) {
    const said = await runHere(["list", "-j", ...args]);
    const lines = said.stderr.split("\n").filter((line) => line !== "");
    assertEquals(lines.length, stderr.length, said.stderr);
    for (const [i, text] of stderr.entries()) assertStringIncludes(lines[i]!, text);
    const found = said.stdout === "" ? [] : JSON.parse(said.stdout).map(({ name }: { name: string }) => name);
    assertEquals(found, names, args.join(" "));
  }
});

Deno.test("times: every option of seconds takes a unit, and messages say it as it was given", async () => {
  using system = new FakeSystem();
  system.set({ name: "eth1", flags: 0x1003, operState: "down" });
  for (
    const [given, said] of [
      ["10ms", "10 ms"],
      ["0.01", "0.01 s"],
      ["0.01s", "0.01 s"],
      ["0.0002m", "0.0002 m"],
      ["0.000003h", "0.000003 h"],
    ] as const
  ) {
    const { status, stderr } = await runHere(["wait", "eth1", "connected", "--timeout", given]);
    assertEquals(status, 124, given);
    assertStringIncludes(stderr, `is not connected after ${said}: `);
  }
  for (const [name, { load }] of Object.entries(COMMANDS)) {
    for (const [option, { form, ...rest }] of Object.entries((await load()).options)) {
      if (form !== "value" || !("value" in rest) || rest.value !== "S" || option === "oper-state") continue;
      const { status, stderr } = await runHere([name, `--${option}`, "-1"]);
      assertEquals([status, stderr], [2, `netflags: Option "--${option}" is "-1": a time cannot be negative\n`], name);
    }
  }
  assertStringIncludes((await runHere(["wait", "x", "up", "-t", "2147484"])).stderr, "the longest time is 2147483s");
  assertStringIncludes((await runHere(["wait", "x", "up", "-t", "soon"])).stderr, "in seconds, or with a unit");
});

Deno.test("letters: -j, -q, -n and -t are --json, --quiet, --count and --timeout, also together", async () => {
  using system = new FakeSystem();
  system.set({ name: "eth1", flags: 0x1003, operState: "down" });
  assertEquals(await runHere(["list", "-j"]), await runHere(["list", "--json"]));
  assertEquals(await runHere([]), await runHere(["list"]));
  for (const args of [["-qt", "0"], ["-qt0"], ["-qt=0"], ["-q", "-t", "0"], ["-t0", "-q"], ["--quiet", "-t", "0s"]]) {
    assertEquals(
      await runHere(["wait", "eth1", "connected", ...args]),
      { status: 1, stdout: "", stderr: "" },
      args.join(),
    );
  }
  assertEquals((await runHere(["wait", "eth1", "connected", "-qt", "1ms"])).status, 124);
  const lines = (await runHere(["watch", "--initial", "-jn1"])).stdout.split("\n");
  assertEquals(lines.slice(0, -1).map((line) => JSON.parse(line).type), ["watching", "present"]);
  assertEquals((await runHere(["list", "-j", "--", "-j"])).stderr.slice(0, 33), 'netflags: No such interface: "-j"');
});

Deno.test("letters: -t5s, -t 5s and -t=5s are the same, and what cannot be is refused by its own letter", async () => {
  using system = new FakeSystem();
  system.set({ name: "eth1", flags: 0x1003, operState: "down" });
  const late = await runHere(["wait", "eth1", "connected", "--timeout", "5ms"]);
  assertEquals(late.status, 124);
  for (const time of [["-t5ms"], ["-t", "5ms"], ["-t=5ms"], ["--timeout=5ms"], ["-t0.005"], ["-t0.005s"]]) {
    const { status, stderr } = await runHere(["wait", "eth1", "connected", ...time]);
    assertEquals([status, stderr.includes("after 5 ms") || stderr.includes("after 0.005 s")], [124, true], stderr);
  }
  const letters = "and this command has the letters";
  for (
    const [args, text] of [
      [["list", "-jq"], `Unknown option "-q": it stands in "-jq", ${letters} -j`],
      [["show", "eth1", "-jv"], `Unknown option "-v": it stands in "-jv", ${letters} -j`],
      [["watch", "-jvx"], `Unknown option "-x": it stands in "-jvx", ${letters} -n, -v, -j`],
      [["list", "-j=5"], 'Option "--json=5" has a value, and --json takes none'],
      [["list", "--json=yes"], 'Option "--json=yes" has a value, and --json takes none'],
      [["list", "--no-loopback="], 'Option "--no-loopback=" has a value, and --no-loopback takes none'],
      [["list", "-json"], 'Unknown option "-json": did you mean "--json"? netflags help list says more'],
      [["watch", "-jn"], 'Option "--count" needs a value'],
      [
        ["wait", "eth1", "up", "-tq"],
        'Option "--timeout" is "q": give a time in seconds, or with a unit, such as 500ms, 5s, 2m, 1h',
      ],
      [["wait", "eth1", "up", "-t-1"], 'Option "--timeout" is "-1": a time cannot be negative'],
    ] as const
  ) {
    assertEquals(await runHere(args), { status: 2, stdout: "", stderr: `netflags: ${text}\n` });
  }
});

Deno.test("errors: of a word that is close to none, none is offered", () => {
  assertEquals(closestWord("frobnicate", Object.keys(COMMANDS)), undefined);
  assertEquals(closestWord("up", ["ap", "list"]), "ap");
  assertEquals(closestWord("", ["ap"]), undefined);
});

Deno.test("errors: two letters that changed places are one slip: the word that has them is closer than any other", async () => {
  const wait = 'Unknown command "wiat": did you mean "wait"? netflags help says more';
  assertEquals(await runHere(["wiat"]), { status: 2, stdout: "", stderr: `netflags: ${wait}\n` });
  for (const command of Object.keys(COMMANDS)) {
    for (let i = 0; i + 1 < command.length; i++) {
      const slip = command.slice(0, i) + command[i + 1] + command[i] + command.slice(i + 2);
      if (slip !== command) assertEquals(closestWord(slip, Object.keys(COMMANDS)), command, slip);
    }
  }
  assertEquals(closestWord("lna1", ["lo", "lan0", "lan2", "lan1"]), "lan1"); // of interfaces that differ in a digit
  assertEquals(closestWord("pu", ["ap", "up"]), "up"); // where the whole word is two letters
  assertEquals(closestWord("abc", ["cab"]), undefined); // two places are no swap
});

Deno.test("errors: a name that is there again by the time that somebody looks is not offered in its own place", () => {
  using system = new FakeSystem();
  for (const name of ["eth0", "wlan0"]) system.set({ name, flags: 0x1003, operState: "down" });
  system.set({ name: "wlan1", altNames: ["wifi"], flags: 0x1003, operState: "down" });
  const says = (interfaceName: string) =>
    meant(new NoSuchInterfaceError("no", { operation: "show", interfaceName }), ["show", interfaceName]);
  for (const back of ["eth0", "wlan0", "wifi"]) assertEquals(says(back), undefined, back); // also by another name
  assertStringIncludes(says("wlna0") ?? "", 'did you mean "wlan0"?');
});

Deno.test("version: it has a short option too", async () => {
  assertMatch((await runHere(["-V"])).stdout, /^netflags \d+\.\d+\.\d+\n$/);
  assertEquals(await runHere(["--version"]), await runHere(["-V"]));
});

Deno.test("times: a line with the date stands before the first line of another day", () => {
  const noon = new Date(2026, 10, 21, 23, 59, 59, 900).getTime();
  const stamps = new Stamps(undefined, noon - 1000);
  assertEquals(stamps.line(noon, "x"), "23:59:59.900 x");
  assertEquals(stamps.line(noon + 200, "y"), "2026-11-22\n00:00:00.100 y");
  assertEquals(stamps.line(noon + 300, "z"), "00:00:00.200 z");
  assertEquals(new Stamps("none").line(noon, "x"), "x");
  assertMatch(new Stamps("iso").line(noon, "x"), /^2026-11-21T23:59:59\.900000[+-]\d\d:\d\d x$/);
});

Deno.test("times: watch and ap take the form, and refuse it where there are no such lines", async () => {
  using system = new FakeSystem();
  system.set({ name: "eth0", flags: 0x1003 });
  const watch = ["watch", "--initial", "--count", "1"];
  assertEquals((await runHere([...watch, "--time", "none"])).stdout, "eth0 present: ether, not connected\n");
  assertMatch((await runHere([...watch, "--time", "iso"])).stdout, /^\d{4}-\d\d-\d\dT[^ ]+ eth0 present: /);
  assertMatch((await runHere(watch)).stdout, /^\d\d:\d\d:\d\d\.\d{3} eth0 present: /);
  for (
    const args of [[...watch, "--json", "--time", "iso"], ["ap", "--json", "--time", "iso"], ["ap", "--time", "utc"]]
  ) {
    const { status, stdout, stderr } = await runHere(args);
    assertEquals([status, stdout, stderr.split("\n").length], [2, "", 2]);
    assertStringIncludes(stderr, "--time");
  }
});

Deno.test("list: --addresses has a column of them, which a narrow terminal does not cut below the first", async () => {
  using system = new FakeSystem();
  const address = {
    family: "inet",
    address: "192.0.2.7",
    prefixLength: 24,
    peer: undefined,
    broadcast: undefined,
    scope: "global",
    label: undefined,
    flags: [],
  } as const;
  system.set({ name: "eth0", flags: 0x1003, addresses: [address, { ...address, address: "192.0.2.8" }] });
  const [heading, line] = (await runHere(["list", "--addresses"])).stdout.split("\n");
  assertMatch(heading!, / MAC +IP$/);
  assert(line!.endsWith("  192.0.2.7/24 192.0.2.8/24"), line);
  const flags = { heading: "FLAGS", cells: ["UP,BROADCAST,RUNNING"], optional: 0 };
  const narrow = formatTable([{ heading: "NAME", cells: ["eth0"] }, flags, {
    heading: "IP ADDRESSES",
    cells: ["192.0.2.7/24 192.0.2.8/24"],
    least: 14,
  }], 24);
  assertEquals(narrow, ["NAME  IP ADDRESSES", "eth0  192.0.2.7/24 192.…"]);
});

Deno.test("tables: where a wide column does not fit, a narrower one that is less important may", () => {
  const columns = [
    { heading: "NAME", cells: ["eth0"] },
    { heading: "FLAGS", cells: ["UP,BROADCAST,RUNNING"], optional: 3, least: Infinity },
    { heading: "MTU", cells: ["1500"], optional: 2, least: Infinity },
    { heading: "MAC", cells: ["02:00:00:00:00:01"], optional: 1, least: Infinity },
  ];
  const headings = (width: number) => formatTable(columns, width)[0]!.trim().split(/ +/).join(" ");
  assertEquals([9, 10, 25, 26, 31, 32, 51].map(headings), [
    "NAME",
    "NAME MTU",
    "NAME MTU",
    "NAME FLAGS",
    "NAME FLAGS",
    "NAME FLAGS MTU",
    "NAME FLAGS MTU MAC",
  ]);
  assertEquals(formatTable(columns, 3), ["NA…", "et…"]);
});

Deno.test("tables: a last column that wraps has its further lines below its first, and without a width one line", () => {
  const columns = [
    { heading: "FLAG", cells: ["UP", "LOOP"] },
    { heading: "WHY", cells: ["Somebody wants it", "It is"], wraps: true },
  ];
  assertEquals(formatTable(columns, 20), ["FLAG  WHY", "UP    Somebody wants", "      it", "LOOP  It is"]);
  assertEquals(formatTable(columns, undefined), ["FLAG  WHY", "UP    Somebody wants it", "LOOP  It is"]);
});

async function offered(...typed: string[]): Promise<string[]> {
  return (await complete(typed)).map((line) => line.trimEnd().split("\t")[0]!);
}

Deno.test("completions: commands, options, their values, and what there is", async () => {
  using system = new FakeSystem();
  system.set({ name: "eth0", flags: 0x1003 });
  system.set({ name: "eth1", flags: 0x1003, kind: "veth" });
  system.set({ name: "wlan0", flags: 0x1003 });
  system.set({ name: "a\x1bb", flags: 0x1003 });
  const cases: readonly (readonly [typed: string[], found: string[]])[] = [
    [["wa"], ["words", "watch", "wait"]],
    [["--v"], ["words", "--version"]],
    [["help", "li"], ["words", "list"]],
    [["nothing", ""], ["words"]],
    [["list", ""], ["words", "eth0", "eth1", "wlan0"]],
    [["list", "'e"], ["words"]], // a shell takes its quotation marks away
    [["list", "eth*"], ["words", "eth*"]],
    [["list", "--act"], ["words", "--active"]],
    [["list", "--", "--act"], ["words"]],
    [["list", "--kind", ""], ["words", "veth"]],
    [["list", "--kind", "bond,v"], ["words", "bond,veth"]],
    [["list", "--exclude=et"], ["words", "--exclude=eth0", "--exclude=eth1"]],
    [["watch", "--time", "i"], ["words", "iso"]],
    [["watch", "--changes", "mtu,addr"], ["words", "mtu,addresses"]],
    [["route", "eth0", ""], ["words"]],
    [["wait", "eth0", "con"], ["words", "connected"]],
    [["wait", "eth0:glo"], ["words", "eth0:global-address"]],
    [["wait", "eth*:run"], ["words", "eth*:running"]],
    [["wait", "--timeout", "3", "w"], ["words", "wlan0"]],
    [["set", "eth0", "pro"], ["words", "promisc"]],
    [["set", "eth0", "-noa"], ["words", "-noarp"]],
    [["decode", "--platform", "net"], ["words", "netbsd"]],
    [["decode", "x"], ["files"]],
    [["schema", "wat"], ["words", "watch"]],
    [["completions", "f"], ["words", "fish"]],
  ];
  for (const [typed, found] of cases) assertEquals(await offered(...typed), found, typed.join(" "));
});

Deno.test("completions: they say nothing of what fails, and are status 0", async () => {
  const refuse = (): never => {
    throw new NotPermittedError("Nobody may ask");
  };
  using _nobody = useBackend({
    capabilities: NO_CAPABILITIES,
    list: refuse,
    get: refuse,
    setFlags: refuse,
    subscribe: refuse,
  });
  assertEquals((await runHere(["list"])).status, 3);
  assertEquals(await runHere(["__complete", "list", ""]), { status: 0, stdout: "words\n", stderr: "" });
});
