/** Stands in for `@std/fmt/colors`: only what this project uses of it. */

function coloured(text: string, colour: number): string {
  return Deno.noColor ? text : `\x1b[${colour}m${text}\x1b[39m`;
}

/** Makes a text red, unless NO_COLOR is set. */
export function red(str: string): string {
  return coloured(str, 31);
}

/** Makes a text green, unless NO_COLOR is set. */
export function green(str: string): string {
  return coloured(str, 32);
}

/** Makes a text yellow, unless NO_COLOR is set. */
export function yellow(str: string): string {
  return coloured(str, 33);
}
