/**
 * Plays the same verbs on the fake system of Linux and on this machine's kernel, and compares what netflags says of
 * both: each event and each list, field by field.
 */
import { assertEquals } from "@std/assert";
import {
  get,
  type InterfaceEvent,
  type InterfaceStatus,
  type InterfaceWatcher,
  NetflagsError,
  watch,
} from "../../mod.ts";
import type { Backend } from "../../platforms/contract/backend.ts";
import { currentBackend, useBackend } from "../../platforms/current.ts";
import { setLinkMode, setOperState } from "../../src/linux.ts";
import { type FakeDevice, FakeSystem } from "../../src/testing.ts";
import { Clock } from "../simulation/clock.ts";
import { clear, ip, run } from "./system.ts";

/** The real time, for waiting for a real kernel while netflags' own timers stand still. */
const { setTimeout: realTimeout } = globalThis;

/** Lets everything run that can. */
function turn(): Promise<void> {
  return new Promise((resolve) => realTimeout(resolve, 0));
}

/** One kernel, with a watcher of all that it says. */
class Side {
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

/** The two kernels. Dispose of it at the end. */
export class Mirror implements AsyncDisposable {
  readonly system: FakeSystem;
  /** How many events were compared. */
  compared = 0;
  readonly #clock = new Clock();
  readonly #fake: Side;
  readonly #real: Side;
  /** Hardware addresses that the real kernel chose, with those that stand for them in the fake. */
  readonly #addresses = new Map<string, string>();
  /** The mtu of lo marks the end of a step. */
  #mtu = 60000;

  /** `last`: the last index that the real kernel has given out. */
  private constructor(last: number) {
    const real = currentBackend();
    this.system = new FakeSystem();
    this.system.add("lo");
    for (let index = 1; index < last; this.system.remove("probe")) ({ index } = this.system.add("probe"));
    this.#fake = new Side(currentBackend());
    this.#real = new Side(real);
  }

