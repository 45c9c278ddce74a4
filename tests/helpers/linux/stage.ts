/** Where verbs are played on the fake system of Linux, and what netflags says of it is held to what is known. */
import type { InterfaceEvent, InterfaceStatus, InterfaceWatcher, StatusField } from "../../../mod.ts";
import { watch } from "../../../mod.ts";
import type { Backend } from "../../../platforms/contract/backend.ts";
import { currentBackend, useBackend } from "../../../platforms/current.ts";
import { setLinkMode, setOperState } from "../../../src/linux.ts";
import { type FakeDevice, FakeSystem } from "../../../src/testing.ts";
import { Clock } from "../../simulation/clock.ts";

/** The real time, for waiting while netflags' own timers stand still. */
export const { setTimeout: realTimeout } = globalThis;

/** Lets everything run that can. */
export function turn(): Promise<void> {
  return new Promise((resolve) => realTimeout(resolve, 0));
}

/** One kernel, with a watcher of all that it says. */
export class Side {
  readonly backend: Backend;
  readonly watcher: InterfaceWatcher;
  events: InterfaceEvent[] = [];

  constructor(backend: Backend) {
    this.backend = backend;
    using _ = useBackend(backend);
    const watcher = this.watcher = watch({ addresses: true });
    void (async () => {
      for await (const event of watcher) this.events.push(event);
    })();
  }

  list(): InterfaceStatus[] {
    return this.backend.list({ addresses: true }).sort((a, b) => a.index - b.index);
  }

  take(): InterfaceEvent[] {
    const { events } = this;
    this.events = [];
    return events;
  }
}

/** The words of `ip` that do the same on a real kernel, or what does it. */
export type Real = string | (() => void);

/** Plays verbs on a fake system. What comes of each step is checked. */
export abstract class Stage implements AsyncDisposable {
  readonly system: FakeSystem = new FakeSystem();
  /** How many events were compared. */
  compared = 0;
  protected readonly fake: Side;
  readonly #clock = new Clock();

  /** `last`: the last index that the kernel has given out. */
  constructor(last: number) {
    this.system.add("lo");
    for (let index = 1; index < last; this.system.remove("probe")) ({ index } = this.system.add("probe"));
    this.fake = new Side(currentBackend());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.fake.watcher.return();
    this.system[Symbol.dispose]();
    this.#clock[Symbol.dispose]();
  }

  /** Does the same elsewhere, and checks what came of it. */
  protected abstract check(what: string, real: Real, made: readonly InterfaceStatus[]): Promise<void>;

  /** One step: the fake's verb, and what it is on a real kernel. `made`: the interfaces that are new with it. */
  async step(what: string, fake: () => void, real: Real, made: readonly InterfaceStatus[] = []): Promise<void> {
    fake();
    await turn(); // the fake's watcher takes each event, as a real one does
    await this.check(what, real, made);
  }

  /** Adds an interface. The real one gets the address of the fake one, or is known by it. */
  async add(name: string, device: FakeDevice, given = true): Promise<void> {
    const { kind, peer, parent, index } = device;
    const made = [this.system.add(name, device), ...peer === undefined ? [] : [this.fake.backend.get(peer)!]];
    const [own = "", others = ""] = made.map(({ hardwareAddress }) => given ? `address ${hardwareAddress}` : "");
    const words = [
      "link add",
      parent === undefined ? "" : `link ${parent}`,
      `name ${name} ${own}`,
      index === undefined ? "" : `index ${index}`,
      `type ${kind}`,
      peer === undefined ? "" : `peer name ${peer} ${others}`,
      kind === "vlan" ? "id 7" : kind === "macvlan" ? "mode bridge" : "",
    ];
    await this.step(`add ${name}`, () => {}, words.join(" ").trim().replace(/ +/g, " "), made);
  }

  /** An interface that a program made, and that is on the fake now. */
  async made(name: string, device: FakeDevice, make: () => void): Promise<void> {
    const status = this.system.add(name, device);
    await this.step(`make ${name}`, () => {}, make, [status]);
  }

