/** Where @std comes from, as the tasks choose it: from JSR, or from the stand-ins of offline/. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import config from "../../../deno.json" with { type: "json" };
import standIns from "../../../offline/import_map.json" with { type: "json" };

const ROOT = new URL("../../../", import.meta.url);
const STAND_IN = /^file:.*\/offline\/std\/cli\/parse_args\.ts\n$/;
const MAPPED = /^file:.*\/offline\/std1\/cli\/parse_args\.ts\n$/;
/** The address of a package from a registry: this one has an empty module for each. */
const JSR = /^http:.*\/@std\/cli\/1\.999\.0\/mod\.ts\n$/;

function copy(from: URL, to: string): void {
  if (Deno.lstatSync(from).isSymlink) return; // the choice of this checkout
  if (!Deno.lstatSync(from).isDirectory) return Deno.copyFileSync(from, to);
  Deno.mkdirSync(to, { recursive: true });
  for (const { name } of Deno.readDirSync(from)) copy(new URL(`${from}/${name}`), `${to}/${name}`);
}

/** A folder with the project's tasks, a cache of its own, and a command that only says which @std it has. */
class Checkout implements Disposable {
  readonly path: string = Deno.makeTempDirSync({ prefix: "netflags-" });

  constructor() {
    Deno.mkdirSync(`${this.path}/src/cli`, { recursive: true });
    Deno.copyFileSync(new URL("deno.json", ROOT), `${this.path}/deno.json`);
    copy(new URL("offline", ROOT), `${this.path}/offline`);
    this.write(
      "src/cli/main.ts",
      `import "@std/cli/parse-args"; console.log(import.meta.resolve("@std/cli/parse-args"));`,
    );
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

  /** Runs the task once more, and the file without a task: both take the same, and say nothing. */
  async again(registry: string, expected: RegExp, offline?: string): Promise<void> {
    for (const args of [["task", "-q", "netflags"], ["run", "--quiet", "src/cli/main.ts"]]) {
      const { said, got } = await this.deno(registry, args, offline);
      assertEquals(said, "");
      assertMatch(got, expected);
    }
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

/** Answers as JSR does, below any path, with a version of each package in use whose modules are empty. */
async function packages(path: string): Promise<Response> {
  const [, name, rest] = /\/(@std\/[a-z]+)\/(.+)$/.exec(path) ?? [];
  const version = "1.999.0";
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

Deno.test("offline: where the registry of JSR_URL answers it is taken, and asked once whether it is there", async () => {
  using checkout = new Checkout();
  await using registry = new Registry(packages);
  const { said, got } = await checkout.task(`${registry.url}/mirror`);
  assertEquals(said, `@std: JSR (${registry.url}/mirror/ answers; remove offline/std to choose again)\n`);
  assertMatch(got, JSR);
  const asked = registry.asked.length;
  await checkout.again(`${registry.url}/mirror`, JSR);
  assertEquals(registry.asked.length, asked);
  assertEquals(registry.asked[0], "/mirror/@std/cli/meta.json");
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
      `@std: the stand-ins of offline/ (${registry.url}/ ${what}; remove offline/std to choose again)\n`,
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
  assertEquals(said, "@std: JSR (it is in Deno's cache; remove offline/std to choose again)\n");
  assertMatch(got, JSR);
  assertEquals(registry.asked, []);
});

Deno.test("offline: NETFLAGS_OFFLINE makes the choice, and asks nobody whether JSR is there", async () => {
  using checkout = new Checkout();
  await using registry = new Registry(packages);
  for (const before of ["no choice", "another choice"]) {
    for (const [forced, what, expected] of [["1", "the stand-ins of offline/", STAND_IN], ["0", "JSR", JSR]] as const) {
      registry.asked.length = 0;
      const { said, got } = await checkout.task(registry.url, forced);
      assertEquals(said, `@std: ${what} (NETFLAGS_OFFLINE=${forced})\n`, before);
      assertMatch(got, expected, before);
      if (forced === "1") assertEquals(registry.asked, []);
      await checkout.again(registry.url, expected, forced);
      await checkout.again(registry.url, expected);
    }
  }
});

Deno.test("offline: another value of NETFLAGS_OFFLINE is status 2, and is quoted", async () => {
  using checkout = new Checkout();
  await using registry = new Registry(packages);
  for (const value of ["yes", "01", "/../std1"]) {
    assertEquals(await checkout.task(registry.url, value), {
      said: `NETFLAGS_OFFLINE is "${value}": give 1 for the stand-ins of offline/, or 0 for JSR\n`,
      got: "",
      status: 2,
    });
  }
  assertEquals(registry.asked, []);
});

Deno.test("offline: where the choice cannot be kept JSR is taken all the same, and the stand-ins have a way too", async () => {
  using checkout = new Checkout();
  await using registry = new Registry(packages);
  Deno.mkdirSync(`${checkout.path}/offline/std`); // what no link can take the place of
  const jsr = await checkout.task(registry.url, "0");
  assertMatch(jsr.said, /^Cannot make the link "offline\/std": .*\n@std: JSR \(NETFLAGS_OFFLINE=0\)\n$/);
  assertMatch(jsr.got, JSR);
  const offline = await checkout.task(registry.url, "1");
  assertEquals([offline.status, offline.got], [2, ""]);
  const [, option] = /Give Deno the option (\S+),/.exec(offline.said) ?? [];
  const mapped = await checkout.deno("http://127.0.0.1:1", ["run", "--quiet", option!, "src/cli/main.ts"]);
  assertEquals(mapped.said, "");
  assertMatch(mapped.got, MAPPED);
});

Deno.test("offline: there is a stand-in for each module of @std that is in use, and for no other", () => {
  const used = new Set<string>();
  const read = (folder: URL): void => {
    for (const { name, isDirectory } of Deno.readDirSync(folder)) {
      if (isDirectory) read(new URL(`${name}/`, folder));
      else if (name.endsWith(".ts")) {
        const text = Deno.readTextFileSync(new URL(name, folder));
        for (const [, module] of text.matchAll(/^(?:import|export) [^;]*?"(@std\/[^"]+)";$/gm)) used.add(module!);
      }
    }
  };
  for (const folder of ["src", "platforms", "tests", "bench"]) read(new URL(`${folder}/`, ROOT));
  assertEquals([...used].sort(), Object.keys(standIns.imports));
  const packageOf = (module: string): string => module.split("/", 2).join("/");
  const names = new Set(Object.keys(standIns.imports).map(packageOf));
  assertEquals(Object.keys(config.imports).filter((name) => name.startsWith("@std/")), [...names]);
  for (const name of names) {
    const { exports, ...linked } = JSON.parse(
      Deno.readTextFileSync(new URL(`offline/std1/${name.slice("@std/".length)}/deno.json`, ROOT)),
    );
    assertEquals(linked.name, name);
    const files = typeof exports === "string" ? { ".": exports } : exports;
    for (const [module, path] of Object.entries(standIns.imports).filter(([one]) => packageOf(one) === name)) {
      const file: string = files[`.${module.slice(name.length)}`];
      assert(path.endsWith(file.slice(1)), module);
    }
  }
});
