import { InvalidInputError } from "../../platforms/contract/errors.ts";
import { type Command, EXIT, readOptions } from "./command.ts";
import { print } from "./output.ts";
import { schemaOf, SCHEMAS } from "./schema/documents.ts";

/** `netflags schema` */
export const schemaCommand: Command = {
  usage: "[COMMAND]",
  details: [
    `COMMAND is one of ${Object.keys(SCHEMAS).join(", ")}; without it, one document has them all under $defs.`,
    "Of watch, ap and run it is that of one line. JSON Schema is draft 2020-12 (json-schema.org).",
    "A line of events has its fields in the order of the schema, and its version in front: schema is 1. New fields may come",
    "without another version; what a system does not tell is left out.",
  ],
  async run(args) {
    const { words } = readOptions(args, {});
    const [command, extra] = words;
    if (extra !== undefined) throw new InvalidInputError(`Unexpected "${extra}"`);
    if (command !== undefined && !Object.hasOwn(SCHEMAS, command)) {
      throw new InvalidInputError(
        `No JSON of "${command}": its schema can be had of ${Object.keys(SCHEMAS).join(", ")}`,
      );
    }
    await print(`${JSON.stringify(schemaOf(command), undefined, 2)}\n`);
    return EXIT.done;
  },
};
