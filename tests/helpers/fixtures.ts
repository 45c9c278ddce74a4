/** Reads the annotated captures of tests/fixtures. */

/** A captured message with what it must decode to. */
export interface Fixture {
  /** The kernel and what was done. */
  readonly title: string;
  /** The fields that it says; null: none. */
  readonly says: Readonly<Record<string, unknown>>;
  /** The message as the kernel sent it. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

function readBytes(text: string): number[] {
  const bytes: number[] = [];
  for (const token of text.split(/\s+/).filter((part) => part !== "")) {
    const zeros = /^00\*(\d+)$/.exec(token);
    if (zeros !== null) bytes.push(...new Array<number>(Number(zeros[1])).fill(0));
    else bytes.push(...Uint8Array.fromHex(token));
  }
  return bytes;
}

/** The messages of a file: blocks between blank lines; "#" begins a comment. */
export function readFixtures(file: string): Fixture[] {
  const text = Deno.readTextFileSync(new URL(`../fixtures/${file}`, import.meta.url));
  return text.split(/\n\n+/).slice(1).map((block) => {
    const [title, says, ...lines] = block.trim().split("\n");
    return {
      title: title!.replace(/^# /, ""),
      says: JSON.parse(says!.replace(/^# says /, "")),
      bytes: new Uint8Array(lines.flatMap((line) => readBytes(line.replace(/#.*/, "")))),
    };
  });
}

/** Every fixture of Linux's rtnetlink. */
export function linuxFixtures(): Fixture[] {
  return ["linux/net.hex", "linux/relations.hex", "linux/routes.hex", "linux/wifi.hex"].flatMap(readFixtures);
}
