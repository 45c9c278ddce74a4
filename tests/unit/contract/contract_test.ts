/** What all platforms share: draining, walking, errors, flags, relations. */
import { assertEquals, assertInstanceOf, assertStrictEquals, assertThrows } from "@std/assert";
import { NetflagsError, NoSuchInterfaceError, NotPermittedError, SystemError, UnsupportedError } from "../../../mod.ts";
import { formatHex } from "../../../platforms/common/address_text.ts";
import { NO_CAPABILITIES } from "../../../platforms/contract/capabilities.ts";
import { drainQueue, LOST, NOTHING, QUEUE_LIMIT } from "../../../platforms/common/drain.ts";
import { isPassing, MalformedMessageError, noSuchInterface, systemError } from "../../../platforms/contract/errors.ts";
import { FlagTable } from "../../../platforms/contract/flag_table.ts";
import { type LinkFacts, nameRelations } from "../../../platforms/contract/status.ts";
import { applyEach, decodeEach } from "../../../platforms/common/walk.ts";
import { useBackend } from "../../../platforms/current.ts";
import { list } from "../../../src/query.ts";
import { knownPlatform, usualPlatform } from "../../../platforms/current.ts";
import { fakeStatus } from "../../../src/testing.ts";
import { FakeSystem } from "../../../src/testing.ts";

/** Drains a queue of these, of which a negative length cannot be decoded. */
function drained(queue: number[], limit: number): [string, number[], number[]] {
  const applied: number[] = [];
  const how = drainQueue(
    () => queue.shift() ?? NOTHING,
    (length) => {
      applied.push(length);
      return length !== 13;
    },
    limit,
  );
  return [how, applied, queue];
}

Deno.test("drain: as many as the limit says, and whether there may be more", () => {
  assertEquals(drained([5, 6, 7], 9), ["empty", [5, 6, 7], []]);
  assertEquals(drained([5, 6, 7], 2), ["more", [5, 6], [7]]);
  assertEquals(drained([5, 6], 2), ["more", [5, 6], []]); // nobody has looked
  assertEquals(drained([], 1), ["empty", [], []]);
});

Deno.test("drain: what is queued behind a loss is read whatever the limit, once", () => {
  assertEquals(drained([5, LOST, 6, 7, 8], 2), ["lost", [5, 6, 7, 8], []]);
  assertEquals(drained([13, 6, 7], 1), ["lost", [13, 6, 7], []]); // what cannot be decoded is as good as lost
  let reads = 0;
  const again = drainQueue(() => (reads++, LOST), () => true, 3);
  assertEquals([again, reads], ["lost", QUEUE_LIMIT]); // the first one, and as many as a queue may hold
  reads = 0;
  assertEquals(drainQueue(() => ++reads < 4 ? 5 : LOST, () => true, 3), "more");
});

const malformed = (): never => {
  throw new MalformedMessageError("Cannot decode: torn");
};

/** A walk of so many messages, which then is over, or torn. */
function walk(count: number, torn = false): { next(): boolean } {
  let left = count;
  return {
    next: () => {
      if (left-- > 0) return true;
      if (torn && left === -1) malformed();
      return false;
    },
  };
}

Deno.test("walk: what cannot be decoded is told with its name where it has one, and the walk goes on", () => {
  let at = 0;
  const decoded = decodeEach(walk(3, true), () => "RTM_NEWLINK", () => ++at === 2 ? malformed() : { message: at });
  assertEquals(decoded, [
    { message: 1 },
    { error: "Cannot decode: torn", of: "RTM_NEWLINK" },
    { message: 3 },
    { error: "Cannot decode: torn" }, // its header is torn
  ]);
  assertEquals(decodeEach(walk(1), () => undefined, malformed), [{ error: "Cannot decode: torn" }]);
  assertThrows(() =>
    decodeEach(walk(1), () => "x", () => {
      throw new TypeError("a mistake of ours");
    }), TypeError);
});

