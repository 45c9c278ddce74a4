/** FreeBSD's departures without DYING: a renaming, or a move into a jail with a network of its own. */
import { assertEquals } from "@std/assert";
import { type InterfaceWatcher, watch } from "../../../../mod.ts";
import { BORN, FakeKernel } from "../../../helpers/bsd/kernel.ts";
import { VERSIONS } from "../../../helpers/bsd/versions.ts";
import { still } from "../../../helpers/still.ts";

const UP_RUNNING = BORN | 0x41;
const TUNNEL = { type: 240, address: new Uint8Array(0), flags: 0x8010 } as const;
const IPV6 = { ip: [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], prefixLength: 64 } as const;

/** What is told of what was sent so far, without the changes of states. */
async function told(watcher: InterfaceWatcher): Promise<string[]> {
  const events: string[] = [];
  const reading = (async () => {
    for await (const { type, previous, status, changed } of watcher) {
      if (type !== "changed") events.push(`${type} ${status.name}`);
      else if (changed.includes("name")) events.push(`${previous.name} is ${status.name}`);
    }
  })();
  for (let i = 0; i < 200; i++) await Promise.resolve();
  await watcher.return();
  await reading;
  return events;
}

for (const version of VERSIONS.filter(({ platform }) => platform === "freebsd")) {
  const { name, release = 0 } = version;

  still(
    `bsd jail ${name}: one that is moved into a jail is gone, and what is made at once is another one`,
    async () => {
      using kernel = new FakeKernel("freebsd", { version });
      kernel.create("epair0b", { flags: UP_RUNNING, ips: [IPV6] });
      const watcher = watch({ poll: 0 });
      kernel.moveAway("epair0b");
      kernel.create("tap0", { address: Uint8Array.of(0x58, 0x9c, 0xfc, 0, 0, 7) });
      assertEquals(kernel.index("tap0"), release < 1400000 ? 1 : 2);
      assertEquals(await told(watcher), ["removed epair0b", "added tap0"]);
    },
  );

  still(`bsd jail ${name}: so it is with another type, and with the same name`, async () => {
    using kernel = new FakeKernel("freebsd", { version });
    kernel.create("epair0b", { flags: UP_RUNNING });
    kernel.create("tap0", { flags: UP_RUNNING });
    const watcher = watch({ poll: 0 });
    kernel.moveAway("epair0b");
    kernel.create("gif0", TUNNEL);
    kernel.moveAway("tap0");
    kernel.create("tap0", { address: Uint8Array.of(0x58, 0x9c, 0xfc, 0, 0, 7) });
    assertEquals(await told(watcher), ["removed epair0b", "added gif0", "removed tap0", "added tap0"]);
  });

  still(`bsd jail ${name}: a renaming is one, of a card and of a tunnel, which has no hardware address`, async () => {
    using kernel = new FakeKernel("freebsd", { version });
    kernel.create("em0", { flags: UP_RUNNING });
    kernel.create("gif0", TUNNEL);
    const watcher = watch({ poll: 0 });
    kernel.rename("em0", "wan0");
    kernel.rename("gif0", "office");
    assertEquals(await told(watcher), ["em0 is wan0", "gif0 is office"]);
  });
}
