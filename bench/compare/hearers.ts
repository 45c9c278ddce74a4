/**
 * Who hears of changes in Deno. Each prints "ready" when it listens, and at the end a line `MTU NS` for each change that
 * it heard of, then the CPU time that it used since "ready": `cpu self US` and `cpu children US`. It ends after COUNT
 * changes or SILENCE ms of silence, as changes may be merged or lost on the way. changes.c has the same in C.
 */
import { watch } from "../../mod.ts";
import { linuxLibc } from "../../platforms/linux/libc/libc.ts";
import { cpu, libc, now, RUSAGE_CHILDREN, RUSAGE_SELF } from "./libc.ts";

/** How often silence is looked for in its time: seldom, as that costs CPU time too. */
const LOOKS = 4;

class Heard {
  readonly #mtus: number[] = [];
  readonly #times: number[] = [];
  readonly #limit: number;
  #last = -1;
  #cpu = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  ready(): void {
    Deno.stdout.writeSync(new TextEncoder().encode("ready\n"));
    this.#cpu = cpu(RUSAGE_SELF);
  }

  /** Notes a change; true where it was the last one. */
  take(mtu: number): boolean {
    if (mtu !== this.#last && this.#times.length < this.#limit) {
      this.#times.push(now());
      this.#mtus.push(this.#last = mtu);
    }
    return this.#times.length === this.#limit;
  }

  /** Calls back once nothing was heard for a while. */
  whenSilent(ms: number, end: () => void): ReturnType<typeof setInterval> {
    let count = 0;
    let silent = 0;
    return setInterval(() => {
      silent = count === this.#times.length ? silent + 1 : 0;
      count = this.#times.length;
      if (silent >= LOOKS) end();
    }, ms / LOOKS);
  }

  /** What was used until now. */
  used(): number {
    return cpu(RUSAGE_SELF) - this.#cpu;
  }

  report(used: number): void {
    const lines = this.#times.map((time, i) => `${this.#mtus[i]} ${time}`);
    console.log([...lines, `cpu self ${used}`, `cpu children ${cpu(RUSAGE_CHILDREN)}`].join("\n"));
  }
}

/** What a hearer does at its start is over by then. */
function settled(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 500));
}

/** netflags: a watcher of everything, or of the one interface that is looked for. */
export async function hear(name: string, count: number, ms: number, named = false): Promise<void> {
  const heard = new Heard(count);
  const watcher = watch(named ? { names: name } : {});
  await settled();
  heard.ready();
  const silence = heard.whenSilent(ms, () => watcher.close());
  for await (const event of watcher) {
    if (event.status.name !== name || !event.changed.includes("mtu")) continue;
    if (heard.take(event.status.mtu ?? -1)) break;
  }
  clearInterval(silence);
  heard.report(heard.used());
}

// The numbers that the plain socket needs: include/uapi/linux/netlink.h, rtnetlink.h, if_link.h, asm-generic/socket.h
const AF_NETLINK = 16;
const SOCK_RAW_CLOEXEC = 0x80003;
const SOL_SOCKET = 1;
const SO_RCVBUF = 8;
const SO_RCVBUFFORCE = 33;
const SOL_NETLINK = 270;
const NETLINK_ADD_MEMBERSHIP = 1;
const RTNLGRP_LINK = 1;
const RTM_NEWLINK = 16;
const IFLA_IFNAME = 3;
const IFLA_MTU = 4;
const MSG_DONTWAIT = 0x40;
const ROOM = 8 * 1024 * 1024;

function bytesOf(...values: number[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new Int32Array(values).buffer);
}

