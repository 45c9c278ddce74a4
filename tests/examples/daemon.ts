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

/** The uplink, each time that it is another one: the first wish first. Ends when the signal is aborted. */
export async function* uplink(wishes: readonly string[], signal: AbortSignal): AsyncGenerator<string | undefined> {
  const onTrouble = (error: Error): void => console.error(error.message); // it is tried again
  await using watcher = watch({ names: wishes, initial: true, signal, onTrouble });
  let chosen: string | undefined;
  for await (const _event of watcher) {
    const ready = watcher.interfaces().filter((card) => holds(card, UPLINK)).map(({ name }) => name);
    const best = wishes.find((name) => ready.includes(name));
    if (best !== chosen) yield chosen = best;
  }
}

if (import.meta.main) {
  const end = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(name, () => end.abort());
  for await (const name of uplink(Deno.args, end.signal)) console.log(name ?? "no uplink");
}
