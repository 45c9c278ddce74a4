/** A comparison loses nothing that a message told: neither what was queued before it, nor what came meanwhile. */
import { assertEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { watch } from "../../../mod.ts";
import { FakeKernel } from "../../helpers/bsd/kernel.ts";
import { FakeLinux } from "../../helpers/linux/kernel.ts";

const WORKING = { flags: 0x11043, operState: 6, carrier: true } as const;

/** A kernel with an interface that is up, and what can happen to it. */
interface Scene extends Disposable {
  up(): void;
  down(): void;
  remove(): void;
  create(): void;
  /** Does something while everything is listed: before the kernel has looked, and after it has looked. */
  during(before: () => void, after: () => void): void;
}

function bsd(platform: "netbsd" | "freebsd" | "openbsd"): Scene {
  const kernel = new FakeKernel(platform, { detectsOverflow: true });
  kernel.create("tap0", { flags: 0x8843 });
  return {
    up: () => kernel.up("tap0"),
    down: () => kernel.down("tap0"),
    remove: () => kernel.destroy("tap0"),
    create: () => kernel.create("tap0", { flags: 0x8843 }),
    during: (before, after) => {
      const { list } = kernel;
      kernel.list = (index) => {
        kernel.list = list;
        before();
        const bytes = kernel.list(index);
        after();
        return bytes;
      };
    },
    [Symbol.dispose]: () => kernel[Symbol.dispose](),
  };
}

function linux(): Scene {
  const kernel = new FakeLinux();
  kernel.set("tap0", WORKING);
  kernel.set("eth0", { index: 2, ...WORKING }); // one that may be wireless: this is asked after the links
  return {
    up: () => void kernel.set("tap0", WORKING),
    down: () => void kernel.set("tap0", { flags: 0x1002, operState: 2, carrier: false }),
    remove: () => kernel.remove("tap0"),
    create: () => void kernel.set("tap0", { index: 1, ...WORKING }),
    during: (before, after) => {
      kernel.onRequest = (what) => {
        if (what === "links") return before();
        kernel.onRequest = undefined;
        after();
      };
    },
    [Symbol.dispose]: () => kernel[Symbol.dispose](),
  };
}

const SCENES: Readonly<Record<string, () => Scene>> = {
  linux,
  netbsd: () => bsd("netbsd"),
  freebsd: () => bsd("freebsd"),
  openbsd: () => bsd("openbsd"),
};

/** What a watcher is told of what happens, when another one joins and everything is compared, before anybody has read. */
async function told(scene: Scene, happen: () => void): Promise<string[]> {
  using _ = new FakeTime();
  const watcher = watch({ poll: 0 });
  happen();
  const other = watch({ poll: 0 });
  const events: string[] = [];
  const reading = (async () => {
    for await (const { type, status, resync } of watcher) {
      events.push(`${type} ${status.up ? "up" : "down"}${resync ? " resync" : ""}`);
    }
  })();
  for (let i = 0; i < 200; i++) await Promise.resolve();
  await other.return();
  await watcher.return();
  await reading;
  scene[Symbol.dispose]();
  return events;
}

for (const [name, make] of Object.entries(SCENES)) {
  const nothing = (): void => {};
  const PAIRS: Readonly<Record<string, (scene: Scene) => void>> = {
    "before it": ({ down, up }) => (down(), up()),
    "while it lists, before the kernel has looked": ({ during, down, up }) => during(() => (down(), up()), nothing),
    "while it lists, after the kernel has looked": ({ during, down, up }) => during(nothing, () => (down(), up())),
    "on both sides of the kernel's look": ({ during, down, up }) => during(down, up),
    "one before it, one while it lists": ({ during, down, up }) => (down(), during(nothing, up)),
  };
  for (const [when, happen] of Object.entries(PAIRS)) {
    Deno.test(`comparison ${name}: a down and an up ${when} are two events`, async () => {
      const scene = make();
      assertEquals(await told(scene, () => happen(scene)), ["changed down", "changed up"]);
    });
  }

  Deno.test(`comparison ${name}: one that is replaced while it lists ends once and begins once`, async () => {
    for (const when of ["before", "after", "both"] as const) {
      const scene = make();
      const { remove, create, during } = scene;
      const events = await told(scene, () => {
        if (when === "before") during(() => (remove(), create()), nothing);
        else if (when === "after") during(nothing, () => (remove(), create()));
        else during(remove, create);
      });
      const lives = events.filter((event) => !event.startsWith("changed"));
      assertEquals(lives.map((event) => event.split(" ")[0]), ["removed", "added"], when);
      assertEquals(lives.at(-1), "added up", when);
    }
  });
}
