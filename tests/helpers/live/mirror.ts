/**
 * Plays the same verbs on the fake system of Linux and on this machine's kernel, and compares what netflags says of
 * both: each event and each list, field by field.
 */
import { assertEquals } from "@std/assert";
import { get, type InterfaceEvent, type InterfaceStatus, NetflagsError } from "../../../mod.ts";
import { mergeEvents } from "../../../src/table/event.ts";
import type { Backend } from "../../../platforms/contract/backend.ts";
import { currentBackend, useBackend } from "../../../platforms/current.ts";
import { Notes, type Real, realTimeout, Side, Stage } from "../linux/stage.ts";
import { clear, ip, run } from "./system.ts";

/** Where to write down what a real kernel said of each play. */
const RECORD = Deno.env.get("NETFLAGS_RECORD");

/** The two kernels. Dispose of it at the end. */
export class Mirror extends Stage {
  readonly #real: Side;
  readonly #notes = new Notes();
  /** Hardware addresses that the real kernel chose, with those that stand for them in the fake. */
  readonly #addresses = new Map<string, string>();
  /** The mtu of lo marks the end of a step. */
  #mtu = 60000;

  private constructor(last: number, real: Backend) {
    super(last); // from now on the timers stand still
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
    const mirror = new Mirror(last, currentBackend());
    try {
      await mirror.#compare("begin");
      return mirror;
    } catch (error) {
      await mirror[Symbol.asyncDispose]();
      throw error;
    }
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    await this.#real.watcher.return();
    await super[Symbol.asyncDispose]();
  }

  protected async check(what: string, real: Real, made: readonly InterfaceStatus[]): Promise<void> {
    {
      using _ = useBackend(this.#real.backend);
      if (typeof real === "string") ip(real);
      else real();
      for (const one of made) this.#know(one);
    }
    await this.#compare(what);
  }

  /** Takes the hardware address that an interface has on the real kernel for that which it has on the fake one. */
  #know({ name, hardwareAddress }: InterfaceStatus): void {
    const real = this.#real.backend.get(name)?.hardwareAddress;
    if (real !== undefined && hardwareAddress !== undefined) this.#addresses.set(real, hardwareAddress);
  }

  /** A question that both must answer alike, or refuse in the same words. */
  ask(what: string, question: () => unknown): void {
    const [real, fake] = [this.#real, this.fake].map(({ backend }) => {
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

  /** Writes down what the real kernel said, and which one it was. */
  record(play: string): void {
    const lines = [`Linux ${/^[\d.]*\d/.exec(Deno.osRelease())?.[0]} ${Deno.build.arch}`, ...this.#notes.lines, ""];
    if (RECORD !== undefined) Deno.writeTextFileSync(`${RECORD}/${play}.txt`, lines.join("\n"));
  }

  /** Waits until both kernels are in the same state and have said all of it, and compares what they said. */
  async #compare(what: string): Promise<void> {
    await this.#eventually(() => assertSame(this.#seen(this.#real.list()), lines(this.fake.list()), what));
    const mtu = ++this.#mtu;
    this.system.set({ name: "lo", mtu });
    ip(`link set lo mtu ${mtu}`);
    const marked = (events: readonly InterfaceEvent[]): boolean => events.at(-1)?.status.mtu === mtu;
    await this.#eventually(() =>
      assertEquals([this.fake, this.#real].map(({ events }) => marked(events)), [true, true])
    );
    const [fake, real] = [this.fake.take(), this.#real.take()];
    this.compared += fake.length;
    // Whether the question about what is left behind comes before or after its own message is a matter of time.
    const [one, other] = what.startsWith("move ") ? [joined(real), joined(fake)] : [real, fake];
    assertSame(this.#seen(one), lines(other), what);
    if (what !== "begin") this.#notes.add(what, fake.slice(0, -1)); // both said the same
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

/** Events with those of one interface that follow each other made into one. */
function joined(events: readonly InterfaceEvent[]): InterfaceEvent[] {
  const all: InterfaceEvent[] = [];
  for (const event of events) {
    const last = all.at(-1);
    const same = last?.type === "changed" && event.type === "changed" && last.status.index === event.status.index;
    const merged = same ? mergeEvents(last, event) : undefined;
    if (merged === undefined) all.push(event);
    else all[all.length - 1] = merged;
  }
  return all;
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
