/** What is no option, or no value of one, is refused by every call, with the key that was meant. */
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  active,
  flagNames,
  flagTable,
  formatFlags,
  get,
  inspect,
  InvalidInputError,
  list,
  parseFlags,
  setFlags,
  waitFor,
  waitForAll,
  waitForAny,
  watch,
} from "../../../mod.ts";
import { ioctlFlags, setLinkMode, setOperState, watchAccessPoints } from "../../../src/linux.ts";
import { fakeStatus, FakeSystem } from "../../../src/testing.ts";
import { ADDRESS } from "../../helpers/made_up.ts";
import { still } from "../../helpers/still.ts";

/** A call with something in the place of its options: JavaScript has no types. */
type Call = (options: unknown) => unknown;

const CALLS: Readonly<Record<string, Call>> = {
  list: (options) => list(options as never),
  active: (options) => active(options as never),
  watch: (options) => watch(options as never),
  get: (options) => get("eth0", options as never),
  inspect: (options) => inspect("eth0", options as never),
  setFlags: (options) => setFlags("eth0", {}, options as never),
  setOperState: (options) => setOperState("eth0", "up", options as never),
  setLinkMode: (options) => setLinkMode("eth0", "default", options as never),
  ioctlFlags: (options) => ioctlFlags("eth0", options as never),
  watchAccessPoints: (options) => watchAccessPoints(options as never),
};

const WAITS: Readonly<Record<string, (options: unknown) => Promise<unknown>>> = {
  waitFor: (options) => waitFor("eth0", "up", options as never),
  waitForAll: (options) => waitForAll(["eth0"], "up", options as never),
  waitForAny: (options) => waitForAny(["eth0"], "up", options as never),
};

/** What a call refuses with; fails if it does not, or if something is left open. */
async function refusal(options: unknown, name: string): Promise<string> {
  using system = new FakeSystem();
  system.set({ name: "eth0" });
  const wait = WAITS[name];
  const error = wait === undefined
    ? assertThrows(() => CALLS[name]!(options), InvalidInputError)
    : await assertRejects(() => wait(options), InvalidInputError);
  assertEquals(system.subscriptions, 0, name);
  return error.message;
}

Deno.test("options: what is no object is refused, with the key that was meant", async () => {
  for (const name of Object.keys({ ...CALLS, ...WAITS })) {
    for (const [given, shown] of [[null, "null"], [true, "true"], [["x", 1], `["x", 1]`]] as const) {
      const message = await refusal(given, name);
      assertEquals(message.includes(`with ${shown} in place of options: give { `), true, `${name}: ${message}`);
    }
  }
  assertEquals(
    await refusal("eth0", "watch"),
    `Cannot watch interfaces with "eth0" in place of options: give { names: "eth0" }`,
  );
  assertEquals(
    await refusal(["eth0", "eth1"], "list"),
    `Cannot list interfaces with ["eth0", "eth1"] in place of options: give { names: ... }`,
  );
  assertEquals(
    await refusal("blue", "get"),
    `Cannot read an interface with "blue" in place of options: give { netns: "blue" }`,
  );
  assertEquals(await refusal(5000, "waitFor"), "Cannot wait with 5000 in place of options: give { timeout: 5000 }");
  for (const [given, key] of [[AbortSignal.timeout(1000), "signal"], [() => {}, "onTrouble"]] as const) {
    for (const name of ["watch", "watchAccessPoints", "waitFor", "waitForAny"]) {
      const message = await refusal(given, name);
      assertEquals(message.endsWith(`in place of options: give { ${key}: ... }`), true, `${name}: ${message}`);
    }
  }
});

Deno.test("options: an unknown key is refused, with the key that was meant", async () => {
  for (
    const [name, key, meant] of [
      ["watch", "name", "names"],
      ["watch", "intial", "initial"],
      ["watch", "onTroubles", "onTrouble"],
      ["list", "Names", "names"],
      ["list", "kind", "kinds"],
      ["active", "adresses", "addresses"],
      ["get", "netsn", "netns"],
      ["setFlags", "NETNS", "netns"],
      ["waitFor", "timeOut", "timeout"],
      ["waitForAll", "signals", "signal"],
      ["waitForAny", "excludes", "exclude"],
      ["ioctlFlags", "netn", "netns"],
      ["watchAccessPoints", "ontrouble", "onTrouble"],
    ] as const
  ) {
    const message = await refusal({ [key]: undefined }, name);
    assertEquals(
      message.endsWith(`with unknown option "${key}": did you mean "${meant}"?`),
      true,
      `${name}: ${message}`,
    );
  }
  assertEquals(
    await refusal({ hardware: true }, "get"),
    `Cannot read an interface with unknown option "hardware": give netns, routes`,
  );
  assertEquals(
    await refusal({ any: true }, "waitFor"),
    `Cannot wait with unknown option "any": give exclude, kinds, excludeKinds, masterKinds, excludeMasterKinds, types, physical, loopback, timeout, signal, ` +
      `onTrouble, addresses, routes, netns`,
  );
  assertEquals((await refusal({ __proto__: null, toString: 1 }, "list")).includes(`option "toString"`), true);
});

