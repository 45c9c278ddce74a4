import { IFT_NAMES } from "./bsd/systems/common.ts";
import { ARPHRD_NAMES, KIND_NAMES } from "./linux/wire/numbers.ts";

/** The words that a system has for the types of interfaces (`type` of a status). A type without a name is a number. */
export const TYPE_WORDS: readonly string[] = [...Object.values(ARPHRD_NAMES), ...Object.values(IFT_NAMES)];
/** The kinds that Linux's own modules have; the BSDs have no such thing. Others exist. */
export const KIND_WORDS: readonly string[] = KIND_NAMES;
