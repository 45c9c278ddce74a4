/**
 * Which cards are connected? The script that asked SIOCGIFFLAGS for IFF_UP, and counted every card that somebody
 * had set up; and the one that is right.
 *
 *     deno add jsr:@netflags/netflags
 *     deno run --allow-ffi which_connected.ts
 *
 * Linux only, for the sake of the comparison. It needs no root.
 */
import { active, list } from "@netflags/netflags";
import { ioctlFlags } from "@netflags/netflags/linux";

/** Wrong: UP says that somebody wants the card up. 4099 is UP, and has no cable. */
export function wanted(): string[] {
  return list().map(({ name }) => name).filter((name) => (ioctlFlags(name) & 0x1) !== 0);
}

/** Right: what can carry packets; the loopback interface is not a card. */
export function connected(): string[] {
  return active().filter(({ type }) => type !== "loopback").map(({ name }) => name);
}

if (import.meta.main) {
  console.log("wanted up:", wanted().join(" "));
  console.log("connected:", connected().join(" "));
}
