/** The scripts of `netflags completions`, in the real shells, at a terminal: what a line becomes when Tab is pressed. */
import { assert, assertEquals } from "@std/assert";
import { commandLine } from "../helpers/cli/netflags.ts";

const LINUX = Deno.build.os === "linux";

function isThere(program: string): boolean {
  return LINUX &&
    new Deno.Command("sh", { args: ["-c", `command -v ${program}`], stdout: "null" }).outputSync().success;
}

/**
 * Types lines at a shell, one after the other: each waits until the line before it has run its command, which a file
 * tells. Prints what the shell wrote.
 */
const TYPIST = `
import fcntl, json, os, pty, select, signal, struct, sys, termios
lines, told, command = json.loads(sys.argv[1]), sys.argv[2], sys.argv[3:]
pid, side = pty.fork()
if pid == 0: os.execvp(command[0], command)
def late(*_):
    os.kill(pid, signal.SIGKILL)
    print(text.decode(errors="replace"))
    sys.exit(1)
text = b""
signal.signal(signal.SIGALRM, late)
signal.alarm(60)
fcntl.ioctl(side, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 120, 0, 0))
def done(): return len(open(told).read().splitlines()) if os.path.exists(told) else 0
for count, line in enumerate(lines):
    os.write(side, line.encode() + b"\\r")
    while done() <= count:
        if select.select([side], [], [], 0.05)[0]:
            more = os.read(side, 65536)
            text += more
            if b"\\x1b[c" in more or b"\\x1b[0c" in more: os.write(side, b"\\x1b[?62;c")
os.kill(pid, signal.SIGKILL)
os.waitpid(pid, 0)
print(text.decode(errors="replace"))
`;

/** A shell, how it is started, and the file in which it finds its first commands. */
interface Shell {
  readonly start: (home: string) => readonly string[];
  readonly file: string;
  readonly commands: string;
}

const SHELLS: Readonly<Record<string, Shell>> = {
  bash: {
    start: (home) => ["bash", "--noprofile", "--rcfile", `${home}/.bashrc`, "-i"],
    file: ".bashrc",
    commands: 'eval "$(netflags completions bash)"',
  },
  zsh: {
    start: () => ["zsh", "-d", "-i"],
    file: ".zshrc",
    commands: "autoload -Uz compinit; compinit -u -D; source <(netflags completions zsh)",
  },
  fish: {
    start: (home) => ["fish", "--no-config", "--init-command", `source ${home}/first.fish`, "-i"],
    file: "first.fish",
    commands: "netflags completions fish | source",
  },
};

/** What interfaces may be called, and what a shell must not be made to do by it. Each begins with "a" and its number. */
const HOSTILE = [
  "a0$(touch x)&`b`;\"'*c",
  "a1;touch x",
  "a2$(touch x)",
  "a3`touch x`",
  "a4 b  c",
  "a5*",
  "a6'b",
  'a7"b',
  "a8\\b",
  "a9>x",
  "aa#b{c,d}~?[e]|f",
  "ab@c:d=e",
  "ac$HOME",
  "ad\\",
];
/** What history expansion would replace, which double quotation marks do not prevent. */
const HISTORIC = "ae!!f";

/** Where a name is begun, of which this is the beginning: in bash, in zsh and in fish. */
const BARE = (begun: string): string => begun;
const QUOTED: readonly ((begun: string) => string)[] = [
  BARE,
  (begun) => `"${begun}`,
  (begun) => `'${begun}`,
  (begun) => `"${begun.slice(0, 1)}"${begun.slice(1)}`,
];

/** Each name, begun in each way; `last`: what stands behind it when it was completed. */
const NAMES: readonly (readonly [typed: string, args: readonly string[]])[] = [
  ...HOSTILE.flatMap((name) =>
    QUOTED.map((quoted) => [`netflags hostile ${quoted(name.slice(0, 2))}\t`, ["hostile", name]] as const)
  ),
  [`netflags hostile ae\t`, ["hostile", HISTORIC]],
  [`netflags hostile 'ae\t`, ["hostile", HISTORIC]],
];

/** What is typed, and what the command is then called with. */
const LINES: readonly (readonly [typed: string, args: readonly string[]])[] = [
  ["netflags ready", ["ready"]],
  ["netflags wai\t lo:glob\t --timeo\t 1", ["wait", "lo:global-address", "--timeout", "1"]],
  ["netflags wait lo connec\t --time\t0", ["wait", "lo", "connected", "--timeout", "0"]],
  ["true; netflags flags 1 --platform dr\t", ["flags", "1", "--platform", "dragonfly"]],
  ["netflags set lo -noa\t promis\t", ["set", "lo", "-noarp", "promisc"]],
  ["netflags list 'l*'\t --acti\t", ["list", "l*", "--active"]],
  ["netflags wait 'l*':runn\t", ["wait", "l*:running"]],
  ["netflags decode a\t", ["decode", "a capture;x"]],
  ["netflags metrics --textfile=a\t", ["metrics", "--textfile=a capture;x"]],
  ...NAMES,
  ["netflags nothing lik\t", ["nothing", "lik"]],
];

