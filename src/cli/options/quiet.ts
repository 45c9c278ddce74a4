import { flag } from "./option.ts";

export const QUIET = flag("Print only errors on standard error. The exit status says the rest.");
