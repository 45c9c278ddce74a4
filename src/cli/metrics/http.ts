/** As much of HTTP/1.1 (RFC 9112) as answers GET and HEAD: the heads of requests, and whole answers. */

/** What is asked for. */
export interface HttpRequest {
  readonly method: string;
  /** The path, without a query; undefined where the target or the host is none. */
  readonly path: string | undefined;
  readonly accept: string | null;
  /** Whether another request may follow on the connection. */
  readonly keep: boolean;
}

export interface HttpAnswer {
  readonly status: keyof typeof REASONS;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

const REASONS = {
  200: "OK",
  400: "Bad Request",
  404: "Not Found",
  405: "Method Not Allowed",
  431: "Request Header Fields Too Large",
  503: "Service Unavailable",
  505: "HTTP Version Not Supported",
} as const;

/** What an answer begins with, whatever it will say. */
export const VERSION = "HTTP/1.1";
/** The longest head of a request, in bytes. */
const LONGEST_HEAD = 1 << 14;
/** How many bytes may be added at once. */
export const ADDED = 1 << 12;

/** A head that is none: it is answered, and the connection ends. */
export interface BadRequest {
  readonly status: 400 | 431 | 505;
  readonly why: string;
}

export function textAnswer(
  status: HttpAnswer["status"],
  text: string,
  headers: Readonly<Record<string, string>> = {},
): HttpAnswer {
  return {
    status,
    headers: { "content-type": "text/plain; charset=utf-8", ...headers },
    body: new TextEncoder().encode(text),
  };
}

export function headOf({ status, headers, body }: HttpAnswer, keep: boolean): string {
  const lines = Object.entries({
    ...headers,
    "cache-control": "no-store",
    "content-length": String(body.length),
    connection: keep ? "keep-alive" : "close",
    date: new Date().toUTCString(),
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${VERSION} ${status} ${REASONS[status]}\r\n${lines.join("")}\r\n`;
}

/** Reads the heads of requests from bytes as they come. */
export class HeadReader {
  readonly #bytes = new Uint8Array(LONGEST_HEAD + ADDED);
  #length = 0;

  get begun(): boolean {
    return this.#length > 0;
  }

  /** Takes the bytes that came, {@linkcode ADDED} at most, where {@linkcode next} has found no head. */
  add(bytes: Uint8Array): void {
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** Takes the next head out, or says what is wrong with it; undefined as long as it is not whole. */
  next(): HttpRequest | BadRequest | undefined {
    // Its bytes are those of ISO 8859-1, one character each.
    const text = new TextDecoder("latin1").decode(this.#bytes.subarray(0, this.#length));
    const [found, head] = /^(?:\r?\n)*([^\r\n][^]*?)\r?\n\r?\n/.exec(text) ?? [];
    if (found === undefined || head === undefined) {
      if (this.#length < LONGEST_HEAD) return undefined;
      return { status: 431, why: `The head of a request is longer than ${LONGEST_HEAD} bytes` };
    }
    this.#bytes.copyWithin(0, found.length, this.#length);
    this.#length -= found.length;
    return readHead(head);
  }
}

function readHead(head: string): HttpRequest | BadRequest {
  const [line, ...fields] = head.split(/\r?\n/);
  const [, method, target, version] = /^([!#-'*+.^-z|~\w-]+) (\S+) HTTP\/(\d\.\d)$/.exec(line!) ?? [];
  if (method === undefined || target === undefined) return { status: 400, why: "It is no line of a request" };
  if (version !== "1.1" && version !== "1.0") return { status: 505, why: "Only HTTP/1.1 and HTTP/1.0" };
  const headers = new Map<string, string>();
  for (const field of fields) {
    const [, name, value] = /^([!#-'*+.^-z|~\w-]+):[ \t]*(.*?)[ \t]*$/.exec(field) ?? [];
    if (name === undefined || value === undefined) return { status: 400, why: "It has a line that is no header" };
    const key = name.toLowerCase();
    const before = headers.get(key);
    headers.set(key, before === undefined ? value : `${before}, ${value}`);
  }
  const host = headers.get("host");
  if (host === undefined && version === "1.1") return { status: 400, why: "It names no host" };
  // A body is not read, so where it ends is not known.
  const hasBody = headers.has("transfer-encoding") || (headers.get("content-length") ?? "0") !== "0";
  const connection = (headers.get("connection") ?? "").toLowerCase();
  return {
    method,
    path: pathOf(target, host || "localhost"),
    accept: headers.get("accept") ?? null,
    keep: version === "1.1" && !hasBody && !connection.split(/[\s,]+/).includes("close"),
  };
}

function pathOf(target: string, host: string): string | undefined {
  if (!URL.canParse(`http://${host}/`)) return undefined;
  return URL.parse(target.startsWith("/") ? `http://localhost${target}` : target)?.pathname;
}
