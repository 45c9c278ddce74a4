/**
 * netflags itself, with the subcommands of its peers. It imports nothing but netflags, so that it runs without an import
 * map.
 *
 *   status FILE ROUNDS          what list() makes of the kernel's answer: ns per message, a line for each round
 *   unchanged FILE ROUNDS       the same, and each status is compared with the known one, which it equals
 *   status-new FILE ROUNDS      the same as status, but that no name or address was seen before
 *   links ROUNDS                list({ addresses: false }): ns, a line for each round
 *   list ROUNDS                 list()
 *   networkInterfaces ROUNDS    Deno.networkInterfaces()
 *   event ROUNDS, repeated | other FILE ROUNDS, wireless ROUNDS, ifinfo SYSTEM ROUNDS    see hot.ts
 *   hear | named | wake | poll | monitor NAME COUNT SILENCE    see hearers.ts
 *   endure COUNT [live]         see hot.ts
 */
import { list } from "../../mod.ts";
import { Messages, nextAttribute, Packet } from "../../platforms/linux/wire/netlink.ts";
import { IFINFOMSG_LEN, IFLA_ADDRESS, IFLA_IFNAME, NLA_HDRLEN } from "../../platforms/linux/wire/numbers.ts";
import { Snapshot } from "../../src/table/snapshot.ts";
import { InterfaceTable } from "../../src/table/table.ts";
import { hear, monitor, poll, wake } from "./hearers.ts";
import { replayed } from "../replay.ts";
import { endure, event, ifinfo, other, repeated, wireless } from "./hot.ts";
import { timed } from "./timed.ts";

/** Keeps what a round computed, so that the work cannot be left out. */
let sum = 0;

/**
 * Changes the first byte of each name and hardware address, and back the next time. netflags keeps the texts that it made
 * last for each index, and gives them again for the same bytes: after this it has to make every one anew.
 */
function renew(messages: Messages, bytes: Uint8Array): void {
  const { packet } = messages;
  for (messages.begin(bytes.length); messages.next();) {
    for (const type of [IFLA_ADDRESS, IFLA_IFNAME]) {
      const header = nextAttribute(packet, type, messages.start + IFINFOMSG_LEN, messages.end);
      if (header >= 0) bytes[header + NLA_HDRLEN]! ^= 1;
    }
  }
}

/** What `list()` does with the kernel's answer: with `table`, each status is compared with the known one. */
function status(
  bytes: Uint8Array<ArrayBuffer>,
  rounds: number,
  anew: boolean,
  table: InterfaceTable | undefined,
): void {
  const messages = new Messages(Packet.of(bytes));
  const backend = replayed(bytes);
  timed(rounds, () => {
    const statuses = backend.list({ addresses: false });
    table?.replace(new Snapshot(statuses, false), false);
    sum += statuses.length + (table?.take().length ?? 0);
    return statuses.length;
  }, anew ? () => renew(messages, bytes) : undefined);
}

function all(rounds: number, work: () => { readonly length: number }): void {
  timed(rounds, () => {
    sum += work().length;
    return 1;
  });
}

const [what = "", first = "", second = "", third = "2000"] = Deno.args;
switch (what) {
  case "status":
  case "status-new":
    status(Deno.readFileSync(first), Number(second), what === "status-new", undefined);
    break;
  case "unchanged":
    status(Deno.readFileSync(first), Number(second), false, new InterfaceTable(false));
    break;
  case "list":
    all(Number(first), () => list());
    break;
  case "links":
    all(Number(first), () => list({ addresses: false }));
    break;
  case "networkInterfaces":
    all(Number(first), () => Deno.networkInterfaces());
    break;
  case "event":
    await event(Number(first));
    break;
  case "repeated":
    repeated(Deno.readFileSync(first), Number(second));
    break;
  case "other":
    other(Deno.readFileSync(first), Number(second));
    break;
  case "wireless":
    wireless(Number(first));
    break;
  case "ifinfo":
    ifinfo(first, Number(second));
    break;
  case "endure":
    await endure(Number(first), second === "live");
    break;
  case "hear":
    await hear(first, Number(second), Number(third));
    break;
  case "named":
    await hear(first, Number(second), Number(third), true);
    break;
  case "wake":
    await wake(first, Number(second), Number(third));
    break;
  case "poll":
    await poll(first, Number(second), Number(third));
    break;
  case "monitor":
    await monitor(first, Number(second), Number(third));
    break;
  default:
    console.error(
      "Give status, unchanged, links, list, networkInterfaces, event, repeated, other, wireless, ifinfo, hear, named, wake, poll, monitor or endure",
    );
    Deno.exit(2);
}
console.error(`checksum ${sum}`);
