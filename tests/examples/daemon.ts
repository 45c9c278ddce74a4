/**
 * A daemon that chooses the uplink: the first of some interfaces that is connected and has an address beyond its link.
 * It is written for any system that netflags knows. daemon_test.ts tests it without root, as Linux and as NetBSD.
 *
 *     deno add jsr:@netflags/netflags
 *     deno run --allow-ffi daemon.ts eth0 wlan0
 *
 * It needs no root. The interfaces need not exist yet, and may go and come back. SIGINT and SIGTERM end it.
 */
import { holds, watch } from "@netflags/netflags";

/** What an uplink must be. */
const UPLINK = ["connected", "global-address"] as const;

/** Tells the uplink each time that it is another one, the first wish first. Runs until the signal is aborted. */
export async function uplink(
  wishes: readonly string[],
  tell: (name: string | undefined) => void,
  signal: AbortSignal,
): Promise<void> {
  await using watcher = watch({ names: wishes, signal });
  let chosen: string | undefined;
  const choose = (): void => {
    const ready = watcher.interfaces().filter((card) => holds(card, UPLINK));
    const best = wishes.find((name) => ready.some((card) => card.name === name));
    if (best !== chosen) tell(chosen = best);
  };
  choose();
  for await (const _change of watcher) choose();
}

if (import.meta.main) {
  const end = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(name, () => end.abort());
  await uplink(Deno.args, (name) => console.log(name ?? "no uplink"), end.signal);
}
