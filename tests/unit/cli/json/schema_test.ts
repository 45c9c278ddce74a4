/** What the commands print, held to the JSON Schema that is documented for it. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { type InterfaceStatus, watch } from "../../../../mod.ts";
import { currentBackend, useBackend } from "../../../../platforms/current.ts";
import type { Platform } from "../../../../platforms/contract/platform.ts";
import type { DescriptorCallbacks } from "../../../../platforms/contract/backend.ts";
import { accessPointLine, eventLine, hookLine } from "../../../../src/cli/terminal/lines.ts";
import { nlmonFile } from "../../../helpers/cli/captures.ts";
import { isoTime } from "../../../../src/cli/options/time.ts";
import { HOOKS } from "../../../../src/steps/hooks.ts";
import { schemaOf, SCHEMAS } from "../../../../src/cli/json/documents.ts";
import { decodeNl80211, watchAccessPoints } from "../../../../src/linux.ts";
import { FakeSystem } from "../../../../src/testing.ts";
import { STATUS_FIELDS } from "../../../../src/table/compare.ts";
import { runHere } from "../../../helpers/cli/in_process.ts";
import { readFixtures } from "../../../helpers/fixtures.ts";
import { FakeLinux } from "../../../helpers/linux/kernel.ts";
import { askPython, assertDocumented, complaints, PYTHON } from "../../../helpers/cli/schema.ts";

if (PYTHON === undefined) {
  console.error("SKIPPED: no python3-jsonschema, so outputs are held to their schema by one validator");
}

async function json(...args: string[]): Promise<unknown> {
  return JSON.parse((await runHere(args)).stdout);
}

/** The names of the fields of a schema's object, in its order. */
function fields(command: string, name: string): string[] {
  const { properties } = (schemaOf(command).$defs as Record<string, { properties: object }>)[name]!;
  return Object.keys(properties);
}

Deno.test("schema: a status is documented in the order in which differences are told", () => {
  assertEquals(fields("list", "InterfaceStatus"), [...STATUS_FIELDS]);
});

Deno.test("schema: what is documented of an event is the order of its line, with the version in front", () => {
  assertEquals(fields("watch", "EventLine").slice(0, 4), ["schema", "time", "type", "status"]);
  assertEquals(fields("run", "HookLine").slice(0, 3), ["schema", "hook", "time"]);
  assertEquals(fields("ap", "AccessPointLine").slice(0, 3), ["schema", "time", "type"]);
  for (
    const [command, name] of [["watch", "EventLine"], ["run", "HookLine"], ["ap", "AccessPointLine"]] as const
  ) {
    assertEquals(fields(command, name).slice(-2), ["elapsed", "started"]);
  }
});