Deno.test("options: a value of another kind is refused, null among them; undefined is none", async () => {
  const wrong = [
    [["names", "exclude", "kinds", "excludeKinds", "masterKinds", "excludeMasterKinds", "types"], [null, 1, true, {}, [
      "eth0",
      1,
    ]], "a text or a list of texts"],
    [["physical", "loopback", "initial", "addresses"], [null, 0, "yes", []], "true or false"],
    [["poll", "settle", "timeout"], [null, -1, -0.5, 2 ** 31, Infinity, NaN, "5", true, {}, 5n], "a time from 0 to"],
    [["settle"], [{ all: -1 }, { all: null }, { all: "5" }, { al: 5 }, { all: 5, each: 5 }, [5]], "a time from 0 to"],
    [["signal"], [null, true, {}, new AbortController()], "an AbortSignal"],
    [["onTrouble"], [null, true, "log", {}], "a function"],
    [["netns"], [null, true, {}, ["blue"]], "a name, a path or a process id"],
  ] as const;
  const takes: Readonly<Record<string, readonly string[]>> = {
    list: [
      "names",
      "exclude",
      "kinds",
      "excludeKinds",
      "masterKinds",
      "excludeMasterKinds",
      "types",
      "physical",
      "loopback",
      "addresses",
      "netns",
    ],
    watch: ["names", "types", "loopback", "initial", "addresses", "poll", "settle", "signal", "onTrouble", "netns"],
    waitFor: ["exclude", "kinds", "physical", "timeout", "signal", "onTrouble", "netns"],
    waitForAll: ["timeout", "signal"],
    waitForAny: ["timeout", "onTrouble"],
    inspect: ["netns"],
    ioctlFlags: ["netns"],
    watchAccessPoints: ["signal", "onTrouble", "netns"],
  };
  for (const [name, keys] of Object.entries(takes)) {
    for (const [kinds, values, what] of wrong) {
      for (const key of kinds.filter((one) => keys.includes(one))) {
        for (const value of values) {
          const message = await refusal({ [key]: value }, name);
          assertEquals(message.includes(` with ${key} `) && message.includes(`: give ${what}`), true, message);
        }
      }
    }
  }
  using system = new FakeSystem();
  system.set({ name: "eth0", flags: 0x1003 });
  const nothing = Object.fromEntries(takes.list!.map((key) => [key, undefined]));
  assertEquals([list(nothing).length, get("eth0", { netns: undefined })?.name], [1, "eth0"]);
  watch(Object.fromEntries(takes.watch!.map((key) => [key, undefined]))).close();
  const waiting = Object.fromEntries(takes.waitFor!.map((key) => [key, undefined]));
  assertEquals((await waitFor("eth0", "up", waiting)).name, "eth0");
});

Deno.test("options: a name that is no text, flags that are no object and a platform that is none are refused", () => {
  using system = new FakeSystem();
  system.set({ name: "eth0" });
  for (const name of [undefined, null, true, {}, ["eth0"]]) {
    const text = name as string;
    for (
      const call of [
        () => get(text),
        () => inspect(text),
        () => setFlags(text, { up: true }),
        () => setOperState(text, "up"),
        () => setLinkMode(text, "default"),
        () => ioctlFlags(text),
      ]
    ) {
      assertThrows(call, InvalidInputError, "give the name of an interface");
    }
  }
  for (const changes of [undefined, null, "up", 1]) {
    assertThrows(() => setFlags("eth0", changes as never), InvalidInputError, "give { up: true }");
  }
  for (const platform of ["Linux", "linus"] as unknown as "linux"[]) {
    for (
      const call of [
        () => flagNames(1, platform),
        () => formatFlags(1, platform),
        () => parseFlags("UP", platform),
        () => flagTable(platform),
        () => fakeStatus({ name: "eth0" }, platform),
        () => new FakeSystem({ platform }),
      ]
    ) {
      assertThrows(call, InvalidInputError, `Unknown platform "${platform}": did you mean "linux"?`);
    }
  }
  for (const none of [null, 1, "", "toString", "windows"]) {
    const message = "give one of linux, netbsd";
    assertThrows(() => flagNames(1, none as "linux"), InvalidInputError, message);
  }
});

