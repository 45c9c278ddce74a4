import { type Command, EXIT } from "../options/command.ts";
import { readOptions } from "../options/parse.ts";
import { checkWords, readWord } from "../options/words.ts";
import { print } from "../terminal/output.ts";

/**
 * The words come from the line and not from COMP_WORDS, which bash breaks at colons. Names are quoted by printf, as one
 * may hold anything that a shell understands. It works in bash 3.2, which macOS has, and without bash-completion.
 */
const BASH = `# Completions of netflags for bash: eval "$(netflags completions bash)"
_netflags() {
  local line=\${COMP_LINE:0:COMP_POINT} words=() word marks kind= candidate fixed=
  local IFS=$' \\t\\n'
  COMPREPLY=()
  read -a words <<<"$line"
  case $line in *[[:space:]]) words+=("") ;; esac
  word=\${words[\${#words[@]} - 1]}
  marks=\${word//[!\\"\\']/}
  words=("\${words[@]//[\\"\\']/}")
  word=\${words[\${#words[@]} - 1]}
  # bash puts what is found behind the last of these.
  case $COMP_WORDBREAKS in *:*) fixed=\${word%"\${word##*[:=]}"} ;; esac
  while IFS= read -r candidate; do
    candidate=\${candidate%%$'\\t'*}
    if [ -z "$kind" ]; then kind=$candidate; continue; fi
    candidate=\${candidate#"$fixed"}
    if ((\${#marks} % 2 == 0)); then
      printf -v candidate %q "$candidate"
    else
      case $candidate in *[\\"\\'\\$\\\`\\\\]*) continue ;; esac
    fi
    COMPREPLY+=("$candidate")
  done < <("\${words[0]}" __complete "\${words[@]:1}" 2>/dev/null </dev/null)
  if [ "$kind" = files ]; then
    while IFS= read -r candidate; do
      if [ -d "$candidate" ]; then candidate=$candidate/; compopt -o nospace 2>/dev/null; fi
      ((\${#marks} % 2)) || printf -v candidate %q "$candidate"
      COMPREPLY+=("$candidate")
    done < <(compgen -f -- "\${word#"$fixed"}")
  fi
}
complete -F _netflags netflags
`;

const ZSH = `#compdef netflags
# Completions of netflags for zsh: source <(netflags completions zsh), or this as _netflags in a folder of $fpath
_netflags() {
  local -a typed lines shown found
  local line kind
  typed=("\${(@Q)words[2,CURRENT]}")
  lines=("\${(@f)$("\${(Q)words[1]}" __complete "\${typed[@]}" 2>/dev/null </dev/null)}")
  kind=$lines[1]
  for line in "\${(@)lines[2,-1]}"; do
    # A quoted glob is whole as it stands.
    [[ -n $line && ($typed[-1] != *[\\*\\?\\[]* || \${line%%$'\\t'*} != $typed[-1]) ]] || continue
    found+=("\${line%%$'\\t'*}")
    if [[ $line == *$'\\t'* ]]; then shown+=("\${line%%$'\\t'*}  -- \${line#*$'\\t'}"); else shown+=("$line"); fi
  done
  if (( \${#found} )); then compadd -l -d shown -a found; fi
  if [[ $kind == files ]]; then
    compset -P '--*='
    _files
  fi
}
if [[ $funcstack[1] == _netflags ]]; then _netflags; elif (( $+functions[compdef] )); then compdef _netflags netflags; fi
`;

const FISH = `# Completions of netflags for fish: netflags completions fish | source
function __netflags_complete
    set -l typed (commandline -opc)
    set -l word (commandline -ct)
    set -l lines ($typed[1] __complete $typed[2..] "$word" 2>/dev/null </dev/null)
    printf '%s\\n' $lines[2..]
    if test "$lines[1]" = files
        set -l option (string match -r '^--[^=]*=' -- $word)
        for path in (__fish_complete_path (string replace -r '^--[^=]*=' '' -- $word))
            echo "$option"(string split \\t -- $path)[1]
        end
    end
end
complete -c netflags -f -a '(__netflags_complete)'
`;

const SCRIPTS = { bash: BASH, zsh: ZSH, fish: FISH } as const;
const SHELLS = ["bash", "zsh", "fish"] as const;

/** `netflags completions` */
export const completionsCommand: Command = {
  usage: ["bash|zsh|fish"],
  description: [
    "The script asks netflags while you type: the names are those of the interfaces that are there, and the conditions " +
    "those of netflags wait. netflags must be a command that the shell finds.",
    "To have it in each new shell, add the line of the example to ~/.bashrc or ~/.zshrc, there behind compinit. For fish, " +
    "write the script to ~/.config/fish/completions/netflags.fish.",
  ],
  options: {},
  examples: [
    [`eval "$(netflags completions bash)"`, "In bash"],
    ["source <(netflags completions zsh)", "In zsh"],
    ["netflags completions fish | source", "In fish"],
  ],
  words: (before) => before.length === 0 ? SHELLS : [],
  async run(args) {
    const { words } = readOptions(args, {});
    checkWords(words, ["SHELL"]);
    await print(SCRIPTS[readWord("shell", SHELLS, words[0]!)]);
    return EXIT.done;
  },
};