Deno.test("walk: what is applied ends at the first loss", () => {
  const seen: number[] = [];
  const each = (end: number) => (): boolean => seen.push(seen.length) < end;
  assertEquals([applyEach(walk(3), each(9)), seen.splice(0).length], [true, 3]);
  assertEquals([applyEach(walk(3), each(2)), seen.splice(0).length], [false, 2]);
  assertEquals([applyEach(walk(2, true), each(9)), applyEach(walk(1), malformed)], [false, false]);
  assertThrows(() =>
    applyEach(walk(1), () => {
      throw new TypeError("a mistake of ours");
    }), TypeError);
});

Deno.test("errors: each number of a system becomes the class that says what to do", () => {
  const told = (code: string, name?: string, text?: string) => {
    const error = systemError({ operation: "read the state", interfaceName: name, code, privilege: "root", text });
    assertEquals([error.code ?? code, error.name], [code, error.constructor.name]);
    return [error.constructor, error.message];
  };
  const policy = "a sandbox or a security policy refuses it, even to root: allow it there";
  assertEquals(told("EPERM", "eth0", "No"), [
    NotPermittedError,
    `Cannot read the state of interface "eth0": EPERM (No): ${policy}`,
  ]);
  assertEquals(told("EACCES", undefined, ""), [NotPermittedError, `Cannot read the state: EACCES: ${policy}`]);
  for (const code of ["ENODEV", "ENXIO"]) {
    assertEquals(told(code, "eth0"), [
      NoSuchInterfaceError,
      `No such interface: "eth0": netflags list shows those that exist`,
    ]);
    assertEquals(told(code), [SystemError, `Cannot read the state: ${code}`]);
  }
  for (const code of ["EAFNOSUPPORT", "EPROTONOSUPPORT", "EOPNOTSUPP"]) {
    assertEquals(told(code), [UnsupportedError, `Cannot read the state: ${code}: this kernel does not offer it`]);
  }
  for (const code of ["EMFILE", "ENFILE"]) {
    assertEquals(told(code), [
      SystemError,
      `Cannot read the state: ${code}: close descriptors, or raise the limit with ulimit -n`,
    ]);
  }
  assertEquals(told("EBUSY"), [SystemError, "Cannot read the state: EBUSY"]);
  const denied = (code: string, operation: string) =>
    systemError({ operation, code, privilege: "root" }).message.endsWith(": needs root");
  assertEquals([denied("EPERM", "set flags"), denied("EACCES", "set flags"), denied("EPERM", "read settings")], [
    true,
    false,
    false,
  ]);
});

Deno.test("errors: an index that nobody has is named as one; a cause is kept; what may pass is known", () => {
  const error = noSuchInterface(7, "set flags");
  assertEquals([error.message.slice(0, 26), error.interfaceName, error.operation], [
    "No such interface: index 7",
    "7",
    "set flags",
  ]);
  const cause = new Error("why");
  assertStrictEquals(new NetflagsError("Cannot", { cause }).cause, cause);
  assertEquals("cause" in new NetflagsError("Cannot"), false);
  assertInstanceOf(error, NetflagsError);
  const passing = ["EMFILE", "ENFILE", "ENOMEM", "ENOBUFS", "EPERM", "EBADF"].filter((code) =>
    isPassing(new SystemError("Cannot", { code }))
  );
  assertEquals(passing, ["EMFILE", "ENFILE", "ENOMEM", "ENOBUFS"]);
  assertEquals([isPassing(new SystemError("Cannot")), isPassing({ code: "EMFILE" }), isPassing(undefined)], [
    false,
    false,
    false,
  ]);
});

