/** A BSD kernel in memory that stands in the place of the real system until it is disposed of. */
import { BsdBackend } from "../../../platforms/bsd/backend.ts";
import { SYSTEMS } from "../../../platforms/bsd/systems/systems.ts";
import type { BsdPlatform } from "../../../platforms/contract/platform.ts";
import { useBackend } from "../../../platforms/current.ts";
import { FakeBsdKernel, type FakeKernelOptions } from "../../../src/fake/bsd/kernel.ts";

/** The flags of a new interface: BROADCAST, SIMPLEX, MULTICAST. */
export const BORN = 0x8802;

/** The kernel, in use. */
export class FakeKernel extends FakeBsdKernel implements Disposable {
  /** The network that each wireless driver names, through a C library. */
  readonly networkOf = new Map<string, Uint8Array>();
  readonly #inUse: Disposable;

  constructor(platform: BsdPlatform, options?: FakeKernelOptions) {
    super(SYSTEMS[platform], options);
    this.#inUse = useBackend(new BsdBackend(SYSTEMS[platform], this));
  }

  [Symbol.dispose](): void {
    this.#inUse[Symbol.dispose]();
  }
}