Deno.test("schema: each document has every definition that it refers to, and no other, and each field is described", () => {
  for (const command of [undefined, ...Object.keys(SCHEMAS)]) {
    const schema = schemaOf(command);
    const text = JSON.stringify(schema);
    const used = new Set([...text.matchAll(/"#\/\$defs\/(\w+)"/g)].map(([, name]) => name));
    const there = Object.keys(schema.$defs as object).filter((name) => !Object.hasOwn(SCHEMAS, name));
    assertEquals(there.sort(), [...used].sort() as string[]);
    for (const [, described] of text.matchAll(/"properties":\{"\w+":\{("\w+")/g)) {
      assertEquals(described, '"description"');
    }
  }
});

Deno.test("schema: what is not documented, missing, or of another type is told", () => {
  const time = "2026-11-21T21:45:41.123456+01:00";
  const steady = { elapsed: 1.5, started: time };
  const event = { schema: 2, time, type: "started", index: 3, ssid: "a", ssidHex: "61", initial: false, ...steady };
  assertEquals(complaints("ap", event), []);
  assertEquals(complaints("ap", { ...event, extra: 1 }), ["ap.extra is not documented"]);
  assertEquals(complaints("ap", { ...event, time: Date.now() }), ["ap.time is no string"]);
  assertEquals(complaints("ap", { ...event, time: "2026-11-21T21:45:41Z" }).length, 1);
  assertEquals(complaints("ap", { ...event, schema: 1 }), ["ap.schema is 1, not 2"]);
  assertEquals(complaints("ap", { schema: 2, time, ...steady }).length, 5);
  assertEquals(complaints("ap", Object.assign({ time }, event)), [
    "ap has another order: time,schema,type,index,ssid,ssidHex,initial,elapsed,started",
  ]);
});

Deno.test({
  name: "schema: Python's validator takes each schema for one, and complains of what is not documented",
  ignore: PYTHON === undefined,
  fn: async () => {
    for (const command of [undefined, ...Object.keys(SCHEMAS)]) {
      assertEquals(await askPython(schemaOf(command), []), "");
    }
    assertMatch(await askPython(schemaOf("flags"), [{ platform: "vms" }]), /'vms' is not one of/);
    assertMatch(await askPython(schemaOf("list"), [[{ more: 1 }]]), /'more' was unexpected/);
  },
});

for (const platform of ["linux", "netbsd", "freebsd", "openbsd", "darwin"] as const satisfies readonly Platform[]) {
  Deno.test(`schema: what list, show, watch and run tell on ${platform} is documented`, async () => {
    using system = new FakeSystem({ platform });
    const up = platform === "linux" ? { flags: 0x11043, operState: "up", carrier: true } as const : { flags: 0x8843 };
    const address = { scope: "global", peer: undefined, broadcast: "192.0.2.255", label: undefined, flags: [] };
    const addresses = [{ family: "inet", address: "192.0.2.1", prefixLength: 24, ...address } as const];
    const wireless = { type: "station", ssid: "net", ssidHex: "6e6574", frequency: undefined };
    system.set({ name: "eth0", index: 1, ...up, linkState: "up", addresses });
    system.set({ name: "wlan0", index: 2, linkState: "down", media: { active: 0x80, link: false }, wireless });
    await assertDocumented("list", [await json("list", "--json")]);
    await assertDocumented("show", [await json("show", "eth0", "--json"), await json("show", "wlan0", "--json")]);
    const lines: string[] = [];
    await using watcher = watch({ initial: true, addresses: true, poll: 10 });
    const take = async (): Promise<void> => {
      const { value } = await watcher.next();
      lines.push(eventLine(value!), hookLine(value!, { hook: HOOKS[0], end: false, missed: 2 }));
    };
    await take();
    await take();
    system.set({ name: "eth0", index: 1, flags: 0x1002, linkState: "down" });
    await take();
    system.set({ name: "tap0", index: 3 });
    await take();
    system.remove("eth0");
    while (!lines.at(-1)!.includes('"type":"removed"')) await take();
    for (const line of lines) assert(line.startsWith('{"schema":2,'), line);
    const plain = lines.filter((_, i) => i % 2 === 0).map((line) => JSON.parse(line));
    assertEquals(new Set(plain.map(({ type }) => type)), new Set(["present", "changed", "added", "removed"]));
    await assertDocumented("watch", plain);
    await assertDocumented("run", lines.filter((_, i) => i % 2 === 1).map((line) => JSON.parse(line)));
    const record = Deno.makeTempFileSync();
    try {
      Deno.writeTextFileSync(record, lines.filter((_, i) => i % 2 === 0).map((line) => `${line}\n`).join(""));
      const report = await json("report", record, "--json") as { interfaces: unknown[] };
      assertEquals(report.interfaces.length, 3);
      await assertDocumented("report", [report]);
    } finally {
      Deno.removeSync(record);
    }
  });
}

Deno.test("schema: a name that is no UTF-8 is documented too, and is the escape of a lone surrogate", async () => {
  using system = new FakeSystem();
  system.set({ name: "bad\udcff", index: 1 });
  const { stdout } = await runHere(["list", "--json"]);
  assert(stdout.includes('"name":"bad\\udcff"'), stdout);
  await assertDocumented("list", [JSON.parse(stdout)]);
});

Deno.test("schema: a renamed and a moved interface's events are documented", async () => {
  using system = new FakeSystem();
  system.set({ name: "eth0", index: 1 });
  system.set({ name: "eth1", index: 2 });
  await using watcher = watch({ names: "eth*" });
  system.set({ name: "lan0", index: 1 });
  system.remove("eth1", { netnsId: 0, index: 7 });
  const lines = [];
  for (let i = 0; i < 2; i++) lines.push(JSON.parse(eventLine((await watcher.next()).value!)));
  assertEquals(lines.map(({ type, moved }) => [type, moved?.index]), [["left", undefined], ["removed", 7]]);
  await assertDocumented("watch", lines);
});

Deno.test("schema: the links of a multi-link device are told as documented", async () => {
  using kernel = new FakeLinux();
  const links = [{ id: 0, frequency: 2412 }, { id: 1, ssid: "own" }];
  kernel.set("wlan0", { wireless: { type: 3, ssid: "mld", links } });
  const told = [await json("show", "wlan0", "--json")];
  const network = { ssid: "mld", ssidHex: "6d6c64" };
  assertEquals<unknown>((told as InterfaceStatus[])[0]?.wireless?.links, [
    { mloLinkId: 0, ...network, frequency: 2412 },
    { mloLinkId: 1, ssid: "own", ssidHex: "6f776e" },
  ]);
  await assertDocumented("show", told);
  await assertDocumented("list", [await json("list", "--json")]);
  using watcher = watchAccessPoints();
  await assertDocumented("ap", [JSON.parse(accessPointLine((await watcher.next()).value!))]);
});

Deno.test("schema: access points are told as documented, from captured messages", async () => {
  using system = new FakeSystem();
  const messages = readFixtures("linux/nl80211.hex").flatMap(({ bytes }) => decodeNl80211(bytes));
  const queue = messages.filter((one) => one.message !== undefined);
  system.set({ name: "wlan0", index: 2 });
  system.set({ name: "wlan1", index: 3 });
  const below = currentBackend();
  let waiter: DescriptorCallbacks | undefined;
  using _inUse = useBackend({
    capabilities: below.capabilities,
    list: (options) => below.list(options),
    get: (nameOrIndex) => below.get(nameOrIndex),
    setFlags: (name, set, clear) => below.setFlags(name, set, clear),
    subscribe: (options) => below.subscribe(options),
    watchWireless: (one) => {
      waiter = one;
      return {
        list: () => [],
        get: () => undefined,
        drain: (sink) => {
          if (waiter !== undefined) {
            for (const message of queue.splice(0)) sink(message as Parameters<typeof sink>[0]);
          }
          return "empty";
        },
        close: () => Promise.resolve(),
      };
    },
  });
  await using watcher = watchAccessPoints();
  waiter!.ready();
  const lines = [];
  for (let i = 0; i < 4; i++) lines.push(accessPointLine((await watcher.next()).value!));
  assert(lines.every((line) => line.startsWith('{"schema":2,"time":"')));
  assert(lines.some((line) => line.includes('"type":"stopped"')), lines.join("\n"));
  await assertDocumented("ap", lines.map((line) => JSON.parse(line)));
});

Deno.test("schema: decode prints what is documented of a capture of many families", async () => {
  const file = Deno.makeTempFileSync();
  try {
    Deno.writeFileSync(file, nlmonFile());
    const messages = await json("decode", "--platform", "linux", "--json", file);
    const said = (messages as { message: string }[]).map(({ message }) => message);
    for (const message of ["RTM_NEWLINK", "CTRL_CMD_NEWFAMILY", "NL80211_CMD_NEW_INTERFACE"]) {
      assert(said.includes(message), message);
    }
    await assertDocumented("decode", [messages]);
  } finally {
    Deno.removeSync(file);
  }
});

Deno.test("schema: explain, decode and flags print what is documented", async () => {
  using system = new FakeSystem();
  system.set({ name: "eth0", flags: 0x1003, operState: "down" });
  await assertDocumented("explain", [await json("explain", "eth0", "--json")]);
  for (const value of ["4163", "0", "0x80000000"]) {
    await assertDocumented("flags", [await json("flags", value, "--platform", "linux", "--json")]);
  }
  for (
    const [platform, kind, files] of [
      ["linux", "netlink", ["linux/net.hex", "linux/relations.hex", "linux/wifi.hex", "linux/details.hex"]],
      ["linux", "nl80211", ["linux/nl80211.hex"]],
      ["netbsd", "message", ["netbsd/messages.hex"]],
      ["netbsd", "dump", ["netbsd/lists.hex"]],
      ["freebsd", "message", ["freebsd/messages.hex"]],
      ["freebsd", "dump", ["freebsd/lists.hex"]],
      ["freebsd", "netlink", ["freebsd/netlink.hex"]],
    ] as const
  ) {
    const file = Deno.makeTempFileSync();
    try {
      const answers: unknown[] = [];
      for (const { bytes } of files.flatMap(readFixtures)) {
        for (const part of [bytes, bytes.subarray(0, -3)]) {
          Deno.writeFileSync(file, part);
          answers.push(await json("decode", "--platform", platform, "--kind", kind, "--json", file));
        }
      }
      assert(answers.length > 1, `${platform} ${kind}`);
      await assertDocumented("decode", answers);
    } finally {
      Deno.removeSync(file);
    }
  }
});

Deno.test("schema: a time has the local zone's offset, and microseconds that are not rounded up", () => {
  const time = Date.UTC(2026, 10, 21, 20, 45, 41) + 123.456;
  const told = isoTime(time);
  assertMatch(told, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}[+-]\d\d:\d\d$/);
  assert(told.includes(".123456") || told.includes(".123455"), told); // a double has no more
  assertEquals(Date.parse(told), Math.floor(time));
  assertMatch(isoTime(Date.UTC(2026, 0, 1) + 999.9995), /\.999999[+-]/);
  assertEquals(Date.parse(isoTime(-1.5)), -2);
});
