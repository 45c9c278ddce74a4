import type { Backend, NetnsHandle } from "../../contract/backend.ts";
import type { NetflagsError } from "../../contract/errors.ts";
import type { Netns } from "../../contract/netns.ts";
import type { LinuxLibc } from "../libc/libc.ts";
import { enter, type HeldNetns, type NetnsName, readNetns } from "./netns.ts";
import { NetnsGuard } from "./guard.ts";

/** A network namespace that is in use. */
interface Entered {
  readonly held: HeldNetns;
  readonly backend: Backend;
  /** By path: two names may stand for one namespace, and one of them may end. */
  readonly guards: Map<string, NetnsGuard>;
  users: number;
}

/** The network namespaces in use. Each has one backend, and so one monitor and one socket. */
export class Namespaces {
  readonly #libc: LinuxLibc;
  readonly #home: Backend;
  readonly #make: (libc: LinuxLibc) => Backend;
  readonly #entered = new Map<string, Entered>();
  #refused: readonly NetflagsError[] = [];

  /** `home` reads the namespace of this thread; `make` makes the backend for another one. */
  constructor(libc: LinuxLibc, home: Backend, make: (libc: LinuxLibc) => Backend) {
    this.#libc = libc;
    this.#home = home;
    this.#make = make;
  }

  /** The last permanent refusal there. */
  get refused(): readonly NetflagsError[] {
    for (const { backend } of this.#entered.values()) this.#keepRefused(backend);
    return this.#refused;
  }

  /** Holds one. */
  enter(netns: Netns): NetnsHandle {
    const name = readNetns(netns);
    const held = enter(this.#libc, name);
    let entered = this.#entered.get(held.key);
    if (entered === undefined) {
      const backend = held.own ? this.#home : this.#make(held.libc);
      entered = { held, backend, guards: new Map(), users: 0 };
      this.#entered.set(held.key, entered);
    } else held[Symbol.dispose]();
    return this.#handle(entered, name);
  }

  #handle(entered: Entered, name: NetnsName): NetnsHandle {
    const { backend, held, guards } = entered;
    let open = true;
    let leaveGuard: (() => Promise<void>) | undefined;
    entered.users++;
    const close = async (): Promise<void> => {
      if (!open) return;
      open = false;
      if (--entered.users === 0) {
        this.#keepRefused(backend);
        this.#entered.delete(held.key);
        held[Symbol.dispose]();
      }
      await leaveGuard?.();
    };
    return {
      backend,
      onGone: (gone) => {
        if (!open) return;
        let guard = guards.get(name.path);
        if (guard === undefined || guard.over) {
          guards.set(name.path, guard = new NetnsGuard(this.#libc, name, held.key));
        }
        const guarding = guard;
        leaveGuard = () => {
          const left = guarding.remove(gone);
          if (guarding.over && guards.get(name.path) === guarding) guards.delete(name.path);
          return left;
        };
        guarding.add(gone, name.text);
      },
      close,
      [Symbol.dispose]: () => void close(),
    };
  }

  #keepRefused(backend: Backend): void {
    if (backend !== this.#home && backend.refused?.length) this.#refused = backend.refused;
  }
}
