import { BsdBackend } from "../../../platforms/bsd/backend.ts";
import type { SystemNumbers } from "../../../platforms/bsd/systems/layout.ts";
import { RuntimeClock } from "../../../platforms/common/clock.ts";
import type { SubscribeOptions, Subscription } from "../../../platforms/contract/backend.ts";
import type { Capabilities } from "../../../platforms/contract/capabilities.ts";
import type { Clock } from "../../../platforms/contract/clock.ts";
import type { KnownInterface } from "../../../platforms/contract/details.ts";
import { InvalidInputError, noSuchInterface, UnsupportedError } from "../../../platforms/contract/errors.ts";
import type { FlagTable } from "../../../platforms/contract/flag_table.ts";
import type { InterfaceStatus } from "../../../platforms/contract/status.ts";
import type { System } from "../../../platforms/contract/system.ts";
import type { Fake, FakeFields } from "../fake.ts";
import { change, create, wantedOf } from "./changes.ts";
import { FakeBsdKernel, type KernelInterface } from "./kernel.ts";
import { checkNumber } from "./texts.ts";

/** The backend that runs on a BSD, over a kernel in memory. */
export class FakeBsdBackend implements Fake {
  readonly clock: Clock = new RuntimeClock();
  readonly capabilities: Capabilities;
  onSnapshot: (() => void) | undefined;
  closings = 0;
  readonly #complete: System["complete"];
  readonly #numbers: SystemNumbers;
  readonly #kernel: FakeBsdKernel;
  readonly #backend: BsdBackend;
  readonly #open = new Set<SubscribeOptions>();

  constructor({ complete }: System, numbers: SystemNumbers, capabilities: Capabilities) {
    this.capabilities = capabilities;
    this.#complete = complete;
    this.#numbers = { ...numbers, announcements: numbers.announcements && capabilities.announcements };
    this.#kernel = new FakeBsdKernel(this.#numbers, {
      detectsOverflow: capabilities.overflowDetection,
      mute: capabilities.events === "poll",
      version: { layout: 0, addresses: numbers.platform === "netbsd" ? "both" : "new" }, // COMPAT_70 is in GENERIC
    });
    this.#backend = new BsdBackend(this.#numbers, this.#kernel);
  }

  get flags(): FlagTable {
    return this.#backend.flags;
  }

  get subscriptions(): number {
    return this.#open.size;
  }

  list(options: { readonly addresses: boolean }): InterfaceStatus[] {
    return this.#backend.list(options);
  }

  get(nameOrIndex: string | number): InterfaceStatus | undefined {
    return this.#backend.get(nameOrIndex);
  }

  details(nameOrIndex: string | number): KnownInterface[] {
    return this.#backend.details(nameOrIndex);
  }

  setFlags(name: string, set: number, clear: number): void {
    this.#backend.setFlags(name, set, clear);
    this.#reveal(this.#kernel.index(name));
  }

  put(fields: FakeFields, announced: boolean): InterfaceStatus {
    const there = this.#find(fields);
    const before = there && this.get(there.index);
    const status = this.#complete({ ...before, ...fields, index: there?.index ?? fields.index ?? 0 });
    const wanted = wantedOf(this.#numbers, status, fields.addresses);
    let index = there?.index;
    const step = (): void => {
      index ??= create(this.#kernel, wanted, fields.index);
      change(this.#kernel, this.#numbers, index, wanted);
      this.#reveal(index);
    };
    if (announced) step();
    else this.#kernel.silently(step);
    return this.get(index!)!;
  }

  /**
   * The interface to change. It refuses a name that another interface has, and a new name on a system that cannot
   * rename.
   */
  #find({ name, index }: FakeFields): KernelInterface | undefined {
    const named = this.#kernel.find(name);
    if (index === undefined) return named;
    checkNumber(index, 1, 16);
    const there = this.#kernel.at(index);
    if (named !== undefined && named !== there) {
      throw new InvalidInputError(`Cannot make interface "${name}" of index ${index}: it has index ${named.index}`);
    }
    if (there !== undefined && named === undefined && !this.#numbers.told.name) {
      throw new UnsupportedError(
        `Cannot rename interface "${there.name}": ${this.#numbers.platform} cannot rename interfaces; remove it, and set another`,
        { operation: "rename an interface", interfaceName: there.name },
      );
    }
    return there;
  }

  remove(name: string): void {
    const index = this.#kernel.index(name);
    if (index === 0) throw noSuchInterface(name, undefined);
    this.#kernel.destroy(name);
    this.#reveal(index);
  }

  /** If no change may be silent, every watcher looks at the changed interface. */
  #reveal(index: number): void {
    if (this.capabilities.silentChanges === "none") this.#kernel.reveal(index);
  }

  subscribe(options: SubscribeOptions): Subscription {
    const live = this.#backend.subscribe(options);
    this.#open.add(options);
    return {
      events: this.capabilities.events,
      snapshot: () => {
        const statuses = live.snapshot();
        this.onSnapshot?.();
        return statuses;
      },
      drain: (sink, limit) => live.drain(sink, limit),
      pause: (paused) => live.pause(paused),
      close: () => {
        this.#open.delete(options);
        this.closings++;
        return live.close();
      },
    };
  }

  overflow(): void {
    this.#kernel.overflow();
  }

  fail(error: unknown): void {
    for (const { failed } of [...this.#open]) failed(error);
  }
}
