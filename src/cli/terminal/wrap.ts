/** Breaks a text into lines of at most so many columns, if its words allow. What fits stays as it is, with its spaces. */
export function wrap(text: string, width: number): string[] {
  if (text.length <= width) return [text];
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

/** A text behind a heading, with its further lines below its first. */
export function hanging(heading: string, text: string, width: number): string[] {
  const indent = " ".repeat(heading.length);
  return wrap(text, width - heading.length).map((line, i) => (i === 0 ? heading : indent) + line);
}
