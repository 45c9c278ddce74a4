/** RTM_IFINFO to index, flags and link state, as each BSD sends it: nothing is allocated. */
import type { InterfaceForms } from "../platforms/bsd/systems/layout.ts";
import type { BsdPlatform } from "../platforms/contract/platform.ts";
import { RouteReader } from "../platforms/bsd/wire/route.ts";
import { SYSTEMS } from "../platforms/bsd/systems/systems.ts";
import { Builder } from "../src/fake/bsd/builder.ts";

let sum = 0;
for (const platform of Object.keys(SYSTEMS) as BsdPlatform[]) {
  const system = SYSTEMS[platform];
  const interfaces = { index: 3, name: "tap0", flags: 0x8843, linkState: 1, mtu: 1500 };
  const bytes = new Uint8Array(new Builder(system).interface(interfaces, false));
  const reader = new RouteReader(system, bytes);
  Deno.bench(`decode: ${platform} RTM_IFINFO to index, flags, link state`, () => {
    reader.begin(bytes.length).next();
    reader.interfaceLayout(reader.message as InterfaceForms);
    sum += reader.interfaceIndex + reader.flags + (reader.linkState === "up" ? 1 : 0);
  });
}
