/** What a program in JavaScript may do to a value that it was given: no type stops it. */

/** Code without "use strict": there, writing to what is frozen is passed over in silence. */
const SLOPPY = new Function(
  "object",
  `for (const key of Object.keys(object)) object[key] = "spoiled";
  object.more = "spoiled";
  for (const key of Object.keys(object)) delete object[key];
  if (Array.isArray(object)) object.length = 0;`,
) as (object: object) => void;

/** Every object in a value, the inner ones first. */
export function objectsIn(value: unknown): object[] {
  if (typeof value !== "object" || value === null) return [];
  return [...Object.values(value).flatMap(objectsIn), value];
}

/** Writes into a value and all that is in it, as strict code does, which is stopped by an error, and as sloppy code. */
export function spoil(value: unknown): void {
  for (const object of objectsIn(value)) {
    for (const key of Object.keys(object)) {
      try {
        (object as Record<string, unknown>)[key] = "spoiled";
      } catch (error) {
        if (!(error instanceof TypeError)) throw error;
      }
    }
    try {
      if (Array.isArray(object)) object.reverse().push("spoiled");
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
    }
    SLOPPY(object);
  }
}
