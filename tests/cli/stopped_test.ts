/** Commands whose output nobody takes, at a terminal that is stopped (Ctrl-S) or in a full pipe: SIGTERM ends them. */
import { assert, assertEquals } from "@std/assert";
import { commandLine } from "../helpers/cli/netflags.ts";

const PYTHON = Deno.build.os === "linux" &&
  new Deno.Command("sh", { args: ["-c", "command -v python3"], stdout: "null" }).outputSync().success;
if (!PYTHON) console.error("SKIPPED: no python3 on Linux, so no terminal is stopped");

/**
 * Runs a command at a terminal or into a pipe, and stops that at once or when a text was shown. Waits until a thread of
 * the command hangs in write(2), or until it listens to SIGTERM; sends SIGTERM, and tells how long it took to end.
 */
const STOPPED = `
import fcntl, glob, json, os, pty, re, select, signal, struct, subprocess, sys, termios, time
to, stop, when, command = sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:]
signal.alarm(30)
main, side = pty.openpty()
fcntl.ioctl(main, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
before = termios.tcgetattr(side)
def own():
    os.setsid()
    if to == "terminal": fcntl.ioctl(0, termios.TIOCSCTTY, 0)
if to == "terminal": files = dict(stdin=side, stdout=side, stderr=side)
else:
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    try:
        while True: os.write(writer, b" " * 4096)
    except BlockingIOError: os.set_blocking(writer, True)
    files = dict(stdin=subprocess.DEVNULL, stdout=writer)
if stop == "": termios.tcflow(side, termios.TCOOFF)
child = subprocess.Popen(command, preexec_fn=own, **files)
text = b""
while stop != "" and stop.encode() not in text: text += os.read(main, 65536)
if stop != "":
    termios.tcflow(side, termios.TCOOFF)
    fcntl.ioctl(main, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 70, 0, 0))
def hangs():
    for path in glob.glob(f"/proc/{child.pid}/task/*/syscall"):
        try:
            if re.match(r"(1|64) 0x[12] ", open(path).read()): return True
        except OSError: pass
def listens():
    caught = re.search(r"SigCgt:\\s*(\\w+)", open(f"/proc/{child.pid}/status").read())
    return int(caught[1], 16) >> signal.SIGTERM - 1 & 1
while not (hangs() if when == "hangs" else listens()): time.sleep(0.02)
start = time.monotonic()
os.kill(child.pid, signal.SIGTERM)
child.wait()
took = time.monotonic() - start
print(json.dumps({"took": took, "restored": termios.tcgetattr(side)[:6] == before[:6]}))
`;

interface Ended {
  /** Seconds from SIGTERM on. */
  readonly took: number;
  /** Whether the terminal's settings are as before. */
  readonly restored: boolean;
}

async function stopped(
  to: "terminal" | "pipe",
  stop: string | undefined,
  when: "hangs" | "listens",
  args: readonly string[],
): Promise<Ended> {
  const permissions = ["--allow-ffi", "--allow-read", "--allow-write", "--allow-net", "--allow-env=TERM,LANG,LC_ALL"];
  const { stdout, stderr, success } = await new Deno.Command("python3", {
    args: ["-c", STOPPED, to, stop ?? "", when, Deno.execPath(), ...commandLine(permissions), ...args],
    env: { LC_ALL: "C.UTF-8", NO_COLOR: "1", TERM: "xterm" },
  }).output();
  assert(success, new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}

/** Seconds, of which the command may take one: a busy machine takes some, too. */
const SOON = 2.5;

const TIMELINE = ["watch", "--timeline"];
const LISTEN = ["metrics", "--listen", "127.0.0.1:0"];

/** Where it writes, when that is stopped (at once, or when a text was shown), when SIGTERM comes, and the command. */
const CASES:
  readonly (readonly [string, Parameters<typeof stopped>[0], string | undefined, "hangs" | "listens", string[]])[] = [
    ["the timeline at a terminal that is stopped while it draws", "terminal", "q ends", "hangs", TIMELINE],
    ["the timeline at a terminal that was stopped before", "terminal", undefined, "hangs", TIMELINE],
    ["watch at a stopped terminal", "terminal", undefined, "hangs", ["watch", "--initial"]],
    ["watch into a full pipe", "pipe", undefined, "hangs", ["watch", "--initial", "--json"]],
    ["metrics into a full pipe", "pipe", undefined, "hangs", ["metrics"]],
    ["metrics --listen at a stopped terminal", "terminal", undefined, "hangs", LISTEN],
    ["report --for at a stopped terminal", "terminal", undefined, "hangs", ["report", "--for", "600"]],
    ["report --for that watches and has a full pipe before it", "pipe", undefined, "listens", [
      "report",
      "--for",
      "600",
    ]],
  ];

for (const [name, to, stop, when, args] of CASES) {
  Deno.test({
    name: `stopped: SIGTERM ends ${name}`,
    ignore: !PYTHON,
    fn: async () => {
      const { took, restored } = await stopped(to, stop, when, args);
      assert(took < SOON, `${took} s`);
      assertEquals(restored, true);
    },
  });
}
