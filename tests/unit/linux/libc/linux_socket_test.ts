/** A netlink socket, call by call, on a C library that answers as a test says. */
import { assertEquals, assertThrows } from "@std/assert";
import { NotPermittedError, SystemError } from "../../../../mod.ts";
import { LOST, NOTHING } from "../../../../platforms/common/drain.ts";
import { EventSocket } from "../../../../platforms/linux/listen/event_socket.ts";
import { buildRequest, textPayload } from "../../../../platforms/linux/wire/netlink.ts";
import { EINTR } from "../../../../platforms/ffi/errno.ts";
import * as N from "../../../../platforms/linux/wire/numbers.ts";
import { NetlinkSocket } from "../../../../platforms/linux/libc/socket.ts";
import { type Received, ScriptedLinux } from "../../../helpers/linux/libc.ts";
import { datagram, doneMessage, errorMessage } from "../../../helpers/linux/messages.ts";

const EPERM = 1;
const ENOMEM = 12;
const EBADF = 9;

const open = (linux: ScriptedLinux): NetlinkSocket => new NetlinkSocket(linux.libc, N.NETLINK_ROUTE, "read interfaces");
const message = (type: number, seq = 0, flags = 0): Uint8Array =>
  buildRequest(type, flags, seq, new Uint8Array(16), []);

Deno.test("linux socket: descriptor 0, which a process without stdin gets, is one", () => {
  const linux = new ScriptedLinux();
  linux.onSocket = () => 0;
  const socket = open(linux);
  assertEquals(socket.fd, 0);
  socket.close();
  assertEquals(linux.closed, [0]);
});

Deno.test("linux socket: what cannot be opened or bound says why, and leaves no descriptor", () => {
  const linux = new ScriptedLinux();
  linux.onSocket = () => -EPERM;
  assertThrows(() => open(linux), NotPermittedError, "Cannot read interfaces: EPERM");
  linux.onSocket = () => 7;
  linux.onBind = () => -ENOMEM;
  assertThrows(() => open(linux), SystemError, "Cannot read interfaces: ENOMEM");
  assertEquals(linux.closed, [7]);
});

Deno.test("linux socket: a kernel without extended acknowledgements or strict checking serves too", () => {
  const linux = new ScriptedLinux();
  const asked: number[][] = [];
  linux.onOption = (...option) => {
    asked.push(option);
    return -92; // ENOPROTOOPT
  };
  open(linux);
  assertEquals(asked, [[N.SOL_NETLINK, N.NETLINK_EXT_ACK, 1], [N.SOL_NETLINK, N.NETLINK_GET_STRICT_CHK, 1]]);
});

Deno.test("linux socket: a receive buffer as root may have it, or as anyone may", () => {
  const linux = new ScriptedLinux();
  const socket = open(linux);
  const asked: number[] = [];
  let refused = 0;
  linux.onOption = (_level, name, bytes) => {
    asked.push(name, bytes);
    return name === N.SO_RCVBUFFORCE ? refused : 0;
  };
  socket.setReceiveBuffer(4096);
  assertEquals(asked.splice(0), [N.SO_RCVBUFFORCE, 4096]);
  refused = -EPERM;
  socket.setReceiveBuffer(4096);
  assertEquals(asked, [N.SO_RCVBUFFORCE, 4096, N.SO_RCVBUF, 4096]);
});

Deno.test("linux socket: a group that is refused is an error, and one that is not is none", () => {
  const linux = new ScriptedLinux();
  const socket = open(linux);
  linux.onOption = (_level, _name, group) => group === 5 ? -EPERM : 0;
  socket.join(1, 9);
  assertThrows(() => socket.join(1, 5), NotPermittedError, "EPERM");
});

Deno.test("linux socket: only whole datagrams of the kernel are taken", () => {
  const linux = new ScriptedLinux();
  const socket = open(linux);
  linux.queue.push(
    { errno: EINTR },
    { from: 4711, bytes: message(99) }, // any process may send
    new Uint8Array(0),
    message(20),
    { length: 131073 }, // more than there is room for
    message(21),
    { errno: N.ENOBUFS },
  );
  const taken: (number | undefined)[] = [];
  const take = (): void => {
    const length = socket.receive();
    taken.push(length > 0 && socket.messages.next() ? socket.messages.type : length);
  };
  for (let i = 0; i < 5; i++) take();
  assertEquals(taken, [20, LOST, 21, LOST, NOTHING]);
  assertEquals(linux.queue.length, 0);
  linux.queue.push(new Uint8Array(0), message(22));
  take();
  assertEquals(taken.at(-1), 22); // an empty one is none, and no end
  linux.queue.push({ length: 131072 });
  assertEquals(socket.receive(), 131072); // as much as there is room for
  linux.queue.push({ errno: EBADF });
  assertThrows(() => socket.receive(), SystemError, "Cannot read interfaces: EBADF");
});

