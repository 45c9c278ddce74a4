/**
 * The program that drops rtnetlink's messages in the kernel (classic BPF, on the socket): pure, numbers in and numbers
 * out.
 *
 * It drops messages about the state and the addresses of listed interfaces. Of these it lets pass what may make one
 * wanted: a message with a name that somebody asked for, and one with alternative names, which it does not look into. The
 * end of an interface passes too. Everything about other indexes passes, so that no new interface is missed. Two things
 * tell nothing and never pass: messages of the wireless extensions, and those of a bridge about its ports.
 */
import { bytesOfText } from "../../common/byte_text.ts";
import type { NameStart } from "../../contract/backend.ts";
import * as N from "./numbers.ts";

/** An instruction (struct sock_filter): the code, how many to skip if true and if false, and a number. */
export type Instruction = readonly [code: number, ifTrue: number, ifFalse: number, k: number];

/** The most bytes of a name that are compared: IFNAMSIZ without the NUL. A longer name can only be an alternative one. */
const LONGEST = N.IFNAMSIZ - 1;
/** How many names are compared. With more, the kernel would take longer than the reader. */
export const MOST_NAMES = 64;
/** How many indexes are compared one after the other, where the search by halves ends. */
const LEAF = 32;
/** Where the fields of a message stand: nlmsg_type, ifi_family and ifi_index; ifa_index stands there too. */
const [TYPE, FAMILY, INDEX] = [4, N.NLMSG_HDRLEN, N.NLMSG_HDRLEN + 4];
/** Where the attributes of a link begin. */
const ATTRIBUTES = N.NLMSG_HDRLEN + N.IFINFOMSG_LEN;

const PASS: Instruction = [N.BPF_RET_K, 0, 0, 0xffffffff];
const DROP: Instruction = [N.BPF_RET_K, 0, 0, 0];
const load = (code: number, at: number): Instruction => [code, 0, 0, at >>> 0];
/** Skips as many instructions unless the value is this one. */
const unless = (value: number, skip: number): Instruction => [N.BPF_JEQ_K, 0, skip, value >>> 0];
/** Skips as many instructions if the value is this one. */
const when = (value: number, skip: number): Instruction => [N.BPF_JEQ_K, skip, 0, value >>> 0];

/** A load gives the most significant byte first, and the processor has it last. */
function swapped16(value: number): number {
  return (value & 0xff) << 8 | value >> 8;
}

/** Puts the offset of an attribute of the link into the accumulator; 0 if there is none. */
function findAttribute(type: number): Instruction[] {
  return [
    load(N.BPF_LDX_IMM, type),
    load(N.BPF_LD_IMM, ATTRIBUTES),
    load(N.BPF_LD_W_ABS, N.SKF_AD_OFF + N.SKF_AD_NLATTR),
  ];
}

/** The bytes that a name begins with, with its NUL where they are all of it; undefined if no name can be so. */
function bytesOf({ text, whole }: NameStart): Uint8Array | undefined {
  const bytes = bytesOfText(whole ? `${text}\0` : text);
  return bytes.length - (whole ? 1 : 0) > LONGEST ? undefined : bytes;
}

/** Lets a message pass whose name begins with these bytes. The index register stands at the name. */
function passName(bytes: Uint8Array): Instruction[] {
  const compare: (readonly [load: number, at: number, value: number])[] = [];
  for (let at = 0; at < bytes.length;) {
    const width = bytes.length - at >= 4 ? 4 : bytes.length - at >= 2 ? 2 : 1;
    const code = width === 4 ? N.BPF_LD_W_IND : width === 2 ? N.BPF_LD_H_IND : N.BPF_LD_B_IND;
    compare.push([code, at, bytes.subarray(at, at + width).reduce((value, byte) => value * 256 + byte, 0)]);
    at += width;
  }
  return [
    ...compare.flatMap(([code, at, value], i) => [
      load(code, N.NLA_HDRLEN + at),
      unless(value, 2 * (compare.length - i) - 1),
    ]),
    PASS,
  ];
}