Deno.test("flag table: names by word, lowest first, and what has no name as one number", () => {
  const table = new FlagTable([
    [0x80000000, "TOP", "volatile", "The highest"],
    [0x4, "MIDDLE", "settable", "One between"],
    [0x1, "UP", "settable", "The lowest"],
  ]);
  assertEquals(table.names(0), []);
  assertEquals([table.names(0x5), table.names(0), table.names(0x5)], [["UP", "MIDDLE"], [], ["UP", "MIDDLE"]]);
  assertEquals(table.names(0x80000004), ["MIDDLE", "TOP"]);
  assertEquals([table.names(0x70000001), table.names(0x8)], [["UP", "0x70000000"], ["0x8"]]);
  assertStrictEquals(table.names(0x5), (table.names(0x1), table.names(0x5)));
  assertEquals(Object.isFrozen(table.names(0x5)), true);
  // A hostile stream of words costs no memory without end: after so many, lists are made anew.
  const before = table.names(0x5);
  for (let word = 0x100; word < 0x100 + 1024; word++) table.names(word);
  assertEquals([table.names(0x5) === before, table.names(0x5)], [false, ["UP", "MIDDLE"]]);
  const kept = new FlagTable([[0x1, "UP", "settable", "The lowest"]]);
  const first = kept.names(0x100);
  for (let word = 0x101; word < 0x100 + 1024; word++) kept.names(word);
  assertStrictEquals(kept.names(0x100), first);
  assertEquals([table.find("iff_top")?.bit, table.find("Up")?.settable, table.find("TOP")?.settable], [
    0x80000000,
    true,
    false,
  ]);
  assertEquals([table.find("TOP")?.volatile, table.find("UP")?.volatile, table.find("IFF_")], [true, false, undefined]);
});

Deno.test("relations: a parent's index in another network namespace says nothing of this one's interfaces", () => {
  const others = new Map([[2, { name: "br0", kind: "bridge" }], [3, { name: "eth0", kind: undefined }]]);
  const named = (fields: Partial<LinkFacts>) => {
    const link: LinkFacts = { ...fakeStatus({ name: "vlan7", index: 7 }), master: "old", parent: "old", ...fields };
    nameRelations(link, (index) => others.get(index));
    return [link.master, link.masterKind, link.parent];
  };
  assertEquals(named({ masterIndex: 2, parentIndex: 3 }), ["br0", "bridge", "eth0"]);
  assertEquals(named({ parentIndex: 3, parentNetnsId: 0 }), [undefined, undefined, undefined]);
  assertEquals(named({ masterIndex: 9, parentIndex: 9 }), [undefined, undefined, undefined]);
  assertEquals(named({}), [undefined, undefined, undefined]);
});

Deno.test("contract: a system that netflags does not know offers nothing, and says so", () => {
  assertEquals(NO_CAPABILITIES, {
    platform: undefined,
    flagBits: 16,
    operState: false,
    setOperState: false,
    carrierCounters: false,
    overflowDetection: false,
    events: "poll",
    announcements: false,
    silentChanges: "some",
    accessPoints: false,
    altNames: false,
  });
  using system = new FakeSystem({ platform: "netbsd" });
  assertEquals([usualPlatform(), knownPlatform()], ["netbsd", "netbsd"]);
  system.set({ name: "wm0" });
  const refuse = (): never => {
    throw new UnsupportedError("Cannot read interfaces");
  };
  using _ = useBackend({
    capabilities: NO_CAPABILITIES,
    list: refuse,
    get: refuse,
    setFlags: refuse,
    subscribe: refuse,
  });
  assertEquals(usualPlatform(), "linux");
  assertThrows(() => knownPlatform(), UnsupportedError, "netflags knows linux, netbsd");
  assertThrows(() => list(), UnsupportedError);
});

Deno.test("contract: bytes as hexadecimal, with something between them and not before", () => {
  assertEquals([formatHex(Uint8Array.of(0, 10, 255)), formatHex(Uint8Array.of(0, 10, 255), ":")], [
    "000aff",
    "00:0a:ff",
  ]);
  assertEquals(formatHex(new Uint8Array(0), ":"), "");
});
