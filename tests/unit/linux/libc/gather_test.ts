/** Several datagrams by one call: in order, none lost, and one by one where that is not possible. */
import { assert, assertEquals } from "@std/assert";
import { drainQueue, LOST, NOTHING } from "../../../../platforms/common/drain.ts";
import { EINTR } from "../../../../platforms/ffi/errno.ts";
import { NetlinkSocket } from "../../../../platforms/linux/libc/socket.ts";
import { buildRequest } from "../../../../platforms/linux/wire/netlink.ts";
import * as N from "../../../../platforms/linux/wire/numbers.ts";
import { type Received, ScriptedLinux } from "../../../helpers/linux/libc.ts";

const message = (number: number, bytes = 16): Uint8Array =>
  buildRequest(N.RTM_NEWLINK, 0, number, new Uint8Array(bytes), []);
const messages = (from: number, count: number): Uint8Array[] =>
  Array.from({ length: count }, (_, i) => message(from + i));
const numbers = (from: number, count: number): number[] => Array.from({ length: count }, (_, i) => from + i);

/** A socket for events, with what it receives. */
function opened(...queue: readonly Received[]): { linux: ScriptedLinux; socket: NetlinkSocket } {
  const linux = new ScriptedLinux();
  const socket = new NetlinkSocket(linux.libc, N.NETLINK_ROUTE, "watch interfaces");
  linux.queue.push(...queue);
  return { linux, socket };
}

/** Reads as a watcher does: the number of each message, "lost" where some are, and how it ended. */
function drain(socket: NetlinkSocket, limit = 1000): (number | string)[] {
  const seen: (number | string)[] = [];
  const ended = drainQueue(
    (most) => {
      const length = socket.receive(most);
      if (length === LOST) seen.push("lost");
      return length;
    },
    () => {
      while (socket.messages.next()) seen.push(socket.messages.seq);
      return true;
    },
    limit,
  );
  return [...seen, ended];
}

Deno.test("gather: a burst comes in order, up to sixteen by one call, and what is alone comes alone", () => {
  const { linux, socket } = opened(...messages(1, 40));
  assertEquals(drain(socket), [...numbers(1, 40), "empty"]);
  assertEquals(linux.gathered, [16, 16, 6]);
  linux.queue.push(...messages(50, 2));
  assertEquals(drain(socket), [50, 51, "empty"]);
  assertEquals(linux.gathered, [16, 16, 6]); // a burst begins anew after the queue was empty
});

Deno.test("gather: no more are taken than are asked for, and one where nothing is said", () => {
  const { linux, socket } = opened(...messages(1, 9));
  assertEquals(drain(socket, 5), [1, 2, 3, 4, 5, "more"]);
  assertEquals(linux.queue.length, 4);
  assertEquals([linux.gathered, socket.receive() > 0, linux.queue.length], [[3], true, 3]);
  assertEquals(drain(socket), [7, 8, 9, "empty"]);
});

Deno.test("gather: the answer to a request is received one by one, after a burst too", () => {
  const { linux, socket } = opened(...messages(100, 8));
  drain(socket);
  const before = linux.gathered.length;
  linux.onSend = ({ seq }) => [
    ...numbers(0, 5).map(() => buildRequest(N.RTM_NEWLINK, N.NLM_F_MULTI, seq, new Uint8Array(16), [])),
    buildRequest(N.NLMSG_DONE, N.NLM_F_MULTI, seq, new Uint8Array(4), []),
  ];
  let parts = 0;
  socket.request((seq) => buildRequest(N.RTM_GETLINK, 0, seq, new Uint8Array(16), []), () => parts++);
  assertEquals([parts, linux.gathered.length], [5, before]);
});

Deno.test("gather: what another process sent, and what is empty, is passed over wherever it stands", () => {
  const foreign = { from: 4711, bytes: message(99) };
  const { socket } = opened(
    foreign,
    ...messages(1, 3),
    foreign,
    message(4),
    new Uint8Array(),
    foreign,
    message(5),
    foreign,
  );
  assertEquals(drain(socket), [1, 2, 3, 4, 5, "empty"]);
});

Deno.test("gather: one that is too long for its place is one loss; the others come, and then all one by one", () => {
  const { linux, socket } = opened(...messages(1, 4), message(0, 9000), ...messages(5, 30));
  assertEquals(drain(socket), [1, 2, 3, 4, "lost", ...numbers(5, 30), "lost"]);
  assertEquals(linux.gathered, [16]);
  linux.queue.push(...messages(40, 3), message(43, 9000), message(44)); // it fits where it is alone
  assertEquals(drain(socket), [40, 41, 42, 43, 44, "empty"]);
});

Deno.test("gather: a loss in the middle of a burst is told once, between what was before and what is after it", () => {
  const { socket } = opened(...messages(1, 6), { errno: N.ENOBUFS }, ...messages(7, 6));
  assertEquals(drain(socket), [...numbers(1, 6), "lost", ...numbers(7, 6), "lost"]);
});

Deno.test("gather: a call that is interrupted is made again, and one that loses is a loss", () => {
  const { linux, socket } = opened(...messages(1, 20));
  const errnos = [EINTR, EINTR, 0, N.ENOBUFS];
  linux.onGather = () => errnos.shift() ?? 0;
  assertEquals(drain(socket), [...numbers(1, 18), "lost", 19, 20, "lost"]);
});

for (const [errno, what] of [[N.EPERM, "EPERM"], [38, "ENOSYS"], [14, "EFAULT"], [EINTR, "EINTR for ever"]] as const) {
  Deno.test(`gather: where the call fails with ${what}, all come one by one, and it is not made again`, () => {
    const { linux, socket } = opened(...messages(1, 30));
    let calls = 0;
    linux.onGather = () => (calls++, errno);
    assertEquals(drain(socket), [...numbers(1, 30), "empty"]);
    const made = calls;
    assert(made < 100, `${made} calls`);
    linux.queue.push(...messages(31, 30));
    assertEquals([drain(socket), calls], [[...numbers(31, 30), "empty"], made]);
  });
}

Deno.test("gather: a call that says that it received nothing is not made for ever", () => {
  const { linux, socket } = opened(...messages(1, 5));
  linux.gatherer = () => ({ receive: () => 0, lengthOf: () => 0, portOf: () => 0 });
  assertEquals(drain(socket), [1, 2, 3, 4, 5, "empty"]);
  assertEquals(socket.receive(), NOTHING);
});
