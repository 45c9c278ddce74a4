/** Whether memory grows while events come without end. */
import { type Program, type Programs, run } from "./programs.ts";

/** What a watcher used. */
export interface Endured {
  readonly name: string;
  readonly links: number;
  /** How many changes were made, and how many events came of them. */
  readonly changes: number;
  readonly events: number;
  /** Resident bytes after so many events; or those of the heap that are in use, after a forced collection each time. */
  readonly bytes: readonly (readonly [events: number, bytes: number])[];
  readonly live: boolean;
}

/** Between two changes, in ns. */
const INTERVAL = 30_000;

/** Changes the mtu of all links in turn while one process watches them. */
export async function endure(
  name: string,
  netflags: Program,
  { changes }: Programs,
  links: number,
  count: number,
  live: boolean,
): Promise<Endured> {
  if ("missing" in netflags || "missing" in changes) throw new Error("The comparison itself needs a C compiler");
  const [command = "", ...args] = [...netflags.argv, "endure", String(count), ...(live ? ["live"] : [])];
  const child = new Deno.Command(command, { args, stdout: "piped", stderr: "null" }).spawn();
  let text = "";
  for await (const part of child.stdout.pipeThrough(new TextDecoderStream())) {
    const began = text === "";
    text += part;
    if (!began) continue;
    const { ok, error } = await run([...changes.argv, "spread", "l", String(links), String(count), String(INTERVAL)]);
    if (!ok) throw new Error(error);
  }
  const lines = text.trim().split("\n");
  await child.status;
  const pairs = lines.map((line) => line.split(" ").map(Number)).filter(([events]) => !Number.isNaN(events));
  return {
    name,
    links,
    changes: count,
    events: Number(lines.find((line) => line.startsWith("events "))?.split(" ")[1] ?? 0),
    live,
    bytes: pairs.map(([events = 0, bytes = 0]) => [events, bytes] as const),
  };
}
