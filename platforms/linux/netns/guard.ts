import { type NetflagsError, SystemError } from "../../contract/errors.ts";
import { bytesOfText } from "../../common/byte_text.ts";
import { uninterrupted } from "../../ffi/errno.ts";
import type { Registration } from "../../ffi/poller.ts";
import type { LinuxLibc } from "../libc/libc.ts";
import { type NetnsName, stillNames } from "./netns.ts";
import * as N from "../wire/numbers.ts";

/** How often to check for changes that no event reports, in milliseconds: a mount that was removed, a folder above. */
const LOOK = 2000;
/** The events that may remove a name, or give it to another namespace. */
const CHANGES = N.IN_CREATE | N.IN_DELETE | N.IN_MOVED_FROM | N.IN_MOVED_TO | N.IN_DELETE_SELF | N.IN_MOVE_SELF;
/** Room for inotify's events, of which none is longer than 272 bytes (inotify(7)). */
const ROOM = 4096;
/** This many reads empty a queue, or reading never ends. */
const READS = 64;

/**
 * Reports when a name no longer stands for its network namespace. A socket in a namespace keeps it alive, and no
 * message says that nobody else uses it any more. So the guard watches the file that stands for it, or the process. If
 * it can watch neither, it checks from time to time, which is enough.
 */
export class NetnsGuard {
  readonly #libc: LinuxLibc;
  readonly #name: NetnsName;
  readonly #key: string;
  /** The callbacks to call, with the name as each caller gave it. */
  readonly #listeners = new Map<(error: NetflagsError) => void, string>();
  readonly #registrations: Registration[] = [];
  readonly #timer: ReturnType<typeof setInterval>;
  #closed: Promise<unknown> | undefined;

  /** `key`: the namespace that the name stood for. */
  constructor(libc: LinuxLibc, name: NetnsName, key: string) {
    this.#libc = libc;
    this.#name = name;
    this.#key = key;
    this.#timer = setInterval(() => this.#look(), LOOK);
    if (name.pid !== undefined) this.#wait(this.#openProcess(name.pid), () => this.#end());
    else {
      const inotify = this.#openFolder(name.path);
      this.#wait(inotify, () => {
        this.#empty(inotify);
        this.#look();
      });
    }
  }

  /** Adds a callback. It is called at once if the name no longer stands for the namespace. */
  add(gone: (error: NetflagsError) => void, text: string): void {
    this.#listeners.set(gone, text);
    this.#look();
  }

  /** Removes a callback. If it was the last one, the promise resolves when nothing is left. */
  async remove(gone: (error: NetflagsError) => void): Promise<void> {
    this.#listeners.delete(gone);
    if (this.#listeners.size === 0) await this.#close();
  }

  /** Whether it has reported the end, or has no callbacks left. */
  get over(): boolean {
    return this.#closed !== undefined;
  }

  #look(): void {
    if (!this.over && stillNames(this.#libc, this.#name, this.#key) === false) this.#end();
  }

  #end(): void {
    const listeners = [...this.#listeners];
    this.#listeners.clear();
    void this.#close();
    const why = this.#name.pid === undefined
      ? "its name was removed, or stands for something else"
      : "the process has left it";
    for (const [gone, text] of listeners) {
      const operation = "watch network namespace";
      gone(new SystemError(`${text[0]!.toUpperCase()}${text.slice(1)} is gone: ${why}`, { operation }));
    }
  }

  async #close(): Promise<void> {
    clearInterval(this.#timer);
    await (this.#closed ??= Promise.all(this.#registrations.map((one) => one.close())));
  }

  #openProcess(pid: number): number {
    return this.#libc.netns.pidfdOpen(N.SYS_PIDFD_OPEN, pid, 0);
  }

  #openFolder(path: string): number {
    const { inotifyInit, inotifyAddWatch } = this.#libc.netns;
    const fd = inotifyInit(N.IN_CLOEXEC | N.IN_NONBLOCK);
    if (fd < 0) return fd;
    const folder = bytesOfText(`${path.slice(0, path.lastIndexOf("/") + 1)}\0`);
    if (inotifyAddWatch(fd, folder, CHANGES | N.IN_ONLYDIR) >= 0) return fd;
    this.#libc.close(fd);
    return -1;
  }

  /**
   * Waits for a descriptor, if there is one. An error of the descriptor does not mean that the namespace ended, so this
   * is checked.
   */
  #wait(fd: number, ready: () => void): void {
    if (fd < 0) return;
    let registration: Registration | undefined;
    const leave = (): void => void registration?.close();
    try {
      registration = this.#libc.waiter.add(fd, ready, leave);
      this.#registrations.push(registration);
    } catch {
      this.#libc.close(fd);
    }
  }

  #empty(fd: number): void {
    const bytes = new Uint8Array(new ArrayBuffer(ROOM));
    const { waiting, errno } = this.#libc;
    for (let i = 0; i < READS; i++) {
      if (uninterrupted(errno, () => waiting.read(fd, bytes, BigInt(ROOM))) > 0) continue;
      if (errno() === N.EAGAIN) return;
      break;
    }
    throw this.#libc.failure({ operation: "watch network namespace" }); // the waiter stops asking it
  }
}
