/** `netflags watch --timeline` at a terminal: what it shows, and in which state it leaves the terminal. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { commandLine } from "../helpers/cli/netflags.ts";

const PYTHON = Deno.build.os === "linux" &&
  new Deno.Command("sh", { args: ["-c", "command -v python3"], stdout: "null" }).outputSync().success;
if (!PYTHON) console.error("SKIPPED: no python3 on Linux, so no terminal to try the timeline at");

/**
 * Runs a command at a terminal of 80 columns. Of what is done to it, each waits until what it says is shown: "TEXT>key",
 * "TEXT>SIGNAL", "TEXT>COLUMNSxLINES". Tells what was written, the exit status, and whether the terminal is as before.
 */
const TERMINAL = `
import fcntl, json, os, pty, re, select, signal, struct, subprocess, sys, termios
steps, command = json.loads(sys.argv[1]), sys.argv[2:]
signal.alarm(120)
main, side = pty.openpty()
def size(columns, lines): fcntl.ioctl(main, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
size(80, 24)
before = termios.tcgetattr(side)
def own():
    os.setsid()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
child = subprocess.Popen(command, stdin=side, stdout=side, stderr=side, preexec_fn=own)
text, at, raw = b"", 0, False
while True:
    ready = select.select([main], [], [], 0.05)[0]
    if ready: text += os.read(main, 65536)
    if steps and steps[0][0].encode() in text[at:]:
        raw = raw or termios.tcgetattr(side)[3] != before[3]
        at, do = len(text), steps.pop(0)[1]
        if do.startswith("SIG"): os.kill(child.pid, getattr(signal, do))
        elif re.match(r"\\d+x\\d+$", do): size(*map(int, do.split("x")))
        else: os.write(main, do.encode())
    elif not ready and child.poll() is not None: break
print(json.dumps({"text": text.decode(errors="replace"), "status": child.returncode, "raw": raw,
    "restored": termios.tcgetattr(side)[:6] == before[:6]}))
`;

interface Shown {
  readonly text: string;
  readonly status: number;
  readonly raw: boolean;
  readonly restored: boolean;
}

const COMMAND = [
  ...commandLine(["--allow-ffi", "--allow-read", "--allow-env=TERM,LC_ALL,LC_CTYPE,LANG"]),
  "watch",
  "--timeline",
  "lo",
];
/** A program that runs commands in itself. */
const HOST = commandLine(["--allow-all"], "tests/helpers/cli/host.ts");

async function atTerminal(
  steps: readonly (readonly [seen: string, act: string])[],
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
  program: readonly string[] = COMMAND,
): Promise<Shown> {
  const command = [Deno.execPath(), ...program, ...args];
  const { stdout, stderr, success } = await new Deno.Command("python3", {
    args: ["-c", TERMINAL, JSON.stringify(steps), ...command],
    env: { LC_ALL: "C.UTF-8", NO_COLOR: "1", ...env },
  }).output();
  assert(success, new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}

const ESC = "\x1b";
const [ENTER, LEAVE] = ["\x1b[?1049h\x1b[?25l", "\x1b[?25h\x1b[?1049l"] as const;

for (const end of ["q", "\x03", "SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT"]) {
  Deno.test({
    name: `timeline: ${JSON.stringify(end)} ends it, with the terminal as it was`,
    ignore: !PYTHON,
    fn: async () => {
      const { text, status, raw, restored } = await atTerminal([["lo   ", end]]);
      assertEquals([status, raw, restored], [0, true, true], text);
      const [before, shown, after] = text.split(new RegExp(`${ESC}\\[\\?1049[hl]`));
      assertEquals(before, "");
      assertMatch(shown!, /1 interface, a column is \d+(\.\d)? m?s; q ends, \+ and - zoom/);
      assertMatch(shown!, new RegExp(`${ESC}\\[2;1Hlo {3}[UD]. .* 0\\+0`));
      assert(text.indexOf(ENTER) < text.indexOf(LEAVE) && text.lastIndexOf(ENTER) === text.indexOf(ENTER));
      assertMatch(after!, /^lo {3}[UD]. .* 0\+0/, "what was last seen stays");
      assertEquals(after!.includes("\x1b"), false);
    },
  });
}

Deno.test({
  name: "timeline: it follows the terminal's size, and keys zoom",
  ignore: !PYTHON,
  fn: async () => {
    const { text, status } = await atTerminal([
      ["lo   ", "60x10"],
      // Zoomed in at first, by as much as the time needs.
      ["\x1b[10;1H", "-".repeat(11)],
      ["column is 10 min", "+"],
      ["column is 5 min", "8x2"],
      ["\x1b[1;1Hlo   ", "80x24"],
      ["flaps seen+hidden", "q"],
    ]);
    assertEquals(status, 0, text);
  },
});

Deno.test({
  name: "timeline: its picture begins with the first event, and not while the command was still starting",
  ignore: !PYTHON,
  fn: async () => {
    // 30 to 39 ms, or 300 to 399 where the machine is busy.
    const { text, status } = await atTerminal([["a column is 3", "q"]]);
    assertEquals(status, 0, text);
    assertMatch(text.split(LEAVE)[1]!, /^lo {3}[UD]. [UD]/, text);
  },
});

Deno.test({
  name: "timeline: it is ASCII where the locale has no UTF-8",
  ignore: !PYTHON,
  fn: async () => {
    const { text } = await atTerminal([["lo   ", "q"]], [], { LC_ALL: "C" });
    assertEquals([...text].filter((char) => char > "\x7f"), []);
  },
});

Deno.test({
  name: "timeline: a terminal that cannot be drawn on gets plain lines",
  ignore: !PYTHON,
  fn: async () => {
    const { text, raw } = await atTerminal([], ["--initial", "--count", "1"], { TERM: "dumb" });
    assertEquals([text.includes(ESC), raw], [false, false]);
    assertMatch(text.replace(/netflags: watching\r?\n/, ""), /^ +0\.\d{6} \+\d\.\d{6} lo present: /);
  },
});

Deno.test({
  name: "timeline: --count ends it, and --json at a terminal is plain lines",
  ignore: !PYTHON,
  fn: async () => {
    const counted = await atTerminal([], ["--initial", "--count", "1"]);
    assertEquals([counted.status, counted.restored], [0, true], counted.text);
    const { text } = await atTerminal([], ["--initial", "--count", "1", "--json"]);
    const [watching, event] = text.trim().split("\n").map((line) => JSON.parse(line));
    assertEquals([watching.type, event.status.name], ["watching", "lo"]);
  },
});

Deno.test({
  name: "timeline: in somebody's program it leaves no read behind that waits for a key",
  ignore: !PYTHON,
  fn: async () => {
    const counted = ["watch", "--timeline", "lo", "--initial", "--count", "1"];
    const { text, status, restored } = await atTerminal([], [JSON.stringify([{ args: counted }])], {}, HOST);
    assertEquals([status, restored], [0, true], text);
    const steps = [["lo   ", "q"], [LEAVE, ""], ["lo   ", "q"]] as const;
    const keys = await atTerminal(steps, [JSON.stringify([{ args: ["watch", "--timeline", "lo"] }])], {}, HOST);
    assertEquals([keys.status, keys.restored], [0, true], keys.text);
  },
});
