/** Assertions: the real ones and their stand-ins, beside each other. */
import * as used from "@std/assert";
import * as standIn from "../../../offline/std1/assert/mod.ts";
import { type Cases, conform } from "../../helpers/conformance.ts";

/** Either of them: what the two types have in common is what the tests use. */
interface Assertions {
  assert(expr: unknown, msg?: string): void;
  assertEquals(actual: unknown, expected: unknown): void;
  assertNotEquals(actual: unknown, expected: unknown): void;
  assertStrictEquals(actual: unknown, expected: unknown): void;
  assertStringIncludes(actual: string, expected: string): void;
  assertMatch(actual: string, expected: RegExp): void;
  assertInstanceOf(actual: unknown, expectedType: typeof Point): void;
  assertThrows(fn: () => unknown): unknown;
  assertThrows(fn: () => unknown, ErrorClass: ErrorConstructor, msgIncludes?: string): Error;
  assertRejects(fn: () => Promise<unknown>): Promise<unknown>;
  assertRejects(fn: () => Promise<unknown>, ErrorClass: ErrorConstructor, msgIncludes?: string): Promise<Error>;
}

class Point {
  constructor(readonly x: number, readonly y = 0) {}
  get sum(): number {
    return this.x + this.y;
  }
}
class Place extends Point {}

function circle(name: string): unknown {
  const made: Record<string, unknown> = { name };
  made.self = made;
  return made;
}

const SYMBOL = Symbol("s");
const fn = (): void => {};

/** Pairs of values by what they are. Each is compared in both orders. */
const PAIRS: Readonly<Record<string, () => readonly [unknown, unknown]>> = {
  "the same text": () => ["a", "a"],
  "another text": () => ["a", "b"],
  "a number and its text": () => [1, "1"],
  "NaN": () => [NaN, NaN],
  "0 and -0": () => [0, -0],
  "[0] and [-0]": () => [[0], [-0]],
  "null and undefined": () => [null, undefined],
  "null and an object": () => [null, {}],
  "bigints": () => [1n, 1n],
  "a bigint and a number": () => [1n, 1],
  "a symbol": () => [SYMBOL, SYMBOL],
  "two symbols": () => [Symbol("a"), Symbol("a")],
  "a function": () => [fn, fn],
  "two functions": () => [() => {}, () => {}],
  "objects": () => [{ a: 1, b: [2, { c: 3 }] }, { b: [2, { c: 3 }], a: 1 }],
  "objects that differ deep inside": () => [{ a: [1, { b: 2 }] }, { a: [1, { b: 3 }] }],
  "a key more": () => [{ a: 1 }, { a: 1, b: 2 }],
  "another key": () => [{ a: 1 }, { b: 1 }],
  "a key that is undefined, and none": () => [{ a: undefined }, {}],
  "a key that is undefined, and another": () => [{ a: undefined }, { b: undefined }],
  "symbols for keys": () => [{ [SYMBOL]: 1 }, { [SYMBOL]: 1 }],
  "symbols for keys, with other values": () => [{ [SYMBOL]: 1 }, { [SYMBOL]: 2 }],
  "a symbol for a key, and none": () => [{ [SYMBOL]: 1 }, {}],
  "without a prototype": () => [Object.assign(Object.create(null), { a: 1 }), { a: 1 }],
  "a frozen object": () => [Object.freeze({ a: 1 }), { a: 1 }],
  "arrays": () => [[1, 2], [1, 2]],
  "arrays in another order": () => [[1, 2], [2, 1]],
  "arrays of other lengths": () => [[1], [1, 2]],
  "an array with a hole": () => [new Array(1), [undefined]],
  "arrays with holes": () => [new Array(2), new Array(2)],
  "an array with a key": () => [Object.assign([1], { a: 1 }), [1]],
  "an array and an object": () => [[], {}],
  "an array and one like it": () => [["a"], { 0: "a", length: 1 }],
  "bytes": () => [new Uint8Array([1, 2]), new Uint8Array([1, 2])],
  "other bytes": () => [new Uint8Array([1, 2]), new Uint8Array([1, 3])],
  "bytes of other types": () => [new Uint8Array([1]), new Int8Array([1])],
  "floats": () => [new Float64Array([NaN, 0]), new Float64Array([NaN, -0])],
  "a part of a buffer": () => [new Uint8Array([0, 1, 2]).subarray(1), new Uint8Array([1, 2])],
  "buffers": () => [new Uint8Array([1]).buffer, new Uint8Array([1]).buffer],
  "other buffers": () => [new Uint8Array([1]).buffer, new Uint8Array([2]).buffer],
  "sets": () => [new Set([1, "a"]), new Set(["a", 1])],
  "other sets": () => [new Set([1]), new Set([2])],
  "sets of objects": () => [new Set([{ a: 1 }, { b: 2 }]), new Set([{ b: 2 }, { a: 1 }])],
  "other sets of objects": () => [new Set([{ a: 1 }]), new Set([{ a: 2 }])],
  "maps": () => [new Map([["a", { b: 1 }]]), new Map([["a", { b: 1 }]])],
  "other maps": () => [new Map([["a", 1]]), new Map([["a", 2]])],
  "maps with other keys": () => [new Map([["a", undefined]]), new Map([["b", undefined]])],
  "maps with objects for keys": () => [new Map([[{ a: 1 }, 1]]), new Map([[{ a: 1 }, 1]])],
  "other maps with objects for keys": () => [new Map([[{ a: 1 }, 1]]), new Map([[{ a: 1 }, 2]])],
  "a map and a set": () => [new Map(), new Set()],
  "dates": () => [new Date(5), new Date(5)],
  "other dates": () => [new Date(5), new Date(6)],
  "dates that are none": () => [new Date(NaN), new Date(NaN)],
  "regular expressions": () => [/a/g, /a/g],
  "regular expressions with other flags": () => [/a/g, /a/i],
  "addresses": () => [new URL("http://a/"), new URL("http://a/")],
  "other addresses": () => [new URL("http://a/"), new URL("http://b/")],
  "instances": () => [new Point(1, 2), new Point(1, 2)],
  "other instances": () => [new Point(1, 2), new Point(2, 1)],
  "an instance and an object": () => [new Point(1), { x: 1, y: 0 }],
  "instances of two classes": () => [new Point(1), new Place(1)],
  "two errors": () => [new Error("a"), new Error("a")],
  "an error": () => {
    const error = new Error("a");
    return [[error], [error]];
  },
  "circles": () => [circle("a"), circle("a")],
  "other circles": () => [circle("a"), circle("b")],
};

