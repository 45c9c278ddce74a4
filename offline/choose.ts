/**
 * Chooses where @std comes from: JSR, or the stand-ins of the folder "std1" where JSR cannot be reached.
 *
 * deno.json links to the packages in the folder "std", which is not in the repository: each that is there takes the place
 * of its package on JSR. The choice is kept by what "std" is: a link to "std1", or to "std0", which has no package. The
 * task "std" runs this where no choice was made, or where NETFLAGS_OFFLINE=0 or 1 asks for the other one, which it tells
 * by the file of that name in the folder.
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

/** Keeps the choice. A task that starts meanwhile has the one before, or this one. */
function keep(offline: boolean): void {
  const here = (name: string): URL => new URL(name, import.meta.url);
  const draft = here(`std.${Deno.pid}`);
  Deno.symlinkSync(offline ? "std1" : "std0", draft);
  Deno.renameSync(draft, here("std"));
}

/** Keeps the choice, says what it is, and ends: a question that was given up may still wait for the name server. */
function end(offline: boolean, why: string): never {
  try {
    keep(offline);
  } catch (error) {
    console.error(`Cannot make the link "offline/std": ${error instanceof Error ? error.message : error}`);
    // Without it @std comes from JSR.
    if (offline) {
      console.error("Give Deno the option --import-map=offline/import_map.json, and run it without a task");
      Deno.exit(2);
    }
  }
  console.error(`@std: ${offline ? "the stand-ins of offline/" : "JSR"} (${why})`);
  Deno.exit(0);
}

const forced = Deno.env.get("NETFLAGS_OFFLINE") ?? "";
if (forced === "0" || forced === "1") end(forced === "1", `NETFLAGS_OFFLINE=${forced}`);
if (forced !== "") {
  console.error(`NETFLAGS_OFFLINE is "${forced}": give 1 for the stand-ins of offline/, or 0 for JSR`);
  Deno.exit(2);
}

const registry = registryOf(Deno.env.get("JSR_URL"));
const cached = await isCached();
const wrong = cached ? undefined : await ask(registry);
const why = cached ? "it is in Deno's cache" : `${registry} ${wrong ?? "answers"}`;
end(wrong !== undefined, `${why}; remove offline/std to choose again`);
