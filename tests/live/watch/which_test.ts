/** Which of many: waiting for one of 300, and names that begin and stop to match. */
import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { list, waitFor, waitForAny, watch } from "../../../mod.ts";
import { netflags, Running } from "../../helpers/cli/netflags.ts";
import { clear, eventually, ip, ipBatch, linkListeners, liveTest } from "../../helpers/live/system.ts";

const MANY = 300;

async function makeMany(): Promise<void> {
  await ipBatch(Array.from({ length: MANY }, (_, i) => `link add dev en${i} type ifb`));
}

liveTest("live which: of 300 interfaces one comes, which is enough for any; then all of them", async () => {
  try {
    await makeMany();
    const any = waitForAny({ "en*": "connected", "wl*": "present" }, { timeout: 60_000 });
    const command = netflags(["wait", "--any", "en*:connected", "wl*:connected", "--timeout", "60"]);
    const missed = netflags(["wait", "en*", "connected", "--exclude", "en1*,en2*", "--timeout", "1"]);
    const { status, stderr } = await missed;
    assertEquals(status, 124);
    // 300 but for en1, en10 to en19, en100 to en199, and as many of en2
    assertMatch(stderr, /^netflags: Interfaces like "en\*" are not all connected after 1 s: "en0" is down, not/);
    assertMatch(stderr, /; and 70 more: "en30", "en31", .* "en99"\n$/);
    await eventually(() => assertEquals(linkListeners().length, 2), 20_000); // who waits for one of them
    ip("link set en177 up");
    assertEquals((await any)?.name, "en177");
    assertEquals(await command, { status: 0, stdout: "", stderr: "" });
    const all = netflags(["wait", "*", "connected", "--kind", "ifb", "--timeout", "60"]);
    await eventually(() => assertEquals(linkListeners().length, 1), 20_000);
    await ipBatch(Array.from({ length: MANY }, (_, i) => `link set en${i} up`));
    assertEquals((await all).status, 0);
    assertEquals(list({ names: "en[0-9]", kinds: "ifb" }).length, 10);
  } finally {
    clear();
  }
});

liveTest("live which: a name that begins to match joins, and one that stops leaves", async () => {
  try {
    ip("link add dev va type veth peer name vb");
    ip("link add dev i0 type ifb");
    await using running = new Running(["watch", "wan*", "i0", "--kind", "veth,ifb", "--json", "--initial"]);
    assertEquals(JSON.parse(await running.line()).type, "watching");
    assertEquals(JSON.parse(await running.line()).status.name, "i0"); // from here on it tells what comes
    await using watcher = watch({ names: "wan*" });
    const told = async () => {
      const [{ value }, line] = await Promise.all([watcher.next(), running.line()]);
      const event = JSON.parse(line);
      assertEquals([event.type, event.status.name], [value!.type, value!.status.name]);
      return `${value!.type} ${value!.status.name} ${value!.generation}`;
    };
    ip("link set va mtu 1400");
    ip("link set va name wan0");
    assertEquals(await told(), "added wan0 1");
    ip("link set wan0 mtu 1300");
    assertEquals(await told(), "changed wan0 1");
    ip("link set wan0 name va");
    assertEquals(await told(), "left wan0 1");
    ip("link set va up"); // of an interface that is down the kernel tells no alternative names
    ip("link property add dev va altname wan7");
    assertEquals(await told(), "added va 1");
    ip("link del va");
    let last = await told(); // what the kernel tells of the way there comes first
    while (last === "changed va 1") last = await told();
    assertEquals(last, "removed va 1");
  } finally {
    clear();
  }
});

liveTest("live which: run has hooks for who comes and leaves by a name, with that name", async () => {
  try {
    ip("link add dev va type veth peer name vb");
    const hook = 'echo "$NETFLAGS_HOOK $NETFLAGS_INTERFACE $NETFLAGS_EVENT"';
    const words = ["run", "wan*", "--physical", "--on-added", hook]; // a veth is no device: nothing is told
    await using never = new Running(words, ["--allow-ffi", "--allow-run=sh"]);
    await using running = new Running(
      ["run", "wan*", "lo", "--on-added", hook, "--on-removed", hook],
      ["--allow-ffi", "--allow-run=sh"],
    );
    assertEquals(await running.line(), "added lo present"); // from here on it tells what comes
    ip("link set va name wan0");
    assertEquals(await running.line(), "added wan0 added");
    ip("link set wan0 name va");
    assertEquals(await running.line(), "removed wan0 left");
    never.signal("SIGTERM");
    await assertRejects(() => never.line(), Error, "has ended");
  } finally {
    clear();
  }
});

