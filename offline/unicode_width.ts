/** Stands in for `@std/cli/unicode-width`. */
import stringWidth from "npm:string-width@7.2.0";

/** How many columns of a terminal a text takes. */
export function unicodeWidth(text: string): number {
  return stringWidth(text);
}
