/**
 * The base of every error that netflags throws on purpose. The message is one line that also says what to do next.
 *
 * @example
 * ```ts
 * import { NetflagsError, parseFlags } from "@netflags/netflags";
 * import { assertThrows } from "@std/assert";
 *
 * assertThrows(() => parseFlags("UP,WARP", "linux"), NetflagsError, `"WARP"`);
 * ```
 */
export class NetflagsError extends Error {
  /** What was being done, in words, where it is known. */
  readonly operation: string | undefined;
  /** The interface concerned, as the caller named it. */
  readonly interface: string | undefined;
  /** The name of the system's error number (`"EPERM"`), where a system call failed. */
  readonly code: string | undefined;

  /** Makes an error; programs catch these and seldom make them. */
  constructor(
    message: string,
    options: ErrorOptions & {
      operation?: string | undefined;
      interface?: string | undefined;
      code?: string | undefined;
    } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.operation = options.operation;
    this.interface = options.interface;
    this.code = options.code;
  }
}

/** Deno or the kernel does not let this process do it: the message says whether `--allow-ffi`, a privilege or a policy is in the way. */
export class NotPermittedError extends NetflagsError {}

/** No interface has this name or index. */
export class NoSuchInterfaceError extends NetflagsError {}

/** This system, or this kernel, cannot do it or cannot tell it. */
export class UnsupportedError extends NetflagsError {}

/** An argument is not of the form, or not among the values, that it must be. Nothing was changed. */
export class InvalidInputError extends NetflagsError {}

/** `waitFor` reached its timeout before its condition held. */
export class WaitTimeoutError extends NetflagsError {}

/** A system call failed for a reason that no other class names; {@linkcode NetflagsError.code} has the error number's name. */
export class SystemError extends NetflagsError {}

/** Bytes that should be a kernel's message are not one: a length, a version or a layout does not fit. */
export class MalformedMessageError extends NetflagsError {}

/** What {@linkcode systemError} needs to know of a failed system call. */
export interface SystemFailure {
  /** What was being done, as the words after "Cannot": `"list interfaces"`. */
  operation: string;
  /** The interface concerned, if any. */
  interface?: string | undefined;
  /** The name of the error number: `"EPERM"`. */
  code: string;
  /** The privilege that the system asks for where something is to be set, in its own words: `"root or CAP_NET_ADMIN"`. */
  privilege: string;
  /** The system's own text: strerror's, or netlink's extended acknowledgement. */
  text?: string | undefined;
}

/** Turns a failed system call into the class that says what it means to a caller, with what to do next. */
export function systemError(failure: SystemFailure): NetflagsError {
  const { operation, code, privilege, text } = failure;
  const subject = failure.interface === undefined ? "" : ` of interface "${failure.interface}"`;
  const reason = text === undefined || text === "" ? code : `${code} (${text})`;
  const message = `Cannot ${operation}${subject}: ${reason}`;
  const options = { operation, interface: failure.interface, code };
  switch (code) {
    case "EPERM":
    case "EACCES":
      return new NotPermittedError(`${message}: ${whatHelps(code, operation, privilege)}`, options);
    case "ENODEV":
    case "ENXIO":
      return failure.interface === undefined
        ? new SystemError(message, options)
        : noSuchInterface(failure.interface, operation);
    case "EAFNOSUPPORT":
    case "EPROTONOSUPPORT":
    case "EOPNOTSUPP":
    case "ENOSYS":
      return new UnsupportedError(`${message}: this kernel does not offer it`, options);
    case "EMFILE":
    case "ENFILE":
      return new SystemError(`${message}: close descriptors, or raise the limit with ulimit -n`, options);
    default:
      return new SystemError(message, options);
  }
}

/** Reading needs no privilege anywhere, and a system that lacks one says EPERM: anything else is refused by a policy. */
function whatHelps(code: string, operation: string, privilege: string): string {
  return code === "EPERM" && operation.startsWith("set ")
    ? `needs ${privilege}`
    : "a sandbox or a security policy refuses it, also to root: allow it there";
}

/** The one wording for an interface that is not there. */
export function noSuchInterface(name: string | number, operation?: string): NoSuchInterfaceError {
  const quoted = typeof name === "number" ? `index ${name}` : `"${name}"`;
  return new NoSuchInterfaceError(`No such interface: ${quoted}: netflags list shows those that exist`, {
    operation,
    interface: String(name),
  });
}

/** The error numbers of what a system lacks for a moment: descriptors, memory. */
const PASSING: ReadonlySet<string> = new Set(["EMFILE", "ENFILE", "ENOMEM", "ENOBUFS"]);

/** Whether an error is one that may pass by itself. */
export function isPassing(error: unknown): boolean {
  return error instanceof NetflagsError && error.code !== undefined && PASSING.has(error.code);
}

/** What {@linkcode isStranded} knows an error by. */
export const RETURN = "return from a network namespace";

/** Whether an error says that this thread is where it should not be: nobody may pass over it, or do without. */
export function isStranded(error: unknown): boolean {
  return error instanceof NetflagsError && error.operation === RETURN;
}
