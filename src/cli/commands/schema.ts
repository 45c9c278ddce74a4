import { InvalidInputError } from "../../../platforms/contract/errors.ts";
import type { Route } from "../../../platforms/contract/route.ts";
import type { InterfaceStatus } from "../../../platforms/contract/status.ts";
import { type Command, EXIT } from "../options/command.ts";
import { readOptions } from "../options/parse.ts";
import { UnknownWordError } from "../options/words.ts";
import { print } from "../terminal/output.ts";
import type { ShownInterface } from "../terminal/shown.ts";
import { schemaOf, SCHEMAS } from "../json/documents.ts";
import type { Explanation } from "../json/explanation.ts";
import type { AccessPointLine, EventLine, HookLine, WatchingLine } from "../terminal/lines.ts";
import type { DecodedLine } from "./decode.ts";
import type { FlagWord } from "./flags.ts";
import type { Report } from "./report.ts";

/**
 * What each command prints with --json; of those that print a line for each event, that line. The schemas are made from
 * these types and their documentation: run `deno task schema` after a change.
 */
export interface Outputs {
  /** Every interface, or those named. */
  readonly list: readonly InterfaceStatus[];
  /** Everything that is known about one interface. */
  readonly show: ShownInterface;
  /** That it watches: the first line. Each further one is a change of one interface. */
  readonly watch: WatchingLine | EventLine;
  /** The way of a packet; of the default traffic, that of each family. */
  readonly route: readonly Route[];
  /** What happened to an access point: a line. */
  readonly ap: AccessPointLine;
  /** What a hook reads from its standard input: a line. */
  readonly run: HookLine;
  /** Since when, how often and how long. */
  readonly report: Report;
  /** Why an interface is connected or not. */
  readonly explain: Explanation;
  /** The messages. */
  readonly decode: readonly DecodedLine[];
  /** A flag word in words. */
  readonly flags: FlagWord;
}

export const schemaCommand: Command = {
  usage: ["[COMMAND]"],
  description: [
    `COMMAND is one of ${Object.keys(SCHEMAS).join(", ")}. Without it, one document has them all under $defs.`,
    "For watch, ap and run, it describes one line. It is JSON Schema of draft 2020-12 (json-schema.org).",
    "An event has its fields in the order of the schema. The first one is the version: schema is 2. New fields may come " +
    "without a new version. What a system does not report is left out.",
  ],
  options: {},
  examples: [["netflags schema watch", "What a line of watch --json holds"]],
  words: (before) => before.length === 0 ? Object.keys(SCHEMAS) : [],
  async run(args) {
    const { words } = readOptions(args, {});
    const [command, extra] = words;
    if (extra !== undefined) throw new InvalidInputError(`Unexpected "${extra}"`);
    if (command !== undefined && !Object.hasOwn(SCHEMAS, command)) {
      const known = Object.keys(SCHEMAS);
      throw new UnknownWordError("schema", command, known, `give one of ${known.join(", ")}`);
    }
    await print(`${JSON.stringify(schemaOf(command), undefined, 2)}\n`);
    return EXIT.done;
  },
};
