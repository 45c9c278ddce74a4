/** What the kernel of a BSD is asked, call by call, on a C library that answers as a test says. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { SystemError } from "../../../../mod.ts";
import * as C from "../../../../platforms/bsd/systems/common.ts";
import { SystemKernel } from "../../../../platforms/bsd/ask/kernel.ts";
import { type BsdCalls, BsdLibc } from "../../../../platforms/bsd/libc/libc.ts";
import { SYSTEMS } from "../../../../platforms/bsd/systems/systems.ts";
import { LOST, NOTHING } from "../../../../platforms/common/drain.ts";
import { EINVAL, EMFILE, ENOMEM, ENOTTY } from "../../../helpers/bsd/libc.ts";

/** A C library of which a test says what each call does; an answer below 0 is the negative of an error number. */
class ScriptedLibc implements BsdCalls {
  onSocket = (): number => 3;
  onOption = (_name: number, _value: Uint8Array): number => 0;
  onRead = (_buffer: Uint8Array): number => 0;
  onWrite = (bytes: Uint8Array): number => bytes.length;
  onWait = (_milliseconds: number): boolean => false;
  readonly table = 0;
  onIoctl = (_request: number, _argument: DataView): number => 0;
  onSysctl = (_mib: readonly number[], _buffer: Uint8Array | null): number => 0;
  readonly closed: number[] = [];
  readonly poller: BsdCalls["poller"] = {
    add: () => ({ pause: () => {}, close: () => Promise.resolve(), release: () => {} }),
  };
  #errno = 0;

  readonly errno = (): number => this.#errno;
  errorText = (errno: number): string => `error ${errno}`;
  socket = (): number => this.#result(this.onSocket());
  setOption = (_fd: number, _level: number, name: number, value: Uint8Array): number =>
    this.#result(this.onOption(name, value));
  read = (_fd: number, buffer: Uint8Array): number => this.#result(this.onRead(buffer));
  write = (_fd: number, bytes: Uint8Array): number => this.#result(this.onWrite(bytes));
  wait = (_fd: number, milliseconds: number): boolean => this.onWait(milliseconds);
  ioctl = (_fd: number, request: number, argument: Uint8Array): number =>
    this.#result(this.onIoctl(request, new DataView(argument.buffer)));
  ioctlWith = (_fd: number, request: number, argument: Uint8Array): number =>
    this.#result(this.onIoctl(request, new DataView(argument.buffer)));
  nameToIndex = (): number => 1;
  sysctl = (mib: readonly number[], buffer: Uint8Array | null): number => this.#result(this.onSysctl(mib, buffer));
  close = (fd: number): void => void this.closed.push(fd);

  #result(value: number): number {
    if (value >= 0) return value;
    this.#errno = -value;
    return -1;
  }
}

const ENOPROTOOPT = 42;
const word = (bytes: Uint8Array): number => new DataView(bytes.buffer).getInt32(0, true);

async function turn(): Promise<void> {
  await new Promise((resolve) => queueMicrotask(() => resolve(undefined)));
}

Deno.test("bsd calls: descriptor 0, which a process without stdin gets, is one", async () => {
  const libc = new ScriptedLibc();
  libc.onSocket = () => 0;
  const kernel = new SystemKernel(SYSTEMS.netbsd, libc);
  await kernel.open().close();
  assertEquals(kernel.flags("lo0"), 0);
  await turn();
  assertEquals(libc.closed, [0, 0]);
});

Deno.test("bsd calls: a receive buffer that the system refuses is asked for by half, and the first that it takes is kept", () => {
  const libc = new ScriptedLibc();
  const asked: number[] = [];
  let most = 0;
  libc.onOption = (name, value) => {
    if (name !== C.SO_RCVBUF) return 0;
    asked.push(word(value));
    return word(value) > most ? -ENOMEM : 0;
  };
  const kernel = new SystemKernel(SYSTEMS.netbsd, libc);
  kernel.open();
  assertEquals(asked, [1 << 20, 1 << 19, 1 << 18, 1 << 17, 1 << 16, 1 << 15, 1 << 14]); // and goes on without
  asked.length = 0;
  most = 1 << 18;
  kernel.open();
  assertEquals(asked, [1 << 20, 1 << 19, 1 << 18]);
});

