/** Stands in for `@std/assert`: what the tests use of it. A message is simpler than the real one's; all else is the same. */

/** Thrown where an assertion fails. */
export class AssertionError extends Error {
  override readonly name = "AssertionError";
}

// A constructor takes whatever it takes: nothing is called here.
type ErrorClass<E extends Error> = abstract new (...args: never[]) => E;

function fail(what: string, message: string | undefined): never {
  throw new AssertionError(message ? `${what}: ${message}` : `${what}.`);
}

function shown(actual: unknown, expected: unknown): string {
  const show = (value: unknown): string => Deno.inspect(value, { depth: 100, sorted: true, strAbbreviateSize: 1e5 });
  return `\n  actual: ${show(actual)}\n  expected: ${show(expected)}\n`;
}

/** Fails unless the value is truthy. */
export function assert(expr: unknown, msg = ""): asserts expr {
  if (!expr) throw new AssertionError(msg);
}

/** Fails unless both are deeply equal. */
export function assertEquals<T>(actual: T, expected: T, msg?: string): void {
  if (!equal(actual, expected)) fail(`Values are not equal${shown(actual, expected)}`, msg);
}

/** Fails if both are deeply equal. */
export function assertNotEquals<T>(actual: T, expected: T, msg?: string): void {
  if (equal(actual, expected)) fail(`Values are equal${shown(actual, expected)}`, msg);
}

/** Fails unless both are the same. */
export function assertStrictEquals<T>(actual: unknown, expected: T, msg?: string): asserts actual is T {
  if (!Object.is(actual, expected)) fail(`Values are not the same${shown(actual, expected)}`, msg);
}

/** Fails unless the text contains the part. */
export function assertStringIncludes(actual: string, expected: string, msg?: string): void {
  if (!actual.includes(expected)) fail(`Expected "${actual}" to contain "${expected}"`, msg);
}

/** Fails unless the text matches. */
export function assertMatch(actual: string, expected: RegExp, msg?: string): void {
  if (!expected.test(actual)) fail(`Expected "${actual}" to match ${expected}`, msg);
}

/** Fails unless the value is an instance of the class. */
export function assertInstanceOf<T>(
  actual: unknown,
  expectedType: abstract new (...args: never[]) => T,
  msg?: string,
): asserts actual is T {
  if (!(actual instanceof expectedType)) fail(`Expected ${Deno.inspect(actual)} to be a ${expectedType.name}`, msg);
}

/** Fails unless the function throws; returns what it threw. */
export function assertThrows(fn: () => unknown): unknown;
/** Fails unless the function throws an error of a class, with this in its message; returns it. */
export function assertThrows<E extends Error>(
  fn: () => unknown,
  ErrorClass: ErrorClass<E>,
  msgIncludes?: string,
  msg?: string,
): E;
export function assertThrows<E extends Error>(
  fn: () => unknown,
  ErrorClass?: ErrorClass<E>,
  msgIncludes?: string,
  msg?: string,
): unknown {
  try {
    fn();
  } catch (error) {
    return matching(error, ErrorClass, msgIncludes, msg);
  }
  return fail("Expected function to throw", msg);
}

/** Fails unless the promise rejects; resolves with what it rejected with. */
export function assertRejects(fn: () => PromiseLike<unknown>): Promise<unknown>;
/** Fails unless the promise rejects with an error of a class, with this in its message; resolves with it. */
export function assertRejects<E extends Error>(
  fn: () => PromiseLike<unknown>,
  ErrorClass: ErrorClass<E>,
  msgIncludes?: string,
  msg?: string,
): Promise<E>;
export async function assertRejects<E extends Error>(
  fn: () => PromiseLike<unknown>,
  ErrorClass?: ErrorClass<E>,
  msgIncludes?: string,
  msg?: string,
): Promise<unknown> {
  let promise: PromiseLike<unknown> | undefined;
  try {
    promise = fn();
  } catch { /* it should have rejected */ }
  if (typeof promise?.then !== "function") fail("Function throws when expected to reject", msg);
  try {
    await promise;
  } catch (error) {
    return matching(error, ErrorClass, msgIncludes, msg);
  }
  return fail("Expected function to reject", msg);
}

function matching<E extends Error>(
  error: unknown,
  ErrorClass: ErrorClass<E> | undefined,
  part: string | undefined,
  msg: string | undefined,
): unknown {
  if (ErrorClass === undefined) return error;
  if (!(error instanceof Error)) fail(`Expected an error, and not ${Deno.inspect(error)}`, msg);
  if (!(error instanceof ErrorClass)) fail(`Expected a ${ErrorClass.name}, and not ${Deno.inspect(error)}`, msg);
  if (part && !error.message.includes(part)) fail(`Expected "${error.message}" to contain "${part}"`, msg);
  return error;
}

function isObject(value: unknown): value is object {
  return (typeof value === "object" && value !== null);
}

/** A prototype; that of an object without one is as good as that of an ordinary object. */
function prototypeOf(value: object): unknown {
  return Object.getPrototypeOf(value) ?? Object.prototype;
}

/** Whether all that can be seen of two values is equal, as far down as they go. */
function equal(a: unknown, b: unknown, seen = new Map<object, object>()): boolean {
  if (a === b || Object.is(a, b)) return true;
  if (!isObject(a) || !isObject(b) || prototypeOf(a) !== prototypeOf(b)) return false;
  if (a instanceof Date && b instanceof Date) return Object.is(a.getTime(), b.getTime());
  if (ArrayBuffer.isView(a) && !(a instanceof DataView)) {
    return equalElements(a as unknown as ArrayLike<unknown>, b as ArrayLike<unknown>);
  }
  if (a instanceof ArrayBuffer) return equalElements(new Uint8Array(a), new Uint8Array(b as ArrayBuffer));
  if (seen.get(a) === b) return true;
  if (Object.keys(a).length !== Object.keys(b).length) return false;
  seen.set(a, b);
  if (a instanceof Set && b instanceof Set) {
    return a.size === b.size && [...a].every((one) => b.has(one) || [...b].some((other) => equal(one, other, seen)));
  }
  if (a instanceof Map && b instanceof Map) return a.size === b.size && equalEntries([...a], [...b], seen);
  if ([RegExp, URL, URLSearchParams].some((type) => prototypeOf(a) === type.prototype)) return String(a) === String(b);
  return keysOf(a, b).every((key) => key in a === key in b && equal(Reflect.get(a, key), Reflect.get(b, key), seen));
}

function equalElements(a: ArrayLike<unknown>, b: ArrayLike<unknown>): boolean {
  return a.length === b.length && Array.from(a).every((one, i) => one === b[i] || Object.is(one, b[i]));
}

function equalEntries(a: [unknown, unknown][], b: [unknown, unknown][], seen: Map<object, object>): boolean {
  return a.every(([key, value]) =>
    b.some(([other, otherValue]) => equal(key, other, seen) && equal(value, otherValue, seen))
  );
}

/** The keys of two values, symbols among them; of an instance of a class also what it inherits. */
function keysOf(...values: readonly object[]): PropertyKey[] {
  const keys = new Set<PropertyKey>();
  for (const value of values) {
    const [first] = values;
    const plain = Array.isArray(first) || prototypeOf(first!) === Object.prototype;
    if (plain) {
      for (const key of Reflect.ownKeys({ ...value })) keys.add(key);
      continue;
    }
    for (let at: unknown = value; isObject(at) && at !== Object.prototype; at = Object.getPrototypeOf(at)) {
      for (const key of Reflect.ownKeys(at)) keys.add(key);
    }
  }
  return [...keys];
}
