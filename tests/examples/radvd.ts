/**
 * What radvd does with an access point's interface: hostapd sets it UP early, and it can send only when it is connected.
 * Announce it then, and withdraw when it goes. IFF_RUNNING alone would be wrong once: the kernel shows it for a few
 * milliseconds after the interface was set up, before it has looked at the carrier.
 *
 *     deno add jsr:@netflags/netflags
 *     deno run --allow-ffi radvd.ts wlan0
 *
 * It needs no root. SIGINT ends it.
 */
import { waitFor } from "@netflags/netflags";

/** Runs until the signal is aborted. The interface need not exist yet, and may go and come back. */
export async function radvd(name: string, tell: (line: string) => void, signal: AbortSignal): Promise<void> {
  try {
    for (;;) {
      await waitFor(name, "connected", { signal });
      tell(`announce ${name}`);
      await waitFor(name, "disconnected", { signal }); // also where it is gone
      tell(`withdraw ${name}`);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

if (import.meta.main) {
  const end = new AbortController();
  Deno.addSignalListener("SIGINT", () => end.abort());
  await radvd(Deno.args[0] ?? "wlan0", console.log, end.signal);
}