  /** Begins with lo alone, in this process's network namespace. */
  static async begin(): Promise<Mirror> {
    run("sysctl", "-wq", "net.ipv6.conf.default.addr_gen_mode=1", "net.ipv6.conf.default.accept_dad=1");
    clear();
    for (const line of ["link set lo down", "addr flush dev lo", "link set lo mtu 65536"]) ip(line);
    ip("link add probe type bridge");
    const last = get("probe")!.index;
    ip("link del probe");
    const mirror = new Mirror(last);
    try {
      await mirror.#compare("begin");
      return mirror;
    } catch (error) {
      await mirror[Symbol.asyncDispose]();
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#fake.watcher.return(), this.#real.watcher.return()]);
    this.system[Symbol.dispose]();
    this.#clock[Symbol.dispose]();
  }

  /** One step: the fake's verb, and what it is on the real kernel. */
  async step(what: string, fake: () => void, real: () => void): Promise<void> {
    fake();
    await turn(); // the fake's watcher takes each event, as the real one does
    using _ = useBackend(this.#real.backend);
    real();
    await this.#compare(what);
  }

  #ip(line: string): () => void {
    return () => void ip(line);
  }

  /** Adds an interface. The real one gets the address of the fake one, or is known by it. */
  async add(name: string, device: FakeDevice, given = true): Promise<void> {
    const made = [this.system.add(name, device), ...device.peer === undefined ? [] : [this.#status(device.peer)]];
    const [own = "", others = ""] = made.map(({ hardwareAddress }) => given ? `address ${hardwareAddress}` : "");
    const { kind, peer, parent, index } = device;
    const words = [
      "link add",
      parent === undefined ? "" : `link ${parent}`,
      `name ${name} ${own}`,
      index === undefined ? "" : `index ${index}`,
      `type ${kind}`,
      peer === undefined ? "" : `peer name ${peer} ${others}`,
      kind === "vlan" ? "id 7" : kind === "macvlan" ? "mode bridge" : "",
    ];
    await this.step(`add ${name}`, () => {}, () => {
      ip(words.join(" ").trim().replace(/ +/g, " "));
      for (const one of made) this.#know(one);
    });
  }

  #status(name: string): InterfaceStatus {
    return this.#fake.backend.get(name)!;
  }

  /** Takes the hardware address that an interface has on the real kernel for that which it has on the fake one. */
  #know({ name, hardwareAddress }: InterfaceStatus): void {
    const real = this.#real.backend.get(name)?.hardwareAddress;
    if (real !== undefined && hardwareAddress !== undefined) this.#addresses.set(real, hardwareAddress);
  }

  /** An interface that a program made, and that is on the fake now. */
  async made(name: string, device: FakeDevice, make: () => void): Promise<void> {
    const status = this.system.add(name, device);
    await this.step(`make ${name}`, () => {}, () => {
      make();
      this.#know(status);
    });
  }

  up = (name: string): Promise<void> =>
    this.step(`up ${name}`, () => this.system.up(name), this.#ip(`link set ${name} up`));
  down = (name: string): Promise<void> =>
    this.step(`down ${name}`, () => this.system.down(name), this.#ip(`link set ${name} down`));
  rename = (name: string, to: string): Promise<void> =>
    this.step(`rename ${name}`, () => this.system.rename(name, to), this.#ip(`link set ${name} name ${to}`));
  remove = (name: string): Promise<void> =>
    this.step(`remove ${name}`, () => this.system.remove(name), this.#ip(`link del ${name}`));
  join = (name: string, bridge: string): Promise<void> =>
    this.step(`join ${name}`, () => this.system.join(name, bridge), this.#ip(`link set ${name} master ${bridge}`));
  leave = (name: string): Promise<void> =>
    this.step(`leave ${name}`, () => this.system.leave(name), this.#ip(`link set ${name} nomaster`));
  plug = (name: string): Promise<void> =>
    this.step(`plug ${name}`, () => this.system.plug(name), this.#ip(`link set ${name} carrier on`));
  unplug = (name: string): Promise<void> =>
    this.step(`unplug ${name}`, () => this.system.unplug(name), this.#ip(`link set ${name} carrier off`));
  setMtu = (name: string, mtu: number): Promise<void> =>
    this.step(`mtu ${name}`, () => this.system.set({ name, mtu }), this.#ip(`link set ${name} mtu ${mtu}`));
  setAltNames = (name: string, altNames: readonly string[], line: string): Promise<void> =>
    this.step(`altname ${name}`, () => this.system.set({ name, altNames }), this.#ip(`link property ${line}`));
  setLinkMode = (name: string, mode: "default" | "dormant"): Promise<void> =>
    this.step(`mode ${name}`, () => setLinkMode(name, mode), this.#ip(`link set ${name} mode ${mode}`));
  setOperState = (name: string, state: "up" | "dormant"): Promise<void> =>
    this.step(`state ${name}`, () => setOperState(name, state), this.#ip(`link set ${name} state ${state}`));
  addAddress = (name: string, address: string, broadcast?: string): Promise<void> =>
    this.step(
      `add ${address}`,
      () => this.system.addAddress(name, address, { broadcast, tentative: address.includes(":") }),
      this.#ip(`addr add ${address} ${broadcast === undefined ? "" : `brd ${broadcast} `}dev ${name}`),
    );
  confirmAddress = (name: string, address: string): Promise<void> =>
    this.step(`confirm ${address}`, () => this.system.confirmAddress(name, address), () => {});
  removeAddress = (name: string, address: string): Promise<void> =>
    this.step(
      `remove ${address}`,
      () => this.system.removeAddress(name, address),
      this.#ip(`addr del ${address} dev ${name}`),
    );

  /** A question that both must answer alike, or refuse in the same words. */
  ask(what: string, question: () => unknown): void {
    const [real, fake] = [this.#real, this.#fake].map(({ backend }) => {
      using _ = useBackend(backend);
      return answerTo(question);
    });
    assertSame(this.#seen([real!]), lines([fake!]), what);
  }

  /** A step that both take, or refuse. Returns whether they took it. */
  async attempt(what: string, fake: () => void, real: () => void): Promise<boolean> {
    const [one, other] = [fake, real].map(succeeds);
    assertEquals(one, other, what);
    await this.#compare(what);
    return one!;
  }

  /** Lets both find what no message said. */
  async lookAgain(): Promise<void> {
    await this.#clock.pass(3000, turn);
    await this.#compare("look again");
  }

  /** Waits until both kernels are in the same state and have said all of it, and compares what they said. */
  async #compare(what: string): Promise<void> {
    await this.#eventually(() => assertSame(this.#seen(this.#real.list()), lines(this.#fake.list()), what));
    const mtu = ++this.#mtu;
    this.system.set({ name: "lo", mtu });
    ip(`link set lo mtu ${mtu}`);
    const marked = (events: readonly InterfaceEvent[]): boolean => events.at(-1)?.status.mtu === mtu;
    await this.#eventually(() =>
      assertEquals([this.#fake, this.#real].map(({ events }) => marked(events)), [true, true])
    );
    const [fake, real] = [this.#fake.take(), this.#real.take()];
    this.compared += fake.length;
    assertSame(this.#seen(real), lines(fake), what);
  }

  /** What the real kernel said, with the hardware addresses of the fake one. */
  #seen(said: readonly object[]): string {
    return lines(said).replace(/[0-9a-f]{2}(:[0-9a-f]{2}){5}/g, (address) => this.#addresses.get(address) ?? address);
  }

  async #eventually(check: () => void): Promise<void> {
    for (const end = performance.now() + 10_000;;) {
      try {
        return check();
      } catch (error) {
        if (performance.now() > end) throw error;
        await new Promise((resolve) => realTimeout(resolve, 5));
      }
    }
  }
}

/** What a question is answered, or refused with. */
function answerTo(question: () => unknown): object {
  try {
    return { answer: question() ?? null };
  } catch (error) {
    if (!(error instanceof NetflagsError)) throw error;
    return { refused: error.name, message: error.message };
  }
}

function succeeds(act: () => void): boolean {
  try {
    act();
    return true;
  } catch {
    return false;
  }
}

/** What is compared of statuses and events, one a line: all but when. */
function lines(said: readonly object[]): string {
  const known = (key: string, value: unknown): unknown =>
    key === "time" || key === "elapsed" ? undefined : value === undefined ? null : value;
  return said.map((one) => JSON.stringify(one, known)).join("\n");
}

/** Shows only what differs: each line has every field of a status or two. */
function assertSame(real: string, fake: string, what: string): void {
  if (real === fake) return;
  const [left, right] = [real, fake].map((said) => said.split("\n").map((line) => flat(JSON.parse(line || "{}"))));
  for (let i = 0; i < Math.max(left!.length, right!.length); i++) {
    const [one, other] = [left![i] ?? {}, right![i] ?? {}];
    const differ = [...new Set([...Object.keys(one), ...Object.keys(other)])].filter((key) => one[key] !== other[key]);
    const only = (all: Record<string, string>) => Object.fromEntries(differ.map((key) => [key, all[key]]));
    assertEquals(only(one), only(other), `${what}: line ${i + 1} of ${left!.length} and ${right!.length}`);
  }
}

/** The fields of an object, and of the objects in it, by their ways. */
function flat(value: unknown, way = ""): Record<string, string> {
  if (typeof value !== "object" || value === null) return { [way]: String(value) };
  return Object.assign({}, ...Object.entries(value).map(([key, one]) => flat(one, `${way}.${key}`)));
}
