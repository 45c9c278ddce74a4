/** Filters of sockets: classic BPF, as far as netflags uses it (bpf_check_classic(), __bpf_prog_run()). */
import * as N from "../../../platforms/linux/wire/numbers.ts";

/** A checked program: the words of its instructions. */
export type FilterProgram = readonly (readonly [code: number, ifTrue: number, ifFalse: number, k: number])[];

const LOADS: Readonly<Record<number, number>> = {
  [N.BPF_LD_W_ABS]: 4,
  [N.BPF_LD_H_ABS]: 2,
  [N.BPF_LD_B_ABS]: 1,
  [N.BPF_LD_W_IND]: 4,
  [N.BPF_LD_H_IND]: 2,
  [N.BPF_LD_B_IND]: 1,
};
const INDIRECT: readonly number[] = [N.BPF_LD_W_IND, N.BPF_LD_H_IND, N.BPF_LD_B_IND];
const JUMPS: readonly number[] = [N.BPF_JEQ_K, N.BPF_JGT_K, N.BPF_JGE_K];
const KNOWN: ReadonlySet<number> = new Set([
  ...Object.keys(LOADS).map(Number),
  ...[N.BPF_LD_IMM, N.BPF_LDX_IMM, N.BPF_LD_W_LEN, N.BPF_SUB_X, N.BPF_OR_X, N.BPF_LSH_K],
  ...[N.BPF_JA, N.BPF_JEQ_K, N.BPF_JGT_K, N.BPF_JGE_K, N.BPF_RET_K, N.BPF_TAX],
]);

/** A program from its bytes; undefined if the kernel would refuse it. */
export function checkedProgram(bytes: Uint8Array): FilterProgram | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const program = Array.from({ length: bytes.length / N.SOCK_FILTER_LEN }, (_, i) => {
    const at = i * N.SOCK_FILTER_LEN;
    return [
      view.getUint16(at, true),
      view.getUint8(at + 2),
      view.getUint8(at + 3),
      view.getUint32(at + 4, true),
    ] as const;
  });
  const { length } = program;
  const fits = program.every(([code, ifTrue, ifFalse, k], i) =>
    KNOWN.has(code) &&
    (code === N.BPF_JA ? i + 1 + k : JUMPS.includes(code) ? i + 1 + Math.max(ifTrue, ifFalse) : 0) < length
  );
  return length > 0 && length <= N.BPF_MAXINSNS && fits && program.at(-1)![0] === N.BPF_RET_K ? program : undefined;
}

/** nla_find(): where an attribute stands, from an offset on; 0 if there is none. */
function findAttribute(view: DataView, from: number, type: number): number {
  for (let at = from; at + N.NLA_HDRLEN <= view.byteLength;) {
    const length = view.getUint16(at, true);
    if (length < N.NLA_HDRLEN || at + length > view.byteLength) return 0;
    if ((view.getUint16(at + 2, true) & N.NLA_TYPE_MASK) === type) return at;
    at += (length + 3) & ~3;
  }
  return 0;
}

/** Runs a program on a message. Returns how many bytes of it are queued: 0 drops it. */
export function runFilter(program: FilterProgram, message: Uint8Array): number {
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  let [a, x] = [0, 0];
  for (let pc = 0;; pc++) {
    const [code, ifTrue, ifFalse, k] = program[pc]!;
    const width = LOADS[code];
    if (width !== undefined) {
      if (k === (N.SKF_AD_OFF + N.SKF_AD_NLATTR) >>> 0) a = findAttribute(view, a, x);
      else {
        const at = INDIRECT.includes(code) ? x + k : k;
        if (at + width > message.length) return 0;
        a = width === 4 ? view.getUint32(at) : width === 2 ? view.getUint16(at) : view.getUint8(at);
      }
    } else if (code === N.BPF_LD_IMM) a = k;
    else if (code === N.BPF_LDX_IMM) x = k;
    else if (code === N.BPF_LD_W_LEN) a = message.length;
    else if (code === N.BPF_TAX) x = a;
    else if (code === N.BPF_SUB_X) a = (a - x) >>> 0;
    else if (code === N.BPF_OR_X) a = (a | x) >>> 0;
    else if (code === N.BPF_LSH_K) a = (a << k) >>> 0;
    else if (code === N.BPF_JA) pc += k;
    else if (code === N.BPF_JEQ_K) pc += a === k ? ifTrue : ifFalse;
    else if (code === N.BPF_JGT_K) pc += a > k ? ifTrue : ifFalse;
    else if (code === N.BPF_JGE_K) pc += a >= k ? ifTrue : ifFalse;
    else return k;
  }
}
