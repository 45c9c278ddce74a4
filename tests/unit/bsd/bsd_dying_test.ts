/** FreeBSD's messages with DYING: the end of an interface, and one that comes when its index has another. */
import { assertEquals } from "@std/assert";
import { watch } from "../../../mod.ts";
import { BORN, FakeKernel } from "../../helpers/bsd/kernel.ts";
import { VERSIONS } from "../../helpers/bsd/versions.ts";
import { still } from "../../helpers/still.ts";

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