  up = (name: string): Promise<void> => this.step(`up ${name}`, () => this.system.up(name), `link set ${name} up`);
  down = (name: string): Promise<void> =>
    this.step(`down ${name}`, () => this.system.down(name), `link set ${name} down`);
  rename = (name: string, to: string): Promise<void> =>
    this.step(`rename ${name}`, () => this.system.rename(name, to), `link set ${name} name ${to}`);
  remove = (name: string): Promise<void> =>
    this.step(`remove ${name}`, () => this.system.remove(name), `link del ${name}`);
  join = (name: string, bridge: string): Promise<void> =>
    this.step(`join ${name}`, () => this.system.join(name, bridge), `link set ${name} master ${bridge}`);
  leave = (name: string): Promise<void> =>
    this.step(`leave ${name}`, () => this.system.leave(name), `link set ${name} nomaster`);
  plug = (name: string): Promise<void> =>
    this.step(`plug ${name}`, () => this.system.plug(name), `link set ${name} carrier on`);
  unplug = (name: string): Promise<void> =>
    this.step(`unplug ${name}`, () => this.system.unplug(name), `link set ${name} carrier off`);
  setMtu = (name: string, mtu: number): Promise<void> =>
    this.step(`mtu ${name}`, () => this.system.set({ name, mtu }), `link set ${name} mtu ${mtu}`);
  setAltNames = (name: string, altNames: readonly string[], line: string): Promise<void> =>
    this.step(`altname ${name}`, () => this.system.set({ name, altNames }), `link property ${line}`);
  setLinkMode = (name: string, mode: "default" | "dormant"): Promise<void> =>
    this.step(`mode ${name}`, () => setLinkMode(name, mode), `link set ${name} mode ${mode}`);
  setOperState = (name: string, state: "up" | "dormant"): Promise<void> =>
    this.step(`state ${name}`, () => setOperState(name, state), `link set ${name} state ${state}`);
  addAddress = (name: string, address: string, broadcast?: string): Promise<void> =>
    this.step(
      `add ${address}`,
      () => this.system.addAddress(name, address, { broadcast, tentative: address.includes(":") }),
      `addr add ${address} ${broadcast === undefined ? "" : `brd ${broadcast} `}dev ${name}`,
    );
  confirmAddress = (name: string, address: string): Promise<void> =>
    this.step(`confirm ${address}`, () => this.system.confirmAddress(name, address), () => {});
  removeAddress = (name: string, address: string): Promise<void> =>
    this.step(`remove ${address}`, () => this.system.removeAddress(name, address), `addr del ${address} dev ${name}`);

  /** Lets netflags find what no message said. */
  async lookAgain(): Promise<void> {
    await this.#clock.pass(3000, turn);
    await this.check("look again", () => {}, []);
  }
}

/** Fields that follow from others, or are other numbers each time. */
const LEFT_OUT: ReadonlySet<StatusField> = new Set<StatusField>([
  "name",
  "index",
  "masterIndex",
  "parentIndex",
  "flagNames",
  "up",
  "running",
  "lowerUp",
  "dormant",
]);

/** Writes events down, a line each, the same ones each time: with names in place of indexes and hardware addresses. */
export class Notes {
  readonly lines: string[] = [];
  readonly #owners = new Map<string, string>();

  add(what: string, events: readonly InterfaceEvent[]): void {
    this.lines.push(`# ${what}`);
    for (const event of events) this.lines.push(this.#line(event));
  }

  #line({ type, status, previous, changed, hiddenFlaps, resync, ...rest }: InterfaceEvent): string {
    const { name, hardwareAddress } = status;
    if (hardwareAddress !== undefined && !this.#owners.has(hardwareAddress)) this.#owners.set(hardwareAddress, name);
    const end = type === "removed";
    const fields = end ? [] : changed.filter((field) => !LEFT_OUT.has(field));
    const moved = "moved" in rest && rest.moved !== undefined ? [`to ${rest.moved.netnsId}`] : [];
    const more = [...previous !== undefined && previous.name !== name ? [`was ${previous.name}`] : [], ...moved];
    if (hiddenFlaps !== 0 && hiddenFlaps !== undefined) more.push(`hidden ${hiddenFlaps}`);
    if (resync) more.push("resync");
    return [type, name, ...more, ...fields.map((field) => `${field}=${this.#text(status, field)}`)].join(" ");
  }

  #text(status: InterfaceStatus, field: StatusField): string {
    const value = status[field];
    if (field === "hardwareAddress") return `${this.#owners.get(String(value)) ?? value}'s`;
    if (field !== "addresses") return Array.isArray(value) ? `[${value.join()}]` : String(value);
    const addresses = status.addresses?.map(({ address, prefixLength, scope, peer, broadcast, label, flags }) =>
      [`${address}/${prefixLength}`, scope, peer, broadcast, label, ...flags].filter((one) => one !== undefined).join(
        ":",
      )
    );
    return `[${addresses?.join()}]`;
  }
}
