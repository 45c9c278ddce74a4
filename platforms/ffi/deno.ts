import { NotPermittedError } from "../contract/errors.ts";
import type { DescriptorPoller, Library, LibrarySymbols, Pointer, Runtime, Waiting } from "./contract.ts";
import { noLibrary, OPEN } from "./failure.ts";
import { Poller } from "./poller.ts";

/** What the runtime itself has for a place in memory. */
type DenoPointer = Deno.PointerObject;

/**
 * Makes sure that every library may be opened. Where only some may, the runtime takes a name without a path for one in
 * the working directory, and a library that lies there would be loaded: with the rights of whoever runs this.
 *
 * @throws {NotPermittedError} It may not, and whoever was asked refused.
 */
function requireFullPermission(deno: typeof Deno): void {
  const asked = { name: "ffi" } as const;
  let { state, partial } = deno.permissions.querySync(asked);
  if (state === "prompt") ({ state, partial } = deno.permissions.requestSync(asked));
  if (state === "granted" && !partial) return;
  throw new NotPermittedError(
    `Cannot ${OPEN}: run with --allow-ffi (without a path: where only some paths are allowed, a library of ` +
      "that name in the working directory would be loaded)",
    { operation: OPEN },
  );
}

/** Whether a library is there, whatever functions it has. */
function isThere(deno: typeof Deno, name: string): boolean {
  try {
    deno.dlopen(name, {}).close();
    return true;
  } catch {
    return false;
  }
}

/** Deno. A function of a library is the runtime's own: nothing stands between a call and the library. */
export class DenoRuntime implements Runtime {
  readonly #deno: typeof Deno;

  constructor(deno: typeof Deno) {
    this.#deno = deno;
  }

  get os(): string {
    return this.#deno.build.os;
  }

  get arch(): string {
    return this.#deno.build.arch;
  }

  get inWorker(): boolean {
    return "DedicatedWorkerGlobalScope" in globalThis;
  }

  variable(name: string): string | undefined {
    const granted = this.#deno.permissions.querySync({ name: "env", variable: name }).state === "granted";
    return granted ? this.#deno.env.get(name) : undefined;
  }

  open<S extends LibrarySymbols>(names: readonly string[], symbols: S): Library<S> {
    const deno = this.#deno;
    requireFullPermission(deno);
    let failure: unknown = "no name to try";
    for (const name of names) {
      try {
        return deno.dlopen(name, symbols as Deno.ForeignLibraryInterface).symbols as unknown as Library<S>;
      } catch (cause) {
        failure = cause;
        if (isThere(deno, name)) break;
      }
    }
    throw noLibrary(names, failure);
  }

  pointerTo(bytes: Uint8Array<ArrayBuffer>): Pointer {
    return this.#deno.UnsafePointer.of(bytes) as unknown as Pointer;
  }

  pointerAt(address: bigint): Pointer {
    return this.#deno.UnsafePointer.create(address) as unknown as Pointer;
  }

  addressOf(pointer: Pointer): bigint {
    return this.#deno.UnsafePointer.value(pointer as unknown as DenoPointer);
  }

  textAt(pointer: Pointer): string {
    return this.#deno.UnsafePointerView.getCString(pointer as unknown as DenoPointer);
  }

  bytesAt(pointer: Pointer, length: number): ArrayBuffer {
    return this.#deno.UnsafePointerView.getArrayBuffer(pointer as unknown as DenoPointer, length);
  }

  poller(system: Waiting): DescriptorPoller {
    return new Poller(system, this.inWorker);
  }
}
