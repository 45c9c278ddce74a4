import { assert, assertEquals, assertMatch } from "@std/assert";
import { netflags, Running } from "../cli/netflags.ts";
import { clear, ip, liveTest, sleep } from "./system.ts";

liveTest("live cli: watch tells each change as one object a line, at once", async () => {
  try {
    await using watching = new Running(["watch", "--json", "--initial"]);
    assertEquals(JSON.parse(await watching.line()).type, "present");
    ip("link add dev va type veth peer name vb");
    const first = JSON.parse(await watching.line());
    assertEquals([first.type, first.interface.kind, first.generation], ["added", "veth", 1]);
    watching.signal("SIGTERM");
    assertEquals(await watching.status(), 0);
  } finally {
    clear();
  }
});

liveTest("live cli: SIGINT ends watch with status 0, also while nothing happens", async () => {
  await using watching = new Running(["watch", "--initial"]);
  await watching.line();
  watching.signal("SIGINT");
  assertEquals(await watching.status(), 0);
});

liveTest("live cli: a reader that goes away ends watch quietly, also while nothing happens", async () => {
  await using watching = new Running(["watch", "--initial"]);
  assertMatch(await watching.line(), / lo present: /);
  await watching.hangUp();
  assertEquals(await watching.status(), 0);
});

liveTest("live cli: watch --count ends by itself; --timeline counts from the start", async () => {
  try {
    await using watching = new Running(["watch", "late0", "--count", "1", "--timeline"]);
    await sleep(500);
    ip("link add dev other0 type ifb");
    ip("link add dev late0 type ifb");
    assertMatch(await watching.line(), /^ +\d+\.\d{6} \+\d+\.\d{6} late0 added: down <BROADCAST,NOARP>$/);
    assertEquals(await watching.status(), 0);
  } finally {
    clear();
  }
});

liveTest("live cli: wait returns 0 for an interface that is created later, 124 for one that is not", async () => {
  try {
    const [came, missed] = [
      netflags(["wait", "late0", "running", "--timeout", "10"]),
      netflags(["wait", "never0", "running", "--timeout", "1"]),
    ];
    await sleep(500);
    ip("link add dev late0 type veth peer name late1");
    ip("link set late0 up");
    assertEquals((await missed).status, 124);
    ip("link set late1 up");
    assertEquals((await came).status, 0);
  } finally {
    clear();
  }
});

liveTest("live cli: a reader that sleeps costs no event's truth", async () => {
  try {
    ip("link add dev va type veth peer name vb");
    await using watching = new Running(["watch", "--json", "--initial"]);
    await watching.line();
    for (let i = 0; i < 300; i++) ip(`link set va mtu ${1000 + i}`);
    await sleep(500);
    let last: { interface: { name: string; mtu: number } };
    do last = JSON.parse(await watching.line()); while (last.interface.mtu !== 1299);
    assert(last.interface.name === "va");
  } finally {
    clear();
  }
});

liveTest("live cli: a name cannot forge lines or colours of the output", async () => {
  try {
    ip("link add dev a\x1b[31mb type ifb");
    const { stdout } = await netflags(["list"]);
    assertMatch(stdout, /^a\\x1b\[31mb /m);
    assertEquals(stdout.includes("\x1b"), false);
    const { stderr } = await netflags(["show", "a\nb"]);
    assertMatch(stderr, /^netflags: No such interface: "a\\x0ab"[^\n]*\n$/);
  } finally {
    ip("link del dev a\x1b[31mb"); // ip's own JSON cannot hold such a name
  }
});
