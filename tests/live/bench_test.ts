import { assert, assertEquals } from "@std/assert";
import { LIVE, liveTest } from "../helpers/live/system.ts";

const COMPARE = new URL("../../bench/compare/compare.ts", import.meta.url).pathname;

interface Row {
  readonly id: string;
  readonly samples: readonly number[];
}

/** The comparison's programs are written in C. */
const CC = new Deno.Command("sh", { args: ["-c", "command -v cc"], stdout: "null" }).outputSync().success;
if (LIVE && !CC) console.error("SKIPPED: no cc, so no comparison with peers: install gcc libc6-dev");

/** What of the comparison's results is looked at: that there are figures, never how large they are. */
interface Results {
  readonly startup: readonly Row[];
  readonly decode: readonly Row[];
  readonly hot: readonly Row[];
  readonly list: readonly Row[];
  readonly latency: readonly { readonly id: string; readonly seen: readonly number[] }[];
  readonly burst: readonly { readonly id: string; readonly seen: readonly number[] }[];
  readonly unwanted: readonly { readonly id: string; readonly seen: readonly number[] }[];
  readonly memory: readonly { readonly live: boolean; readonly bytes: readonly unknown[] }[];
}

/** The rows that need no peer to be installed, but for the C compiler that the comparison itself needs. */
const OWN = {
  startup: ["import", "process", "nothing", "ip"],
  decode: ["floor", "status", "status-new", "unchanged"],
  hot: ["event", "repeated", "other", "wireless", "ifinfo netbsd", "ifinfo freebsd", "ifinfo openbsd"],
  list: ["receive", "links", "list", "ip", "networkInterfaces"],
} as const;

liveTest("live bench: the comparison with peers goes through, and no figure of netflags is missing", async () => {
  const json = Deno.makeTempFileSync();
  try {
    const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "--quiet", "--allow-all", COMPARE],
        // Events after a rest are heard by the same programs as the others; their rests alone take a minute.
        ...["--quick", "--passes", "1", "--links", "50", "--only", "startup,decode,hot,list,events,filter,memory"],
        ...["--json", json],
      ],
    }).output();
    assert(success, new TextDecoder().decode(stderr));
    const printed = new TextDecoder().decode(stdout);
    for (
      const title of ["Decoding", "Listing", "Latency", "CPU time", "Changes that nobody wants", "Memory", "Targets"]
    ) {
      assert(printed.includes(`\n## ${title}`), title);
    }
    const results: Results = JSON.parse(Deno.readTextFileSync(json));
    for (const section of ["startup", "decode", "hot", "list"] as const) {
      for (const id of OWN[section]) {
        const samples = results[section].find((row) => row.id === id)?.samples ?? [];
        assert(samples.length > 0 && samples.every((sample) => sample >= 0), `${section}: ${id}`);
      }
    }
    for (const rows of [results.latency, results.burst]) {
      for (const id of ["recv", "watch", "wake", "poll"]) {
        assert((rows.find((row) => row.id === id)?.seen[0] ?? 0) > 0, `${id} heard nothing`);
      }
    }
    for (const { id, seen } of results.unwanted) assert(seen[0] === 1, `${id} did not hear the one change`);
    const [resident, live] = results.memory;
    assertEquals([resident?.live, live?.live], [false, true]);
    for (const one of [resident, live]) assert((one?.bytes.length ?? 0) >= 5); // where changes merge there are fewer events
  } finally {
    Deno.removeSync(json);
  }
}, LIVE && CC);
