import { assertEquals, assertMatch } from "@std/assert";
import standIns from "../../../offline/import_map.json" with { type: "json" };

const ROOT = new URL("../../../", import.meta.url);
const STAND_IN = /^file:.*\/offline\/parse_args\.ts\n$/;
const JSR = /^jsr:\/?@std\/cli@.*\/parse-args\n$/;

/** A folder with the project's tasks, a cache of its own, and a command that only says which @std it has. */
class Checkout implements Disposable {
  readonly path: string = Deno.makeTempDirSync({ prefix: "netflags-" });

  constructor() {
    Deno.mkdirSync(`${this.path}/offline`);
    Deno.mkdirSync(`${this.path}/src/cli`, { recursive: true });
    Deno.copyFileSync(new URL("deno.json", ROOT), `${this.path}/deno.json`);
    for (const { name } of Deno.readDirSync(new URL("offline/", ROOT))) {
      if (name.startsWith("kept")) continue;
      Deno.copyFileSync(new URL(`offline/${name}`, ROOT), `${this.path}/offline/${name}`);
    }
    this.write("src/cli/main.ts", `console.log(import.meta.resolve("@std/cli/parse-args"));`);
  }

  write(name: string, text: string): void {
    Deno.writeTextFileSync(`${this.path}/${name}`, text);
  }

  /** Runs Deno in it, with this registry. */
  async deno(
    registry: string,
    args: readonly string[],
    offline = "",
  ): Promise<{ said: string; got: string; status: number }> {
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [...args],
      cwd: this.path,
      env: {
        DENO_DIR: `${this.path}/cache`,
        JSR_URL: registry,
        NETFLAGS_OFFLINE: offline,
        NO_COLOR: "1",
        NO_PROXY: "127.0.0.1",
      },
      stdin: "null",
    }).output();
    return { said: new TextDecoder().decode(stderr), got: new TextDecoder().decode(stdout), status: code };
  }

  /** Runs the task that stands for all of them. */
  task(registry: string, offline?: string): ReturnType<Checkout["deno"]> {
    return this.deno(registry, ["task", "-q", "netflags"], offline);
  }

  /** Runs the task once more: it takes the same, and says nothing. */
  async again(registry: string, expected: RegExp): Promise<void> {
    const { said, got } = await this.task(registry);
    assertEquals(said, "");
    assertMatch(got, expected);
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.path, { recursive: true });
  }
}

/** A registry that writes down what it is asked. */
class Registry implements AsyncDisposable {
  readonly asked: string[] = [];
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly url: string;

