/** What rtnetlink is asked, and what is made of its answers. */
import { assertEquals, assertThrows } from "@std/assert";
import {
  type InterfaceStatus,
  InvalidInputError,
  NoSuchInterfaceError,
  NotPermittedError,
  SystemError,
} from "../../../../mod.ts";
import { LinuxBackend } from "../../../../platforms/linux/backend.ts";
import {
  buildRequest,
  type RequestAttribute,
  textPayload,
  u32Payload,
} from "../../../../platforms/linux/wire/netlink.ts";
import * as N from "../../../../platforms/linux/wire/numbers.ts";
import { REGISTRY } from "../../../../platforms/registry.ts";
import { Requests } from "../../../../platforms/linux/ask/requests.ts";
import { type Asked, attributeOf, type Received, ScriptedLinux } from "../../../helpers/linux/libc.ts";
import { doneMessage, errorMessage } from "../../../helpers/linux/messages.ts";

const EBUSY = 16;
const EPERM = 1;
const multi = N.NLM_F_MULTI;

function linkMessage(seq: number, index: number, name: string, flags = multi, more: readonly RequestAttribute[] = []) {
  const header = new Uint8Array(new Uint32Array([1 << 16, index, 0x1003, 0]).buffer);
  return buildRequest(N.RTM_NEWLINK, flags, seq, header, [[N.IFLA_IFNAME, textPayload(name)], ...more]);
}

function addressMessage(seq: number, index: number, last: number) {
  const header = Uint8Array.of(N.AF_INET, 24, 0x80, 0, index, 0, 0, 0);
  return buildRequest(N.RTM_NEWADDR, multi, seq, header, [[N.IFA_ADDRESS, Uint8Array.of(10, 0, 0, last)]]);
}

const isDump = ({ flags }: Asked): boolean => (flags & N.NLM_F_DUMP) === N.NLM_F_DUMP;
const headerOf = ({ bytes }: Asked): number[] => [...new Uint32Array(bytes.buffer.slice(16, 32) as ArrayBuffer)];

/** A kernel with these links, whose first dumps say that they were interrupted. */
function kernel(dumps: readonly (readonly string[])[], interrupted = 0): { linux: ScriptedLinux; requests: Requests } {
  const linux = new ScriptedLinux();
  let dump = 0;
  linux.onSend = (asked) => {
    const { seq } = asked;
    if (asked.type !== N.RTM_GETLINK) return [errorMessage(seq, 0)];
    const names = dumps[Math.min(dump, dumps.length - 1)]!;
    if (isDump(asked)) {
      const flags = ++dump <= interrupted ? N.NLM_F_DUMP_INTR : 0;
      return [...names.map((name) => linkMessage(seq, Number(name.slice(3)), name)), doneMessage(seq, flags)];
    }
    const index = headerOf(asked)[1]!;
    return names.includes(`eth${index}`) ? [linkMessage(seq, index, `eth${index}`, 0)] : [errorMessage(seq, N.ENODEV)];
  };
  return { linux, requests: new Requests(linux.libc) };
}

const namesOf = (requests: Requests): string[] => [...requests.links().values()].map(({ name }) => name);

Deno.test("linux requests: a list that changed while it was made is asked for again, until it is whole", () => {
  const { linux, requests } = kernel([["eth1"], ["eth1", "eth2"]], 1);
  assertEquals([namesOf(requests), linux.asked.length], [["eth1", "eth2"], 2]);
  assertEquals([namesOf(requests), linux.asked.length], [["eth1", "eth2"], 3]);
});

Deno.test("linux requests: where it changes all the time, those that the last list skipped are asked for one by one", () => {
  const { linux, requests } = kernel([["eth1"], ["eth1"], ["eth1"], ["eth1", "eth2", "eth3"], ["eth1", "eth3"]], 99);
  assertEquals(namesOf(requests), ["eth1", "eth3"]); // eth2 is gone: it was asked for
  assertEquals(linux.asked.map(isDump), [true, true, true, true, true, false]);
  assertEquals(headerOf(linux.asked.at(-1)!)[1], 2);
  const skipped = kernel([["eth1", "eth2"], ["eth1", "eth2"], ["eth1", "eth2"], ["eth1", "eth2"], ["eth1"]], 5);
  skipped.linux.onSend = ((before) => (asked) => {
    if (isDump(asked)) return before(asked);
    return [linkMessage(asked.seq, 2, "eth2", 0)]; // it is there all the same
  })(skipped.linux.onSend);
  assertEquals(namesOf(skipped.requests), ["eth1", "eth2"]);
});