still("options: a status has the default routes only where the call asks for them", async () => {
  using system = new FakeSystem();
  system.plug("eth0");
  system.up("eth0");
  system.addRoute("eth0", "0.0.0.0/0");
  const read = async (options: { readonly routes?: boolean | undefined }) => {
    await using watcher = watch({ ...options, initial: true });
    const statuses = [
      list(options)[0],
      active(options)[0],
      get("eth0", options),
      (await watcher.next()).value?.status,
      watcher.interfaces()[0],
      await waitFor("eth0", "connected", options),
      await waitFor("eth0", () => true, options),
      (await waitForAll(["eth0"], "up", options))[0],
    ];
    return new Set(statuses.map((status) => status?.defaultRoute?.join()));
  };
  assertEquals(await read({ routes: true }), new Set(["inet"]));
  for (const options of [{}, { routes: undefined }, { routes: false }]) {
    assertEquals(await read(options), new Set([undefined]));
  }
  assertEquals((await waitForAny(["eth0"], ["up", "default-route"])).defaultRoute, ["inet"]);
  await assertRejects(
    () => waitFor("eth0", ["up", "default-route"], { routes: false }),
    InvalidInputError,
    `Cannot wait for "default-route" with routes: false: leave that out`,
  );
});

Deno.test("options: a fake system refuses capabilities and fields that there are not", () => {
  for (
    const [capabilities, message] of [
      ["netbsd", `Cannot make a system with "netbsd" in place of options: give { platform: "netbsd" }`],
      [{ platfrom: "netbsd" }, `unknown option "platfrom": did you mean "platform"?`],
      [{ overflowDetection: 0 }, "with overflowDetection 0: give true or false"],
      [{ events: "none" }, `with events "none": give kernel, partial, poll`],
      [{ silentChanges: "all" }, `with silentChanges "all": give none, while-down, some`],
      [null, "with null in place of options"],
    ] as const
  ) {
    assertThrows(() => new FakeSystem(capabilities as never), InvalidInputError, message);
  }
  using system = new FakeSystem();
  for (
    const [fields, message] of [
      ["eth0", `Cannot set interface "eth0": give { name: "eth0" }`],
      [{ name: "eth0", operstate: "up" }, `unknown option "operstate": did you mean "operState"?`],
      [{ name: "eth0", adresses: [] }, `did you mean "addresses"?`],
      [{ name: "eth0", cable: true }, `unknown option "cable": give index, name, `],
      [{ nmae: "eth0" }, `did you mean "name"?`],
      [{ index: 1 }, "give the name of an interface"],
      [{ name: "eth0", operState: "UP" }, `with operState "UP": give unknown, notpresent, down, `],
      [{ name: "eth0", linkMode: "toString" }, `with linkMode "toString": give default, dormant, testing`],
      [{ name: "eth0", linkState: 4 }, `with linkState 4: give unknown, down, up`],
      [{ name: "eth0", carrier: 1 }, "with carrier 1: give true or false"],
      [{ name: "eth0", flags: "UP" }, `with flags "UP": give a number`],
      [{ name: "eth0", mtu: "1500" }, `with mtu "1500": give a number`],
      [{ name: "eth0", altNames: "wan" }, `with altNames "wan": give a list of texts`],
      [{ name: "eth0", addresses: ["10.0.0.1/24"] }, `with addresses ["10.0.0.1/24"]: give a list of addresses: {`],
      [{ name: "eth0", addresses: [{ ...ADDRESS, flags: undefined }] }, "without flags: give a list of texts"],
      [{ name: "eth0", addresses: [{ ...ADDRESS, family: "ip" }] }, `with family "ip": give inet, inet6`],
      [{ name: "eth0", addresses: [{ ...ADDRESS, prefixLenght: 24 }] }, `"prefixLenght": did you mean "prefixLength"?`],
      [{ name: "eth0", wireless: "ap" }, `with wireless "ap": give { type, ssid, ssidHex, frequency, links }`],
      [{ name: "eth0", wireless: { mode: "ap" } }, "with wireless an object: give { type, ssid,"],
      [{ name: "eth0", wireless: { ssid: 5 } }, "Cannot set a network with ssid 5: give a text"],
      [{ name: "eth0", media: { link: true } }, "Cannot set a medium without active: give a number"],
      [{ name: "eth0", media: { active: "x" } }, `Cannot set a medium with active "x": give a number`],
    ] as const
  ) {
    for (
      const call of [
        () => system.set(fields as never),
        () => system.setSilently(fields as never),
        () => fakeStatus(fields as never),
      ]
    ) {
      assertThrows(call, InvalidInputError, message);
    }
  }
  assertEquals(list(), []);
  system.set({ ...fakeStatus({ name: "eth0" }), mtu: 1400 });
  assertEquals(get("eth0")?.mtu, 1400);
});

