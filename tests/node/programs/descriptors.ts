/** What waits for descriptors and tells errno, below watchers. */
import process from "node:process";
import { list, setFlags } from "../../../mod.ts";
import { LOST, NOTHING } from "../../../platforms/common/drain.ts";
import { NetlinkSocket } from "../../../platforms/linux/libc/socket.ts";
import { NETLINK_ROUTE, RTNLGRP_LINK } from "../../../platforms/linux/wire/numbers.ts";
import { LinuxLibc } from "../../../platforms/linux/libc/libc.ts";

const libc = new LinuxLibc(process.env.NETFLAGS_WAIT);

function eventfd(): number {
  const fd = libc.eventfd();
  if (fd < 0) throw new Error("no eventfd");
  return fd;
}

const empty = (fd: number): void => void libc.drainWake({ read: fd, write: fd });
const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

const PROGRAMS: Readonly<Record<string, () => Promise<unknown>>> = {
  /** What is thrown in a callback is told to `failed`, and what is thrown there is an uncaught error like any other. */
  async throwing() {
    const heard: string[] = [];
    process.on("uncaughtException", (error) => heard.push(`uncaught ${error.message}`));
    const fds = [eventfd(), eventfd()];
    const registrations = fds.map((fd, i) =>
      libc.waiter.add(fd, () => {
        empty(fd);
        throw new Error(`ready ${i}`);
      }, (error) => {
        heard.push((error as Error).message);
        throw new Error(`failed ${i}`);
      })
    );
    for (let i = 0; i < 2; i++) {
      for (const fd of fds) libc.notify(fd);
      await turn();
      await turn();
    }
    await Promise.all(registrations.map((registration) => registration.close()));
    return [heard.filter((text) => text.startsWith("ready")).length, heard.some((text) => text.startsWith("uncaught"))];
  },

  /** Promises go on after a callback, though nothing else happens in this process. */
  async microtasks() {
    const fd = eventfd();
    let steps = 0;
    let heard = (): void => {};
    const registration = libc.waiter.add(fd, () => {
      empty(fd);
      heard();
    }, () => {});
    for (let i = 0; i < 3; i++) {
      const next = new Promise<void>((resolve) => heard = resolve);
      libc.notify(fd);
      await next;
      for (let j = 0; j < 100; j++) await Promise.resolve().then(() => steps++);
    }
    await registration.close();
    return steps;
  },

  /** A pause is kept, and what came meanwhile is heard after it; a closed one is not heard again. */
  async pausing() {
    const fd = eventfd();
    let heard = 0;
    const registration = libc.waiter.add(fd, () => {
      heard++;
      empty(fd);
    }, () => {});
    const counts: number[] = [];
    const count = async (): Promise<void> => {
      await turn();
      await turn();
      counts.push(heard);
    };
    libc.notify(fd);
    await count();
    registration.pause(true);
    libc.notify(fd);
    await count();
    registration.pause(false);
    await count();
    libc.notify(fd);
    const gone = registration.close();
    await count();
    await gone;
    return counts;
  },

  /** What is not emptied is heard again; who closes in its own callback is not. */
  async level() {
    const fd = eventfd();
    let heard = 0;
    libc.notify(fd);
    await new Promise<void>((resolve) => {
      const registration = libc.waiter.add(fd, () => {
        if (++heard === 5) void registration.close().then(resolve);
      }, () => {});
    });
    await turn();
    return heard;
  },

  /** A socket that overflowed has an error, after which libuv does not wait any more. */
  async overflow() {
    const socket = new NetlinkSocket(libc, NETLINK_ROUTE, "test");
    socket.join(RTNLGRP_LINK);
    socket.setReceiveBuffer(4096);
    let heard = (_lost: boolean): void => {};
    const registration = socket.listen({
      ready: () => {
        let lost = false;
        for (let length = socket.receive(); length !== NOTHING; length = socket.receive()) lost ||= length === LOST;
        heard(lost);
      },
      failed: () => {},
    });
    const told: boolean[] = [];
    let noarp = list()[0]!.flagNames.includes("NOARP");
    for (const changes of [1, 1000, 1, 1000, 1]) {
      const next = new Promise<boolean>((resolve) => heard = resolve);
      for (let i = 0; i < changes; i++) setFlags("lo", { noarp: noarp = !noarp });
      told.push(await next);
    }
    await registration.close();
    return told;
  },

  /** Every one of many failing calls has its own errno. */
  errno() {
    const { symbols, errno } = libc;
    const [EBADF, EAFNOSUPPORT] = [9, 97];
    let wrong = 0;
    let garbage: unknown;
    for (let i = 0; i < 500_000; i++) {
      if (symbols.close(-1) !== -1 || errno() !== EBADF) wrong++;
      garbage = { garbage: i % 100 === 0 ? undefined : garbage };
      if (symbols.socket(-1, 1, 0) !== -1 || errno() !== EAFNOSUPPORT) wrong++;
    }
    return Promise.resolve(wrong);
  },
};

const result = await PROGRAMS[process.argv[2]!]!();
process.stdout.write(JSON.stringify(result));
