/** Interfaces that refer to one that goes to another network namespace and comes back: an index is not adopted. */
import { assertEquals } from "@std/assert";
import { get, type InterfaceEvent, watch } from "../../../mod.ts";
import { clear, eventually, ip, otherNamespace, run } from "./system.ts";

/** How an interface "near" that refers to "far" is made; "far" exists already. */
export type MakeNear = readonly string[];

/**
 * Fails unless "near" refers to "far" where that is, while it goes away, another interface gets its index, and it comes
 * back. "far" is down before, so that no message of "near" tells that it goes.
 */
export async function assertNotAdopted(make: MakeNear): Promise<void> {
  const other = await otherNamespace();
  const there = (line: string): string => run("nsenter", "-t", String(other.pid), "-n", "ip", ...line.split(" "));
  try {
    ip("link set lo up");
    for (const line of make) ip(line);
    for (const name of ["far", "near"]) ip(`link set ${name} up`);
    ip("link set far down");
    const { index } = get("far")!;
    await using watcher = watch({ initial: true });
    const events: InterfaceEvent[] = [];
    const over = (async () => {
      for await (const event of watcher) events.push(event);
    })();
    const near = () => {
      const last = events.findLast(({ status: { name } }) => name === "near")?.status;
      return [last?.parent, last?.parentIndex, last?.parentNetnsId !== undefined];
    };
    assertEquals(get("near")?.parent, "far");
    ip(`link set far netns ${other.pid}`);
    ip(`link add newcomer index ${index} type ifb`);
    ip("link set newcomer up");
    await eventually(() => assertEquals(near(), [undefined, get("near")?.parentIndex, true]));
    assertEquals(get("near")?.parent, undefined);
    await eventually(() => assertEquals(events.some(({ status: { name } }) => name === "newcomer"), true));
    there(`link set far netns ${Deno.pid}`);
    ip("link set far up");
    // No message says that it is near's parent again.
    await eventually(() => assertEquals(near(), ["far", get("far")?.index, false]));
    assertEquals(events.filter(({ status }) => status.parent === "newcomer").length, 0);
    await watcher.return();
    await over;
  } finally {
    other.kill("SIGKILL");
    await other.status;
    clear();
  }
}