Deno.test("bsd calls: an overflow tells itself where the kernel takes SO_RERROR, or sends RTM_DESYNC", () => {
  for (
    const [platform, taken, detects] of [
      ["netbsd", true, true],
      ["netbsd", false, false],
      ["freebsd", false, false],
      ["dragonfly", false, false],
      ["openbsd", false, true],
      ["darwin", true, false], // which has no such option: it is not asked
    ] as const
  ) {
    const libc = new ScriptedLibc();
    const { SO_RERROR } = SYSTEMS[platform];
    let asked = 0;
    libc.onOption = (name) => {
      if (name !== SO_RERROR) return 0;
      asked++;
      return taken ? 0 : -ENOPROTOOPT;
    };
    assertEquals(new SystemKernel(SYSTEMS[platform], libc).open().detectsOverflow, detects, platform);
    assertEquals(asked, SO_RERROR === undefined ? 0 : 1);
  }
});

Deno.test("bsd calls: messages of no interest are left out, by NetBSD's list of types and by OpenBSD's mask", () => {
  const filters = (platform: "netbsd" | "openbsd" | "freebsd"): Uint8Array[] => {
    const libc = new ScriptedLibc();
    const found: Uint8Array[] = [];
    libc.onOption = (name, value) => {
      if (name === 1) found.push(value);
      return 0;
    };
    new SystemKernel(SYSTEMS[platform], libc).open();
    return found;
  };
  const [types] = filters("netbsd");
  // RTM_IFANNOUNCE, RTM_IEEE80211, RTM_IFINFO, RTM_NEWADDR, RTM_DELADDR, RTM_CHGADDR, and not those of COMPAT_70
  assertEquals([...types!].sort((a, b) => a - b), [0x10, 0x11, 0x14, 0x16, 0x17, 0x18]);
  const [mask] = filters("openbsd");
  const wanted = [0x0c, 0x0d, 0x0e, 0x0f, 0x10, 0x14, 0x15];
  assertEquals(word(mask!), wanted.reduce((bits, type) => bits | 1 << type, 0));
  assertEquals(filters("freebsd"), []);
});

Deno.test("bsd calls: a read that is interrupted is done again; one that reads nothing found nothing", () => {
  const libc = new ScriptedLibc();
  const answers = [-C.EINTR, -C.EINTR, 24, 0, -C.EAGAIN];
  libc.onRead = () => answers.shift()!;
  const socket = new SystemKernel(SYSTEMS.netbsd, libc).open();
  const buffer = new Uint8Array(64);
  assertEquals([socket.read(buffer), socket.read(buffer), socket.read(buffer)], [24, NOTHING, NOTHING]);
  assertEquals(answers, []);
});

Deno.test("bsd calls: fifteen interruptions or losses in a row are passed over, the sixteenth is an error", () => {
  for (const [errno, code] of [[C.EINTR, "EINTR"], [C.ENOBUFS, "ENOBUFS"]] as const) {
    const libc = new ScriptedLibc();
    let left = 0;
    libc.onRead = () => left-- > 0 ? -errno : 24;
    const socket = new SystemKernel(SYSTEMS.netbsd, libc).open();
    const buffer = new Uint8Array(64);
    /** What is read until there is a message: a loss is told, an interruption is not. */
    const read = (failures: number): number[] => {
      left = failures;
      const lengths: number[] = [];
      do lengths.push(socket.read(buffer)); while (lengths.at(-1) === LOST);
      return lengths;
    };
    for (let i = 0; i < 2; i++) { // a message between them begins the count anew
      assertEquals(read(15), errno === C.EINTR ? [24] : [...new Array(15).fill(LOST), 24]);
    }
    assertThrows(() => read(16), SystemError, code);
    assertEquals(read(15).at(-1), 24); // and so does the error
  }
});

Deno.test("bsd calls: an empty list says nothing of which lists this kernel has", () => {
  const libc = new ScriptedLibc();
  const asked: number[] = [];
  libc.onSysctl = ([, , , , kind, index], buffer) => {
    if (buffer !== null) asked.push(kind!);
    return index === 9 ? 0 : kind === 5 ? 8 : -EINVAL; // NetBSD 7, and an index that nobody has
  };
  const kernel = new SystemKernel(SYSTEMS.netbsd, libc);
  assertEquals(kernel.list(9).length, 0);
  assertEquals(kernel.list(0).length, 8);
  assertEquals(kernel.list(9).length, 0);
  assertEquals(asked, [6, 5, 5]);
});

