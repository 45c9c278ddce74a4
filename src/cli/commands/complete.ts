/**
 * What may stand in the place of the word that somebody types, for the scripts of `netflags completions`.
 *
 * The first line says whether names of files may stand there too: `files` or `words`. Each further line is a candidate,
 * and behind a tab what it is.
 */
import { list } from "../../query.ts";
import { isGlob, Patterns } from "../../select/glob.ts";
import { firstSentence } from "./help.ts";
import { COMMANDS } from "./commands.ts";
import { readNetns } from "../options/netns.ts";
import { type Option, type OptionTable, optionWord, type Switch } from "../options/option.ts";
import type { Candidates } from "../options/words.ts";
import { plain, writtenBytes } from "../terminal/output.ts";

/** A word that may stand there, and what it is. */
type Candidate = readonly [word: string, text?: string | undefined];

/** An option that takes a value. */
type WithValue = Exclude<Option, Switch>;

/** What was typed before the word, taken apart. */
interface Before {
  readonly words: readonly string[];
  /** The option whose value the word is. */
  readonly option: WithValue | undefined;
  readonly netns: string | undefined;
}

const GENERAL: readonly Candidate[] = [["--help", "Show help"], ["--version", "Show the version"]];
/** Where ip(8) keeps the names of network namespaces. */
const NAMESPACES = "/run/netns";

/** The option of a table that is given by this word, if it takes a value. */
function withValue(options: OptionTable, word: string | undefined): WithValue | undefined {
  const name = word?.replace(/^--/, "");
  const option = name !== word && name !== undefined && Object.hasOwn(options, name) ? options[name] : undefined;
  return option?.form === "switch" ? undefined : option;
}

function takeApart(typed: readonly string[], options: OptionTable): Before {
  const words: string[] = [];
  let before: string | undefined;
  let netns: string | undefined;
  for (const arg of typed) {
    if (withValue(options, before) !== undefined) {
      if (before === "--netns") netns = arg;
      before = undefined;
      continue;
    }
    if (arg.startsWith("--netns=")) netns = arg.slice("--netns=".length);
    else if (!arg.startsWith("--")) words.push(arg);
    before = arg;
  }
  return { words, option: withValue(options, before), netns };
}

/** The names of interfaces, as an argument writes them. One that no line can hold is left out. */
function interfaces(netns: string | undefined): Candidate[] {
  return list({ addresses: false, netns: netns === undefined ? undefined : readNetns(netns) })
    .map(({ name, operState, linkState, kind, type }): Candidate => [
      writtenBytes(name),
      [operState ?? linkState, kind ?? type].filter((one) => one !== undefined).join(", "),
    ])
    .filter(([name]) => !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(name));
}

function namespaces(): Candidate[] {
  return [...Deno.readDirSync(NAMESPACES)].map(({ name }) => [name]);
}

/** What may stand there, with what is looked up in the place of its name in brackets. */
function lookedUp(candidates: Candidates, netns: string | undefined): Candidate[] {
  return candidates.flatMap((candidate): Candidate[] => {
    try {
      if (candidate === "<interfaces>") return interfaces(netns);
      if (candidate === "<namespaces>") return namespaces();
      const statuses = candidate === "<kinds>" || candidate === "<types>" ? list({ addresses: false }) : [];
      if (candidate === "<kinds>") {
        return statuses.flatMap(({ kind }): Candidate[] => kind === undefined ? [] : [[kind]]);
      }
      if (candidate === "<types>") {
        return statuses.flatMap(({ type }): Candidate[] => type === undefined ? [] : [[type]]);
      }
    } catch {
      return []; // what cannot be looked up is not offered, and the rest is
    }
    return candidate === "<files>" ? [] : [[candidate]];
  });
}

/** A glob stays as it is typed, and says what it matches. */
function globbed(word: string, candidates: readonly Candidate[]): Candidate[] {
  if (!isGlob(word)) return [];
  const pattern = new Patterns([word]);
  const names = candidates.filter(([name]) => pattern.match(name)).map(([name]) => name);
  return names.length === 0 ? [] : [[word, names.join(", ")]];
}

/** The lines for a word that is begun, and what stands before it. */
function lines(begun: string, candidates: readonly Candidate[], files = false): string[] {
  const seen = new Map(candidates.filter(([word]) => word.startsWith(begun)).map((one) => [one[0], one]));
  return [
    files ? "files\n" : "words\n",
    ...[...seen.values()].map(([word, text]) => text === undefined ? `${word}\n` : `${word}\t${plain(text)}\n`),
  ];
}

/** The candidates for a value; several may be given with commas, where those before stay. */
function values(option: WithValue, begun: string, netns: string | undefined): { found: Candidate[]; files: boolean } {
  const wanted = option.candidates ?? [];
  const stays = begun.slice(0, begun.lastIndexOf(",") + 1);
  const found = lookedUp(wanted, netns).map(([word, text]): Candidate => [stays + word, text]);
  return { found, files: wanted.includes("<files>") };
}

/**
 * The lines for what is typed: the words behind `netflags`, of which the last is the one to complete, and may be empty.
 */
export async function complete(typed: readonly string[]): Promise<string[]> {
  const begun = typed.at(-1) ?? "";
  const [name, ...before] = typed.slice(0, -1);
  const commands = Object.entries(COMMANDS).map(([word, { summary }]): Candidate => [word, summary]);
  if (name === undefined) return lines(begun, begun.startsWith("-") ? GENERAL : [...commands, ["help", "Shows help"]]);
  if (name === "help") return lines(begun, before.length === 0 ? commands : []);
  if (!Object.hasOwn(COMMANDS, name)) return lines(begun, []);
  const command = await COMMANDS[name]!.load();
  const end = before.indexOf("--");
  const { words, option, netns } = takeApart(end < 0 ? before : before.slice(0, end), command.options);
  if (end < 0 && option !== undefined) {
    const { found, files } = values(option, begun, netns);
    return lines(begun, found, files);
  }
  const [, given, value] = /^(--[^=]+)=([^]*)$/.exec(begun) ?? [];
  const assigned = withValue(command.options, given);
  if (end < 0 && assigned !== undefined) {
    const { found, files } = values(assigned, value!, netns);
    return lines(begun, found.map(([word, text]): Candidate => [`${given}=${word}`, text]), files);
  }
  const wanted = command.words?.([...words, ...(end < 0 ? [] : before.slice(end + 1))], begun) ?? [];
  const found = lookedUp(wanted, netns);
  const options = end < 0 && begun.startsWith("-")
    // Of its text, the first sentence.
    ? [
      ...Object.entries(command.options).map(([name, option]): Candidate => [
        optionWord(name, option),
        firstSentence(option.text),
      ]),
      GENERAL[0]!,
    ]
    : [];
  return lines(begun, [...globbed(begun, found), ...found, ...options], wanted.includes("<files>"));
}