Deno.test("options: a fake system's verbs refuse what is no name, and what there is not to say", () => {
  using system = new FakeSystem();
  system.add("eth0");
  for (
    const [call, message] of [
      [() => system.add("eth1", "dummy" as never), `with "dummy" in place of options: give { kind: "dummy" }`],
      [() => system.add("eth1", { knid: "dummy" } as never), `unknown option "knid": did you mean "kind"?`],
      [() => system.add("eth1", { index: "7" } as never), `with index "7": give a number`],
      [() => system.add({ name: "eth1" } as never), "Cannot add an interface with name an object"],
      [() => system.remove("eth0", 3 as never), "in place of options: give { netnsId: 3 }"],
      [() => system.remove("eth0", { index: 3 } as never), "Cannot move an interface without netnsId: give a number"],
      [() => system.remove("eth0", { netnsid: 3 } as never), `did you mean "netnsId"?`],
      [() => system.rename("eth0", 1 as never), "Cannot rename an interface with name 1: give the name"],
      [() => system.join("eth0", undefined as never), "Cannot join a bridge with name undefined"],
      [() => system.addAddress("eth0", "10.0.0.1/24", "10.0.0.255" as never), "give { broadcast:"],
      [() => system.addAddress("eth0", "10.0.0.1/24", { brd: "10.0.0.255" } as never), `unknown option "brd": give`],
      [() => system.addAddress("eth0", "::1/64", { tentative: 1 } as never), "with tentative 1: give true or false"],
      [() => system.addAddress(7 as never, "10.0.0.1/24"), "Cannot add an address with name 7"],
      [() => system.removeAddress(7 as never, "10.0.0.1"), "Cannot remove an address with name 7"],
      [() => system.confirmAddress(7 as never, "10.0.0.1"), "Cannot confirm an address with name 7"],
      [() => system.plug(7 as never), "Cannot plug an interface with name 7"],
      [() => system.unplug(7 as never), "Cannot unplug an interface with name 7"],
      [() => system.up(7 as never), "Cannot set an interface up with name 7"],
      [() => system.down(7 as never), "Cannot set an interface down with name 7"],
      [() => system.leave(7 as never), "Cannot leave a bridge with name 7"],
      [() => system.startAccessPoint(7 as never, "net"), "Cannot start an access point with name 7"],
      [() => system.stopAccessPoint(7 as never), "Cannot stop an access point with name 7"],
    ] as const
  ) assertThrows(call, InvalidInputError, message);
  assertEquals(list(), [get("eth0")]);
  assertEquals(get("eth0")?.addresses, []);
});

still("options: a status has its addresses from every call alike, unless the call says no", async () => {
  using system = new FakeSystem();
  system.set({ name: "eth0", flags: 0x11043, operState: "up", addresses: [ADDRESS] });
  const read = async (options: { readonly addresses?: boolean | undefined }): Promise<(string | undefined)[]> => {
    await using watcher = watch({ ...options, initial: true });
    const statuses = [
      list(options)[0],
      active(options)[0],
      (await watcher.next()).value?.status,
      watcher.interfaces()[0],
      await waitFor("eth0", "connected", options),
      await waitFor("eth0", () => true, options),
      (await waitForAll(["eth0"], "up", options))[0],
      await waitForAny({ eth0: "running" }, options),
    ];
    return statuses.map((status) => status?.addresses?.map(({ address }) => address).join());
  };
  const all = Array<string>(8).fill(ADDRESS.address);
  for (const options of [{}, { addresses: undefined }, { addresses: true }]) assertEquals(await read(options), all);
  assertEquals(new Set(await read({ addresses: false })), new Set([undefined]));
  for (const status of [get("eth0"), inspect("eth0"), setFlags("eth0", {})]) {
    assertEquals(status?.addresses?.length, 1);
  }
  await using watcher = watch();
  system.set({ name: "eth0", addresses: [] });
  assertEquals((await watcher.next()).value?.changed, ["addresses"]);
  for (const condition of ["ipv4", ["connected", "global-address"], ["up", "ipv6"]] as const) {
    await assertRejects(
      () => waitFor("eth0", condition, { addresses: false }),
      InvalidInputError,
      `with addresses: false: leave that out`,
    );
  }
});