Deno.test("bsd calls: a list that grows while it is read is asked for eight times at the most", () => {
  const libc = new ScriptedLibc();
  let asked = 0;
  libc.onSysctl = (_, buffer) => {
    if (buffer === null) return 100;
    asked++;
    assert(buffer.length >= 1100, "with room for more than was told");
    return asked === 8 ? 50 : -ENOMEM;
  };
  const kernel = new SystemKernel(SYSTEMS.netbsd, libc);
  assertEquals([kernel.list(0).length, asked], [50, 8]);
  libc.onSysctl = () => (asked++, -ENOMEM);
  asked = 0;
  assertThrows(() => kernel.list(0), SystemError, "ENOMEM");
  assertEquals(asked, 8);
});

Deno.test("bsd calls: the flags above 16 bits stand apart, where a system has them", () => {
  for (
    const [platform, wide] of [["freebsd", true], ["dragonfly", true], ["netbsd", false], ["openbsd", false]] as const
  ) {
    const libc = new ScriptedLibc();
    const kernel = new SystemKernel(SYSTEMS[platform], libc);
    const written: [number, number][] = [];
    libc.onIoctl = (request, argument) => {
      if (request === SYSTEMS[platform].SIOCSIFFLAGS) {
        written.push([argument.getUint16(16, true), argument.getUint16(18, true)]);
        return 0;
      }
      argument.setUint16(16, 0x8843, true);
      argument.setUint16(18, 0x8004, true);
      return 0;
    };
    assertEquals(kernel.flags("em0"), wide ? 0x80048843 : 0x8843, platform);
    kernel.setFlags("em0", 0x80048842);
    assertEquals(written, [[0x8842, wide ? 0x8004 : 0]], platform);
  }
});

Deno.test("bsd calls: the medium is asked for in the newer way first, and its link counts where it is valid", () => {
  const libc = new ScriptedLibc();
  const kernel = new SystemKernel(SYSTEMS.freebsd, libc);
  const { media, mediaRequests: [newer, older] } = SYSTEMS.freebsd;
  const asked: number[] = [];
  const text = "autoselect mode 1";
  const answer = (status: number, refused: readonly number[] = []) => {
    asked.length = 0;
    libc.onIoctl = (request, argument) => {
      asked.push(request);
      assertEquals(new TextDecoder().decode(argument.buffer.slice(0, 4) as ArrayBuffer), "em0\0");
      if (refused.includes(request)) return -ENOTTY;
      argument.setUint32(media.status, status, true);
      argument.setUint32(media.active, 0x10020, true);
      return 0;
    };
    return kernel.media("em0")?.media;
  };
  assertEquals(answer(0x3), { active: 0x10020, link: true, text });
  assertEquals(asked, [newer]);
  assertEquals(answer(0x1), { active: 0x10020, link: false, text });
  assertEquals(answer(0x2), { active: 0x10020, link: undefined, text }); // IFM_ACTIVE without IFM_AVALID
  assertEquals(answer(0x3, [newer!]), { active: 0x10020, link: true, text });
  assertEquals(asked, [newer, older]);
  assertEquals(answer(0x3, [newer!, older!]), undefined);
});

Deno.test("bsd calls: who lets go of the socket for ioctls twice lets go for himself alone", async () => {
  const libc = new ScriptedLibc();
  let last = 2;
  libc.onSocket = () => ++last;
  const kernel = new SystemKernel(SYSTEMS.netbsd, libc);
  const [first, second] = [kernel.open(), kernel.open()];
  kernel.flags("lo0");
  await first.close();
  await first.close();
  await turn();
  assertEquals(libc.closed.includes(5), false); // the second one needs it still
  await second.close();
  await turn();
  assertEquals(libc.closed.includes(5), true);
});

Deno.test("bsd calls: no descriptor for a routing socket is told as that", () => {
  const libc = new ScriptedLibc();
  libc.onSocket = () => -EMFILE;
  assertThrows(() => new SystemKernel(SYSTEMS.netbsd, libc).open(), SystemError, "Cannot watch interfaces: EMFILE");
});

/** NetBSD's calls as this machine's C library has them. What differs in numbers is not asked for. */
const HERE = { ...SYSTEMS.netbsd, libraries: ["libc.so.6"], socketSymbol: "socket", errnoSymbol: "__errno_location" };
const glibc = Deno.build.os === "linux" && Deno.readTextFileSync("/proc/self/maps").includes("libc.so.6");

