/** What is shipped for Prometheus and Grafana, held to what netflags says. */
import { assert, assertEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { get, SystemError } from "../../../../mod.ts";
import { Past } from "../../../../src/cli/metrics/past.ts";
import { FakeSystem } from "../../../../src/testing.ts";
import { type Alert, alerts, expected, MONITORING, scrape, seriesOf } from "../../../helpers/cli/monitoring.ts";

const PAGE = Deno.readTextFileSync(new URL("../../../../src/cli/MONITORING.md", import.meta.url));

/** What promtool says, with its status; undefined where there is none. */
function promtool(...args: string[]): readonly [code: number, said: string] | undefined {
  try {
    const { code, stdout, stderr } = new Deno.Command("promtool", { args }).outputSync();
    return [code, [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("")];
  } catch {
    return undefined;
  }
}

const PROMTOOL = promtool("--version") !== undefined;
if (!PROMTOOL) console.error("SKIPPED: no promtool (Debian's prometheus), so it checks no rules");

type Step = (system: FakeSystem) => void;

/** What happens in which minute. */
const HAPPENS: Readonly<Record<number, Step>> = {
  0: (system) => {
    for (const name of ["eth0", "eth1"]) {
      system.plug(name);
      system.up(name);
    }
    system.add("br0", { kind: "bridge" }); // which has no port, and is no card
    system.up("br0");
    system.addAddress("eth0", "192.0.2.1/24");
    system.addRoute("eth0", "0.0.0.0/0", { gateway: "192.0.2.2" });
  },
  5: (system) => system.unplug("eth0"),
  10: (system) => system.plug("eth0"),
  ...Object.fromEntries([15, 16, 17, 18, 19].map((minute) => [minute, (system: FakeSystem) => {
    system.unplug("eth1");
    system.plug("eth1");
  }])),
  45: (system) => system.remove("eth1"),
  60: (system) => system.removeRoute("eth0", "0.0.0.0/0"),
  70: (system) => system.fail(new SystemError("No memory", { code: "ENOMEM" })),
};
/** From which minute on the driver says that eth0 is slower, and nobody answers any more. */
const [SLOWER, SILENT, END] = [40, 80, 90];

/** Of which labels each alert is in which minute; of those that are not named, none is. */
const FIRING: Readonly<Record<number, Readonly<Record<string, Readonly<Record<string, string>>>>>> = {
  3: {},
  8: {
    NetflagsDisconnected: { device: "eth0" },
    NetflagsDefaultRouteDead: { device: "eth0", family: "inet" },
  },
  12: {},
  20: { NetflagsFlapping: { device: "eth1" } },
  35: {},
  52: { NetflagsSlower: { device: "eth0" }, NetflagsCardGone: { device: "eth1" } },
  67: { NetflagsSlower: { device: "eth0" }, NetflagsCardGone: { device: "eth1" }, NetflagsNoDefaultRoute: {} },
  72: {
    NetflagsSlower: { device: "eth0" },
    NetflagsCardGone: { device: "eth1" },
    NetflagsNoDefaultRoute: {},
    NetflagsWatchFails: {},
  },
  88: { NetflagsSilent: {} },
};

/** The metrics of each minute, as netflags prints them. */
async function scrapes(): Promise<(Map<string, number> | undefined)[]> {
  using time = new FakeTime();
  using system = new FakeSystem();
  const { error } = console;
  console.error = () => {}; // the failure is printed
  try {
    await using past = new Past({});
    const all: (Map<string, number> | undefined)[] = [];
    for (let minute = 0; minute <= END; minute++) {
      HAPPENS[minute]?.(system);
      await time.tickAsync(60_000);
      all.push(minute < SILENT ? scrape(past, minute < SLOWER ? 1000 : 100) : undefined);
    }
    return all;
  } finally {
    console.error = error;
  }
}

Deno.test({
  name: "monitoring: each alert goes off for what netflags says when that happens, and at no other time",
  ignore: !PROMTOOL,
  fn: async () => {
    const every = alerts();
    const tests = Object.entries(FIRING).flatMap(([minute, firing]) =>
      every.map((alert: Alert) => {
        const labels = firing[alert.name];
        return {
          eval_time: `${minute}m`,
          alertname: alert.name,
          exp_alerts: labels === undefined ? [] : [expected(alert, labels)],
        };
      })
    );
    const known = Object.values(FIRING).flatMap((firing) => Object.keys(firing));
    assertEquals(every.map(({ name }) => name).filter((name) => !known.includes(name)), [], "never seen to go off");
    const file = await Deno.makeTempFile({ suffix: ".yml" });
    try {
      const test = { interval: "1m", input_series: seriesOf(await scrapes()), alert_rule_test: tests };
      const whole = { rule_files: [`${MONITORING}netflags.rules.yml`], evaluation_interval: "30s", tests: [test] };
      await Deno.writeTextFile(file, JSON.stringify(whole)); // YAML has all of JSON in it
      const [code, said] = promtool("test", "rules", file)!;
      assertEquals(code, 0, said);
    } finally {
      await Deno.remove(file);
    }
  },
});

/** Every metric that there is, by the names of its samples, with the labels that it may have. */
async function metrics(): Promise<Map<string, Set<string>>> {
  using system = new FakeSystem();
  system.plug("eth0");
  system.up("eth0");
  for (const name of ["wlan0", "br0", "eth1"]) system.add(name, name === "br0" ? { kind: "bridge" } : {});
  system.startAccessPoint("wlan0", "foo");
  system.join("eth1", "br0");
  system.set({ name: "eth0", parentIndex: 2, linkState: "up" });
  await using past = new Past({});
  system.unplug("eth0"); // so that it is known since when
  const { index } = get("eth0")!;
  while (past.history(index)?.sinceKnown !== true) await new Promise((resolve) => setTimeout(resolve));
  const found = new Map<string, Set<string>>();
  for (const sample of scrape(past, 1000).keys()) {
    const [, name, labels] = /^(\w+)(.*)$/.exec(sample)!;
    const known = found.get(name!) ?? new Set(["instance", "job"]);
    for (const [, label] of labels!.matchAll(/(\w+)="/g)) known.add(label!);
    found.set(name!, known);
  }
  return found;
}

/** What is wrong with a query: a metric that there is not, or a label that it does not have. */
function strange(query: string, known: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  const found: string[] = [];
  for (const [, name, matchers] of query.matchAll(/\b(netflags_\w+)(\{[^}]*\})?/g)) {
    const labels = known.get(name!);
    if (labels === undefined) found.push(`${name} in ${query}`);
    for (const [, label] of (matchers ?? "").matchAll(/(\w+)\s*[=!]~?"/g)) {
      if (labels?.has(label!) === false) found.push(`${label} of ${name} in ${query}`);
    }
  }
  if (!/netflags_/.test(query)) found.push(`no metric in ${query}`);
  return found;
}

interface Target {
  readonly expr: string;
  readonly legendFormat: string;
}

Deno.test("monitoring: each query of the dashboard asks for metrics and labels that netflags has", async () => {
  const known = await metrics();
  const dashboard: {
    readonly panels: readonly { readonly title: string; readonly targets: readonly Target[] }[];
    readonly templating: { readonly list: readonly { readonly type: string; readonly query: { query: string } }[] };
  } = JSON.parse(await Deno.readTextFile(`${MONITORING}netflags.dashboard.json`));
  const targets = dashboard.panels.flatMap(({ targets }) => targets);
  const variables = dashboard.templating.list.filter(({ type }) => type === "query").map(({ query }) => query.query);
  assert(targets.length > 6 && variables.length === 2);
  assertEquals([...targets.map(({ expr }) => expr), ...variables].flatMap((query) => strange(query, known)), []);
  for (const { expr, legendFormat } of targets) {
    const [, name] = /(netflags_\w+)/.exec(expr)!;
    for (const [, label] of legendFormat.matchAll(/\{\{(\w+)\}\}/g)) {
      assert(known.get(name!)!.has(label!), legendFormat);
    }
  }
  // And the check itself sees what is wrong.
  assertEquals(strange('netflags_conected{device="a"}', known).length, 1);
  assertEquals(strange('netflags_connected{interface="a"}', known).length, 1);
});

Deno.test("monitoring: each expression of the rules asks for metrics and labels that netflags has", async () => {
  const known = await metrics();
  const text = await Deno.readTextFile(`${MONITORING}netflags.rules.yml`);
  const expressions = [...text.matchAll(/^ {8}expr: (?:>-\n)?([^]*?)(?=^ {8}\w)/gm)].map(([, expr]) => expr!);
  assertEquals(expressions.length, alerts().length);
  assertEquals(expressions.flatMap((expr) => strange(expr, known)), []);
});

Deno.test("monitoring: the page has each series and each alert, and none that there is not", async () => {
  const [, series, rules] = PAGE.split(/^## (?=What each series|Alerts)/m);
  const named = (text: string): string[] =>
    text.split("\n").filter((line) => line.startsWith("| `")).flatMap((line) =>
      [...line.split("|")[1]!.matchAll(/`(\w+)`/g)].map(([, name]) => name!)
    );
  assertEquals(named(series!).sort(), [...(await metrics()).keys()].sort());
  assertEquals(named(rules!), alerts().map(({ name }) => name));
  for (const { name, severity } of alerts()) {
    assert(new RegExp(`^\\| \`${name}\` .*\\| ${severity} *\\|$`, "m").test(rules!), name);
  }
});

Deno.test("monitoring: each alert says what to do", () => {
  for (const { name, description } of alerts()) {
    assert(/\b(Run|Change|look|mend|raise|set)\b/i.test(description), `${name}: ${description}`);
    assert(description.length > 60, name);
  }
});

Deno.test({
  name: "monitoring: promtool takes the page's prometheus.yml, with the rules that it names",
  ignore: !PROMTOOL,
  fn: async () => {
    const [, config] = /^```yaml\n([^]*?)^```$/m.exec(PAGE)!;
    const folder = await Deno.makeTempDir();
    try {
      await Deno.copyFile(`${MONITORING}netflags.rules.yml`, `${folder}/netflags.rules.yml`);
      await Deno.writeTextFile(`${folder}/prometheus.yml`, config!);
      const [code, said] = promtool("check", "config", `${folder}/prometheus.yml`)!;
      assertEquals(code, 0, said);
      assert(said.includes(`${alerts().length} rules found`), said);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
