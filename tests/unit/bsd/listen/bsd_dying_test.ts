/** FreeBSD's messages with DYING: the end of an interface, and one that comes when its index has another. */
import { assertEquals } from "@std/assert";
import { watch } from "../../../../mod.ts";
import { BORN, FakeKernel } from "../../../helpers/bsd/kernel.ts";
import { VERSIONS } from "../../../helpers/bsd/versions.ts";
import { still } from "../../../helpers/still.ts";

const UP_RUNNING = BORN | 0x41;
const IFF_DYING = 0x200000;

for (const version of VERSIONS.filter(({ platform }) => platform === "freebsd")) {
  for (const [when, behind] of [["its departure", false], ["the arrival of the next one", true]] as const) {
    still(`bsd dying ${version.name}: a message with DYING behind ${when} makes nothing`, async () => {
      using kernel = new FakeKernel("freebsd", { version });
      kernel.create("wlan0", { flags: UP_RUNNING });
      const watcher = watch({ poll: 0 });
      const events: string[] = [];
      const reading = (async () => {
        for await (const { type, status, changed } of watcher) {
          events.push(`${type} ${status.name} ${type === "changed" ? changed : ""}`);
        }
      })();
      kernel.destroy("wlan0");
      const late = kernel.build.interface(
        { index: 1, name: "wlan0", flags: BORN | IFF_DYING, linkState: 0, mtu: 1500 },
        false,
      );
      if (!behind) kernel.send(late);
      kernel.create("em0", { flags: UP_RUNNING });
      if (behind) kernel.send(late);
      for (let i = 0; i < 100; i++) await Promise.resolve();
      kernel.rename("em0", "wan0"); // it is no end of another
      for (let i = 0; i < 100; i++) await Promise.resolve();
      await watcher.return();
      await reading;
      assertEquals(events, ["removed wlan0 ", "added em0 ", "changed em0 name".replace("em0", "wan0")]);
    });
  }
}

/** What a watcher is told of some steps, with everything read between two. */
async function told(kernel: FakeKernel, steps: readonly (() => void)[]): Promise<string> {
  const watcher = watch({ poll: 0 });
  const events: string[] = [];
  const reading = (async () => {
    for await (const { type, status, changed } of watcher) {
      events.push(type === "changed" ? `${status.name}: ${changed}` : `${type} ${status.name}`);
    }
  })();
  for (const step of steps) {
    step();
    for (let i = 0; i < 100; i++) await Promise.resolve();
  }
  kernel.rename(kernel.at(1)!.name, "wan0");
  for (let i = 0; i < 100; i++) await Promise.resolve();
  await watcher.return();
  await reading;
  return events.join("; ");
}

for (const version of VERSIONS.filter(({ platform }) => platform === "freebsd")) {
  const begin = (): FakeKernel => {
    const kernel = new FakeKernel("freebsd", { version, detectsOverflow: true });
    kernel.create("em0", { flags: UP_RUNNING });
    return kernel;
  };
  const dies = (kernel: FakeKernel): void => void (kernel.of("em0").flags = BORN | IFF_DYING);
  const next = { flags: UP_RUNNING, address: Uint8Array.of(2, 0, 0, 0, 0, 9) };

  still(
    `bsd dying ${version.name}: where the departure was lost, the next one of the index is no dying one`,
    async () => {
      using kernel = begin();
      const gone = (): void => kernel.sockets.silently(() => kernel.destroy("em0"));
      assertEquals(
        await told(kernel, [
          () => (dies(kernel), kernel.tell("em0")),
          () => (gone(), kernel.sockets.lose()),
          () => (kernel.sockets.silently(() => kernel.create("em1", next)), kernel.sockets.lose()),
        ]),
        "removed em0; added em1; wan0: name",
      );
    },
  );

  still(`bsd dying ${version.name}: where an arrival was lost with it, neither`, async () => {
    using kernel = begin();
    const swap = (): void => (kernel.destroy("em0"), kernel.create("em1", next));
    assertEquals(
      await told(kernel, [
        () => (dies(kernel), kernel.tell("em0")),
        () => (kernel.sockets.silently(swap), kernel.sockets.lose()),
      ]),
      "em1: name,hardwareAddress; wan0: name",
    );
  });

  still(`bsd dying ${version.name}: where that message was lost, the list says who is dying`, async () => {
    using kernel = begin();
    const swap = (): void => (kernel.destroy("em0"), kernel.create("em0", { flags: UP_RUNNING }));
    const step = (): void => {
      kernel.sockets.silently(swap);
      kernel.send(kernel.build.announce(1, "em0", 1));
      kernel.send(kernel.build.announce(1, "em0", 0));
    };
    assertEquals(
      await told(kernel, [() => (dies(kernel), kernel.sockets.lose()), step]),
      "em0: flags,flagNames,up,running,connected; removed em0; added em0; wan0: name",
    );
  });
}
