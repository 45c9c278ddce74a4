/**
 * Stands in for `@std/cli/unicode-width` by what a regular expression knows of characters.
 * Rare ones differ: Khitan letters, some squared words, and the two columns that vertical forms take.
 */

/** What takes no column: control characters, marks that join the character before them, and later parts of Hangul. */
const NONE = /^[\p{Cc}\p{Cf}\p{Mn}\p{Me}\u1160-\u11ff\ud7b0-\ud7ff]$/u;
/** What takes one whatever the other two say: half-width forms, half of a flag, and the soft hyphen. */
const ONE = /^[\uff61-\uffdc\p{Regional_Indicator}\u00ad]$/u;
/** What takes two columns: East Asian scripts, their symbols and full-width forms, and emoji. */
const TWO =
  /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}\p{Script=Yi}\p{Script=Tangut}\p{Script=Nushu}\p{Emoji_Presentation}\u3000-\u303e\u3190-\u33ff\uff01-\uff60\uffe0-\uffe6]$/u;

/** How many columns of a terminal a text takes. */
export function unicodeWidth(text: string): number {
  let width = 0;
  for (const char of text) width += ONE.test(char) ? 1 : NONE.test(char) ? 0 : TWO.test(char) ? 2 : 1;
  return width;
}
