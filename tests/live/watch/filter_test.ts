/** What nobody wants is dropped by the real kernel, and nothing else is. */
import { assert, assertEquals } from "@std/assert";
import { type InterfaceStatus, list, type ListOptions, watch } from "../../../mod.ts";
import { type Random, withSeed } from "../../helpers/random.ts";
import { clear, eventually, ip, ipBatch, liveTest, ROUNDS } from "../../helpers/live/system.ts";

const FLOOD = new URL("../../helpers/live/flood.ts", import.meta.url).pathname;

liveTest("live filter: 20,000 changes of another interface while nobody reads lose nothing", async () => {
  ip("link add dev wanted0 type ifb");
  ip("link add dev flooded0 type ifb");
  await using watcher = watch({ names: "wanted0" });
  ip("link set wanted0 mtu 1400");
  const before = (await watcher.next()).value!;
  assertEquals([before.changed, before.resync], [["mtu"], false]);
  const { success } = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-check", "-A", FLOOD, "20000", "flooded", "1"],
  }).outputSync();
  assert(success);
  ip("link set wanted0 mtu 1300");
  const after = (await watcher.next()).value!;
  assertEquals([after.changed, after.resync, after.status.mtu], [["mtu"], false, 1300]);
  const queues = Deno.readTextFileSync("/proc/net/netlink").trim().split("\n").slice(1)
    .map((line) => line.trim().split(/\s+/)).filter(([, protocol, pid]) => protocol === "0" && pid !== "0");
  assertEquals(queues.map((words) => words[8]), queues.map(() => "0")); // what did not fit
  clear();
});

const NAMES = ["fa0", "fa1", "fa2", "fb0", "fb1", "fc0", "fc1", "fc2"] as const;
const WISHES: readonly ListOptions[] = [{ names: "fa0" }, { names: "fb*" }, { names: ["fc1", "fa2"] }, {
  names: ["fc?", "alt0"],
}];

/** One change at random, as a line of `ip -batch`. */
function changeOf(random: Random, bridges: readonly string[]): string {
  const links = list({ names: "f*" });
  const free = NAMES.filter((name) => !links.some((link) => link.name === name));
  const link = links.length === 0 ? undefined : random.pick(links);
  if (link === undefined || (free.length > 0 && random.below(5) === 0)) {
    const index = random.below(2) === 0 ? "" : ` index ${1000 + random.below(12)}`;
    return `link add dev ${random.pick(free)}${index} type ifb`;
  }
  const { name } = link;
  const address = `10.7.${random.below(3)}.${1 + random.below(3)}/24 dev ${name}`;
  switch (random.below(10)) {
    case 0:
      return `link del ${name}`;
    case 1:
    case 2:
      return free.length > 0 ? `link set ${name} name ${random.pick(free)}` : `link set ${name} mtu 1280`;
    case 3:
      return link.master === undefined
        ? `link set ${name} master ${random.pick(bridges)}`
        : `link set ${name} nomaster`;
    case 4:
      return `link property ${link.altNames.length > 0 ? "del" : "add"} dev ${name} altname alt0`;
    case 5:
      return `addr add ${address}`;
    case 6:
      return `addr del ${address}`;
    case 7:
      return `link set ${name} ${link.up ? "down" : "up"}`;
    default:
      return `link set ${name} mtu ${1300 + random.below(200)}`;
  }
}

liveTest(
  "live filter: storms with renames, indexes used again and watchers that come and go add up to the list",
  () =>
    withSeed(async (random) => {
      await ipBatch(["link add dev bridge0 type bridge", "link add dev bridge1 type bridge"]);
      let bridges = ["bridge0", "bridge1"];
      const follow = (selection: ListOptions) => {
        const known = new Map<number, InterfaceStatus>();
        const watcher = watch({ ...selection, initial: true });
        const ended = (async () => {
          for await (const { type, status } of watcher) {
            if (type === "removed" || type === "left") known.delete(status.index);
            else known.set(status.index, status);
          }
        })();
        return { selection, known, watcher, ended };
      };
      const followers = [follow(WISHES[0]!)];
      for (let round = 0; round < ROUNDS; round++) {
        if (followers.length < 4 && random.below(3) === 0) {
          followers.push(follow(random.below(5) === 0 ? {} : random.pick(WISHES)));
        }
        if (followers.length > 1 && random.below(4) === 0) {
          const [gone] = followers.splice(random.below(followers.length), 1);
          gone!.watcher.close();
          await gone!.ended;
        }
        for (let changes = 0; changes < 8; changes++) {
          // Some are refused: an index that is in use, an address that is not there.
          new Deno.Command("ip", { args: changeOf(random, bridges).split(" "), stderr: "null" }).outputSync();
        }
        if (random.below(3) === 0) {
          const [from] = bridges;
          const to = `bridge${2 + random.below(1000)}`;
          ip(`link set ${from} name ${to}`);
          bridges = [...bridges.slice(1), to];
        }
        await eventually(() => {
          for (const { selection, known } of followers) {
            const sorted = [...known.values()].sort((a, b) => a.index - b.index);
            assertEquals(sorted, list(selection), JSON.stringify(selection));
          }
        });
      }
      for (const { watcher, ended } of followers) {
        watcher.close();
        await ended;
      }
      clear();
    }),
);
