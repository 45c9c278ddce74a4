/** `netflags metrics --textfile` as a process: what a signal or a failure at the worst moment leaves behind. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { commandLine } from "../helpers/cli/netflags.ts";

const LINUX = Deno.build.os === "linux";

function exists(program: string): boolean {
  return new Deno.Command("sh", { args: ["-c", `command -v ${program}`], stdout: "null" }).outputSync().success;
}

const CC = LINUX && exists("cc");
if (!CC) console.error("SKIPPED: no C compiler on Linux, so no signal comes while a file of metrics is written");

/** Between the temporary file and its rename, a signal comes, or the rename fails. */
const SHIM = `
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
int rename(const char *from, const char *to) {
  int (*real)(const char *, const char *) = dlsym(RTLD_NEXT, "rename");
  if (strstr(to, "netflags.prom")) {
    if (getenv("SENT")) kill(getpid(), atoi(getenv("SENT")));
    else { errno = EIO; return -1; }
  }
  return real(from, to);
}
`;

/** A folder with the shim. */
class Folder implements Disposable {
  readonly path = Deno.makeTempDirSync();
  readonly file = `${this.path}/out/netflags.prom`;

  constructor() {
    Deno.writeTextFileSync(`${this.path}/shim.c`, SHIM);
    const args = ["-shared", "-fPIC", "-o", "shim.so", "shim.c"];
    assert(new Deno.Command("cc", { args, cwd: this.path }).outputSync().success);
    Deno.mkdirSync(`${this.path}/out`);
  }

  run(args: readonly string[], env: Record<string, string>): { code: number; signal: string | null; stderr: string } {
    const { code, signal, stderr } = new Deno.Command(Deno.execPath(), {
      args: [
        ...commandLine(["--allow-ffi", "--allow-read", "--allow-write"]),
        "metrics",
        "--textfile",
        this.file,
        ...args,
      ],
      env: { LD_PRELOAD: `${this.path}/shim.so`, ...env },
    }).outputSync();
    return { code, signal, stderr: new TextDecoder().decode(stderr) };
  }

  get left(): string[] {
    return [...Deno.readDirSync(`${this.path}/out`)].map(({ name }) => name);
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.path, { recursive: true });
  }
}

const SIGNALS = { SIGHUP: 1, SIGUSR1: 10, SIGTERM: 15, SIGXFSZ: 25 } as const;

for (const [name, number] of Object.entries(SIGNALS)) {
  Deno.test({
    name: `textfile: ${name} between the writing and the rename leaves a whole file, and none beside it`,
    ignore: !CC,
    fn: () => {
      using folder = new Folder();
      const { code, signal, stderr } = folder.run([], { SENT: `${number}` });
      // The signal may be dealt with when the command has ended, and then ends it behind its work.
      assertEquals([signal === name || code === 0, stderr], [true, ""]);
      assertEquals(folder.left, ["netflags.prom"]);
      assertMatch(Deno.readTextFileSync(folder.file), /^netflags_connected\{device="lo"\} [01]$/m);
    },
  });
}

Deno.test({
  name: "textfile: with --interval a signal ends the command once the file is whole",
  ignore: !CC,
  fn: () => {
    using folder = new Folder();
    for (const number of [SIGNALS.SIGTERM, SIGNALS.SIGHUP]) {
      const { code, signal } = folder.run(["--interval", "3600"], { SENT: `${number}` });
      assertEquals([code, signal, folder.left], [0, null, ["netflags.prom"]]);
    }
  },
});

Deno.test({
  name: "textfile: a rename that fails leaves nothing behind",
  ignore: !CC,
  fn: () => {
    using folder = new Folder();
    for (const args of [[], ["--interval", "3600"]]) {
      const { code, stderr } = folder.run(args, {});
      assertEquals([code, folder.left], [1, []]);
      assertMatch(stderr, /^netflags: Cannot write "[^"]+": Input\/output error[^\n]*\n$/);
    }
  },
});