/** A socket that hears of every link. */
function linkSocket(): number {
  const fd = libc.socket(AF_NETLINK, SOCK_RAW_CLOEXEC, 0);
  const room = bytesOf(ROOM);
  if (libc.setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, room, 4) < 0) libc.setsockopt(fd, SOL_SOCKET, SO_RCVBUF, room, 4);
  if (
    libc.bind(fd, bytesOf(AF_NETLINK, 0, 0), 12) < 0 ||
    libc.setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, bytesOf(RTNLGRP_LINK), 4) < 0
  ) {
    throw new Error("Cannot listen to rtnetlink");
  }
  return fd;
}

/**
 * What netflags' own share of an event is measured by: the same wait, one datagram, and a look at it. There is no state,
 * and nothing is compared or handed on.
 */
export async function wake(name: string, count: number, ms: number): Promise<void> {
  const heard = new Heard(count);
  const fd = linkSocket();
  const u8 = new Uint8Array(new ArrayBuffer(131072));
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const registration = linuxLibc().waiter.add(fd, () => {
    for (;;) {
      const length = libc.recv(fd, u8, 131072n, MSG_DONTWAIT);
      if (length <= 0) return;
      const mtu = mtuOf(u8.buffer, length, name);
      if (mtu !== undefined && heard.take(mtu)) return resolve();
    }
  }, reject);
  await settled();
  heard.ready();
  const silence = heard.whenSilent(ms, resolve);
  await promise;
  clearInterval(silence);
  heard.report(heard.used());
  await registration.close();
}

/**
 * Not netflags, but what a program without it would write: wait by a poll of its own for each event, take one datagram,
 * look at it.
 */
export async function poll(name: string, count: number, ms: number): Promise<void> {
  const heard = new Heard(count);
  const fd = linkSocket();
  const u8 = new Uint8Array(new ArrayBuffer(131072));
  const pollfd = bytesOf(fd, 1); // POLLIN
  await settled();
  heard.ready();
  while (await libc.poll(pollfd, 1n, ms) > 0) {
    const length = libc.recv(fd, u8, 131072n, MSG_DONTWAIT);
    const mtu = length > 0 ? mtuOf(u8.buffer, length, name) : undefined;
    if (mtu !== undefined && heard.take(mtu)) break;
  }
  heard.report(heard.used());
}

/** The mtu that a datagram of one message tells of this interface. */
function mtuOf(buffer: ArrayBuffer, length: number, name: string): number | undefined {
  const view = new DataView(buffer, 0, length);
  if (view.getUint16(4, true) !== RTM_NEWLINK) return undefined;
  for (let at = 32; at + 4 <= length;) {
    const size = view.getUint16(at, true);
    const type = view.getUint16(at + 2, true);
    if (size < 4) return undefined;
    if (type === IFLA_IFNAME) {
      for (let i = 0; i < name.length; i++) if (view.getUint8(at + 4 + i) !== name.charCodeAt(i)) return undefined;
      if (view.getUint8(at + 4 + name.length) !== 0) return undefined;
    }
    if (type === IFLA_MTU) return view.getUint32(at + 4, true);
    at += (size + 3) & ~3;
  }
  return undefined;
}

/** `ip -o monitor link`, read as the author of a script would. */
export async function monitor(name: string, count: number, ms: number): Promise<void> {
  const heard = new Heard(count);
  const child = new Deno.Command("ip", { args: ["-o", "monitor", "link"], stdout: "piped", stderr: "null" }).spawn();
  await settled(); // it says nothing when it listens
  const pattern = new RegExp(`^\\d+: ${name}[:@].* mtu (\\d+)`);
  heard.ready();
  const end = (): void => {
    try {
      child.kill("SIGTERM");
    } catch { /* it has ended */ }
  };
  const silence = heard.whenSilent(ms, end);
  let text = "";
  reading: for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
    const lines = (text + chunk).split("\n");
    text = lines.pop() ?? "";
    for (const line of lines) {
      const mtu = pattern.exec(line)?.[1];
      if (mtu !== undefined && heard.take(Number(mtu))) break reading;
    }
  }
  clearInterval(silence);
  const used = heard.used();
  end();
  await child.status;
  heard.report(used);
}
