import { NotPermittedError, UnsupportedError } from "../contract/errors.ts";
import type {
  DescriptorCalls,
  DescriptorPoller,
  FunctionSymbol,
  Library,
  LibrarySymbols,
  Pointer,
  Runtime,
} from "./contract.ts";
import { noLibrary, OPEN } from "./failure.ts";
import { builtinModule, type NodeFfi, type NodeLibrary, nodeProcess, type Signature } from "./node_host.ts";
import { PipePoller } from "./pipe_poller.ts";
import { UvPoller } from "./uv_poller.ts";

/** Node's names of what is called otherwise there. */
const ARCHES: Readonly<Record<string, string>> = { x64: "x86_64", arm64: "aarch64" };
const TYPES: Readonly<Record<string, string>> = { usize: "u64", isize: "i64" };

const typeOf = (type: string): string => TYPES[type] ?? type;

type Callable = (...args: readonly unknown[]) => unknown;

/** What this runtime is, in words. */
function nameOf({ bun, node } = nodeProcess().versions ?? {}): string {
  if (bun !== undefined) return `Bun ${bun}`;
  return node === undefined ? "this runtime" : `Node.js ${node}`;
}

function unsupported(what: string): UnsupportedError {
  return new UnsupportedError(
    `Cannot ${OPEN}: ${nameOf()} has no ${what} that netflags knows: run with Deno, or with Node.js 26.9 or later`,
    { operation: OPEN },
  );
}

function functionOf(library: NodeLibrary, name: string, { parameters, result }: FunctionSymbol): Callable {
  const signature: Signature = { arguments: parameters.map(typeOf), return: typeOf(result) };
  const call = library.getFunction(name, signature);
  return result === "pointer" ? (...args) => call(...args) || null : call; // a null pointer is 0n
}

/** Node.js, by node:ffi. A pointer is a BigInt there. Others that have its globals can say which system this is. */
export class NodeRuntime implements Runtime {
  get os(): string | undefined {
    return nodeProcess().platform;
  }

  get arch(): string | undefined {
    const { arch } = nodeProcess();
    return arch === undefined ? undefined : ARCHES[arch] ?? arch;
  }

  get inWorker(): boolean {
    const threads = builtinModule("node:worker_threads") as { readonly isMainThread: boolean } | undefined;
    return threads !== undefined && !threads.isMainThread;
  }

  variable(name: string): string | undefined {
    return nodeProcess().env?.[name];
  }

  open<S extends LibrarySymbols>(names: readonly string[], symbols: S): Library<S> {
    let failure: unknown = "no name to try";
    for (const name of names) {
      let library: NodeLibrary;
      try {
        library = new this.#module.DynamicLibrary(name);
      } catch (cause) {
        if (cause instanceof UnsupportedError) throw cause;
        if ((cause as { readonly code?: unknown }).code === "ERR_ACCESS_DENIED") {
          throw new NotPermittedError(`Cannot ${OPEN}: run with --allow-ffi`, { operation: OPEN, cause });
        }
        failure = cause;
        continue;
      }
      try {
        return this.#resolve(library, name, symbols);
      } catch (cause) {
        failure = cause;
        break;
      }
    }
    throw noLibrary(names, failure);
  }

  pointerTo(bytes: Uint8Array<ArrayBuffer>): Pointer {
    return this.#module.getRawPointer(bytes) as unknown as Pointer;
  }

  pointerAt(address: bigint): Pointer {
    return address as unknown as Pointer;
  }

  addressOf(pointer: Pointer): bigint {
    return pointer as unknown as bigint;
  }

  textAt(pointer: Pointer): string {
    return this.#module.toString(pointer as unknown as bigint);
  }

  bytesAt(pointer: Pointer, length: number): ArrayBuffer {
    return this.#module.toArrayBuffer(pointer as unknown as bigint, length, false);
  }

  poller(system: DescriptorCalls, way?: string): DescriptorPoller {
    // A Worker that is ended while a uv_poll_t is open ends the process, by abort(3): the runtime does not know it.
    return way === "pipe" || this.inWorker ? new PipePoller(system) : new UvPoller(this.#module, system);
  }

  get #module(): NodeFfi {
    const ffi = builtinModule("node:ffi") as NodeFfi | undefined;
    // Before 26.9 it needs a flag, and cannot say which event loop this thread has.
    if (ffi?.getCurrentEventLoop === undefined) throw unsupported("foreign functions");
    return ffi;
  }

  #resolve<S extends LibrarySymbols>(library: NodeLibrary, file: string, symbols: S): Library<S> {
    const taken = new Set<string>();
    const resolved: Record<string, unknown> = {};
    for (const [key, symbol] of Object.entries(symbols)) {
      if ("nonblocking" in symbol && symbol.nonblocking) {
        // The pollers here need none; who calls one all the same must not wait for ever.
        resolved[key] = () => Promise.reject(unsupported("call on another thread"));
        continue;
      }
      const name = symbol.name ?? key;
      // A handle has one signature of each symbol, so the second one of a symbol takes another handle.
      const handle = taken.has(name) ? new this.#module.DynamicLibrary(file) : library;
      taken.add(name);
      try {
        resolved[key] = "type" in symbol ? handle.getSymbol(name) : functionOf(handle, name, symbol);
      } catch (error) {
        if ("type" in symbol || !symbol.optional) throw error;
        resolved[key] = null;
      }
    }
    return resolved as Library<S>;
  }
}