Deno.test({
  name: "bsd libc: the calls reach a C library, and its poll does not hold up this thread",
  ignore: !glibc,
  fn: async () => {
    const libc = new BsdLibc({ ...HERE, sysctlSymbol: "strerror" });
    assertEquals(libc.errorText(2), "No such file or directory");
    assertEquals(libc.socket(4711, 3), -1);
    assertEquals(libc.errno(), 97); // EAFNOSUPPORT
    const fd = libc.socket(1, 2); // AF_UNIX, SOCK_DGRAM
    assert(fd > 2);
    // F_SETFD: nothing that this process starts inherits it.
    assert(/^flags:\s0?2\d{6}$/m.test(Deno.readTextFileSync(`/proc/self/fdinfo/${fd}`)));
    const ready = Promise.withResolvers<void>();
    const wake = libc.openWake();
    const registration = libc.poller.add(wake.read, () => {
      libc.drainWake(wake);
      ready.resolve();
    }, ready.reject);
    libc.wake(wake);
    await ready.promise;
    await registration.close();
    libc.close(wake.write);
    libc.close(fd);
    assertThrows(() => Deno.readTextFileSync(`/proc/self/fdinfo/${fd}`));
  },
});

Deno.test({
  name: "bsd libc: its clocks are read, and where it has none the runtime's are",
  ignore: !glibc,
  fn: () => {
    const { clock } = new BsdLibc({ ...HERE, sysctlSymbol: "strerror", clockSymbol: "clock_gettime", steadyClock: 1 });
    const before = Date.now();
    assert(clock!.time() > before - 1 && clock!.time() < Date.now() + 1);
    assert(clock!.elapsed() >= 0 && clock!.elapsed() < 60_000);
    assertEquals(new BsdLibc({ ...HERE, sysctlSymbol: "strerror", clockSymbol: "__clock_gettime50" }).clock, undefined);
  },
});
if (!glibc) console.error("SKIPPED: no glibc here, in whose place a BSD's library could be called");

Deno.test("bsd calls: a question about routes is asked on a socket of its own, which hears of answers alone", () => {
  for (const platform of ["netbsd", "openbsd", "freebsd"] as const) {
    const libc = new ScriptedLibc();
    const options: (readonly [number, number[]])[] = [];
    libc.onOption = (name, value) => (options.push([name, [...value]]), 0);
    const questions = new SystemKernel(SYSTEMS[platform], libc).ask();
    const only = platform === "netbsd" ? [4] : [1 << 4, 0, 0, 0]; // RTM_GET
    assertEquals(options, platform === "freebsd" ? [] : [[1, only]]);
    questions.close();
    assertEquals(libc.closed, [3]);
  }
});

Deno.test("bsd calls: an interrupted question is asked again, and a full queue is told apart from an error", () => {
  const libc = new ScriptedLibc();
  const questions = new SystemKernel(SYSTEMS.freebsd, libc).ask();
  let interrupted = 2;
  libc.onWrite = libc.onRead = (bytes) => interrupted-- > 0 ? -C.EINTR : bytes.length;
  assertEquals(questions.send(new Uint8Array(8)), 0);
  interrupted = 2;
  assertEquals(questions.read(new Uint8Array(8)), 8);
  for (const [errno, expected] of [[C.EAGAIN, NOTHING], [C.ENOBUFS, LOST]] as const) {
    libc.onRead = () => -errno;
    assertEquals(questions.read(new Uint8Array(8)), expected);
  }
  libc.onRead = () => -9;
  assertThrows(() => questions.read(new Uint8Array(8)), SystemError, "Cannot read routes: EBADF");
  libc.onWrite = () => -C.ESRCH;
  assertEquals(questions.send(new Uint8Array(8)), C.ESRCH);
});

Deno.test("bsd calls: routes have a socket of their own where the kernel can filter, and OpenBSD leaves out hosts there", () => {
  for (const platform of ["netbsd", "openbsd", "freebsd"] as const) {
    const libc = new ScriptedLibc();
    const options: (readonly [number, number[]])[] = [];
    libc.onOption = (name, value) => name < 16 ? (options.push([name, [...value]]), 0) : 0;
    const socket = new SystemKernel(SYSTEMS[platform], libc).openRoutes();
    assertEquals(socket === undefined, platform === "freebsd");
    const hosts = [0x04, 0x04, 0x61, 0x00]; // HOST, LLINFO, CLONED, LOCAL, BROADCAST
    assertEquals(
      options,
      platform === "netbsd" ? [[1, [1, 2, 3]]] : platform === "openbsd" ? [[1, [14, 0, 0, 0]], [4, hosts]] : [],
    );
    void socket?.close();
  }
  const refusing = new ScriptedLibc();
  refusing.onOption = (name) => name === 1 ? -ENOPROTOOPT : 0;
  assertEquals(new SystemKernel(SYSTEMS.netbsd, refusing).openRoutes(), undefined);
  assertEquals(refusing.closed, [3]);
});
