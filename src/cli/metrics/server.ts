import { InvalidInputError, NotPermittedError, SystemError } from "../../../platforms/contract/errors.ts";
import { plain, printError } from "../terminal/output.ts";
import { now } from "../../table/moment.ts";
import { collect, type Measurement } from "./collect.ts";
import type { Answerer } from "./connection.ts";
import { Connections } from "./connections.ts";
import { textAnswer } from "./http.ts";
import { type Family, type Format, metricsText, negotiate } from "./text.ts";

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

/** For how long what was collected is answered again. In milliseconds. */
const FRESH = 1000;

/** What all scrapes of about a second get: it is collected once, and written once in each format. */
class Collection {
  readonly #measurement: Measurement;
  readonly #texts = new Map<Format, Uint8Array>();
  #families: readonly Family[] | Error = [];
  /** When it was made, by the steady clock. */
  #made = -Infinity;

  constructor(measurement: Measurement) {
    this.#measurement = measurement;
  }

  /** The metrics as text; an error, where they cannot be had. */
  text(format: Format): Uint8Array | Error {
    if (now().elapsed - this.#made >= FRESH) this.#make();
    if (this.#families instanceof Error) return this.#families;
    let text = this.#texts.get(format);
    if (text === undefined) {
      text = new TextEncoder().encode(metricsText(this.#families, format));
      this.#texts.set(format, text);
    }
    return text;
  }

  #make(): void {
    this.#texts.clear();
    try {
      this.#families = collect(this.#measurement);
    } catch (error) {
      this.#families = error instanceof Error ? error : new Error(String(error));
      printError(plain(this.#families.message));
    }
    this.#made = now().elapsed; // however long it took
  }
}

/** What answers requests: the metrics, a page that leads to them, or why not. */
export function answerer(measurement: Measurement): Answerer {
  const collection = new Collection(measurement);
  return ({ path, method, accept }) => {
    if (path === undefined) return textAnswer(400, "Bad request: it names no path\n");
    if (path !== "/metrics" && path !== "/") return textAnswer(404, "Not found: see /metrics\n");
    if (method !== "GET" && method !== "HEAD") return textAnswer(405, "Only GET and HEAD\n", { allow: "GET, HEAD" });
    if (path === "/") return textAnswer(200, PAGE, { "content-type": "text/html; charset=utf-8" });
    const { format, contentType } = negotiate(accept);
    const body = measurement.past?.failure ?? collection.text(format);
    if (body instanceof Error) return textAnswer(503, `${plain(body.message)}\n`);
    return { status: 200, headers: { "content-type": contentType, vary: "accept" }, body };
  };
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
  let listener: Deno.Listener<Deno.TcpConn>;
  try {
    listener = Deno.listen({ ...address });
  } catch (error) {
    throw cannotListen(address, error);
  }
  const connections = new Connections(listener, answerer(measurement));
  const { hostname, port } = listener.addr as Deno.NetAddr;
  listening(`http://${hostText({ hostname, port })}/metrics`);
  const stopped = new Promise<void>((resolve) => {
    if (signal?.aborted) resolve();
    signal?.addEventListener("abort", () => resolve(), { once: true });
  });
  await Promise.race([measurement.past?.ended ?? stopped, stopped, connections.accept()]);
  await connections.end();
}
