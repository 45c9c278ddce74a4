import type { InterfaceDetails } from "../../../platforms/contract/details.ts";
import type { Inventory } from "../../../platforms/contract/inventory.ts";
import type { Netns } from "../../../platforms/contract/netns.ts";
import { openNetns } from "../../../platforms/current.ts";
import { type Command, EXIT } from "../options/command.ts";
import { inOrder } from "../terminal/order.ts";
import { NETNS } from "../options/netns.ts";
import { flag } from "../options/option.ts";
import { GLOBS } from "../options/selecting.ts";
import { readOptions } from "../options/parse.ts";
import { asJson, printLine } from "../terminal/output.ts";
import { checkNamed, inspectNamed } from "./named.ts";
import { type ShownInterface, shownLines } from "../terminal/shown.ts";

/** What is asked of an interface where its system says nothing, or of one that has gone meanwhile. */
const NOTHING: Inventory = {
  permanentAddress: undefined,
  vlanProtocol: undefined,
  vxlan: undefined,
  tunnel: undefined,
  counters: undefined,
  driver: undefined,
  ports: undefined,
};

/** Adds what only this command asks for. */
async function withInventory(found: readonly InterfaceDetails[], netns: Netns | undefined): Promise<ShownInterface[]> {
  const handle = openNetns(netns);
  try {
    const ask = await handle.backend.inventory?.();
    return found.map((status) => ({ ...status, ...ask?.(status.index) ?? NOTHING }));
  } finally {
    await handle.close();
  }
}

const OPTIONS = { json: flag("Print one object for each interface, in a line"), netns: NETNS };

export const showCommand: Command = {
  usage: ["NAME... [OPTION...]"],
  description: [
    `${GLOBS} It may be an alternative name.`,
    "The state comes first. If the interface is not connected, the causes stand there. The link follows: its driver, " +
    "speed and duplex, the ports of a bridge or bond, and the parameters of a VLAN, VXLAN or tunnel. Then come the " +
    "addresses, and the counters of traffic and errors.",
  ],
  options: OPTIONS,
  examples: [
    ["netflags show eth0", "Everything that is known of eth0"],
    ["netflags show 'en*' --json", "The same of several, for a program"],
  ],
  words: () => ["<interfaces>"],
  async run(args) {
    const { json, netns, words } = readOptions(args, OPTIONS);
    const named = inspectNamed(words, netns);
    for (const [i, status] of (await withInventory(named.found, netns)).entries()) {
      if (json) await printLine(asJson(inOrder(status)));
      else await printLine(`${i === 0 ? "" : "\n"}${shownLines(status).join("\n")}`);
    }
    checkNamed(named);
    return EXIT.done;
  },
};
