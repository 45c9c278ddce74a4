/** The program that drops messages in the kernel, run on messages as the kernel runs it. */
import { assert, assertEquals } from "@std/assert";
import type { NameStart } from "../../../../platforms/contract/backend.ts";
import { buildRequest, type RequestAttribute, textPayload } from "../../../../platforms/linux/wire/netlink.ts";
import { compileFilter, filterBytes } from "../../../../platforms/linux/wire/filter.ts";
import * as N from "../../../../platforms/linux/wire/numbers.ts";
import { checkedProgram, runFilter } from "../../../../src/fake/linux/filter.ts";
import { linuxFixtures } from "../../../helpers/fixtures.ts";
import { withSeed } from "../../../helpers/random.ts";

interface Message {
  readonly type?: number;
  readonly index: number;
  readonly family?: number;
  readonly attributes?: readonly RequestAttribute[];
}

function message({ type = N.RTM_NEWLINK, index, family = N.AF_UNSPEC, attributes = [] }: Message): Uint8Array {
  const isLink = type === N.RTM_NEWLINK || type === N.RTM_DELLINK;
  const header = new Uint8Array(isLink ? N.IFINFOMSG_LEN : 8);
  header[0] = family;
  new DataView(header.buffer).setInt32(4, index, true);
  return buildRequest(type, 0, 0, header, attributes);
}

const named = (name: string, ...more: RequestAttribute[]): RequestAttribute[] => [
  [N.IFLA_IFNAME, textPayload(name)],
  [N.IFLA_STATS64, new Uint8Array(200)],
  ...more,
];
const whole = (text: string): NameStart => ({ text, whole: true });
const start = (text: string): NameStart => ({ text, whole: false });

/** Whether each message passes. */
function passed(indexes: Iterable<number>, names: readonly NameStart[], ...messages: readonly Message[]): boolean[] {
  const program = checkedProgram(filterBytes(compileFilter(indexes, names)));
  assert(program !== undefined, "the kernel would refuse it");
  return messages.map((one) => runFilter(program, message(one)) > 0);
}

Deno.test("filter program: the state and the addresses of listed indexes are dropped; their end and other messages pass", () => {
  const types = [N.RTM_NEWLINK, N.RTM_NEWADDR, N.RTM_DELADDR, N.RTM_DELLINK, N.NLMSG_OVERRUN, 24];
  for (const [index, listed] of [[7, true], [0x01020304, true], [8, false], [0x04030201, false]] as const) {
    const messages = types.map((type) => ({ type, index, attributes: named("veth1") }));
    assertEquals(
      passed([7, 0x01020304], [whole("eth0")], ...messages),
      [!listed, !listed, !listed, true, true, true],
      `${index}`,
    );
  }
});

Deno.test("filter program: a name that somebody asked for passes, whole or by its start, of any length", () => {
  const name = "abcdefghijklmno";
  for (let length = 1; length <= 15; length++) {
    const text = name.slice(0, length);
    const other = `${text.slice(0, -1)}!`;
    const names = [text, `${text}x`, other, text.slice(0, -1) || "-", `x${text}`]
      .map((one) => ({ index: 7, attributes: named(one.slice(0, 15)) }));
    const full = length === 15;
    assertEquals(passed([7], [whole("no"), whole(text)], ...names), [true, full, false, false, false], text);
    assertEquals(passed([7], [start(text), whole("no")], ...names), [true, true, false, false, false], text);
  }
  assertEquals(passed([7], [whole(`${name}p`), start(`${name}p`)], { index: 7, attributes: named(name) }), [false]);
  const bytes = { index: 7, attributes: named("\udcff\u00e9") };
  assertEquals(passed([7], [whole("\udcff\u00e9")], bytes), [true]);
  assertEquals(passed([7], [], bytes), [false]);
});

Deno.test("filter program: alternative names pass, and so does what has no name or is too short to look at", () => {
  const alternative: RequestAttribute = [N.IFLA_PROP_LIST | 0x8000, new Uint8Array(8)];
  assertEquals(
    passed(
      [7],
      [whole("eth0")],
      { index: 7, attributes: named("veth1", alternative) },
      { index: 7 },
      { index: 7, attributes: [[N.IFLA_IFNAME, textPayload("v")]] },
    ),
    [true, true, true],
  );
});

Deno.test("filter program: messages of the wireless extensions and of a bridge about its ports never pass", () => {
  const wireless: RequestAttribute = [N.IFLA_WIRELESS, new Uint8Array(24)];
  for (const index of [7, 8]) {
    assertEquals(
      passed(
        [7],
        [whole("eth0")],
        { index, attributes: named("eth0", wireless) },
        { index, family: N.AF_BRIDGE, attributes: named("eth0") },
        { index, family: N.AF_BRIDGE, type: N.RTM_DELLINK, attributes: named("eth0") },
      ),
      [false, false, false],
    );
  }
});

Deno.test("filter program: of any indexes, few and thousands, each is found and no other", () =>
  withSeed((random) => {
    for (const size of [0, 1, 2, 31, 32, 33, 64, 65, 300, 1000, 2800]) {
      const indexes = new Set(Array.from({ length: size }, () => 1 + random.below(size < 100 ? 60 : 0x7fffffff)));
      const length = compileFilter(indexes, [whole("eth0"), start("wl")]).length;
      assert(length <= N.BPF_MAXINSNS, `${size} indexes take ${length} instructions`);
      const asked = [...indexes].flatMap((index) => [index - 1, index, index + 1]).concat(1, 0x7fffffff);
      const messages = asked.map((index) => ({ index, type: random.pick([N.RTM_NEWADDR, N.RTM_NEWLINK]) }))
        .map((one) => ({ ...one, attributes: one.type === N.RTM_NEWLINK ? named("veth1") : [] }));
      assertEquals(passed(indexes, [whole("eth0"), start("wl")], ...messages), asked.map((one) => !indexes.has(one)));
    }
  }));

Deno.test("filter program: captured messages pass by their names and indexes", () => {
  for (const { bytes, says: { index, name, whole: complete, message: type } } of linuxFixtures()) {
    if (type !== "RTM_NEWLINK" || complete !== true || typeof name !== "string") continue;
    const run = (indexes: number[], names: NameStart[]): boolean =>
      runFilter(checkedProgram(filterBytes(compileFilter(indexes, names)))!, bytes) > 0;
    assert(run([Number(index) + 1], []), name);
    assert(run([Number(index)], [whole(name)]), name);
  }
});