liveTest("live which: the command of the unit waits until one interface has an address", async () => {
  try {
    const unit = Deno.readTextFileSync(new URL("../../examples/netflags-wait-online.service", import.meta.url));
    const [, line] = /^ExecStart=\S+netflags (.*)$/m.exec(unit)!;
    const words = [...line!.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain!);
    const waiting = netflags(words);
    await eventually(() => assertEquals(linkListeners().length, 1), 20_000);
    ip("link add dev enp1s0 type veth peer name far");
    ip("link set far up");
    ip("link set enp1s0 up");
    ip("addr add 192.0.2.1/24 dev enp1s0");
    assertEquals(await waiting, { status: 0, stdout: "", stderr: "" });
  } finally {
    clear();
  }
});

/** The flags of an address of va, as they are told until one of them is there, or none any more. */
async function flagsOf(address: string, last: (flags: readonly string[]) => boolean): Promise<string[]> {
  const told: string[] = [];
  await waitFor("va", (status) => {
    const found = status?.addresses?.find((one) => one.address === address);
    if (found !== undefined) told.push(found.flags.join(","));
    return found !== undefined && last(found.flags);
  }, { timeout: 30_000 });
  return told;
}

liveTest("live which: a tentative address and a duplicate do not count, and a valid one does", async () => {
  try {
    ip("link add dev va type veth peer name vb");
    ip("link set vb up");
    ip("addr add 2001:db8::2/64 dev vb nodad");
    const global = waitFor("va", ["connected", "global-address"], { timeout: 30_000 });
    ip("link set va up");
    const duplicate = flagsOf("2001:db8::2", (flags) => flags.includes("dadfailed"));
    ip("addr add 2001:db8::2/64 dev va");
    assertMatch((await duplicate).at(-1)!, /dadfailed/);
    const { status, stderr } = await netflags(["wait", "va", "global-address", "--timeout", "0"]);
    assertEquals(status, 1);
    assertMatch(stderr, /"va" is up, connected \(up\), with [^\n]*2001:db8::2 [^\n]*dadfailed/);
    const verified = flagsOf("2001:db8::1", (flags) => !flags.includes("tentative"));
    ip("addr add 2001:db8::1/64 dev va");
    assertMatch((await verified)[0]!, /tentative/);
    const { addresses } = (await global)!;
    assertEquals(addresses?.find(({ address }) => address === "2001:db8::1")?.flags.includes("tentative"), false);
    assertEquals((await netflags(["wait", "va:ipv6", "va:global-address", "--timeout", "0"])).status, 0);
    assertEquals((await netflags(["wait", "va:ipv4", "--timeout", "0"])).status, 1);
  } finally {
    clear();
  }
});

liveTest(
  "live which: a port comes and goes with the kind of its master, and the kinds that are excluded are not told",
  async () => {
    try {
      ip("link add v0 type veth peer name v1");
      ip("link add br0 type bridge");
      await using ports = watch({ masterKinds: "bridge" });
      await using others = watch({ excludeKinds: ["veth", "bridge"], excludeMasterKinds: "*", loopback: false });
      const next = async (watcher: typeof ports): Promise<string> => {
        const { value } = await watcher.next();
        return `${value?.type} ${value?.status.name} ${value?.status.master}`;
      };
      ip("link set v0 master br0");
      assertEquals(await next(ports), "added v0 br0");
      assertEquals(ports.interfaces().map(({ name, masterKind }) => [name, masterKind]), [["v0", "bridge"]]);
      ip("link set v0 nomaster");
      assertEquals(await next(ports), "left v0 br0");
      ip("link add i0 type ifb");
      assertEquals(await next(others), "added i0 undefined");
      ip("link set v1 master br0");
      assertEquals(list({ masterKinds: "b*" }).map(({ name }) => name), ["v1"]);
      assertEquals(list({ excludeKinds: ["veth", "bridge"] }).map(({ name }) => name), ["lo", "i0"]);
    } finally {
      clear();
    }
  },
);