  constructor(answer: (path: string) => Response | Promise<Response>) {
    this.#server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
      const { pathname } = new URL(request.url);
      this.asked.push(pathname);
      return answer(pathname);
    });
    this.url = `http://127.0.0.1:${this.#server.addr.port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}

/** Answers as JSR does, with a version of each package in use whose modules are empty. */
async function packages(path: string): Promise<Response> {
  const [, name, rest] = /^\/(@std\/[a-z]+)\/(.+)$/.exec(path) ?? [];
  const version = name === "@std/io" ? "0.225.999" : "1.999.0"; // that one has no 1.0
  if (rest === "meta.json") return Response.json({ scope: "std", name, versions: { [version]: {} } });
  const code = "export {};\n";
  if (rest !== `${version}_meta.json`) return new Response(code, { headers: { "content-type": "text/typescript" } });
  const exported = Object.keys(standIns.imports).filter((one) => `${one}/`.startsWith(`${name}/`));
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(code)));
  return Response.json({
    manifest: { "/mod.ts": { size: code.length, checksum: `sha256-${digest.toHex()}` } },
    exports: Object.fromEntries(exported.map((one) => [`.${one.slice(name!.length)}`, "./mod.ts"])),
  });
}

Deno.test("offline: where the registry of JSR_URL answers it is taken, and asked once", async () => {
  using checkout = new Checkout();
  await using registry = new Registry(() => Response.json({ versions: {} }));
  const { said, got } = await checkout.task(`${registry.url}/mirror`);
  assertEquals(said, `@std: JSR (${registry.url}/mirror/ answers; remove offline/kept to choose again)\n`);
  assertMatch(got, JSR);
  await checkout.again(`${registry.url}/mirror`, JSR);
  assertEquals(registry.asked, ["/mirror/@std/cli/meta.json"]);
});

for (
  const [what, answer] of [
    ["answers with status 404", () => new Response(null, { status: 404 })],
    ["answers with no JSON", () => new Response("<html>the sign-in page of a network</html>")],
  ] as const
) {
  Deno.test(`offline: where the registry ${what}, the stand-ins are taken, and it is asked once`, async () => {
    using checkout = new Checkout();
    await using registry = new Registry(answer);
    const { said, got } = await checkout.task(registry.url);
    assertEquals(
      said,
      `@std: the stand-ins of offline/ (${registry.url}/ ${what}; remove offline/kept to choose again)\n`,
    );
    assertMatch(got, STAND_IN);
    await checkout.again(registry.url, STAND_IN);
    assertEquals(registry.asked, ["/@std/cli/meta.json"]);
  });
}

Deno.test("offline: a network that swallows packets is given up after half a second, once", async () => {
  using checkout = new Checkout();
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const url = `http://127.0.0.1:${listener.addr.port}`;
  const silent: Deno.Conn[] = [];
  const accepting = (async () => {
    for await (const connection of listener) silent.push(connection);
  })();
  // That this ends at all shows that it gives up: the connection stays open, and nothing comes.
  const { said, got } = await checkout.task(url);
  assertMatch(said, /does not answer within 500 ms;/);
  assertMatch(got, STAND_IN);
  await checkout.again(url, STAND_IN);
  assertEquals(silent.length, 1);
  listener.close();
  await accepting;
  for (const connection of silent) connection.close();
});

Deno.test("offline: where Deno's cache has @std it is taken, and nobody is asked", async () => {
  using checkout = new Checkout();
  await using registry = new Registry(packages);
  checkout.write("fill.ts", Object.keys(standIns.imports).map((one) => `import "${one}";\n`).join(""));
  const filled = await checkout.deno(registry.url, ["cache", "--quiet", "fill.ts"]);
  assertEquals(filled, { said: "", got: "", status: 0 });
  registry.asked.length = 0;
  const { said, got } = await checkout.task(registry.url);
  assertEquals(said, "@std: JSR (it is in Deno's cache; remove offline/kept to choose again)\n");
  assertMatch(got, JSR);
  assertEquals(registry.asked, []);
});

Deno.test("offline: NETFLAGS_OFFLINE forces the choice, asks nobody, and is not kept", async () => {
  using checkout = new Checkout();
  await using registry = new Registry(packages);
  for (const before of ["no choice", "a choice"]) {
    for (const [forced, what, expected] of [["1", "the stand-ins of offline/", STAND_IN], ["0", "JSR", JSR]] as const) {
      const { said, got } = await checkout.task(registry.url, forced);
      assertEquals(said, `@std: ${what} (NETFLAGS_OFFLINE=${forced})\n`, before);
      assertMatch(got, expected, before);
    }
    if (before === "no choice") assertMatch((await checkout.task(registry.url)).said, /^@std: JSR \(.* answers;/);
  }
  assertEquals(registry.asked, ["/@std/cli/meta.json"]);
});

Deno.test("offline: another value of NETFLAGS_OFFLINE is status 2, and is quoted", async () => {
  using checkout = new Checkout();
  await using registry = new Registry(packages);
  for (const value of ["yes", "01", "/../forced1"]) {
    assertEquals(await checkout.task(registry.url, value), {
      said: `NETFLAGS_OFFLINE is "${value}": give 1 for the stand-ins of offline/, or 0 for JSR\n`,
      got: "",
      status: 2,
    });
  }
  assertEquals(registry.asked, []);
});

Deno.test("offline: a choice that cannot be kept is refused, with what to do", async () => {
  using checkout = new Checkout();
  await using registry = new Registry(packages);
  Deno.removeSync(`${checkout.path}/offline/forced0`);
  const { said, status } = await checkout.task(registry.url);
  assertMatch(said, /^Cannot write "offline\/kept" \(.*\): set NETFLAGS_OFFLINE=0\n$/);
  assertEquals(status, 2);
});
