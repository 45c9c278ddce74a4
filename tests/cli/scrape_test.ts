/** `netflags metrics --listen` as a process that many connect to, few of whom ask anything. */
import { assert, assertEquals } from "@std/assert";
import { RawClient } from "../helpers/cli/http.ts";
import { samplesOf } from "../helpers/cli/metrics.ts";
import { Running } from "../helpers/cli/netflags.ts";

const LINUX = Deno.build.os === "linux";
const PERMISSIONS = ["--allow-ffi", "--allow-read", "--allow-net"];

/** The command, which may have so many descriptors; and its port. */
async function listening(descriptors: number): Promise<readonly [running: Running, port: number]> {
  const running = new Running(["metrics", "--listen", "127.0.0.1:0"], PERMISSIONS, undefined, [
    "sh",
    "-c",
    `ulimit -n ${descriptors}; exec "$@"`,
    "sh",
  ]);
  return [running, Number(new URL(await running.line()).port)];
}

/** Whether one who asks is answered with metrics. */
async function scraped(port: number): Promise<void> {
  using client = await RawClient.connect(port);
  await client.send("GET /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  const [head, body] = (await client.rest()).split("\r\n\r\n");
  assert(head?.startsWith("HTTP/1.1 200 OK"), head);
  assertEquals(samplesOf(body!).get('netflags_index{device="lo"}'), 1);
}

for (
  const [what, said] of [
    ["say nothing", ""],
    ["have begun a request", "GET /metrics HTTP/1.1\r\nHost: a\r\n"],
    ["ask and read nothing", "GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n".repeat(100)],
  ] as const
) {
  for (const descriptors of [256, 64]) {
    Deno.test({
      name: `metrics: 300 who ${what} do not end it, and others are answered, with ${descriptors} descriptors`,
      ignore: !LINUX,
      fn: async () => {
        const [command, port] = await listening(descriptors);
        await using running = command;
        const clients: RawClient[] = [];
        try {
          for (let i = 0; i < 300; i++) {
            const client = await RawClient.connect(port);
            clients.push(client);
            await client.send(said).catch(() => {}); // it may be closed by then
            if (i % 100 === 99) await scraped(port);
          }
          await scraped(port);
        } finally {
          for (const client of clients) client[Symbol.dispose]();
        }
        await scraped(port);
        running.signal("SIGTERM");
        assertEquals(await running.status(), 0);
      },
    });
  }
}

Deno.test({
  name: "metrics: SIGTERM ends it, whatever is asked and not read",
  ignore: !LINUX,
  fn: async () => {
    const [command, port] = await listening(1024);
    await using running = command;
    const clients = await Promise.all(Array.from({ length: 40 }, () => RawClient.connect(port)));
    try {
      const few = clients.slice(0, 20);
      for (const client of few) await client.send("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n".repeat(1000));
      running.signal("SIGTERM");
      assertEquals(await running.status(), 0);
    } finally {
      for (const client of clients) client[Symbol.dispose]();
    }
  },
});
