/** What the server of `netflags metrics --listen` makes of connections and of what comes over them. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { type Answerer, LIMITS, type Limits } from "../../../../src/cli/metrics/connection.ts";
import { Connections } from "../../../../src/cli/metrics/connections.ts";
import { type BadRequest, HeadReader, type HttpRequest, textAnswer } from "../../../../src/cli/metrics/http.ts";
import { RawClient } from "../../../helpers/cli/http.ts";

const GET = "GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n";
const LAST = "GET /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
/** The body of an answer, and one that no socket takes at once. */
const END = "the end\n";
const BIG = "x".repeat(30e6) + END;
const GET_BIG = "GET /big HTTP/1.1\r\nHost: a\r\n\r\n";

/** Requests from bytes that come in pieces of such a size. */
function requests(text: string, size: number): (HttpRequest | BadRequest)[] {
  const reader = new HeadReader();
  const found: (HttpRequest | BadRequest)[] = [];
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length; at += size) {
    reader.add(bytes.subarray(at, at + size));
    for (let one = reader.next(); one !== undefined; one = reader.next()) {
      found.push(one);
      if ("why" in one) return found;
    }
  }
  return found;
}

Deno.test("http: heads are read in whatever pieces they come", () => {
  const text = `\r\n\r\n${GET}\nHEAD http://x:1/a?b HTTP/1.0\nAccept: text/plain\naccept:  b \n\n${LAST}`;
  for (const size of [1, 7, 4096]) {
    assertEquals(requests(text, size), [
      { method: "GET", path: "/metrics", accept: null, keep: true },
      { method: "HEAD", path: "/a", accept: "text/plain, b", keep: false },
      { method: "GET", path: "/metrics", accept: null, keep: false },
    ]);
  }
});

Deno.test("http: what is no head is told by a status, whatever it is", () => {
  const head = (lines: string): unknown => requests(`${lines}\r\n\r\n`, 4096).map((one) => "why" in one && one.status);
  assertEquals(head("GET /metrics"), [400]);
  assertEquals(head("GET  /metrics HTTP/1.1\r\nHost: a"), [400]);
  assertEquals(head("\x16\x03\x01\x02"), [400]); // TLS
  assertEquals(head("GET /metrics HTTP/1.1"), [400]); // without a host
  assertEquals(head("GET /metrics HTTP/1.1\r\nHost: a\r\n folded"), [400]);
  assertEquals(head("GET /metrics HTTP/1.1\r\nHost : a"), [400]);
  assertEquals(head("PRI * HTTP/2.0"), [505]);
  assertEquals(head("GET /metrics HTTP/9.9\r\nHost: a"), [505]);
  assertEquals(requests("x".repeat(1 << 14), 4096).map((one) => "why" in one && one.status), [431]);
  assertEquals(requests(`GET / HTTP/1.1\r\n${"a: b\r\n".repeat(3000)}`, 4096).at(-1), {
    status: 431,
    why: "The head of a request is longer than 16384 bytes",
  });
  const path = (target: string, host = "a"): unknown => {
    const [one] = requests(`GET ${target} HTTP/1.1\r\nHost: ${host}\r\n\r\n`, 4096);
    return "why" in one! ? one.status : one?.path;
  };
  assertEquals([path("/a/../b?c#d"), path("//x/y"), path("http://x/z")], ["/b", "//x/y", "/z"]);
  assertEquals([path("http://[bad/"), path("/", "[::"), path("/", "a, b"), path("*")], Array(4).fill(undefined));
  assertEquals([path("/metrics", ""), path("/metrics", "[::1]:9100")], ["/metrics", "/metrics"]);
});

Deno.test("http: a body leaves nothing behind that could pass for a request", () => {
  for (const field of ["Content-Length: 3", "Transfer-Encoding: chunked", "content-length: x"]) {
    const [one] = requests(`POST / HTTP/1.1\r\nHost: a\r\n${field}\r\n\r\n`, 4096);
    assert(one !== undefined && !("why" in one) && !one.keep, field);
  }
});

/** A server that counts whom it answers, and its port. */
class Server implements AsyncDisposable {
  readonly port: number;
  answered = 0;
  readonly #connections: Connections;
  readonly #accepting: Promise<void>;
  readonly #errors: string[] = [];
  readonly #error = Deno.stderr.write;

  constructor(limits: Partial<Limits> = {}, listener = Deno.listen({ hostname: "127.0.0.1", port: 0 })) {
    const answer: Answerer = ({ path }) => {
      this.answered++;
      return textAnswer(200, path === "/big" ? BIG : END);
    };
    Deno.stderr.write = (bytes) => {
      this.#errors.push(new TextDecoder().decode(bytes));
      return Promise.resolve(bytes.length);
    };
    this.#connections = new Connections(listener, answer, { ...LIMITS, ...limits });
    this.port = (listener.addr as Deno.NetAddr).port;
    this.#accepting = this.#connections.accept();
  }

  /** What it said on standard error. */
  get errors(): readonly string[] {
    return this.#errors;
  }

  connect(): Promise<RawClient> {
    return RawClient.connect(this.port);
  }

  /** What one who asks is answered. */
  async get(): Promise<string> {
    using client = await this.connect();
    await client.send(LAST);
    return await client.rest();
  }

  get open(): number {
    return this.#connections.open;
  }

