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
  /** The operation that failed, in words, if it is known. */
  readonly operation: string | undefined;
  /** The interface, as the caller named it. */
  readonly interfaceName: string | undefined;
  /** The name of the system's error number (`"EPERM"`), if a system call failed. */
  readonly code: string | undefined;

  /** Makes an error. Programs catch these errors and seldom make them. */
  constructor(
    message: string,
    options: ErrorOptions & {
      operation?: string | undefined;
      interfaceName?: string | undefined;
      code?: string | undefined;
    } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.operation = options.operation;
    this.interfaceName = options.interfaceName;
    this.code = options.code;
  }
}

/**
 * Deno or the kernel does not allow this. The message says whether `--allow-ffi`, a privilege or a security policy is
 * the reason.
 */
export class NotPermittedError extends NetflagsError {}

/** No interface has this name or index. */
export class NoSuchInterfaceError extends NetflagsError {}

/** This system or this kernel cannot do or report this. */
export class UnsupportedError extends NetflagsError {}

/** An argument has a wrong form or a value that is not allowed. Nothing was changed. */
export class InvalidInputError extends NetflagsError {}

/**
 * `waitFor` reached its timeout before its condition held. Its name is that of the web's timeouts, as of
 * `AbortSignal.timeout`.
 */
export class WaitTimeoutError extends NetflagsError {
  /** `"TimeoutError"`. */
  override name: string = "TimeoutError";
}

/**
 * A system call failed for a reason that has no class of its own. {@linkcode NetflagsError.code} has the error number's
 * name.
 */
export class SystemError extends NetflagsError {}

/** Bytes are not a valid kernel message: a length, a version or a layout does not fit. */
export class MalformedMessageError extends NetflagsError {}

/** What {@linkcode systemError} needs to know about a failed system call. */
export interface SystemFailure {
  /** The operation, as the words after "Cannot": `"list interfaces"`. */
  operation: string;
  /** The interface concerned, if any. */
  interfaceName?: string | undefined;
  /** The name of the error number: `"EPERM"`. */
  code: string;
  /** The privilege that the system requires for setting something: `"root or CAP_NET_ADMIN"`. */
  privilege: string;
  /** The system's own text: strerror's, or netlink's extended acknowledgement. */
  text?: string | undefined;
}

/** Turns a failed system call into the error class that fits, with a message that says what to do next. */
export function systemError(failure: SystemFailure): NetflagsError {
  const { operation, code, privilege, text } = failure;
  const subject = failure.interfaceName === undefined ? "" : ` of interface "${failure.interfaceName}"`;
  const reason = text === undefined || text === "" ? code : `${code} (${text})`;
  const message = `Cannot ${operation}${subject}: ${reason}`;
  const options = { operation, interfaceName: failure.interfaceName, code };
  switch (code) {
    case "EPERM":
    case "EACCES":
      return new NotPermittedError(`${message}: ${whatHelps(code, operation, privilege)}`, options);
    case "ENODEV":
    case "ENXIO":
      return failure.interfaceName === undefined
        ? new SystemError(message, options)
        : noSuchInterface(failure.interfaceName, operation);
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

/**
 * Reading needs no privilege on any system, and EPERM means that a privilege is missing. A policy refuses everything
 * else.
 */
function whatHelps(code: string, operation: string, privilege: string): string {
  return code === "EPERM" && operation.startsWith("set ")
    ? `needs ${privilege}`
    : "a sandbox or a security policy refuses it, even to root: allow it there";
}

/** The error for an interface that does not exist. */
export function noSuchInterface(name: string | number, operation?: string): NoSuchInterfaceError {
  const quoted = typeof name === "number" ? `index ${name}` : `"${name}"`;
  return new NoSuchInterfaceError(`No such interface: ${quoted}: netflags list shows those that exist`, {
    operation,
    interfaceName: String(name),
  });
}

/** The error numbers for temporary shortages: descriptors, memory. */
const PASSING: ReadonlySet<string> = new Set(["EMFILE", "ENFILE", "ENOMEM", "ENOBUFS"]);

/** Whether an error may be temporary. */
export function isPassing(error: unknown): boolean {
  return error instanceof NetflagsError && error.code !== undefined && PASSING.has(error.code);
}

/** The operation by which {@linkcode isStranded} recognizes its error. */
export const RETURN = "return from a network namespace";

/** Whether an error says that this thread is stuck in the wrong network namespace. No caller may ignore it. */
export function isStranded(error: unknown): boolean {
  return error instanceof NetflagsError && error.operation === RETURN;
}

/**
 * Asks for more than is needed; undefined if the kernel refuses it or does not answer.
 *
 * @param patient Whether a temporary error is thrown. A watcher then asks again later, and keeps what it knows.
 */
export function optional<T>(ask: () => T, patient = false): T | undefined {
  try {
    return ask();
  } catch (error) {
    if (error instanceof NetflagsError && !(patient && isPassing(error)) && !isStranded(error)) return undefined;
    throw error;
  }
}
