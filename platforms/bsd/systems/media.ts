/** The text of a medium's word, by each system's table. Pure. */
import { type HardwareState, NO_HARDWARE } from "../../contract/details.ts";
import type { InterfaceMedia } from "../../contract/status.ts";

/** A number within a word: its lowest bit, and how many it has. */
export type Bits = readonly [lowest: number, count: number];

/** An option of a medium: its bit as the header has it, and its name as ifconfig prints it. */
export type Option = readonly [bit: number, name: string];

/** The meaning of the words of one type of network. */
export interface MediaType {
  readonly name: string;
  /** The names of its subtypes, in addition to those that all types share. */
  readonly subtypes: Readonly<Record<number, string>>;
  /** Where the rest of the subtype's number is, above the bits that all types use. */
  readonly extended?: Bits;
  readonly options?: readonly Option[];
  readonly modes?: Readonly<Record<number, string>>;
}

/** How a system's words are made up (IFM_NMASK and the like of sys/net/if_media.h). */
export interface MediaNumbers {
  /** Whether a word has 64 bits. */
  readonly wide: boolean;
  readonly type: Bits;
  readonly subtype: Bits;
  readonly mode?: Bits;
  readonly instance: Bits;
  /** By the number in the type's bits. */
  readonly types: Readonly<Record<number, MediaType>>;
  /** The options that all types share. */
  readonly options: readonly Option[];
}

/** Ethernet's number among the types, on all systems. */
export const ETHER = 1;
/** IFM_AUTO, IFM_MANUAL, IFM_NONE: the subtypes that all types share, with the same numbers everywhere. */
const SHARED: Readonly<Record<number, string>> = { 0: "autoselect", 1: "manual", 2: "none" };

/** What is made when somebody first asks for it: few programs ask for media, and none for those of all systems. */
export function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => made ??= make();
}

/** Names by consecutive numbers. The first number is the one after IFM_AUTO, IFM_MANUAL and IFM_NONE. */
export function named(first: number, names: string): Record<number, string> {
  return Object.fromEntries(names.trim().split(/\s+/).map((name, i) => [first + i, name]));
}

const mask = ([lowest, count]: Bits): bigint => ((1n << BigInt(count)) - 1n) << BigInt(lowest);
const take = (word: bigint, bits: Bits): number => Number((word & mask(bits)) >> BigInt(bits[0]));

/** The type of a word, the number and name of its subtype, and the bits that are not options. */
function parts(numbers: MediaNumbers, word: bigint) {
  const number = take(word, numbers.type);
  const type: MediaType | undefined = numbers.types[number];
  let [subtype, known] = [take(word, numbers.subtype), mask(numbers.type) | mask(numbers.subtype)];
  if (type?.extended !== undefined) {
    subtype += take(word, type.extended) * 2 ** numbers.subtype[1];
    known |= mask(type.extended);
  }
  return { number, type, subtype, name: SHARED[subtype] ?? type?.subtypes[subtype], known };
}

/**
 * A medium's word as ifconfig(8) of its system spells it, without the brackets: subtype, mode, options, instance, as in
 * `1000baseT full-duplex`. If the network is not Ethernet, its type comes first. A value without a name in the system's
 * if_media.h is given as a number, so no two words have the same text.
 */
export function mediaText(numbers: MediaNumbers, word: bigint): string {
  const { number, type, subtype, name, known } = parts(numbers, word);
  const said: string[] = [];
  if (number !== ETHER) said.push(type?.name ?? `type ${number}`);
  said.push(name ?? `subtype ${subtype}`);
  let rest = word & ~known;
  if (numbers.mode !== undefined) {
    const mode = take(word, numbers.mode);
    if (mode !== 0) said.push(`mode ${type?.modes?.[mode] ?? mode}`);
    rest &= ~mask(numbers.mode);
  }
  const instance = take(word, numbers.instance);
  rest &= ~mask(numbers.instance);
  for (const [bit, option] of [...numbers.options, ...type?.options ?? []]) {
    if ((rest & BigInt(bit)) === 0n) continue;
    said.push(option);
    rest &= ~BigInt(bit);
  }
  if (rest !== 0n) said.push(`options 0x${rest.toString(16)}`);
  if (instance !== 0) said.push(`instance ${instance}`);
  return said.join(" ");
}

/** How many words are remembered with their texts: a machine has a few media. */
const MOST_WORDS = 64;
/** The bits of the upper half of a 64-bit word that fit into a number with the lower half: all but the instance. */
const HIGH = 0x1fffff;

/** A driver's words with their texts. Each text is made once. */
export class MediaWords {
  readonly #numbers: MediaNumbers;
  readonly #texts = new Map<number, string>();

  constructor(numbers: MediaNumbers) {
    this.#numbers = numbers;
  }

  /** What a struct ifmediareq says about a medium whose word starts at `at`. */
  read(request: DataView, at: number, link: boolean | undefined): InterfaceMedia {
    const low = request.getUint32(at, true);
    const high = this.#numbers.wide ? request.getUint32(at + 4, true) : 0;
    const active = (high & HIGH) * 2 ** 32 + low;
    const text = high > HIGH ? mediaText(this.#numbers, BigInt(high) << 32n | BigInt(low)) : this.text(active);
    return { active, link, text };
  }

  /** The text of a word. */
  text(active: number): string {
    let text = this.#texts.get(active);
    if (text === undefined) {
      if (this.#texts.size >= MOST_WORDS) this.#texts.clear();
      this.#texts.set(active, text = mediaText(this.#numbers, BigInt(active)));
    }
    return text;
  }
}

/** Connectors by the names of Ethernet's subtypes. They have Linux's names. */
const PORTS: readonly (readonly [name: RegExp, port: string])[] = [
  [/^\d.*base-?T(X|2|4|\/UTP)?$/i, "tp"],
  [/^\d.*base-?(FX|FL|SX|LX4?|BX10|LRM|(SR|LR|ER|FR|DR|ZR|LM)[\d.]*)$/i, "fibre"],
  [/base-?(Twinax.*|CR\d*(-S|-PAM4)*)$|SFP\+Cu$/i, "da"],
  [/^10base2/, "bnc"],
  [/^10base5/, "aui"],
];

/** What a medium says about the hardware: for Ethernet the speed, if the subtype says it, and the connector. */
export function mediaHardware(numbers: MediaNumbers, { active, link }: InterfaceMedia): HardwareState {
  const word = BigInt(active);
  const { number, name = "" } = parts(numbers, word);
  if (number !== ETHER) return { ...NO_HARDWARE, link };
  const option = (named: string): boolean =>
    numbers.options.some(([bit, name]) => name === named && (word & BigInt(bit)) !== 0n);
  return {
    ...NO_HARDWARE,
    link,
    speed: speedOf(name),
    duplex: option("full-duplex") ? "full" : option("half-duplex") ? "half" : undefined,
    port: PORTS.find(([pattern]) => pattern.test(name))?.[1],
  };
}

/** The speed that the name of a subtype of Ethernet begins or, with PCIExpress, ends with, in Mb/s. */
function speedOf(name: string): number | undefined {
  if (/^HomePNA/i.test(name)) return 1;
  const [, number, unit] = /^(?:PCIExpress-)?(\d+(?:\.\d+)?)(G|M|base)/i.exec(name) ?? [];
  return number === undefined ? undefined : Number(number) * (unit === "G" ? 1000 : 1);
}
