/** Stands in for `@std/assert` by node:assert: only what the tests use of it. */
import nodeAssert from "node:assert/strict";

type ErrorClass<E extends Error> = abstract new (...args: never[]) => E;

/** Fails unless the value is truthy. */
export function assert(value: unknown, message = ""): asserts value {
  nodeAssert.ok(value, message || undefined);
}

/** Fails unless both are deeply equal. */
export function assertEquals<T>(actual: T, expected: T, message?: string): void {
  nodeAssert.deepStrictEqual(actual, expected, message === undefined ? undefined : prefixed(message, actual, expected));
}

/** Fails if both are deeply equal. */
export function assertNotEquals<T>(actual: T, expected: T, message?: string): void {
  nodeAssert.notDeepStrictEqual(actual, expected, message);
}

/** Fails unless both are the same. */
export function assertStrictEquals<T>(actual: unknown, expected: T, message?: string): asserts actual is T {
  nodeAssert.strictEqual(actual, expected, message);
}

/** Fails unless the text contains the part. */
export function assertStringIncludes(actual: string, expected: string, message?: string): void {
  nodeAssert.ok(actual.includes(expected), message ?? `Expected ${JSON.stringify(actual)} to include "${expected}"`);
}

/** Fails unless the text matches. */
export function assertMatch(actual: string, expected: RegExp, message?: string): void {
  nodeAssert.match(actual, expected, message);
}

/** Fails unless the value is an instance of the class. */
export function assertInstanceOf<E extends Error>(
  actual: unknown,
  expected: ErrorClass<E>,
  message?: string,
): asserts actual is E {
  nodeAssert.ok(actual instanceof expected, message ?? `Expected ${String(actual)} to be a ${expected.name}`);
}

/** Fails unless the function throws; returns what it threw. */
export function assertThrows<E extends Error = Error>(run: () => unknown, of?: ErrorClass<E>, part = ""): E {
  try {
    run();
  } catch (error) {
    return matching(error, of, part);
  }
  throw new nodeAssert.AssertionError({ message: "Expected function to throw" });
}

/** Fails unless the promise rejects; resolves with what it rejected with. */
export async function assertRejects<E extends Error = Error>(
  run: () => PromiseLike<unknown>,
  of?: ErrorClass<E>,
  part = "",
): Promise<E> {
  try {
    await run();
  } catch (error) {
    return matching(error, of, part);
  }
  throw new nodeAssert.AssertionError({ message: "Expected function to reject" });
}

function prefixed(message: string, actual: unknown, expected: unknown): string {
  return `${message}\n  actual: ${Deno.inspect(actual)}\n  expected: ${Deno.inspect(expected)}`;
}

function matching<E extends Error>(error: unknown, of: ErrorClass<E> | undefined, part: string): E {
  assert(error instanceof Error, `Expected an Error, got ${String(error)}`);
  if (of !== undefined) assertInstanceOf(error, of);
  assertStringIncludes(error.message, part);
  return error as E;
}
