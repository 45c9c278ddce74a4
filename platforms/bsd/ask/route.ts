import { ANYWHERE } from "../../common/address_text.ts";
import { clockOf } from "../../common/clock.ts";
import { NOTHING } from "../../common/drain.ts";
import type { Clock } from "../../contract/clock.ts";
import {
  isPassing,
  MalformedMessageError,
  NetflagsError,
  noSuchInterface,
  type SystemError,
  systemError,
  UnsupportedError,
} from "../../contract/errors.ts";
import type { DefaultRoutes, IpAddress, Route } from "../../contract/route.ts";
import type { LinkFacts } from "../../contract/status.ts";
import type { RouteQuestions } from "../libc/route_socket.ts";
import * as C from "../systems/common.ts";
import type { RouteHeader, RouteLayout, SystemNumbers } from "../systems/layout.ts";
import { type BsdRouteFacts, hasScope, RouteReader } from "../wire/route.ts";
import type { RouteKernel } from "./kernel.ts";

/** The errors that mean that a packet would go nowhere. */
const NOWHERE: readonly number[] = [C.ESRCH, C.ENETUNREACH, C.EHOSTUNREACH];
/** Those of a kernel without IPv6, or of a policy in front of it. */
const UNANSWERED: readonly number[] = [C.EAFNOSUPPORT, C.EOPNOTSUPP, C.EPERM, C.EACCES];

/** A route, and whether packets that take it come back to this machine. */
interface FoundRoute extends BsdRouteFacts {
  readonly loops: boolean;
}

/** What a packet would meet: a route; nothing that leads anywhere; or the kernel does not say. */
type RouteAnswer = FoundRoute | "nowhere" | "unanswered";

/** Asks for an interface by its index; undefined if there is none. */
export type AskLink = (index: number) => LinkFacts | undefined;

/**
 * How long to wait for an answer, in milliseconds, and how often to ask. The kernel has it ready when it has taken the
 * question, but puts it through a queue of its own, and drops it where a burst of messages has filled that.
 */
const PATIENCE = 200;
const TRIES = 3;
/** An answer has a few hundred bytes. */
const BUFFER = 2048;

/** struct sockaddr_dl, without a name: the kernel is to say by which interface. */
const LINK = Uint8Array.of(20, C.AF_LINK, ...new Array<number>(18).fill(0));

/**
 * Asks a BSD which way a packet would take, by RTM_GET of its routing socket.
 *
 * Without a mask it is answered by the longest prefix, as a packet would be; with the mask of 0.0.0.0/0, FreeBSD and
 * OpenBSD would answer for that one route, and not say what two halves (0.0.0.0/1, 128.0.0.0/1) take from it. RTF_UP
 * must be set: without it NetBSD answers for the neighbour (route_output() of sys/net/rtsock.c). Every listener hears of
 * every answer, so that one's own is known by the process and a number. Which process this is to the kernel, the first
 * answer says: its number is a random one, which nobody knows before. A kernel in user space has processes of its own.
 */
export class RouteRequests {
  readonly #system: SystemNumbers;
  readonly #kernel: RouteKernel;
  readonly #clock: Clock;
  readonly #buffer = new Uint8Array(new ArrayBuffer(BUFFER));
  readonly #reader: RouteReader;
  /** The layout that this kernel takes, after it took one. */
  #layout: RouteLayout | undefined;
  #version = 0;
  /** This process, as the kernel calls it. */
  #pid: number | undefined;
  #seq = crypto.getRandomValues(new Int32Array(1))[0]! & 0x3fffffff;

  constructor(system: SystemNumbers, kernel: RouteKernel) {
    this.#system = system;
    this.#kernel = kernel;
    this.#clock = clockOf(kernel);
    this.#reader = new RouteReader(system, this.#buffer);
  }

  /**
   * By which interfaces the default traffic leaves; undefined if this kernel does not say, or if a policy refuses the
   * question: a list of interfaces does not fail because of it. A shortage that passes is thrown.
   *
   * @param again Whether somebody asks again later: then an answer that does not come is such a shortage. Otherwise this
   * kernel does not say.
   */
  defaults(again: boolean): DefaultRoutes | undefined {
    try {
      return this.#defaults(again);
    } catch (error) {
      if (error instanceof NetflagsError && !isPassing(error)) return undefined;
      throw error;
    }
  }