/** Ends by dropping the message if the accumulator is one of these indexes. They are in order. */
function dropIndexes(indexes: readonly number[]): Instruction[] {
  if (indexes.length <= LEAF) {
    return [...indexes.map((index, i) => when(index, indexes.length - i)), PASS, DROP];
  }
  const half = indexes.length >> 1;
  const less = dropIndexes(indexes.slice(0, half));
  // A conditional skip reaches no further than 255 instructions.
  return [
    [N.BPF_JGE_K, 0, 1, indexes[half]!],
    [N.BPF_JA, 0, 0, less.length],
    ...less,
    ...dropIndexes(indexes.slice(half)),
  ];
}

/** Puts the index into the accumulator as a number, byte by byte. */
function loadIndex(): Instruction[] {
  const program = [load(N.BPF_LD_B_ABS, INDEX + 3)];
  for (let at = INDEX + 2; at >= INDEX; at--) {
    program.push([N.BPF_LSH_K, 0, 0, 8], [N.BPF_TAX, 0, 0, 0], load(N.BPF_LD_B_ABS, at), [N.BPF_OR_X, 0, 0, 0]);
  }
  return program;
}

/** What of an RTM_NEWLINK passes whatever its index is. */
function passLinks(names: readonly NameStart[]): Instruction[] {
  const compared = names.map(bytesOf).filter((bytes) => bytes !== undefined).flatMap(passName);
  return [
    load(N.BPF_LD_B_ABS, FAMILY),
    when(N.AF_UNSPEC, 1),
    DROP,
    ...findAttribute(N.IFLA_WIRELESS),
    when(0, 1),
    DROP,
    ...findAttribute(N.IFLA_PROP_LIST),
    when(0, 1),
    PASS,
    ...findAttribute(N.IFLA_IFNAME),
    unless(0, 1),
    PASS, // nothing says which name it has
    // A load beyond the end would drop the message.
    [N.BPF_TAX, 0, 0, 0],
    load(N.BPF_LD_W_LEN, 0),
    [N.BPF_SUB_X, 0, 0, 0],
    [N.BPF_JGE_K, 1, 0, N.NLA_HDRLEN + N.IFNAMSIZ],
    PASS,
    ...compared,
  ];
}

/**
 * Compiles a filter.
 *
 * @param dropped The indexes whose messages are dropped.
 * @param names How the names begin that somebody asked for.
 */
export function compileFilter(dropped: Iterable<number>, names: readonly NameStart[]): Instruction[] {
  const links = passLinks(names);
  return [
    load(N.BPF_LD_H_ABS, TYPE),
    when(swapped16(N.RTM_NEWADDR), 7),
    when(swapped16(N.RTM_DELADDR), 6),
    when(swapped16(N.RTM_NEWLINK), 6),
    unless(swapped16(N.RTM_DELLINK), 3),
    load(N.BPF_LD_B_ABS, FAMILY),
    when(N.AF_UNSPEC, 1),
    DROP,
    PASS,
    [N.BPF_JA, 0, 0, links.length], // an address
    ...links,
    ...loadIndex(),
    ...dropIndexes([...dropped].sort((a, b) => a - b)),
  ];
}

/** The bytes of a program, as the kernel takes them. */
export function filterBytes(program: readonly Instruction[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(new ArrayBuffer(program.length * N.SOCK_FILTER_LEN));
  const view = new DataView(bytes.buffer);
  for (const [i, [code, ifTrue, ifFalse, k]] of program.entries()) {
    const at = i * N.SOCK_FILTER_LEN;
    view.setUint16(at, code, true);
    view.setUint8(at + 2, ifTrue);
    view.setUint8(at + 3, ifFalse);
    view.setUint32(at + 4, k, true);
  }
  return bytes;
}
