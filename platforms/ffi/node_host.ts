/** What is used of Node.js. Its modules are asked for when they are needed: other runtimes have not all of them. */

/** A signature, in the words of node:ffi. */
export interface Signature {
  readonly arguments: readonly string[];
  readonly return: string;
}

/** An open library. One handle has one signature for each symbol. */
export interface NodeLibrary {
  getFunction(name: string, signature: Signature): (...args: readonly unknown[]) => unknown;
  getSymbol(name: string): bigint;
  registerCallback(signature: Signature, callback: (...args: never[]) => void): bigint;
}

/** The module node:ffi of Node.js 26.9 and later. Its pointers are BigInts. */
export interface NodeFfi {
  readonly DynamicLibrary: new (name: string | null) => NodeLibrary;
  getRawPointer(bytes: ArrayBufferView | ArrayBuffer): bigint;
  /** `uv_loop_t *` of this thread. */
  getCurrentEventLoop(): bigint;
  toString(pointer: bigint): string;
  toArrayBuffer(pointer: bigint, length: number, copy: boolean): ArrayBuffer;
}

/** The runtime's handle for pipes, which is no public API. */
export interface PipeHandle {
  onread: () => void;
  open(fd: number): number;
  useUserBuffer(buffer: Uint8Array): void;
  readStart(): number;
  readStop(): number;
  close(closed?: () => void): void;
}

/** What `process.binding("pipe_wrap")` has. */
export interface PipeBinding {
  readonly Pipe: new (type: number) => PipeHandle;
  readonly constants: { readonly SOCKET: number };
}

/** The global `process`. */
export interface NodeProcess {
  readonly platform?: string;
  readonly arch?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly versions?: Readonly<Record<string, string | undefined>>;
  binding?(name: string): PipeBinding;
  getBuiltinModule?(name: string): unknown;
}

/** The global `process`; nothing in it where there is none. */
export function nodeProcess(): NodeProcess {
  return (globalThis as { readonly process?: NodeProcess }).process ?? {};
}

/** A module of the runtime; undefined where it has none of the name, or no way to ask for it. */
export function builtinModule(name: string): unknown {
  return nodeProcess().getBuiltinModule?.(name);
}
