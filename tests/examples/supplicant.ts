/**
 * What an 802.1X supplicant does with a wired interface (Documentation/networking/operstates.rst): packets of others
 * flow only while it is authenticated, and everybody who watches the operational state sees it.
 *
 *     deno add jsr:@netflags/netflags
 *     deno run --allow-ffi supplicant.ts eth0
 *
 * Linux only. It needs root or CAP_NET_ADMIN. SIGINT ends it.
 */
import { waitFor } from "@netflags/netflags";
import { setLinkMode, setOperState } from "@netflags/netflags/linux";

/** Talks to the authenticator; resolves with whether it agrees. */
export type Authenticate = (name: string) => Promise<boolean>;

/** Runs until the signal is aborted, and leaves the interface as an ordinary one. */
export async function supplicant(name: string, authenticate: Authenticate, signal: AbortSignal): Promise<void> {
  setLinkMode(name, "dormant"); // from now on a carrier alone does not make it operational
  try {
    for (;;) {
      // waitFor listens before it looks, so that no carrier slips between. IFF_DORMANT would mean that the driver itself
      // is not ready to carry even our frames.
      const card = await waitFor(name, (status) => status?.lowerUp === true && status.dormant === false, { signal });
      if (card?.operState === "up") setOperState(name, "dormant"); // it had its carrier before we came
      if (await authenticate(name)) setOperState(name, "up");
      // Authenticated or not: when the carrier goes, or the interface goes down or away, it all starts again.
      await waitFor(name, (status) => status?.lowerUp !== true, { signal });
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    setLinkMode(name, "default"); // sets a dormant interface up first: the kernel would leave it dormant
  }
}

/** A new round with the authenticator: dormant again until it agrees. */
export async function reauthenticate(name: string, authenticate: Authenticate): Promise<void> {
  setOperState(name, "dormant");
  if (await authenticate(name)) setOperState(name, "up");
}

if (import.meta.main) {
  const end = new AbortController();
  Deno.addSignalListener("SIGINT", () => end.abort());
  await supplicant(Deno.args[0] ?? "eth0", () => Promise.resolve(confirm("Is it authenticated?")), end.signal);
}