Deno.test("linux requests: an error of a list is told, and a message of another kind in it is none of a link", () => {
  const linux = new ScriptedLinux();
  const requests = new Requests(linux.libc);
  linux.onSend = ({ seq }) => [errorMessage(seq, EBUSY)];
  assertThrows(() => requests.links(), SystemError, "Cannot list interfaces: EBUSY");
  linux.onSend = ({ seq }) => [
    buildRequest(N.RTM_DELLINK, multi, seq, new Uint8Array(16), []),
    linkMessage(seq, 1, "eth1"),
    doneMessage(seq),
  ];
  assertEquals(namesOf(requests), ["eth1"]);
});

Deno.test("linux requests: one link by index, by name, or by an alternative name that is too long for a name", () => {
  const linux = new ScriptedLinux();
  const requests = new Requests(linux.libc);
  linux.onSend = ({ seq }) => [linkMessage(seq, 3, "eth3", 0)];
  const ask = (nameOrIndex: string | number) => {
    assertEquals(requests.link(nameOrIndex)?.name, "eth3");
    const asked = linux.asked.at(-1)!;
    assertEquals([asked.type, asked.flags], [N.RTM_GETLINK, N.NLM_F_REQUEST]);
    assertEquals(attributeOf(asked, 16, N.IFLA_EXT_MASK), u32Payload(N.RTEXT_FILTER_SKIP_STATS));
    const text = (type: number) => {
      const bytes = attributeOf(asked, 16, type);
      return bytes && new TextDecoder().decode(bytes);
    };
    return [headerOf(asked)[1], text(N.IFLA_IFNAME), text(N.IFLA_ALT_IFNAME)];
  };
  assertEquals(ask(3), [3, undefined, undefined]);
  assertEquals(ask("eth3"), [0, "eth3\0", undefined]);
  assertEquals(ask("fifteen-letters"), [0, "fifteen-letters\0", undefined]);
  assertEquals(ask("sixteen-letters!"), [0, undefined, "sixteen-letters!\0"]);
  linux.onSend = ({ seq }) => [buildRequest(N.RTM_DELLINK, 0, seq, new Uint8Array(16), [])];
  assertEquals(requests.link(3), undefined);
});

Deno.test("linux requests: no such link, and a name that none can have, are no error; another refusal is", () => {
  const linux = new ScriptedLinux();
  const requests = new Requests(linux.libc);
  for (const errno of [N.ENODEV, N.EINVAL]) { // EINVAL: no alternative names before 5.5
    linux.onSend = ({ seq }) => [errorMessage(seq, errno)];
    assertEquals(requests.link("eth9"), undefined);
  }
  linux.onSend = ({ seq }) => [errorMessage(seq, EPERM)];
  assertThrows(() => requests.link("eth9"), NotPermittedError, `Cannot read the state of interface "eth9": EPERM`);
});

const noName = (): undefined => undefined;

Deno.test("linux requests: addresses by interface; of one alone where a kernel before 4.20 tells all", () => {
  const linux = new ScriptedLinux();
  const requests = new Requests(linux.libc);
  linux.onSend = ({ seq }) => [
    addressMessage(seq, 1, 1),
    addressMessage(seq, 2, 2),
    addressMessage(seq, 2, 3),
    buildRequest(N.RTM_NEWADDR, multi, seq, Uint8Array.of(28, 0, 0, 0, 2, 0, 0, 0), []), // of another family
    buildRequest(N.RTM_DELADDR, multi, seq, Uint8Array.of(N.AF_INET, 24, 0, 0, 2, 0, 0, 0), [
      [N.IFA_ADDRESS, Uint8Array.of(10, 0, 0, 9)],
    ]),
    doneMessage(seq),
  ];
  const found = (index: number) =>
    [...requests.addresses(index, noName) ?? []].map(([owner, list]) => [owner, list.map(({ address }) => address)]);
  assertEquals(found(0), [[1, ["10.0.0.1"]], [2, ["10.0.0.2", "10.0.0.3"]]]);
  assertEquals(found(2), [[2, ["10.0.0.2", "10.0.0.3"]]]);
  assertEquals(headerOf(linux.asked.at(-1)!)[1], 2);
  linux.onSend = ({ seq }) => [errorMessage(seq, N.ENODEV)];
  assertEquals(requests.addresses(2, noName), undefined); // that one is gone
  linux.onSend = ({ seq }) => [errorMessage(seq, EBUSY)];
  assertThrows(() => requests.addresses(2, noName), SystemError, "EBUSY");
});

