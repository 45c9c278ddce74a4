import { InvalidInputError, NotPermittedError, SystemError } from "../../../platforms/contract/errors.ts";
import { plain } from "../terminal/output.ts";
import { collect, type Measurement } from "./collect.ts";
import { metricsText, negotiate } from "./text.ts";

/** Where to listen. */
export interface Address {
  readonly hostname: string;
  readonly port: number;
}

/**
 * Reads `ADDR:PORT`.
 *
 * @throws {InvalidInputError} It is not of that form.
 */
export function readAddress(text: string): Address {
  const [, ipv6, host, digits] = /^(?:\[([^\[\]]+)\]|([^:\[\]\/\s]+)):([0-9]{1,5})$/.exec(text) ?? [];
  const hostname = ipv6 ?? host;
  const port = Number(digits);
  if (hostname === undefined || !(port <= 65535)) {
    throw new InvalidInputError(
      `Option "--listen" is "${text}": give ADDR:PORT, such as 127.0.0.1:9100 or [::1]:9100; port 0 is any free one`,
    );
  }
  return { hostname, port };
}

function hostText({ hostname, port }: Address): string {
  return hostname.includes(":") ? `[${hostname}]:${port}` : `${hostname}:${port}`;
}

const PAGE = `<!doctype html>
<title>netflags</title>
<h1>netflags</h1>
<p><a href="/metrics">Metrics</a> of the network interfaces, as OpenMetrics.</p>
`;

/** How long a slow reader may hold up the end, in milliseconds. */
const LAST_ANSWERS = 1000;

const NO_STORE = { "cache-control": "no-store" } as const;

/** The path that is asked for; undefined where a request line or a host is none. */
function pathOf(request: Request): string | undefined {
  try {
    return new URL(request.url).pathname;
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

/** Answers a request: the metrics, a page that leads to them, or why not. */
export function answer(request: Request, measurement: Measurement): Response {
  const pathname = pathOf(request);
  // Of an answer to HEAD, the server sends the length of the body and not the body.
  const reply = (status: number, body: string, headers: Record<string, string>): Response =>
    new Response(body, { status, headers: { ...NO_STORE, ...headers } });
  const text = { "content-type": "text/plain; charset=utf-8" };
  if (pathname === undefined) return reply(400, "Bad request: it names no path\n", text);
  if (pathname !== "/metrics" && pathname !== "/") return reply(404, "Not found: see /metrics\n", text);
  if (request.method !== "GET" && request.method !== "HEAD") {
    return reply(405, "Only GET and HEAD\n", { ...text, allow: "GET, HEAD" });
  }
  if (pathname === "/") return reply(200, PAGE, { "content-type": "text/html; charset=utf-8" });
  try {
    const failure = measurement.past?.failure;
    if (failure !== undefined) throw failure;
    const { format, contentType } = negotiate(request.headers.get("accept"));
    const body = metricsText(collect(measurement), format);
    return reply(200, body, { "content-type": contentType, vary: "accept" });
  } catch (error) {
    const why = plain(error instanceof Error ? error.message : String(error));
    console.error(`netflags: ${why}`);
    return reply(503, `${why}\n`, text);
  }
}

function cannotListen(address: Address, error: unknown): Error {
  const operation = "listen";
  const where = `Cannot listen on "${hostText(address)}"`;
  const why = error instanceof Error ? error.message : String(error);
  if (error instanceof Deno.errors.NotCapable) {
    return new NotPermittedError(`${where}: run with --allow-net=${hostText(address)}`, { operation, cause: error });
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return new NotPermittedError(`${where}: ${why}: ports below 1024 are root's`, { operation, cause: error });
  }
  if (error instanceof Deno.errors.AddrInUse) {
    return new SystemError(`${where}: something listens there already: give another port`, { operation, cause: error });
  }
  return new SystemError(`${where}: ${why}`, { operation, cause: error });
}

/**
 * Serves the metrics until `measurement.past` has failed, or the signal is aborted.
 *
 * @param listening Called with the address of the metrics.
 * @throws {NotPermittedError} Deno or the kernel does not let it listen there.
 * @throws {SystemError} It cannot listen there.
 */
export async function serve(
  address: Address,
  measurement: Measurement,
  listening: (url: string) => void,
  signal?: AbortSignal,
): Promise<void> {
  if (Deno.permissions.querySync({ name: "net", host: hostText(address) }).state !== "granted") {
    throw cannotListen(address, new Deno.errors.NotCapable());
  }
  let server: Deno.HttpServer<Deno.NetAddr>;
  try {
    server = Deno.serve({
      ...address,
      onListen: ({ hostname, port }) => listening(`http://${hostText({ hostname, port })}/metrics`),
      onError: (error) => {
        console.error(`netflags: ${plain(error instanceof Error ? error.message : String(error))}`);
        return new Response("Internal error\n", { status: 500 });
      },
    }, (request) => answer(request, measurement));
  } catch (error) {
    throw cannotListen(address, error);
  }
  const stopped = new Promise<void>((resolve) => {
    if (signal?.aborted) resolve();
    signal?.addEventListener("abort", () => resolve(), { once: true });
  });
  await Promise.race([measurement.past?.ended ?? stopped, stopped, server.finished]);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<void>((resolve) => timer = setTimeout(resolve, LAST_ANSWERS));
  await Promise.race([server.shutdown(), late]);
  clearTimeout(timer);
}
