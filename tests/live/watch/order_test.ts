/** The order of addresses: whoever watches has the one that the kernel lists, whatever was added and removed. */
import { assertEquals } from "@std/assert";
import { get, type InterfaceStatus, list, watch } from "../../../mod.ts";
import { type Random, withSeed } from "../../helpers/random.ts";
import { clear, eventually, ip, liveTest, run } from "../../helpers/live/system.ts";

/** The addresses of an IPv4 network have one scope. */
function scopeOf(address: string): string {
  return ["global", "link", "global", "host"][Number(address.split(".")[1])]!;
}

/** What stands of an interface's addresses, in their order. */
function addresses(status: InterfaceStatus | undefined): string[] | undefined {
  return status?.addresses?.map(({ address, prefixLength, flags }) =>
    `${address}/${prefixLength}${flags.includes("secondary") ? " secondary" : ""}`
  );
}

/** What `ip addr show` lists. */
function listed(name: string): string[] {
  const [{ addr_info: all }] = JSON.parse(run("ip", "-j", "addr", "show", "dev", name)) as [
    { addr_info: { local: string; prefixlen: number; secondary?: boolean }[] },
  ];
  return all.map(({ local, prefixlen, secondary }) => `${local}/${prefixlen}${secondary ? " secondary" : ""}`);
}

/** An address that may or may not be on the interface. */
function someAddress(random: Random): string {
  const host = 1 + random.below(4);
  if (random.below(2) === 0) return `10.${random.below(4)}.0.${host}/24`;
  return `${["2001:db8::", "fd00::", "fe80::", "fec0::"][random.below(4)]}${host}/64`;
}

liveTest(
  "order live: a watcher, list and get have the kernel's order, whatever comes and goes",
  () =>
    withSeed(async (random) => {
      try {
        ip("link add v0 type veth peer name v1");
        for (const name of ["v0", "v1"]) ip(`link set ${name} addrgenmode none up`);
        await eventually(() => assertEquals(get("v0")?.connected, true));
        for (const promote of ["0", "1"]) {
          Deno.writeTextFileSync("/proc/sys/net/ipv4/conf/v0/promote_secondaries", promote);
          await using watcher = watch({ names: "v0", addresses: true });
          for (let step = 0; step < 60; step++) {
            const address = someAddress(random);
            const known = listed("v0").some((one) => one.startsWith(address));
            if (known) ip(`addr del ${address} dev v0`);
            else ip(`addr add ${address} dev v0 ${address.includes(":") ? "nodad" : `scope ${scopeOf(address)}`}`);
            const kernels = listed("v0");
            await eventually(() => assertEquals(addresses(watcher.interfaces()[0]), kernels));
            assertEquals([addresses(get("v0")), addresses(list({ names: "v0" })[0])], [kernels, kernels]);
          }
          await using late = watch({ names: "v0", addresses: true, initial: true });
          assertEquals(addresses((await late.next()).value?.status), listed("v0"));
          ip("addr flush dev v0");
        }
      } finally {
        clear();
      }
    }),
);
