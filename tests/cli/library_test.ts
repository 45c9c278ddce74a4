/** A library of the C library's name in the working directory must never be loaded, whatever was granted. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { commandLine } from "../helpers/cli/netflags.ts";

function exists(program: string): boolean {
  return new Deno.Command("sh", { args: ["-c", `command -v ${program}`], stdout: "null" }).outputSync().success;
}

const LINUX = Deno.build.os === "linux";
const CC = LINUX && exists("cc");
if (LINUX && !CC) console.error("SKIPPED: no C compiler, so no planted library");
const PYTHON = CC && exists("python3");

/** Writes a file where it is loaded, before anything of it is called. */
const PLANTED = `
#include <fcntl.h>
#include <stdlib.h>
__attribute__((constructor)) static void loaded(void) { open("loaded", O_CREAT | O_WRONLY, 0600); }
`;

/** A folder with a planted libc.so.6, removed afterwards. */
class Trap implements Disposable {
  readonly folder = Deno.makeTempDirSync();

  constructor() {
    Deno.writeTextFileSync(`${this.folder}/planted.c`, PLANTED);
    const { success } = new Deno.Command("cc", {
      args: ["-shared", "-fPIC", "-o", "libc.so.6", "planted.c"],
      cwd: this.folder,
    }).outputSync();
    assert(success);
  }

  get sprung(): boolean {
    return [...Deno.readDirSync(this.folder)].some(({ name }) => name === "loaded");
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.folder, { recursive: true });
  }
}

/**
 * Answers the runtime's question, at a terminal: prints what the command printed, and ends with its status. What is typed
 * before the question stands is thrown away, so the answer is typed again as long as nothing happens.
 */
const TERMINAL = `
import os, pty, select, signal, sys
answer, command = sys.argv[1], sys.argv[2:]
signal.alarm(120)
pid, fd = pty.fork()
if pid == 0: os.execvp(command[0], command)
text = b""
while True:
    if not select.select([fd], [], [], 0.3)[0]:
        if b"Allow?" in text: os.write(fd, answer.encode() + b"\\n")
        continue
    try: part = os.read(fd, 4096)
    except OSError: break
    if not part: break
    text += part
sys.stdout.buffer.write(text)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`;

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

Deno.test({
  name: "library: no grant short of the full one loads a libc.so.6 that was planted in the working directory",
  ignore: !CC,
  fn: () => {
    using trap = new Trap();
    for (const grant of ["--allow-ffi=.", "--allow-ffi=libc.so.6", `--allow-ffi=${trap.folder}`, "--deny-ffi"]) {
      const { code, stdout, stderr } = new Deno.Command(Deno.execPath(), {
        args: [...commandLine([grant]), "list"],
        cwd: trap.folder,
      }).outputSync();
      assertEquals([code, text(stdout), trap.sprung], [3, "", false], grant);
      assertMatch(text(stderr), /^netflags: Cannot open the C library: run with --allow-ffi [^\n]*\n$/);
    }
    const full = new Deno.Command(Deno.execPath(), {
      args: [...commandLine(["--allow-ffi"]), "list"],
      cwd: trap.folder,
    }).outputSync();
    assertEquals([full.code, trap.sprung], [0, false]);
  },
});

Deno.test({
  name: "library: what is asked at a terminal is the full grant: yes lists, no is one line and status 3",
  ignore: !PYTHON,
  fn: () => {
    using trap = new Trap();
    for (
      const [answer, status, said] of [["y", 0, /lo +yes/], [
        "n",
        3,
        /netflags: Cannot open the C library/,
      ]] as const
    ) {
      const asking = commandLine([]).filter((word) => word !== "--no-prompt");
      const { code, stdout } = new Deno.Command("python3", {
        args: ["-c", TERMINAL, answer, Deno.execPath(), ...asking, "list"],
        cwd: trap.folder,
        env: { NO_COLOR: "1" },
      }).outputSync();
      assertEquals([code, trap.sprung], [status, false], text(stdout));
      assertMatch(text(stdout), said);
      assertEquals(text(stdout).match(/Allow\?/g)?.length, 1, "asked once");
    }
  },
});
