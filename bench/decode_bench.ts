/** The decoder and the table on captured messages, without a kernel. */
import { LinkReader } from "../platforms/linux/link.ts";
import { Messages, Packet } from "../platforms/linux/netlink.ts";
import { InterfaceTable } from "../src/interface_table.ts";
import type { InterfaceStatus } from "../src/interface_status.ts";
import { linuxFixtures } from "../tests/fixtures.ts";

/** A dummy interface without and with its carrier. */
const [down, up] = linuxFixtures().filter(({ says }) => says.name === "d0" && says.whole === true);

interface Loaded {
  readonly messages: Messages;
  readonly link: LinkReader;
  readonly length: number;
}

function load(bytes: Uint8Array): Loaded {
  const packet = Packet.of(bytes);
  return { messages: new Messages(packet), link: new LinkReader(packet), length: bytes.length };
}

function decode({ messages, link, length }: Loaded, known: InterfaceStatus | undefined): InterfaceStatus {
  messages.begin(length).next();
  return link.load(messages.start, messages.end).status(known);
}

const first = load(down!.bytes);
const second = load(up!.bytes);
const known = decode(first, undefined);

Deno.bench("decode: RTM_NEWLINK that says nothing new", () => {
  decode(first, known);
});

Deno.bench("decode: RTM_NEWLINK to a new InterfaceStatus", () => {
  decode(first, undefined);
});

let told = 0;
const table = new InterfaceTable({ event: () => told++ });
let current = known;
table.set(known);

Deno.bench("decode, table and event: RTM_NEWLINK that changes flags and state", () => {
  current = decode(current.up && current.running ? first : second, current);
  table.set(current);
});
