/**
 * What a DHCP client does with its interface. It asks for an address when the link has come to rest, not at each flap.
 * After an interruption it asks whether its lease still holds (INIT-REBOOT, RFC 2131, 3.2): the cable may be in another
 * network now. When the link is gone it stops, and keeps the lease for later.
 *
 *     deno add jsr:@netflags/netflags
 *     deno run --allow-ffi dhcp_client.ts eth0
 *
 * This one prints what a client would send. Listening needs no root; a real client needs it for its packets.
 */
import { watch } from "@netflags/netflags";

/** What a client does with an interface. */
export interface Client {
  /** Asks for a lease: DHCPDISCOVER. */
  discover(name: string): void;
  /** Asks whether the lease that it has still holds: DHCPREQUEST. */
  confirm(name: string): void;
  /** Sends no more. */
  pause(name: string): void;
}

/** How long a link must be quiet, in milliseconds: switches and access points take a moment. */
const SETTLE = 300;

/** Runs until the signal is aborted. */
export async function dhcpClient(name: string, client: Client, signal: AbortSignal): Promise<void> {
  let leased: string | undefined; // which interface the lease is of: a new one of the same name has none
  let running = false;
  for await (const event of watch({ names: name, initial: true, addresses: false, settle: SETTLE, signal })) {
    const works = event.type !== "removed" && event.type !== "left" && event.status.connected === true;
    // The link went and came back, within one event or without any, or it is another wireless network.
    const interrupted = !running || event.changed.includes("connected") || (event.hiddenFlaps ?? 0) > 0 ||
      event.changed.includes("wireless");
    const life = `${event.status.index} ${event.generation}`;
    if (works && life !== leased) client.discover(name);
    else if (works && interrupted) client.confirm(name);
    else if (!works && running) client.pause(name);
    if (works) leased = life;
    running = works;
  }
}

if (import.meta.main) {
  const end = new AbortController();
  Deno.addSignalListener("SIGINT", () => end.abort());
  await dhcpClient(Deno.args[0] ?? "eth0", {
    discover: (name) => console.log("DHCPDISCOVER on", name),
    confirm: (name) => console.log("DHCPREQUEST on", name),
    pause: (name) => console.log("no link on", name),
  }, end.signal);
}