const cases: Record<string, (module: Assertions) => unknown> = {};
for (const [what, pair] of Object.entries(PAIRS)) {
  for (const call of ["assertEquals", "assertNotEquals", "assertStrictEquals"] as const) {
    cases[`${call}: ${what}`] = (module) => {
      const [a, b] = pair();
      return [[a, b], [b, a]].map(([one, other]) => {
        try {
          return module[call](one, other);
        } catch (error) {
          return `${error}`.split(":")[0];
        }
      });
    };
  }
}

const throws = (thrown: unknown) => (): never => {
  throw thrown;
};
/** What an assertion about an error returns, or how it fails. */
const MORE: Cases<Assertions> = {
  "assert: true": ({ assert }) => assert(true),
  "assert: false": ({ assert }) => assert(false, "why"),
  "assert: empty": ({ assert }) => assert(""),
  "assertMatch: it does": ({ assertMatch }) => assertMatch("abc", /b/),
  "assertMatch: it does not": ({ assertMatch }) => assertMatch("abc", /^b/),
  "assertMatch: sticky, twice": ({ assertMatch }) => {
    const pattern = /a/y;
    assertMatch("aa", pattern);
    assertMatch("aa", pattern);
    return pattern.lastIndex;
  },
  "assertStringIncludes: it does": ({ assertStringIncludes }) => assertStringIncludes("abc", "b"),
  "assertStringIncludes: it does not": ({ assertStringIncludes }) => assertStringIncludes("abc", "d"),
  "assertStringIncludes: nothing": ({ assertStringIncludes }) => assertStringIncludes("abc", ""),
  "assertInstanceOf: it is": ({ assertInstanceOf }) => assertInstanceOf(new Place(1), Point),
  "assertInstanceOf: it is not": ({ assertInstanceOf }) => assertInstanceOf(new Point(1), Place),
  "assertInstanceOf: null": ({ assertInstanceOf }) => assertInstanceOf(null, Point),
  "assertThrows: what is thrown is returned": ({ assertThrows }) => assertThrows(throws("text")),
  "assertThrows: nothing is thrown": ({ assertThrows }) => assertThrows(() => 5),
  "assertThrows: of a class": ({ assertThrows }) => assertThrows(throws(new TypeError("ab")), TypeError).message,
  "assertThrows: of a class below": ({ assertThrows }) => assertThrows(throws(new TypeError("ab")), Error, "b").name,
  "assertThrows: of another class": ({ assertThrows }) => assertThrows(throws(new TypeError("ab")), RangeError),
  "assertThrows: with another message": ({ assertThrows }) => assertThrows(throws(new TypeError("ab")), TypeError, "c"),
  "assertThrows: no error": ({ assertThrows }) => assertThrows(throws("text"), Error),
  "assertRejects: what is thrown is returned": ({ assertRejects }) => assertRejects(() => Promise.reject("text")),
  "assertRejects: nothing is thrown": ({ assertRejects }) => assertRejects(() => Promise.resolve(5)),
  "assertRejects: it throws at once": ({ assertRejects }) => assertRejects(throws(new TypeError("a")), TypeError),
  "assertRejects: no promise": ({ assertRejects }) => assertRejects(() => undefined as never),
  "assertRejects: of a class": async ({ assertRejects }) =>
    (await assertRejects(() => Promise.reject(new TypeError("ab")), TypeError, "a")).name,
  "assertRejects: of another class": ({ assertRejects }) =>
    assertRejects(() => Promise.reject(new TypeError("ab")), RangeError),
  "assertRejects: with another message": ({ assertRejects }) =>
    assertRejects(() => Promise.reject(new TypeError("ab")), TypeError, "c"),
  "assertRejects: no error": ({ assertRejects }) => assertRejects(() => Promise.reject("text"), Error),
};

conform<Assertions>("assert", { used, standIn }, { ...cases, ...MORE });