Deno.test("linux requests: a label that only repeats the interface's name is left out, of a list, of one and of the details", () => {
  const addresses = (seq: number) =>
    ["eth0", "eth0:1", "uplink"].map((label, i) =>
      buildRequest(N.RTM_NEWADDR, multi, seq, Uint8Array.of(N.AF_INET, 24, 0x80, 0, 2, 0, 0, 0), [
        [N.IFA_ADDRESS, Uint8Array.of(10, 0, 0, i + 1)],
        [N.IFA_LABEL, textPayload(label)],
      ])
    );
  const { linux, backend } = backendOf(({ type, seq, flags }) =>
    type === N.RTM_GETADDR
      ? [...addresses(seq), doneMessage(seq)]
      : type === N.RTM_GETLINK && (flags & N.NLM_F_DUMP) !== 0
      ? [linkMessage(seq, 2, "eth0"), doneMessage(seq)]
      : undefined
  );
  const labels = (status: InterfaceStatus | undefined) => status?.addresses?.map(({ label }) => label);
  const expected = [undefined, "eth0:1", "uplink"];
  assertEquals(labels(backend.get("eth0")), expected);
  assertEquals(labels(backend.list({ addresses: true })[0]), expected);
  assertEquals(labels(backend.details("eth0")[0]), expected);
  assertEquals(new Requests(linux.libc).addresses(2, noName)?.get(2)?.[0]?.label, "eth0"); // of one without a name
});

Deno.test("linux requests: addresses that change while they are listed are asked for five times at the most", () => {
  const linux = new ScriptedLinux();
  const requests = new Requests(linux.libc);
  let asked = 0;
  let interrupted = 1;
  linux.onSend = (
    { seq },
  ) => [addressMessage(seq, 1, ++asked), doneMessage(seq, asked <= interrupted ? N.NLM_F_DUMP_INTR : 0)];
  assertEquals(requests.addresses(0, noName)?.get(1)?.map(({ address }) => address), ["10.0.0.2"]);
  asked = 0;
  interrupted = 99;
  assertEquals(requests.addresses(0, noName)?.get(1)?.map(({ address }) => address), ["10.0.0.5"]);
});

/** A kernel with lo and one more interface, that answers what `extra` does not. */
function backendOf(extra: (asked: Asked) => readonly Received[] | undefined = () => undefined) {
  const linux = new ScriptedLinux();
  linux.onSend = (asked) => {
    const { seq, type } = asked;
    const answer = extra(asked);
    if (answer !== undefined) return answer;
    const name = attributeOf(asked, 16, N.IFLA_IFNAME);
    const index = headerOf(asked)[1];
    if (type === N.RTM_GETLINK && !isDump(asked)) {
      if (index === 1) return [linkMessage(seq, 1, "br0", 0)];
      if (index === 2 || new TextDecoder().decode(name) === "eth0\0") {
        return [linkMessage(seq, 2, "eth0", 0, [[N.IFLA_MASTER, u32Payload(1)]])];
      }
      return [errorMessage(seq, N.ENODEV)];
    }
    if (type === N.RTM_GETADDR) return [addressMessage(seq, 2, 7), doneMessage(seq)];
    return [errorMessage(seq, type === N.GENL_ID_CTRL ? N.ENOENT : 0)];
  };
  return { linux, backend: new LinuxBackend(() => linux.libc) };
}