for (const [name, shell] of Object.entries(SHELLS)) {
  const missing = [name, "python3"].find((program) => !isThere(program));
  if (missing !== undefined) console.error(`SKIPPED: no ${missing} on Linux, so completions are not tried in ${name}`);
  Deno.test({
    name: `completions: ${name} completes commands, options, conditions, globs and files`,
    ignore: missing !== undefined,
    fn: async () => {
      const home = await Deno.makeTempDir();
      try {
        // The command of that name asks the real one for completions, and else writes down what it is called with.
        const real = [Deno.execPath(), ...commandLine()].map((word) => `'${word}'`).join(" ");
        const command = `#!/bin/sh
case "$1 $2" in
"__complete hostile")
  echo words
  printf '%s' "$HOSTILE" | while IFS= read -r name; do case $name in "$3"*) printf '%s\\n' "$name" ;; esac; done
  exit
  ;;
__complete* | completions*) exec ${real} "$@" ;;
esac
{ printf '<%s>' "$@"; echo; } >> "$TOLD"
`;
        await Deno.writeTextFile(`${home}/netflags`, command, { mode: 0o755 });
        await Deno.writeTextFile(`${home}/${shell.file}`, `${shell.commands}\n`);
        await Deno.mkdir(`${home}/work`);
        await Deno.writeTextFile(`${home}/work/a capture;x`, "");
        const told = `${home}/told`;
        const { stdout, stderr, success } = await new Deno.Command("python3", {
          args: ["-c", TYPIST, JSON.stringify(LINES.map(([typed]) => typed)), told, ...shell.start(home)],
          cwd: `${home}/work`,
          env: {
            HOME: home,
            ZDOTDIR: home,
            TOLD: told,
            HOSTILE: [...HOSTILE, HISTORIC].map((name) => `${name}\n`).join(""),
            PATH: `${home}:${Deno.env.get("PATH")}`,
            DENO_DIR: Deno.env.get("DENO_DIR") ?? `${Deno.env.get("HOME")}/.cache/deno`,
            LC_ALL: "C.UTF-8",
            TERM: "xterm",
          },
        }).output();
        const shown = new TextDecoder().decode(stdout);
        assert(success, `${shown}\n${new TextDecoder().decode(stderr)}`);
        const calls = (await Deno.readTextFile(told)).trimEnd().split("\n");
        assertEquals(calls, LINES.map(([, args]) => args.map((arg) => `<${arg}>`).join("")), shown);
      } finally {
        await Deno.remove(home, { recursive: true });
      }
    },
  });
}

const BASH = isThere("bash");

/**
 * Words that are begun in bash, and what of them stays before what is found: readline replaces what is behind an open
 * quotation mark, and else the whole word.
 */
const BEGUN: readonly (readonly [typed: string, stays: string])[] = [
  ["a", ""],
  ["", ""],
  ["a\\'", ""],
  ['a\\"', ""],
  ["\\a", ""],
  ["a\\", ""],
  ["a\\\\", ""],
  ['"a"', ""],
  ["'a'\\'", ""],
  ['"a', '"'],
  ['"a\\"', '"'],
  ['"a\\\\', '"'],
  ['""\'a', '""\''],
  ["'a", "'"],
  ["'a\\", "'"],
  ["''\"a", "''\""],
];

/** What is found for each word is put behind what stays, and read by the shell itself. It finds one word or names it. */
const READER = `
eval "$SCRIPT"
netflags() { printf 'words\\n%s' "$NAMES"; }
while IFS= read -r typed && IFS= read -r stays; do
  COMP_LINE="netflags hostile $typed" COMP_POINT=1000 COMP_WORDBREAKS=$' \\t\\n"\\'@><=;|&(:'
  COMPREPLY=()
  _netflags
  echo "\${#COMPREPLY[@]} $typed"
  for reply in "\${COMPREPLY[@]}"; do
    last=\${stays: -1}
    eval "set -- $stays$reply$last"
    if (($# != 1)) || ! grep -qxF -e "$1" <<<"$NAMES"; then echo "WRONG $typed: $stays$reply$last"; fi
  done
done <<<"$BEGUN"
`;

Deno.test({
  name: "completions: bash puts no name in bare, whatever escaped and open quotation marks stand before it",
  ignore: !BASH,
  fn: async () => {
    const folder = await Deno.makeTempDir();
    try {
      const script = await new Deno.Command(Deno.execPath(), { args: [...commandLine(), "completions", "bash"] })
        .output();
      const names = [...HOSTILE, HISTORIC];
      const { stdout, stderr } = await new Deno.Command("bash", {
        args: ["--noprofile", "--norc", "-c", READER],
        cwd: folder,
        env: {
          SCRIPT: new TextDecoder().decode(script.stdout),
          NAMES: names.map((name) => `${name}\n`).join(""),
          BEGUN: BEGUN.flat().join("\n"),
        },
      }).output();
      assertEquals(new TextDecoder().decode(stderr), "");
      const counts = BEGUN.map(([typed, stays]) => `${stays.endsWith('"') ? names.length - 1 : names.length} ${typed}`);
      assertEquals(new TextDecoder().decode(stdout).trimEnd().split("\n"), counts);
      assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name), []);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
