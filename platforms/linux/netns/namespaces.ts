import type { Backend, Place } from "../../contract/backend.ts";
import type { NetflagsError } from "../../contract/errors.ts";
import type { Netns } from "../../contract/netns.ts";
import type { LinuxLibc } from "../libc/libc.ts";
import { enter, type NetnsName, readNetns, type Stay } from "./netns.ts";
import { NetnsGuard } from "./guard.ts";

/** A network namespace that is in use. */
interface Entered {
  readonly stay: Stay;
  readonly backend: Backend;
  /** By path: two names may stand for one namespace, and one of them may end. */
  readonly guards: Map<string, NetnsGuard>;
  places: number;
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
  enter(netns: Netns): Place {
    const name = readNetns(netns);
    const stay = enter(this.#libc, name);
    let entered = this.#entered.get(stay.key);
    if (entered === undefined) {
      const backend = stay.own ? this.#home : this.#make(stay.libc);
      entered = { stay, backend, guards: new Map(), places: 0 };
      this.#entered.set(stay.key, entered);
    } else stay[Symbol.dispose]();
    return this.#place(entered, name);
  }

  #place(entered: Entered, name: NetnsName): Place {
    const { backend, stay, guards } = entered;
    let open = true;
    let leaveGuard: (() => Promise<void>) | undefined;
    entered.places++;
    const close = async (): Promise<void> => {
      if (!open) return;
      open = false;
      if (--entered.places === 0) {
        this.#keepRefused(backend);
        this.#entered.delete(stay.key);
        stay[Symbol.dispose]();
      }
      await leaveGuard?.();
    };
    return {
      backend,
      onGone: (gone) => {
        if (!open) return;
        let guard = guards.get(name.path);
        if (guard === undefined || guard.over) {
          guards.set(name.path, guard = new NetnsGuard(this.#libc, name, stay.key));
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
