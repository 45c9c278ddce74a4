import { flag } from "./option.ts";

/** The option `--quiet`. */
export const QUIET = flag("Print nothing on standard error but errors; the exit status says the rest");
