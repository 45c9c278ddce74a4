/**
 * What a routing daemon or a DHCP client does: it uses an interface when that is operational, and withdraws when it is
 * not any more. IFF_UP is not enough: a card without a cable has it.
 *
 *     deno add jsr:@netflags/netflags
 *     deno run --allow-ffi routing_daemon.ts
 *
 * It needs no root. SIGINT ends it.
 */
import { watch } from "@netflags/netflags";

/** What a daemon does with an interface. */
export interface Daemon {
  /** Starts to use it. */
  use(name: string): void;
  /** Stops. */
  withdraw(name: string): void;
}

/** Runs until the signal is aborted. */
export async function routingDaemon(daemon: Daemon, signal: AbortSignal): Promise<void> {
  const used = new Map<number, string>();
  for await (const { type, status: card, hiddenFlaps } of watch({ initial: true, addresses: false, signal })) {
    const usable = type !== "removed" && type !== "left" && card.connected === true; // not merely IFF_UP
    const name = used.get(card.index);
    // An index outlives a name. And where the carrier was away without an event, the neighbours may have changed.
    const interrupted = name !== card.name || (hiddenFlaps ?? 0) > 0;
    if (name !== undefined && (!usable || interrupted)) {
      used.delete(card.index);
      daemon.withdraw(name);
    }
    if (usable && !used.has(card.index)) {
      used.set(card.index, card.name);
      daemon.use(card.name);
    }
  }
}

if (import.meta.main) {
  const end = new AbortController();
  Deno.addSignalListener("SIGINT", () => end.abort());
  await routingDaemon({
    use: (name) => console.log("using", name),
    withdraw: (name) => console.log("withdrawn from", name),
  }, end.signal);
}