Deno.test("linux get: one interface with its master's name and its addresses, of which there may be none", () => {
  const { linux, backend } = backendOf();
  const card = backend.get("eth0");
  assertEquals([card?.master, card?.addresses?.map(({ address }) => address)], ["br0", ["10.0.0.7"]]);
  assertEquals(backend.get(1)?.addresses, []);
  assertEquals([backend.get("eth9"), backend.get(9)], [undefined, undefined]);
  assertEquals(linux.closed.length > 0 && new Set(linux.closed).size === linux.closed.length, true);
  const gone = backendOf(({ type, seq }) => type === N.RTM_GETADDR ? [errorMessage(seq, N.ENODEV)] : undefined);
  assertEquals(gone.backend.get("eth0"), undefined); // it went between two questions
});

Deno.test("linux get: a name that none can have and an index that none can have are refused before anything is asked", () => {
  const { linux, backend } = backendOf();
  for (const none of [0, -1, 1.5, 0x80000000, NaN, "", "eth0\0", "a".repeat(128), "é".repeat(64)]) {
    assertThrows(() => backend.get(none), InvalidInputError, "give a name of 1 to 127 bytes or an index from 1 on");
  }
  assertEquals(linux.asked, []);
  for (const some of [0x7fffffff, "a".repeat(127)]) assertEquals(backend.get(some), undefined);
});

Deno.test("linux set: flags go with a mask of what to change, state and mode as attributes of one byte", () => {
  const { linux, backend } = backendOf();
  const sent = (): unknown[] => {
    const asked = linux.asked.at(-1)!;
    assertEquals([asked.type, asked.flags], [N.RTM_SETLINK, N.NLM_F_REQUEST | N.NLM_F_ACK]);
    const byte = (type: number) => attributeOf(asked, 16, type)?.[0];
    return [...headerOf(asked).slice(1), byte(N.IFLA_OPERSTATE), byte(N.IFLA_LINKMODE)];
  };
  backend.setFlags("eth0", 0x1, 0x80);
  assertEquals(sent(), [2, 0x1, 0x81, undefined, undefined]);
  backend.setLink("eth0", { operState: "dormant" });
  assertEquals(sent(), [2, 0, 0, 5, undefined]);
  backend.setLink("eth0", { linkMode: "dormant" });
  assertEquals(sent(), [2, 0, 0, undefined, 1]);
  backend.setLink("eth0", { operState: "up", linkMode: "default" });
  assertEquals(sent(), [2, 0, 0, 6, 0]);
  assertThrows(() => backend.setFlags("eth9", 1, 0), NoSuchInterfaceError, `"eth9"`);
  assertThrows(() => backend.setFlags("", 1, 0), InvalidInputError);
  const refused = backendOf(({ type, seq }) => type === N.RTM_SETLINK ? [errorMessage(seq, EBUSY)] : undefined);
  assertThrows(
    () => refused.backend.setFlags("eth0", 1, 0),
    SystemError,
    `Cannot set flags of interface "eth0": EBUSY`,
  );
});

Deno.test("linux list: every interface with its addresses; networks are left out where nl80211 cannot be asked", () => {
  const { linux, backend } = backendOf((asked) => {
    if (asked.type !== N.RTM_GETLINK || !isDump(asked)) return undefined;
    return [linkMessage(asked.seq, 1, "br0"), linkMessage(asked.seq, 2, "eth0"), doneMessage(asked.seq)];
  });
  const listed = () =>
    backend.list({ addresses: true }).map(({ name, addresses, wireless }) => [name, addresses?.length, wireless]);
  const whole = [["br0", 0, undefined], ["eth0", 1, undefined]];
  assertEquals(listed(), whole);
  assertEquals(backend.list({ addresses: false }).map(({ addresses }) => addresses), [undefined, undefined]);
  const { onSocket } = linux;
  linux.onSocket = (protocol) => protocol === N.NETLINK_GENERIC ? -24 : onSocket(protocol); // EMFILE
  assertEquals([listed(), backend.get("eth0")?.name], [whole, "eth0"]);
});

Deno.test("linux capabilities: what a current kernel tells", () => {
  assertEquals(REGISTRY.linux.capabilities, {
    platform: "linux",
    flagBits: 32,
    operState: true,
    setOperState: true,
    carrierCounters: true,
    overflowDetection: true,
    events: "kernel",
    announcements: true,
    silentChanges: "while-down",
    accessPoints: false,
    altNames: true,
  });
});
