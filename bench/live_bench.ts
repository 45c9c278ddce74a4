/** What a caller waits for, on this machine's interfaces. In a namespace of its own: unshare -n deno task bench */
import { get, list, route, setFlags, watch } from "../mod.ts";
import { ioctlFlags } from "../src/linux.ts";

const count = list({ addresses: false }).length;

Deno.bench(`list({ addresses: false }) of ${count} interfaces`, () => {
  list({ addresses: false });
});

Deno.bench(`list() of ${count} interfaces, with addresses`, () => {
  list();
});

Deno.bench('get("lo"), with addresses', () => {
  get("lo");
});

Deno.bench(`list({ routes: true }) of ${count} interfaces, with addresses and the default routes`, () => {
  list({ routes: true });
});

Deno.bench("route(): the default traffic of both families", () => {
  route();
});

Deno.bench('route("127.0.0.1")', () => {
  route("127.0.0.1");
});

Deno.bench('ioctlFlags("lo"): 16 bits', () => {
  ioctlFlags("lo");
});

// Only where the namespace was made for it: nothing of a machine that somebody uses is changed.
const made = get("l1");
if (made?.kind === "ifb") {
  const watcher = watch({ names: ["l1"] });
  let noarp = made.flagNames.includes("NOARP");
  Deno.bench("watch: setFlags to the event in the same process", async () => {
    setFlags("l1", { noarp: noarp = !noarp });
    await watcher.next();
  });
}
