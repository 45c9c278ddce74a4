/**
 * netflags itself, with the subcommands of its peers. It imports nothing but netflags, so that it runs without an import
 * map.
 *
 *   scan FILE ROUNDS            index, flags and name of each message: ns per message, a line for each round
 *   status FILE ROUNDS          the whole InterfaceStatus of each message, as if nothing was known
 *   unchanged FILE ROUNDS       the same where everything is known already and the message says nothing new
 *   scan-new | status-new FILE ROUNDS   the same as scan and status, but that no name or address was seen before
 *   links ROUNDS                list({ addresses: false }): ns, a line for each round
 *   list ROUNDS                 list()
 *   networkInterfaces ROUNDS    Deno.networkInterfaces()
 *   repeated | other FILE ROUNDS, wireless ROUNDS, ifinfo SYSTEM ROUNDS    see hot.ts
 *   hear | poll | monitor NAME COUNT SILENCE    see hearers.ts
 *   endure COUNT                see hot.ts
 */
import { list } from "../../mod.ts";
import { LinkReader } from "../../platforms/linux/wire/link.ts";
import { LinkScan } from "../../platforms/linux/wire/link_scan.ts";
import { Messages, nextAttribute, Packet } from "../../platforms/linux/wire/netlink.ts";
import { IFINFOMSG_LEN, IFLA_ADDRESS, IFLA_IFNAME, NLA_HDRLEN } from "../../platforms/linux/wire/numbers.ts";
import { InterfaceTable } from "../../src/table/table.ts";
import { hear, monitor, poll } from "./hearers.ts";
import { endure, ifinfo, other, repeated, wireless } from "./hot.ts";
import { timed } from "./timed.ts";

/** Keeps what a round computed, so that the work cannot be left out. */
let sum = 0;

/**
 * Changes the first byte of each name and hardware address, and back the next time. netflags keeps the texts that it made
 * last for each index, and gives them again for the same bytes: after this it has to make every one anew.
 */
function renew(messages: Messages, length: number): void {
  const { packet } = messages;
  for (messages.begin(length); messages.next();) {
    for (const type of [IFLA_ADDRESS, IFLA_IFNAME]) {
      const header = nextAttribute(packet, type, messages.start + IFINFOMSG_LEN, messages.end);
      if (header >= 0) packet.u8[header + NLA_HDRLEN]! ^= 1;
    }
  }
}

function scan(bytes: Uint8Array, rounds: number, anew: boolean): void {
  const packet = Packet.of(bytes);
  const links = new LinkScan(packet);
  timed(rounds, () => {
    let count = 0;
    let round = 0;
    for (links.begin(bytes.length); links.next(); count++) {
      const { name } = links;
      round = (round + links.index + links.flags + name.length + name.charCodeAt(name.length - 1)) | 0;
    }
    sum += round;
    return count;
  }, anew ? () => renew(new Messages(packet), bytes.length) : undefined);
}

function status(bytes: Uint8Array, rounds: number, anew: boolean, table: InterfaceTable | undefined): void {
  const packet = Packet.of(bytes);
  const messages = new Messages(packet);
  const link = new LinkReader(packet);
  timed(rounds, () => {
    let count = 0;
    for (messages.begin(bytes.length); messages.next(); count++) {
      const facts = link.load(messages.start, messages.end).facts();
      table?.apply(facts.index, facts);
      sum += facts.flags + facts.name.length;
    }
    table?.take();
    return count;
  }, anew ? () => renew(new Messages(packet), bytes.length) : undefined);
}

function all(rounds: number, work: () => { readonly length: number }): void {
  timed(rounds, () => {
    sum += work().length;
    return 1;
  });
}

const [what = "", first = "", second = "", third = "2000"] = Deno.args;
switch (what) {
  case "scan":
  case "scan-new":
    scan(Deno.readFileSync(first), Number(second), what === "scan-new");
    break;
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
    await endure(Number(first));
    break;
  case "hear":
    await hear(first, Number(second), Number(third));
    break;
  case "poll":
    await poll(first, Number(second), Number(third));
    break;
  case "monitor":
    await monitor(first, Number(second), Number(third));
    break;
  default:
    console.error(
      "Give scan, status, unchanged, links, list, networkInterfaces, repeated, other, wireless, ifinfo, hear, poll, monitor or endure",
    );
    Deno.exit(2);
}
console.error(`checksum ${sum}`);
