/**
 * Chooses where @std comes from: JSR, or the stand-ins of this folder where JSR cannot be reached.
 *
 * The task "std" runs it where no choice is kept. The options for Deno are then in the file "kept", which is a copy of
 * "forced0" (JSR) or "forced1" (stand-ins). NETFLAGS_OFFLINE=0 or 1 picks one of these two, and nothing is kept.
 *
 * It runs with --cached-only: an import takes what is in Deno's cache, and never asks the network.
 */
import standIns from "./import_map.json" with { type: "json" };

/** How long JSR may take to answer, in milliseconds. */
const PATIENCE = 500;

/** Whether Deno's cache has all of @std that is in use. */
async function isCached(): Promise<boolean> {
  try {
    for (const specifier of Object.keys(standIns.imports)) await import(specifier);
    return true;
  } catch {
    return false;
  }
}

/** The registry that Deno asks: it takes no JSR_URL that is not a URL. */
function registryOf(given: string | undefined): string {
  const url = `${given?.replace(/\/+$/, "")}/`;
  return given && URL.canParse(url) ? url : "https://jsr.io/";
}

/** Asks a registry for a package. Returns what is wrong with its answer, or undefined where nothing is. */
async function ask(registry: string): Promise<string | undefined> {
  try {
    const response = await fetch(`${registry}@std/cli/meta.json`, { signal: AbortSignal.timeout(PATIENCE) });
    if (!response.ok) return `answers with status ${response.status}`;
    await response.json(); // The sign-in page of a network is an answer too, but not this one.
    return undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return "answers with no JSON";
    const late = error instanceof DOMException && error.name === "TimeoutError";
    return late ? `does not answer within ${PATIENCE} ms` : "does not answer";
  }
}

/** Keeps the choice. A task that starts meanwhile reads all of it or nothing. */
function keep(offline: boolean): void {
  const kept = new URL("kept", import.meta.url);
  const draft = new URL(`kept.${Deno.pid}`, import.meta.url);
  Deno.copyFileSync(new URL(offline ? "forced1" : "forced0", import.meta.url), draft);
  Deno.renameSync(draft, kept);
}

/** Says what is taken, and ends: a question that was given up may still wait for the name server. */
function end(offline: boolean, why: string): never {
  console.error(`@std: ${offline ? "the stand-ins of offline/" : "JSR"} (${why})`);
  Deno.exit(0);
}

/** Says what to do, and ends. */
function refuse(message: string): never {
  console.error(message);
  Deno.exit(2);
}

const forced = Deno.env.get("NETFLAGS_OFFLINE") ?? "";
if (forced === "0" || forced === "1") end(forced === "1", `NETFLAGS_OFFLINE=${forced}`);
if (forced !== "") refuse(`NETFLAGS_OFFLINE is "${forced}": give 1 for the stand-ins of offline/, or 0 for JSR`);

const registry = registryOf(Deno.env.get("JSR_URL"));
const cached = await isCached();
const wrong = cached ? undefined : await ask(registry);
const offline = wrong !== undefined;
try {
  keep(offline);
} catch (error) {
  refuse(`Cannot write "offline/kept" (${error}): set NETFLAGS_OFFLINE=${offline ? 1 : 0}`);
}
const why = cached ? "it is in Deno's cache" : `${registry} ${wrong ?? "answers"}`;
end(offline, `${why}; remove offline/kept to choose again`);