Deno.test("linux socket: 63 interruptions or losses in a row are passed over, the 64th is an error", () => {
  for (const errno of [EINTR, N.ENOBUFS]) {
    const linux = new ScriptedLinux();
    const socket = open(linux);
    /** What is received until there is a message: a loss is told, an interruption is not. */
    const receive = (failures: number): number => {
      linux.queue.push(...new Array<Received>(failures).fill({ errno }), message(20));
      let length = LOST;
      while (length === LOST) length = socket.receive();
      return length;
    };
    for (let i = 0; i < 2; i++) assertEquals(receive(63), 32); // a message between them begins the count anew
    assertThrows(() => receive(64), SystemError, N.ERRNO_NAMES[errno]!);
    assertEquals(socket.receive(), 32);
    assertEquals(receive(63), 32); // and so does the error
  }
});

Deno.test("linux socket: an answer is that of its own request, to its end", () => {
  const linux = new ScriptedLinux();
  const socket = open(linux);
  const types: number[] = [];
  const ask = () => {
    types.length = 0;
    return socket.request(
      (seq) => buildRequest(18, N.NLM_F_REQUEST, seq, new Uint8Array(16), []),
      () => types.push(socket.messages.type),
    );
  };
  const multi = N.NLM_F_MULTI;
  // One message, which is the whole answer; what comes behind is not taken.
  linux.onSend = ({ seq }) => [datagram(message(16, seq), message(17, seq))];
  assertEquals([ask(), types], [{ errno: 0, text: undefined, interrupted: false }, [16]]);
  // Several, in several datagrams, behind the rest of an answer that was given up, with nothing said between.
  linux.onSend = ({ seq }) => [
    datagram(message(90, seq - 1), message(16, seq, multi)),
    datagram(message(N.NLMSG_NOOP, seq, multi), message(17, seq, multi)),
    doneMessage(seq),
  ];
  assertEquals([ask(), types], [{ errno: 0, text: undefined, interrupted: false }, [16, 17]]);
  linux.onSend = ({ seq }) => [message(16, seq, multi | N.NLM_F_DUMP_INTR), doneMessage(seq)];
  assertEquals(ask().interrupted, true);
  linux.onSend = ({ seq }) => [doneMessage(seq, N.NLM_F_DUMP_INTR)];
  assertEquals([ask().interrupted, types], [true, []]);
  linux.onSend = ({ seq }) => [errorMessage(seq, N.ENODEV)];
  assertEquals([ask(), types], [{ errno: N.ENODEV, text: undefined, interrupted: false }, []]);
  const text: [number, Uint8Array] = [N.NLMSGERR_ATTR_MSG, textPayload("Not by index")];
  linux.onSend = ({ seq }) => [
    buildRequest(N.NLMSG_ERROR, N.NLM_F_ACK_TLVS | N.NLM_F_CAPPED, seq, errorMessage(seq, 22).slice(16), [text]),
  ];
  assertEquals(ask(), { errno: 22, text: "Not by index", interrupted: false });
});

Deno.test("linux socket: an answer that is cut off or does not fit, and a request that cannot be sent, are errors", () => {
  const linux = new ScriptedLinux();
  const socket = open(linux);
  const ask = () => socket.request((seq) => buildRequest(18, 1, seq, new Uint8Array(16), []), () => {});
  linux.onSend = ({ seq }) => [message(16, seq, N.NLM_F_MULTI)];
  assertThrows(ask, SystemError, "Cannot read interfaces: EAGAIN (The kernel's answer is not whole: try again)");
  linux.onSend = () => [{ errno: N.ENOBUFS }];
  assertThrows(ask, SystemError, "Cannot read interfaces: ENOBUFS (The kernel's answer did not fit: try again)");
  linux.onSend = () => -EPERM;
  assertThrows(ask, NotPermittedError, "Cannot read interfaces: EPERM");
});

Deno.test("linux event socket: which changes are told is told by what it may join", () => {
  const events = (addresses: boolean, ...refused: readonly number[]) => {
    const linux = new ScriptedLinux();
    const joined: number[] = [];
    linux.onOption = (_level, name, group) => {
      if (name !== N.NETLINK_ADD_MEMBERSHIP) return 0;
      if (refused.includes(group)) return -EPERM;
      joined.push(group);
      return 0;
    };
    return [EventSocket.open(linux.libc, addresses).events, joined];
  };
  assertEquals(events(true), ["kernel", [1, 5, 9]]);
  assertEquals(events(false), ["kernel", [1]]);
  assertEquals(events(true, 9), ["partial", [1, 5]]);
  assertEquals(events(false, 9), ["kernel", [1]]);
  assertEquals(events(true, 1), ["poll", []]);
  assertEquals(events(false, 1), ["poll", []]);
});

Deno.test("linux event socket: what a kernel lacks for a moment is not taken for a refusal", () => {
  const linux = new ScriptedLinux();
  linux.onOption = (_level, name) => name === N.NETLINK_ADD_MEMBERSHIP ? -ENOMEM : 0;
  assertThrows(() => EventSocket.open(linux.libc, true), SystemError, "Cannot watch interfaces: ENOMEM");
  assertEquals(linux.closed.length, 1);
});
