/**
 * What a daemon like NetBSD's btpand does with its tap(4): it ends when somebody marks the interface down or destroys
 * it, publishes the addresses in use, and notices NOARP, LINK0 to LINK2 and the medium, which no kernel announces.
 *
 *     deno add jsr:@netflags/netflags
 *     deno run --allow-ffi btpand.ts tap0
 *
 * It needs no root, and runs on Linux and every BSD.
 */
import { watch } from "@netflags/netflags";

/** Runs until the interface goes down, and says why it ended. What is there at the start is told as it comes. */
export async function btpand(tap: string, print: (line: string) => void = console.log): Promise<string> {
  for await (const event of watch({ names: [tap], initial: true, poll: 1000 })) {
    const { status: card, changed } = event;
    if (event.type === "removed" || event.type === "left") return `${tap} is gone`;
    if (changed.includes("up") && !card.up) return `${tap} was marked down`; // one that comes and is not up never was
    if (changed.includes("addresses")) {
      print(`addresses: ${card.addresses?.map((one) => `${one.address}/${one.prefixLength}`).join(" ") || "none"}`);
    }
    for (const flag of event.flagsSet) print(`${flag} is set`);
    for (const flag of event.flagsCleared) print(`${flag} is cleared`);
    if (changed.includes("media")) {
      print(`medium ${card.media?.text}, link ${card.media?.link ?? "?"}`);
    }
  }
  return "not watching any more";
}

if (import.meta.main) console.log(await btpand(Deno.args[0] ?? "tap0"));
