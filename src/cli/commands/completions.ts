import { type Command, EXIT } from "../options/command.ts";
import { readOptions } from "../options/parse.ts";
import { checkWords, readWord } from "../options/words.ts";
import { print } from "../terminal/output.ts";

/**
 * The words come from the line and not from COMP_WORDS, which bash breaks at colons. The line is read as readline reads
 * it (_rl_find_completion_word): so it is known which part of the word is replaced, and whether that stands within
 * quotation marks. A name may hold anything that a shell understands, so it is quoted for that place by all means; where
 * that cannot be done, as with ! within double quotation marks, it is left out. It works in bash 3.2, which macOS has, and
 * without bash-completion.
 */
const BASH = `# Completions of netflags for bash: eval "$(netflags completions bash)"
_netflags() {
  local line=\${COMP_LINE:0:COMP_POINT} words=() word= begun= quote= opened= broken= escaped= fixed= kind= char candidate i
  local IFS=$' \\t\\n'
  COMPREPLY=()
  for ((i = 0; i < \${#line}; i++)); do
    char=\${line:i:1}
    if [[ $escaped ]]; then
      # Within quotation marks a backslash stays before most characters.
      if [[ $quote && $char != [\\"\\\\\\$\\\`] ]]; then word+=\\\\; fi
      word+=$char escaped=
    elif [[ $char == \\\\ && $quote != \\' ]]; then escaped=1 begun=1
    elif [[ $quote ]]; then
      if [[ $char == "$quote" ]]; then quote=; else word+=$char; fi
    elif [[ $char == [\\"\\'] ]]; then quote=$char opened=$word begun=1
    elif [[ $char == [$IFS] ]]; then
      if [[ $begun ]]; then words+=("$word"); fi
      word= begun= broken=
    else
      word+=$char begun=1
      if [[ $COMP_WORDBREAKS == *"$char"* ]]; then broken=$word; fi
    fi
  done
  words+=("$word")
  # What is behind this is replaced.
  if [[ $quote ]]; then fixed=$opened; else fixed=$broken; fi
  while IFS= read -r candidate; do
    candidate=\${candidate%%$'\\t'*}
    if [[ -z $kind ]]; then kind=$candidate; else _netflags_add "$candidate"; fi
  done < <("\${words[0]}" __complete "\${words[@]:1}" 2>/dev/null </dev/null)
  if [[ $kind == files ]]; then
    local option=
    if [[ $word == --*=* ]]; then option=\${word%%=*}=; fi
    while IFS= read -r candidate; do
      if [[ -d $candidate ]]; then candidate=$candidate/; compopt -o nospace 2>/dev/null; fi
      _netflags_add "$option$candidate"
    done < <(compgen -f -- "\${word#"$option"}")
  fi
}
# Adds a word, written so that the shell takes it for that word alone.
_netflags_add() {
  local text=$1
  if [[ $text != "$fixed"* ]]; then return; fi
  text=\${text#"$fixed"}
  case $quote in
  \\') text=\${text//\\'/\\'\\\\\\'\\'} ;;
  \\")
    if [[ $text == *!* ]]; then return; fi
    text=\${text//\\\\/\\\\\\\\} text=\${text//\\"/\\\\\\"} text=\${text//\\$/\\\\\\$} text=\${text//\\\`/\\\\\\\`}
    ;;
  *) printf -v text %q "$text" ;;
  esac
  COMPREPLY+=("$text")
}
complete -F _netflags netflags
`;

const ZSH = `#compdef netflags
# Completions of netflags for zsh: source <(netflags completions zsh), or this as _netflags in a folder of $fpath
_netflags() {
  local -a typed lines shown found
  local line kind word=$words[CURRENT]
  typed=("\${(@Q)words[2,CURRENT]}")
  # An open quotation mark is taken away together with one that closes it.
  if [[ -n $compstate[quote] && $typed[-1] == $word ]]; then typed[-1]=\${(Q):-$word$compstate[quote]}; fi
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
    set -l token (commandline -ct)
    set -l word $token
    # A quotation mark may be open.
    for mark in '' '"' "'"
        if set -l plain (string unescape -- $token$mark 2>/dev/null)
            set word $plain
            break
        end
    end
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

export const completionsCommand: Command = {
  usage: ["bash|zsh|fish"],
  description: [
    "The script asks netflags while you type, and offers the interfaces that exist. The shell must find the command " +
    "netflags in its PATH.",
    "To have it in each new shell, add the line of the example to ~/.bashrc or ~/.zshrc; in the latter, after compinit. " +
    "For fish, write the script to ~/.config/fish/completions/netflags.fish.",
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