  async end(): Promise<void> {
    await this.#connections.end();
    await this.#accepting;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    Deno.stderr.write = this.#error;
    await this.end();
  }
}

const isAnswer = (text: string): boolean => text.startsWith("HTTP/1.1 200 OK\r\n") && text.endsWith(END);

Deno.test("http: requests follow each other on a connection, one by one or all at once", async () => {
  await using server = new Server();
  using client = await server.connect();
  for (let i = 0; i < 3; i++) {
    await client.send(GET);
    assert(isAnswer(await client.until((text) => text.endsWith(END))));
  }
  await client.send(GET + GET + LAST);
  const all = await client.rest();
  assertEquals([all.split("HTTP/1.1 200 OK").length - 1, all.split(END).length - 1], [3, 3]);
  assertEquals(server.answered, 6);
});

Deno.test("http: who says nothing, or says it slowly, is closed", async () => {
  await using server = new Server({ idle: 30, head: 30 });
  using silent = await server.connect();
  assertEquals(await silent.rest(), "");
  using slow = await server.connect();
  await slow.send("GET / HT");
  assertEquals(await slow.rest(), "");
  // Bytes that go on coming do not make the head's time longer.
  using trickle = await server.connect();
  let closed = false;
  const rest = trickle.rest().finally(() => closed = true);
  for (let i = 0; !closed && i < 16_000; i++) {
    await trickle.send("x").catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  assertEquals([await rest, closed], ["", true]);
  assert(isAnswer(await server.get()));
});

Deno.test("http: who reads nothing of an answer is closed, and holds up nobody", async () => {
  await using server = new Server({ write: 50 });
  using client = await server.connect();
  await client.send(GET_BIG);
  while (server.answered === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  assert(isAnswer(await server.get()));
  while (server.open > 0) await new Promise((resolve) => setTimeout(resolve, 1));
  assert(!(await client.rest()).endsWith(END), "what was not read in time is cut off");
});

Deno.test("http: for a new connection that which waits longest is closed, and not one that works", async () => {
  await using server = new Server({ connections: 4 });
  const idle = [await server.connect(), await server.connect(), await server.connect()];
  using working = await server.connect();
  for (let i = 0; i < 20; i++) {
    await working.send(GET);
    assert(isAnswer(await working.until((text) => text.endsWith(END))));
    idle.push(await server.connect());
  }
  for (const one of idle.slice(0, 20)) assertEquals(await one.rest(), "");
  assert(isAnswer(await server.get()));
  for (const one of idle) one[Symbol.dispose]();
});

/** A listener that fails as one does that has no descriptor left. */
function failing(times: number): Deno.TcpListener {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const accept = listener.accept.bind(listener);
  let left = times;
  listener.accept = () => left-- > 0 ? Promise.reject(new Error("Too many open files (os error 24)")) : accept();
  return listener;
}

Deno.test("http: where no connection can be accepted it is told once, and tried again", async () => {
  await using server = new Server({}, failing(3));
  assert(isAnswer(await server.get()));
  assertEquals(server.errors, [
    "netflags: Cannot accept a connection: Too many open files (os error 24): trying again\n",
  ]);
});

Deno.test("http: nothing is asked for those who have given up", async () => {
  await using server = new Server();
  for (let i = 0; i < 20; i++) {
    using client = await server.connect();
    await client.send(i % 2 === 0 ? GET : LAST);
  }
  assert(isAnswer(await server.get()));
  assertEquals(server.answered, 1);
});

Deno.test("http: who has ended its own side alone is answered", async () => {
  await using server = new Server();
  for (const asked of [GET, LAST, "GET / HTTP/1.0\r\n\r\n", `\n${GET}`, GET + GET]) {
    using client = await server.connect();
    await client.send(asked);
    await client.endSending();
    const text = await client.rest();
    assert(isAnswer(text), text);
    assertEquals(text.split(END).length, asked === GET + GET ? 3 : 2);
  }
});

Deno.test("http: a wrong head and what follows it are answered once, and the answer arrives", async () => {
  await using server = new Server();
  for (const [text, status] of [["nonsense\r\n\r\n", 400], ["x".repeat(1 << 20), 431]] as const) {
    using client = await server.connect();
    await client.send(text + GET);
    const told = await client.rest();
    assertMatch(told, new RegExp(`^HTTP/1\\.1 ${status} `));
    assertEquals(told.split("HTTP/1.1 ").length, 2);
  }
  using poster = await server.connect();
  await poster.send(`POST /metrics HTTP/1.1\r\nHost: a\r\nContent-Length: 500000\r\n\r\n${"x".repeat(500_000)}`);
  assert(isAnswer(await poster.rest()));
});

Deno.test("http: at the end what waits is dropped, and what is being written arrives", async () => {
  await using server = new Server({ last: 60_000 });
  using idle = await server.connect();
  using begun = await server.connect();
  await begun.send("GET / HTTP/1.1\r\n");
  using reading = await server.connect();
  await reading.send(GET_BIG);
  const whole = reading.until((text) => text.length > 1e6).then(async (first) => {
    const ended = server.end();
    const text = first + await reading.rest();
    await ended;
    return text;
  });
  assert(isAnswer(await whole));
  assertEquals([await idle.rest(), await begun.rest(), server.answered], ["", "", 1]);
});
