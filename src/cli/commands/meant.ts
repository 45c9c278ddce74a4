/** The word that was meant by one that is none of those that it may be. It is loaded where something is wrong already. */
import { closestWord } from "../../../platforms/common/options.ts";
import type { NoSuchInterfaceError } from "../../../platforms/contract/errors.ts";
import type { InterfaceStatus } from "../../../platforms/contract/status.ts";
import { KIND_WORDS, TYPE_WORDS } from "../../../platforms/words.ts";
import { list } from "../../query.ts";
import { isGlob } from "../../select/glob.ts";
import { readNetns } from "../options/netns.ts";
import { UnknownWordError } from "../options/words.ts";
import { plain, printError } from "../terminal/output.ts";
import { COMMANDS } from "./commands.ts";

/** What other programs call a command of this name. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  ls: "list",
  ll: "list",
  links: "list",
  link: "list",
  addr: "list --addresses",
  address: "list --addresses",
  status: "show",
  info: "show",
  get: "show",
  monitor: "watch",
  events: "watch",
  follow: "watch",
  tail: "watch",
  why: "explain",
  diagnose: "explain",
  routes: "route",
  config: "set",
  up: "set NAME up",
  down: "set NAME down",
  hooks: "run",
  history: "report",
  prometheus: "metrics",
  version: "--version",
};

/** The interfaces of the namespace that the command line asks for; none where the system does not say. */
function existing(args: readonly string[]): readonly InterfaceStatus[] {
  const at = args.findIndex((arg) => arg === "--netns" || arg.startsWith("--netns="));
  const given = args[at]?.includes("=") ? args[at].slice("--netns=".length) : args[at + 1];
  try {
    return list({ addresses: false, netns: at < 0 || given === undefined ? undefined : readNetns(given) });
  } catch {
    return []; // the error itself is what is reported
  }
}

/** A command that was not found: another program's name for it, a slip of the fingers, or an interface. */
function meantCommand({ what, word, known }: UnknownWordError, args: readonly string[]): string | undefined {
  // Without a name, "status" is that of every interface.
  const elsewhere = word === "status" && args.length === 1 ? "list" : ELSEWHERE[word.toLowerCase()];
  const closest = elsewhere ?? closestWord(word, known);
  const named = existing(args).find(({ name, altNames }) => name === word || altNames.includes(word));
  if (named !== undefined) return `${what}: it is an interface: netflags show ${word} shows it`;
  return closest === undefined ? undefined : `${what}: did you mean "${closest}"? netflags help says more`;
}

/** What is wrong, with the word that was meant; undefined where none is close to it. */
export function meant(error: UnknownWordError | NoSuchInterfaceError, args: readonly string[]): string | undefined {
  const [command = ""] = args;
  if (error instanceof UnknownWordError) {
    const { what, word, known } = error;
    if (known.includes("completions")) return meantCommand(error, args);
    const closest = closestWord(word, known);
    const help = Object.hasOwn(COMMANDS, command) ? `netflags help ${command}` : "netflags help";
    return closest === undefined ? undefined : `${what}: did you mean "${closest}"? ${help} says more`;
  }
  const { interfaceName: name } = error;
  if (name === undefined || isGlob(name)) return undefined;
  const closest = closestWord(name, existing(args).flatMap(({ name, altNames }) => [name, ...altNames]));
  // What comes and goes may be there again by now.
  return closest === undefined || closest === name
    ? undefined
    : `No such interface: "${name}": did you mean "${closest}"? netflags list shows those that exist`;
}

/** The types that a system has names for, and what people call them. */
const TYPES: Readonly<Record<string, string>> = {
  ...Object.fromEntries(TYPE_WORDS.map((name) => [name, name])),
  ethernet: "ether",
  eth: "ether",
  lo: "loopback",
};

/** What may stand for a property of interfaces: words that exist, and those that somebody may mean by another word. */
interface Vocabulary {
  readonly words: Readonly<Record<string, string>>;
  of(status: InterfaceStatus): string | undefined;
}

const VOCABULARIES: Readonly<Record<"kind" | "type", Vocabulary>> = {
  kind: { words: Object.fromEntries(KIND_WORDS.map((kind) => [kind, kind])), of: ({ kind }) => kind },
  type: { words: TYPES, of: ({ type }) => type },
};

/** The values of an option that has a list of them, on a command line. */
function valuesIn(option: string, args: readonly string[]): string[] {
  const end = args.includes("--") ? args.indexOf("--") : args.length;
  const start = `${option}=`;
  return args.slice(0, end)
    .flatMap((arg, i) => arg === option ? args[i + 1] ?? [] : arg.startsWith(start) ? arg.slice(start.length) : [])
    .flatMap((value) => value.split(","))
    .filter((word) => word !== "" && !isGlob(word));
}

/**
 * Says of kinds and types that nobody knows which one may have been meant. Nothing is refused: a module may have any
 * kind, and a type without a name is a number.
 */
export function noteWords(args: readonly string[]): void {
  for (const [property, { words, of }] of Object.entries(VOCABULARIES)) {
    for (const word of valuesIn(`--${property}`, args).filter((one) => words[one] !== one)) {
      const here = existing(args).flatMap((status) => of(status) ?? []);
      const closest = here.includes(word) ? undefined : closestWord(word, [...Object.keys(words), ...here]);
      if (closest === undefined) continue;
      printError(`No interface is of ${property} "${plain(word)}": did you mean "${words[closest] ?? closest}"?`);
    }
  }
}
