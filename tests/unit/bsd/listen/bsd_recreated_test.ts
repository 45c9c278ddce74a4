/** An interface that is destroyed, and another that takes its name and its index at once, before anybody has read. */
import { assertEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { type InterfaceWatcher, watch } from "../../../../mod.ts";
import { SYSTEMS } from "../../../../platforms/bsd/systems/systems.ts";
import { BORN } from "../../../helpers/bsd/kernel.ts";
import { FakeLibc } from "../../../helpers/bsd/libc.ts";
import { type Version, VERSIONS } from "../../../helpers/bsd/versions.ts";

const UP_RUNNING = BORN | 0x41;
const IPV4 = { ip: [10, 0, 0, 1], prefixLength: 24 } as const;
const STATION = { type: "station", ssid: undefined, ssidHex: undefined, frequency: undefined } as const;

/** What is told of what was sent so far: whether it is up, and which life it is of. */
async function told(watcher: InterfaceWatcher): Promise<string[]> {
  const events: string[] = [];
  const reading = (async () => {
    for await (const { type, status, generation } of watcher) {
      events.push(`${type} ${status.name} ${status.up ? "up" : "down"} ${generation}`);
    }
  })();
  for (let i = 0; i < 200; i++) await Promise.resolve();
  await watcher.return();
  await reading;
  const [first] = events;
  const base = Number(first?.split(" ").at(-1));
  return events.map((event) => event.replace(/\d+$/, (one) => String(Number(one) - base)));
}

/** A kernel with an interface that is up, and how it is replaced. */
function start(version: Version): { libc: FakeLibc; watcher: InterfaceWatcher; replace: () => void } {
  const libc = new FakeLibc(version.platform, { version, detectsOverflow: true });
  const { kernel } = libc;
  kernel.create("tap0", { flags: UP_RUNNING, ips: [IPV4] });
  return {
    libc,
    watcher: watch({ poll: 0 }),
    replace: () => {
      kernel.destroy("tap0");
      kernel.create("tap0");
      kernel.up("tap0");
    },
  };
}

/** It ends without being up again, and the next one is another. Its own end may be told in several steps. */
function assertReplaced(events: readonly string[]): void {
  const before = events.slice(0, events.findIndex((event) => event.startsWith("removed")));
  const down = before.findIndex((event) => event.includes("down"));
  const again = down < 0 ? [] : before.slice(down).filter((event) => event.includes("up"));
  assertEquals(again, [], events.join("\n"));
  const lives = events.filter((event) => /^(removed|added)/.test(event)).map((event) =>
    event.replace(/(up|down) /, "")
  );
  assertEquals(lives, ["removed tap0 0", "added tap0 1"]);
  assertEquals(events.at(-1)?.includes("up 1"), true, events.join("\n"));
}

for (const version of VERSIONS.filter(({ announcements }) => announcements)) {
  const { name, platform } = version;

  Deno.test(`bsd recreated ${name}: of one that is replaced before anybody reads, nothing is told of the next one's flags`, async () => {
    using _ = new FakeTime();
    const { libc, watcher, replace } = start(version);
    using _libc = libc;
    replace();
    assertReplaced(await told(watcher));
  });

  Deno.test(`bsd recreated ${name}: an answer that comes from the next one is dropped where its end is queued by then`, async () => {
    using _ = new FakeTime();
    const { libc, watcher, replace } = start(version);
    using _libc = libc;
    const { kernel } = libc;
    let asked = 0;
    libc.onIoctl = (_number, request) => {
      if (request === SYSTEMS[platform].SIOCGIFFLAGS && ++asked === 2) replace();
    };
    kernel.tell("tap0", BORN); // it is up by now: after the queue it is asked for its flags again
    assertReplaced(await told(watcher));
  });

  if (SYSTEMS[platform].wireless === undefined) continue;
  Deno.test(`bsd recreated ${name}: what a wireless message makes netflags ask is dropped, too`, async () => {
    using _ = new FakeTime();
    const { libc, watcher, replace } = start(version);
    using _libc = libc;
    const { kernel } = libc;
    kernel.wirelessOf.set("tap0", STATION);
    kernel.down("tap0");
    kernel.tellWireless("tap0");
    replace();
    assertReplaced(await told(watcher));
  });
}
