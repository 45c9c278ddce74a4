/**
 * Prints the options with which Deno finds @std: none where JSR answers, so that deno.json's jsr: packages are used, and
 * otherwise the import map of this folder, which puts a stand-in in the place of each. NETFLAGS_OFFLINE=1 or 0 decides
 * without asking.
 */
const OFFLINE = `--import-map=${new URL("./import_map.json", import.meta.url).pathname}`;

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2000) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}

const forced = Deno.env.get("NETFLAGS_OFFLINE");
if (forced !== undefined && forced !== "" && forced !== "0" && forced !== "1") {
  console.error(`NETFLAGS_OFFLINE is "${forced}": give 1 for offline, 0 for JSR`);
  Deno.exit(2);
}
const offline = forced ? forced === "1" : !(await answers("https://jsr.io/@std/cli/meta.json"));
const why = forced ? `NETFLAGS_OFFLINE=${forced}` : offline ? "JSR does not answer" : "JSR answers";
console.error(`@std: ${offline ? "stand-ins from offline/" : "JSR"} (${why})`);
if (offline) console.log(OFFLINE);
