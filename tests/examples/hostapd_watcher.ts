/**
 * Watches over hostapd: it tells when an access point starts, when it changes its network, and when it has been away
 * for ten seconds. Link messages alone cannot: the kernel merges a stop and a start within a second into nothing.
 *
 *     deno add jsr:@netflags/netflags
 *     deno run --allow-ffi hostapd_watcher.ts wlan0
 *
 * Linux only, and without root. Kernels before 6.3 do not tell starts: there, of two within a second the last is seen.
 */
import { watchAccessPoints } from "@netflags/netflags/linux";

/** How long an access point may be away, in milliseconds: hostapd takes a few seconds where it scans first. */
const PATIENCE = 10_000;

/** Runs until the signal is aborted. */
export async function watchHostapd(
  name: string,
  tell: (line: string) => void,
  signal: AbortSignal,
  patience = PATIENCE,
): Promise<void> {
  const away = (): void => tell(`ALARM: ${name} sends no network`);
  let alarm = setTimeout(away, patience); // also where it never starts
  try {
    for await (const { type, name: of, ssid, previousSsid, frequency } of watchAccessPoints({ signal })) {
      if (of !== name) continue;
      clearTimeout(alarm);
      if (type === "stopped") {
        tell(`"${ssid}" stopped`);
        alarm = setTimeout(away, patience);
      } else {
        const before = previousSsid !== undefined && previousSsid !== ssid ? `, before "${previousSsid}"` : "";
        tell(`"${ssid}" on ${frequency ?? "?"} MHz${before}`);
      }
    }
  } finally {
    clearTimeout(alarm);
  }
}

if (import.meta.main) {
  const end = new AbortController();
  for (const each of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(each, () => end.abort());
  await watchHostapd(Deno.args[0] ?? "wlan0", (line) => console.log(new Date().toISOString(), line), end.signal);
}