  #defaults(again: boolean): DefaultRoutes | undefined {
    return this.#asking((questions) => {
      const inet = this.#find(questions, ANYWHERE.inet, again);
      if (inet === "unanswered") return undefined;
      return {
        inet: leavesBy(inet, this.#routes),
        inet6: leavesBy(this.#find(questions, ANYWHERE.inet6, again), this.#routes),
      };
    });
  }

  /**
   * What the kernel says of a packet to an address, or of the default traffic of each family.
   *
   * @param link Asks for an interface.
   * @throws {UnsupportedError} It does not say.
   */
  read(destination: IpAddress | undefined, link: AskLink): Route[] {
    const found = this.#asking((questions) =>
      destination === undefined ? this.#both(questions) : this.#one(questions, destination, link)
    );
    return found.flatMap((facts) => this.#route(facts, destination, link) ?? []);
  }

  #both(questions: RouteQuestions): FoundRoute[] {
    const inet = said(this.#find(questions, ANYWHERE.inet));
    const inet6 = this.#find(questions, ANYWHERE.inet6);
    return [inet, inet6].filter((answer) => typeof answer !== "string")
      .filter((facts) => leavesBy(facts, this.#routes) !== undefined);
  }

  #one(questions: RouteQuestions, { bytes, zone }: IpAddress, link: AskLink): FoundRoute[] {
    const out = zone === undefined ? undefined : this.#indexOf(zone, link);
    const scoped = out !== undefined && hasScope(bytes);
    const answer = said(this.#find(questions, scoped ? withScope(bytes, out) : bytes));
    // A BSD cannot be asked for the way by one interface.
    if (answer === "nowhere" || (out !== undefined && !scoped && answer.index !== out)) return [];
    return [answer];
  }

  /** The index of a zone, which is an interface's name or its index. */
  #indexOf(zone: string, link: AskLink): number {
    const named = this.#kernel.index(zone);
    const index = named === 0 && /^[1-9]\d{0,4}$/.test(zone) ? link(Number(zone))?.index ?? 0 : named;
    if (index === 0) throw noSuchInterface(zone, "read routes");
    return index;
  }

  #asking<T>(question: (questions: RouteQuestions) => T): T {
    const questions = this.#kernel.ask();
    try {
      return question(questions);
    } finally {
      questions.close();
    }
  }

  /** Asks; if no answer comes, it throws, or the kernel does not say. */
  #find(questions: RouteQuestions, address: Uint8Array, throws = true): RouteAnswer {
    for (let tries = 0; tries < TRIES; tries++) {
      const errno = this.#send(questions, address);
      const answer = errno === 0 ? this.#receive(questions) : errno;
      if (typeof answer === "object") return answer;
      if (answer === undefined) continue;
      if (NOWHERE.includes(answer)) return "nowhere";
      if (UNANSWERED.includes(answer)) return "unanswered";
      throw this.#failure(C.ERRNO_NAMES[answer] ?? `errno ${answer}`);
    }
    if (!throws) return "unanswered";
    throw this.#failure("ENOBUFS", `no answer came within ${TRIES} times ${PATIENCE} ms`);
  }

  #failure(code: string, text?: string): SystemError {
    return systemError({ operation: "read routes", code, privilege: C.PRIVILEGE, text });
  }

  /** Sends a question with a new number, in the newest form that this kernel takes. Returns 0, or the error number. */
  #send(questions: RouteQuestions, address: Uint8Array): number {
    const forms = this.#layout === undefined
      ? this.#system.layouts.flatMap((layout) => layout.versions.map((version) => [layout, version] as const))
      : [[this.#layout, this.#version] as const];
    let errno = C.EPROTONOSUPPORT;
    for (const [layout, version] of forms) {
      this.#seq = this.#seq + 1 & 0x3fffffff;
      errno = questions.send(routeRequest(layout, version, address, this.#seq, this.#kernel.table));
      if (errno === C.EPROTONOSUPPORT) continue;
      this.#layout = layout;
      this.#version = version;
      return errno;
    }
    return errno;
  }

  /** Reads the answer, or its error number; undefined if it does not come. */
  #receive(questions: RouteQuestions): FoundRoute | number | undefined {
    const end = this.#clock.elapsed() + PATIENCE;
    for (let left = PATIENCE; left > 0; left = end - this.#clock.elapsed()) {
      const length = questions.read(this.#buffer);
      if (length === NOTHING && !questions.wait(left)) return undefined;
      const answer = length > 0 ? this.#read(length) : undefined;
      if (answer !== undefined) return answer;
    }
    return undefined;
  }

  /** What a message says if it is the answer; what is malformed is none. */
  #read(length: number): FoundRoute | number | undefined {
    try {
      const reader = this.#reader.begin(length);
      if (!reader.next()) return undefined;
      const { message } = reader;
      if (message === undefined || !("route" in message) || message.name !== "RTM_GET") return undefined;
      const { route } = message;
      if (reader.number(route.seq) !== this.#seq) return undefined;
      const pid = reader.number(route.pid);
      if ((this.#pid ??= pid) !== pid) return undefined;
      const errno = reader.number(route.errno);
      if (errno !== 0) return errno;
      reader.walkRoute(route);
      return { ...reader.routeFacts(route), loops: reader.overLoopback };
    } catch (error) {
      if (error instanceof MalformedMessageError) return undefined;
      throw error;
    }
  }

  get #routes(): RouteLayout {
    return this.#layout ?? this.#system.layouts[0]!;
  }

  /** undefined if it leads nowhere, or if its interface has gone meanwhile. */
  #route(facts: FoundRoute, destination: IpAddress | undefined, link: AskLink): Route | undefined {
    const { family, index, gateway, source, table } = facts;
    if (typeof family === "number" || leadsNowhere(facts)) return undefined;
    const out = link(index);
    return out && {
      family,
      destination: destination?.text,
      type: typeOf(facts, destination, out, this.#routes),
      index,
      name: out.name,
      gateway,
      source,
      table,
      connected: out.connected,
    };
  }
}

/** Refuses an answer that is none. */
function said(answer: RouteAnswer): FoundRoute | "nowhere" {
  if (answer !== "unanswered") return answer;
  throw new UnsupportedError(
    "Cannot read routes: this kernel, or a policy in front of it, does not say which way a packet takes",
    { operation: "read routes" },
  );
}

/**
 * Of a default route that is changed to one that rejects, FreeBSD 15.1 does not tell that flag, but the loopback interface:
 * what takes it comes back, and is dropped.
 */
function leadsNowhere({ flags, index, prefixLength, loops }: FoundRoute): boolean {
  return index === 0 || (flags & (C.RTF_REJECT | C.RTF_BLACKHOLE)) !== 0 || (loops && prefixLength === 0);
}

/** The index of the interface by which a packet would leave to another machine. */
function leavesBy(answer: RouteAnswer, { routeFlags }: RouteLayout): number | undefined {
  if (typeof answer === "string" || leadsNowhere(answer)) return undefined;
  const { RTF_LOCAL, RTF_BROADCAST, RTF_MULTICAST } = routeFlags;
  return (answer.flags & (RTF_LOCAL | RTF_BROADCAST | RTF_MULTICAST)) === 0 ? answer.index : undefined;
}

/**
 * What becomes of a packet. FreeBSD has no flag for its own addresses: they are hosts behind the loopback interface. A
 * system without a flag for multicast has an ordinary route for it.
 */
function typeOf(
  { flags }: BsdRouteFacts,
  destination: IpAddress | undefined,
  out: LinkFacts,
  { routeFlags }: RouteLayout,
): string {
  const own = (flags & C.RTF_HOST) !== 0 && (flags & C.RTF_GATEWAY) === 0 && (out.flags & C.IFF_LOOPBACK) !== 0;
  if ((flags & routeFlags.RTF_LOCAL) !== 0 || own) return "local";
  if ((flags & routeFlags.RTF_BROADCAST) !== 0) return "broadcast";
  const [first = 0] = destination?.bytes ?? [];
  const group = destination?.family === "inet6" ? first === 0xff : first >= 224 && first < 240;
  return group || (flags & routeFlags.RTF_MULTICAST) !== 0 ? "multicast" : "unicast";
}

/** An address with the index of its interface, where KAME's kernels look for it. */
function withScope(address: Uint8Array, index: number): Uint8Array {
  const bytes = Uint8Array.from(address);
  new DataView(bytes.buffer).setUint16(2, index);
  return bytes;
}

/** struct rt_msghdr, struct sockaddr_in or sockaddr_in6, struct sockaddr_dl */
function routeRequest(
  { roundup, inet6, messages }: RouteLayout,
  version: number,
  address: Uint8Array,
  seq: number,
  table: number,
): Uint8Array<ArrayBuffer> {
  const header = headerOf(messages);
  const inet = address.length === 4;
  const padded = (length: number): number => (length + roundup - 1) & -roundup;
  const link = header.size + padded(inet ? 16 : 28);
  const bytes = new Uint8Array(new ArrayBuffer(link + padded(LINK.length)));
  const view = new DataView(bytes.buffer);
  const put = ([at, size]: readonly [at: number, bytes: number], value: number): void =>
    size === 2 ? view.setUint16(at, value, true) : view.setUint32(at, value, true);
  put([0, 2], bytes.length);
  bytes.set([version, C.RTM_GET], 2);
  put(header.flags, C.RTF_UP);
  put(header.addrs, 1 << C.RTAX_DST | 1 << C.RTAX_IFP);
  put(header.seq, seq);
  if (header.table !== undefined) put(header.table, table);
  if (header.sizeField !== undefined) put(header.sizeField, header.size);
  bytes.set(inet ? [16, C.AF_INET] : [28, inet6], header.size);
  bytes.set(address, header.size + (inet ? 4 : 8));
  bytes.set(LINK, link);
  return bytes;
}

function headerOf(messages: RouteLayout["messages"]): RouteHeader {
  const message = messages[C.RTM_GET]!;
  if (!("route" in message)) throw new Error("unreachable: RTM_GET is about a route on every system");
  return message.route;
}
