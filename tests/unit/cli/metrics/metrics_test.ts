/** `netflags metrics`, on systems in memory, read by parsers that are not ours where there are any. */
import { assert, assertEquals, assertMatch, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { InvalidInputError, NotPermittedError } from "../../../../mod.ts";
import { collect } from "../../../../src/cli/metrics/collect.ts";
import { Past } from "../../../../src/cli/metrics/past.ts";
import { answerer, readAddress, serve } from "../../../../src/cli/metrics/server.ts";
import { errorsPrinted } from "../../../../src/cli/terminal/output.ts";
import { metricsText, negotiate } from "../../../../src/cli/metrics/text.ts";
import { currentBackend, useBackend } from "../../../../platforms/current.ts";
import { FakeSystem } from "../../../../src/testing.ts";
import * as N from "../../../../platforms/linux/wire/numbers.ts";
import { u32Payload } from "../../../../platforms/linux/wire/netlink.ts";
import { FakeLinux, type LinkFields } from "../../../helpers/linux/kernel.ts";
import { Clock } from "../../../helpers/clock.ts";
import { runHere } from "../../../helpers/cli/in_process.ts";
import { parseMetrics, PYTHON, samplesOf } from "../../../helpers/cli/metrics.ts";

if (PYTHON === undefined) {
  console.error("SKIPPED: no python3-prometheus-client, so metrics are read by no parser of others");
}

const UP = { flags: 0x11043, operState: "up", carrier: true } as const;
const DOWN = { flags: 0x1003, operState: "down", carrier: false } as const;
const ALL = { selection: {} } as const;

const GET = { method: "GET", path: "/metrics", accept: null, keep: true } as const;

function scrape(past: Past): Map<string, number> {
  return samplesOf(metricsText(collect({ ...ALL, past }), "openmetrics"));
}

async function turns(): Promise<void> {
  for (let i = 0; i < 50; i++) await Promise.resolve();
}

Deno.test("metrics: once, they tell what is, and nothing that would need a past", async () => {
  using system = new FakeSystem();
  system.set({ name: "eth0", index: 1, ...UP, carrierChanges: 3, carrierUps: 2, carrierDowns: 1 });
  system.set({ name: "eth1", index: 2, ...DOWN, flags: 0x1002, linkMode: "dormant", kind: "veth", parentIndex: 1 });
  const { status, stdout } = await runHere(["metrics"]);
  assertEquals(status, 0);
  assert(stdout.endsWith("\n# EOF\n"));
  const samples = samplesOf(stdout);
  const of = (name: string) => ["eth0", "eth1"].map((device) => samples.get(`${name}{device="${device}"}`));
  assertEquals(of("netflags_carrier"), [1, undefined]); // of what is not up it is not to be trusted
  assertEquals(of("netflags_carrier_changes_total"), [3, 1]); // a veth is born with one
  assertEquals(of("netflags_carrier_ups_total"), [2, 0]);
  assertEquals(of("netflags_carrier_downs_total"), [1, 1]);
  assertEquals(of("netflags_index"), [1, 2]);
  assertEquals(of("netflags_mtu_bytes"), [1500, 1500]);
  assertEquals(of("netflags_flags"), [0x11043, 0x1002]);
  assertEquals(of("netflags_connected"), [1, 0]);
  assertEquals(of("netflags_admin_up"), [1, 0]);
  assertEquals(of("netflags_outages_total"), [undefined, undefined]);
  assertMatch(stdout, /^netflags_info\{device="eth1",.*kind="veth",parent="eth0",.*linkmode="dormant"\} 1$/m);
  assertEquals([...samples.keys()].filter((name) => /seconds|flaps|watch/.test(name)), []);
  assertEquals([...samples.keys()].filter((name) => !name.startsWith("netflags_")), []);
});

Deno.test("metrics: one socket asks the drivers of all, once each, and only those of what is up", () => {
  using kernel = new FakeLinux();
  const modes = (megabits: number): NonNullable<LinkFields["hardware"]> => ({
    [N.ETHTOOL_MSG_LINKMODES_GET]: [
      [N.ETHTOOL_A_LINKMODES_SPEED, u32Payload(megabits)],
      [N.ETHTOOL_A_LINKMODES_DUPLEX, Uint8Array.of(1)],
    ],
  });
  for (let i = 1; i <= 50; i++) kernel.setSilently(`eth${i}`, { flags: 0x11043, operState: 6, carrier: true });
  kernel.setSilently("eth1", { hardware: modes(100) });
  kernel.setSilently("eth50", { hardware: modes(N.SPEED_UNKNOWN) });
  kernel.setSilently("down", { flags: 0x1002, hardware: modes(1000) });
  const text = metricsText(collect(ALL), "openmetrics");
  assertEquals(kernel.socketCalls.get(N.NETLINK_GENERIC), 2); // the other one is the list's, for nl80211
  assertEquals(kernel.ethtoolRequests.length, 50);
  assertEquals(new Set(kernel.ethtoolRequests.map(([index]) => index)).size, 50);
  assertEquals(text.match(/^netflags_speed_bytes\{.*$/gm), ['netflags_speed_bytes{device="eth1"} 12500000']);
  assertEquals(text.match(/^netflags_info\{.*duplex=.*$/gm)?.length, 2);
  collect({ selection: { names: ["eth1", "down"] } });
  assertEquals(kernel.ethtoolRequests.length, 51);
  kernel.hasEthtool = false;
  assertEquals(collect(ALL).find(({ name }) => name === "netflags_speed_bytes")?.samples, []);
  assertEquals(kernel.sockets, 0);
});

Deno.test("metrics: of a BSD what Linux alone knows is left out", async () => {
  using system = new FakeSystem({ platform: "netbsd" });
  system.set({ name: "wm0", flags: 0x8843, linkState: "up" });
  const { stdout } = await runHere(["metrics"]);
  const samples = samplesOf(stdout);
  assertEquals(samples.get('netflags_connected{device="wm0"}'), 1);
  assertEquals(samples.get('netflags_mtu_bytes{device="wm0"}'), 1500);
  assertEquals([...samples.keys()].filter((name) => /carrier_|speed/.test(name)), []);
  assertMatch(stdout, /^netflags_info\{device="wm0",type="ether",.*linkstate="up"\} 1$/m);
});

Deno.test("metrics: selected as everywhere; a name of none is status 1 behind the others", async () => {
  using system = new FakeSystem();
  system.set({ name: "eth0", index: 1 });
  system.set({ name: "veth0", index: 2, kind: "veth" });
  const devices = async (...args: string[]): Promise<string[]> => {
    const { stdout } = await runHere(["metrics", ...args]);
    return [...stdout.matchAll(/^netflags_connected\{device="(.*)"\}/gm)].map(([, name]) => name!);
  };
  assertEquals(await devices("eth*"), ["eth0"]);
  assertEquals(await devices("--kind", "veth"), ["veth0"]);
  assertEquals(await devices("--exclude", "*"), []);
  const { status, stdout, stderr } = await runHere(["metrics", "eth0", "eth7"]);
  assertEquals(status, 1);
  assertStringIncludes(stdout, 'device="eth0"');
  assertStringIncludes(stderr, `No such interface: "eth7"`);
});

Deno.test("metrics: no name of an interface forges a line, or passes for another's", async () => {
  using system = new FakeSystem();
  const names = ['a"}1', "b\x1bconnected", "c\udcff", "c\\xff", "d\\", "e\u{202e}", "f,g{"];
  names.forEach((name, i) => system.set({ name, index: i + 1 }));
  const { stdout } = await runHere(["metrics"]);
  const told = [...stdout.matchAll(/^netflags_connected\{device="(.*)"\} 0$/gm)].map(([, name]) => name);
  const written = [
    'a\\"}1',
    "b\\\\x1bconnected",
    "c\\\\xff",
    "c\\\\\\\\xff",
    "d\\\\\\\\",
    "e\\\\u{202e}",
    "f,g{",
  ];
  assertEquals(told, written);
});

Deno.test({
  name: "metrics: Python's parsers read both formats, and find the same in them",
  ignore: PYTHON === undefined,
  fn: async () => {
    for (const platform of ["linux", "freebsd"] as const) {
      using system = new FakeSystem({ platform });
      const wireless = { type: "station", ssid: 'a "net" \\', ssidHex: undefined, frequency: undefined };
      system.set({ name: "eth0", index: 1, ...(platform === "linux" ? UP : { flags: 0x8843 }) });
      if (platform === "linux") system.set({ name: 'q"\\\u{202e}\udcff', index: 2, wireless });
      await using past = new Past({});
      system.set({ name: "eth0", index: 1, flags: 0x1002, linkState: "down" });
      await turns();
      const families = collect({ ...ALL, past });
      const open = await parseMetrics(metricsText(families, "openmetrics"), "openmetrics");
      const plain = await parseMetrics(metricsText(families, "prometheus"), "prometheus");
      assertEquals(open.flatMap(({ samples }) => samples), plain.flatMap(({ samples }) => samples));
      const told = families.filter(({ samples }) => samples.length > 0);
      assertEquals(
        open.map(({ name, type, unit }) => [name, type, unit]),
        told.map(({ name, type, unit }) => [name, type, unit ?? ""]),
      );
      assertEquals(
        plain.map(({ name, type }) => [name, type]),
        told.map(({ name, type }) => type === "info" ? [`${name}_info`, "gauge"] : [name, type]),
      );
      assertEquals(open.flatMap(({ samples }) => samples).length, told.flatMap(({ samples }) => samples).length);
      if (platform !== "linux") continue;
      const [, labels] = open.flatMap(({ samples }) => samples).find(([name]) => name === "netflags_wireless_info")!;
      assertEquals(labels, { device: 'q"\\\\\\u{202e}\\xff', type: "station", ssid: 'a "net" \\\\' });
    }
  },
});

Deno.test({
  name: "metrics: Python's parser is one that complains",
  ignore: PYTHON === undefined,
  fn: async () => {
    await assertRejects(() => parseMetrics("# TYPE a counter\na 1\n# EOF\n", "openmetrics"));
    await assertRejects(() => parseMetrics("# TYPE a gauge\na 1\n", "openmetrics"));
    await assertRejects(() => parseMetrics("# TYPE a gauge\n# UNIT a seconds\na 1\n# EOF\n", "openmetrics"));
  },
});

Deno.test("metrics: a name that passed to another interface while the list was made is told once", async () => {
  using system = new FakeSystem();
  const twice = ["eth0", "lan0", "eth0"].map((name, i) => ({ ...system.set({ name: `old${i}`, index: i + 1 }), name }));
  const backend = currentBackend();
  using _ = useBackend({ ...backend, capabilities: backend.capabilities, list: () => twice });
  const text = metricsText(collect(ALL), "openmetrics");
  assertEquals(text.match(/^netflags_index.*$/gm), [
    'netflags_index{device="lan0"} 2',
    'netflags_index{device="eth0"} 3',
  ]);
  if (PYTHON !== undefined) await parseMetrics(text, "openmetrics");
});

Deno.test("metrics: outages are counted, and their time is that of all of them, that which lasts included", async () => {
  using clock = new Clock();
  using system = new FakeSystem({ silentChanges: "none" });
  system.set({ name: "eth0", index: 1, ...UP });
  await using past = new Past({});
  const steps = [[1000, DOWN], [2000, UP], [12_000, DOWN], [13_000, UP], [20_000, DOWN]] as const;
  for (const [time, state] of steps) {
    clock.now = time;
    system.set({ name: "eth0", index: 1, ...state });
    await turns();
  }
  clock.now = 20_500;
  const told = scrape(past);
  assertEquals(told.get('netflags_outages_total{device="eth0"}'), 2);
  assertEquals(told.get('netflags_outage_seconds_total{device="eth0"}'), 2.5);
});

Deno.test("metrics: what a watcher saw is counted: flaps, hidden ones, outages and their time", async () => {
  using system = new FakeSystem();
  system.set({ name: "eth0", index: 1, ...UP, carrierChanges: 2 });
  await using past = new Past({});
  assertEquals(scrape(past).get('netflags_outage_seconds_total{device="eth0"}'), 0);
  assertEquals(scrape(past).get('netflags_state_since_timestamp_seconds{device="eth0"}'), undefined);
  system.set({ name: "eth0", index: 1, ...DOWN, carrierChanges: 3 });
  await turns();
  const during = scrape(past).get('netflags_outage_seconds_total{device="eth0"}')!;
  assert(during > 0);
  system.set({ name: "eth0", index: 1, ...UP, carrierChanges: 14 });
  await turns();
  const after = scrape(past);
  const value = (name: string): number => after.get(`netflags_${name}{device="eth0"}`)!;
  assertEquals([value("flaps_total"), value("hidden_flaps_total"), value("outages_total")], [2, 10, 1]);
  assertEquals(value("downs_total"), 6);
  assert(value("outage_seconds_total") >= during);
  assert(value("state_since_timestamp_seconds") >= after.get("netflags_watch_start_timestamp_seconds")!);
  assertEquals(scrape(past).get('netflags_outage_seconds_total{device="eth0"}'), value("outage_seconds_total"));
  // Another life of the name has a past of its own.
  system.remove("eth0");
  system.set({ name: "eth0", index: 1, ...UP });
  await turns();
  assertEquals(scrape(past).get('netflags_outage_seconds_total{device="eth0"}'), 0);
  assertEquals(after.get("netflags_resync_events_total"), 0);
  system.setSilently({ name: "eth0", index: 1, mtu: 9000 });
  system.overflow();
  await turns();
  assertEquals(scrape(past).get("netflags_resync_events_total"), 1);
});

Deno.test("metrics: the format is the one that is asked for most gladly", () => {
  const PROMETHEUS = "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6," +
    "application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2";
  for (
    const [accept, format, version] of [
      [null, "prometheus", "0.0.4"],
      ["", "prometheus", "0.0.4"],
      ["*/*", "prometheus", "0.0.4"],
      ["text/html,*/*;q=0.8", "prometheus", "0.0.4"],
      [PROMETHEUS, "openmetrics", "1.0.0"],
      ["application/openmetrics-text; version=0.0.1,text/plain;version=0.0.4;q=0.5", "openmetrics", "0.0.1"],
      ["application/openmetrics-text", "openmetrics", "1.0.0"],
      ["application/openmetrics-text; version=2.0.0", "prometheus", "0.0.4"],
      ["application/openmetrics-text;q=0", "prometheus", "0.0.4"],
      ["application/openmetrics-text;q=0.2, text/plain", "prometheus", "0.0.4"],
      ["application/openmetrics-text;q=x", "prometheus", "0.0.4"],
      [",;=,", "prometheus", "0.0.4"],
    ] as const
  ) {
    const found = negotiate(accept);
    assertEquals(found.format, format, accept ?? "none");
    assertStringIncludes(found.contentType, `version=${version};`);
  }
});

Deno.test("metrics: an address is host and port, IPv6 in brackets", () => {
  assertEquals(readAddress("127.0.0.1:9100"), { hostname: "127.0.0.1", port: 9100 });
  assertEquals(readAddress("[::1]:0"), { hostname: "::1", port: 0 });
  assertEquals(readAddress("localhost:65535"), { hostname: "localhost", port: 65535 });
  for (
    const text of ["9100", ":9100", "::1:9100", "[::1]", "127.0.0.1:65536", "127.0.0.1:-1", "a b:1", "http://a:1", ""]
  ) {
    assertThrows(() => readAddress(text), InvalidInputError, `"${text}"`);
  }
});

Deno.test("metrics: over HTTP there are GET and HEAD on two paths, and when watching ended the answer is 503", async () => {
  using system = new FakeSystem();
  system.set({ name: "eth0", ...UP });
  await using past = new Past({});
  const control = new AbortController();
  const serving = Promise.withResolvers<string>();
  const measurement = { ...ALL, past };
  const ended = serve({ hostname: "127.0.0.1", port: 0 }, measurement, serving.resolve, control.signal);
  const url = await serving.promise;
  assertMatch(url, /^http:\/\/127\.0\.0\.1:[1-9]\d*\/metrics$/);
  const ask = async (path: string, init?: RequestInit): Promise<[number, string | null, string]> => {
    const response = await fetch(new URL(path, url), init);
    return [response.status, response.headers.get("content-type"), await response.text()];
  };
  const accept = { headers: { accept: "application/openmetrics-text;version=1.0.0" } };
  const [status, type, body] = await ask("/metrics?x=1", accept);
  assertEquals([status, type], [200, "application/openmetrics-text; version=1.0.0; charset=utf-8"]);
  assert(body.endsWith("# EOF\n"));
  const [, plainType, plain] = await ask("/metrics");
  assertEquals(plainType, "text/plain; version=0.0.4; charset=utf-8");
  assertEquals(plain.includes("# EOF") || plain.includes("# UNIT"), false);
  const head = await fetch(url, { method: "HEAD" });
  assertEquals([head.status, await head.text()], [200, ""]);
  assert(Number(head.headers.get("content-length")) > 1000);
  assertEquals((await ask("/")).slice(0, 2), [200, "text/html; charset=utf-8"]);
  assertEquals((await ask("/other"))[0], 404);
  assertEquals((await ask("/metrics", { method: "POST", body: "x" }))[0], 405);
  for (const line of ["GET http://[bad/metrics", "GET /metrics"]) {
    using connection = await Deno.connect({ hostname: "127.0.0.1", port: Number(new URL(url).port) });
    const host = line === "GET /metrics" ? "[::" : "a";
    await connection.write(new TextEncoder().encode(`${line} HTTP/1.1\r\nhost: ${host}\r\n\r\n`));
    const bytes = new Uint8Array(64);
    const length = await connection.read(bytes);
    assertMatch(new TextDecoder().decode(bytes.subarray(0, length!)), /^HTTP\/1.1 400 /, line);
  }
  control.abort();
  await ended;
  system.fail(new NotPermittedError("It may not be watched any more"));
  await past.ended;
  const { status: late, body: why } = answerer(measurement)(GET);
  assertEquals([late, new TextDecoder().decode(why)], [503, "It may not be watched any more\n"]);
});

Deno.test("metrics: what is collected serves all scrapes of a second, in both formats, and no later one", async () => {
  using system = new FakeSystem();
  system.set({ name: "eth0", ...UP });
  const backend = currentBackend();
  let [lists, fails] = [0, false];
  const list = (options: { readonly addresses: boolean }) => {
    lists++;
    if (fails) throw new NotPermittedError("It may not be listed");
    return backend.list(options);
  };
  using _ = useBackend({ ...backend, capabilities: backend.capabilities, list });
  using clock = new Clock();
  const { write } = Deno.stderr;
  let errors = 0;
  Deno.stderr.write = (bytes) => {
    errors++;
    return Promise.resolve(bytes.length);
  };
  try {
    const answer = answerer(ALL);
    const open = { ...GET, accept: "application/openmetrics-text" };
    for (const request of [GET, open, { ...GET, method: "HEAD" }, GET]) assertEquals(answer(request).status, 200);
    assertEquals(lists, 1);
    assert(new TextDecoder().decode(answer(open).body).endsWith("# EOF\n"));
    assert(!new TextDecoder().decode(answer(GET).body).endsWith("# EOF\n"));
    clock.now += 999;
    clock.set += 3_600_000; // that is no time that passed
    answer(GET);
    assertEquals(lists, 1);
    clock.now += 1;
    answer(open);
    assertEquals(lists, 2);
    fails = true;
    clock.now += 5000;
    for (let i = 0; i < 5; i++) assertEquals(answer(GET).status, 503);
    await errorsPrinted();
    assertEquals([lists, errors], [3, 1]);
    fails = false;
    clock.now += 5000;
    assertEquals(answer(GET).status, 200);
    for (const path of ["/", "/other", undefined]) answer({ ...GET, path });
    assertEquals(lists, 4);
  } finally {
    Deno.stderr.write = write;
  }
});

Deno.test("metrics: a server ends when watching has", async () => {
  using system = new FakeSystem();
  await using past = new Past({});
  const ended = serve({ hostname: "127.0.0.1", port: 0 }, { ...ALL, past }, () => {});
  system.fail(new NotPermittedError("It may not be watched any more"));
  await ended;
  assertEquals(past.failure?.message, "It may not be watched any more");
});

Deno.test("metrics: where watching ends with an error, the command does so loudly, with --listen and with --interval", async () => {
  const folder = Deno.makeTempDirSync();
  try {
    for (const args of [["--listen", "127.0.0.1:0"], ["--textfile", `${folder}/a.prom`, "--interval", "3600"]]) {
      using system = new FakeSystem();
      const ended = runHere(["metrics", ...args]);
      while (system.subscriptions === 0) await Promise.resolve();
      system.fail(new NotPermittedError("It may not be watched any more"));
      const { status, stderr } = await ended;
      assertEquals([status, stderr], [3, "netflags: It may not be watched any more\n"]);
      assertEquals(system.subscriptions, 0);
    }
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});
