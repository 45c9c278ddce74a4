import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  active,
  get,
  inspect,
  InvalidInputError,
  list,
  setFlags,
  UnsupportedError,
  waitFor,
  watch,
} from "../../../mod.ts";
import { isStranded, NetflagsError, RETURN, SystemError } from "../../../platforms/contract/errors.ts";
import { optional } from "../../../platforms/linux/ask/generic.ts";
import { readNetns } from "../../../platforms/linux/netns/netns.ts";
import { setLinkMode, setOperState, watchAccessPoints } from "../../../src/linux.ts";
import { FakeSystem } from "../../../src/testing.ts";
import { runHere } from "../../helpers/cli/in_process.ts";

Deno.test("netns: a text with a slash is a path, one without a name, and a number a process", () => {
  assertEquals(readNetns("blue"), { text: 'network namespace "blue"', path: "/run/netns/blue", pid: undefined });
  assertEquals(readNetns("123").path, "/run/netns/123");
  assertEquals(readNetns("./blue").path, "./blue");
  assertEquals(readNetns(123), { text: "network namespace of process 123", path: "/proc/123/ns/net", pid: 123 });
  assertEquals(readNetns("/proc/123/ns/net").pid, 123);
  for (const path of ["/proc/0/ns/net", "/proc/123/ns/mnt", "/proc/123/ns/net/", "/x/proc/123/ns/net"]) {
    assertEquals(readNetns(path), { text: `network namespace "${path}"`, path, pid: undefined });
  }
  for (const bad of ["", ".", "..", "a\0b", "/a\0", 0, -1, 1.5, NaN, Infinity, 2 ** 31, null, true, {}]) {
    assertThrows(() => readNetns(bad as string), InvalidInputError, "Cannot enter network namespace");
  }
});

Deno.test("netns: where a system has none, each call says so, and nothing is left open", async () => {
  for (
    const [platform, why] of [
      ["linux", "a system in memory has one alone"],
      ["netbsd", "only a kernel of Linux has them"],
    ] as const
  ) {
    using system = new FakeSystem({ platform });
    system.set({ name: "eth0" });
    const netns = "blue";
    const words = `Cannot enter network namespace "blue" on ${platform}: ${why}`;
    for (
      const call of [
        () => list({ netns }),
        () => active({ netns }),
        () => get("eth0", { netns }),
        () => inspect("eth0", { netns }),
        () => setFlags("eth0", { up: true }, { netns }),
        () => watch({ netns }),
        () => watchAccessPoints({ netns }),
      ]
    ) assertThrows(call, UnsupportedError, words);
    await assertRejects(() => waitFor("eth0", "present", { netns }), UnsupportedError, words);
    assertEquals([get("eth0")?.up, system.subscriptions], [false, 0]);
    for (
      const command of [["list"], ["show", "eth0"], ["watch"], ["wait", "eth0", "up"], ["set", "eth0", "up"], ["ap"]]
    ) {
      const { status, stdout, stderr } = await runHere([...command, "--netns", netns]);
      assertEquals([status, stdout, stderr.includes(words)], [1, "", true], `${command.join(" ")}: ${stderr}`);
    }
  }
  using _ = new FakeSystem();
  assertThrows(() => setOperState("eth0", "up", { netns: 1 }), UnsupportedError);
  assertThrows(() => setLinkMode("eth0", "dormant", { netns: 1 }), UnsupportedError);
});

Deno.test("netns: what cannot be done without is told, also where the rest of an answer could be had", () => {
  const fail = (error: unknown) => () => {
    throw error;
  };
  assertEquals(optional(fail(new NetflagsError("No such thing"))), undefined);
  const stranded = new SystemError("Cannot return", { operation: RETURN });
  assert(isStranded(stranded) && !isStranded(new SystemError("No")) && !isStranded(undefined));
  for (const patient of [false, true]) assertThrows(() => optional(fail(stranded), patient), SystemError, "return");
});
