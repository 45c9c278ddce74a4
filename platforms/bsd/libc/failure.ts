import { type NetflagsError, systemError, type SystemFailure } from "../../contract/errors.ts";
import { ERRNO_NAMES, PRIVILEGE } from "../systems/common.ts";

/** The part of a C library that reports errors. */
interface Errors {
  readonly errno: () => number;
  errorText(errno: number): string;
}

/** The error for an error number; without one, for the call that has just failed. */
export function bsdFailure(
  libc: Errors,
  what: Pick<SystemFailure, "operation" | "interfaceName">,
  errno: number = libc.errno(),
): NetflagsError {
  const code = ERRNO_NAMES[errno] ?? `errno ${errno}`;
  return systemError({ ...what, code, privilege: PRIVILEGE, text: libc.errorText(errno) });
}
