import type { Capabilities } from "../contract/capabilities.ts";

/**
 * What a kernel can report: what the current ones of its system can, as far as this one has not shown otherwise. Nothing
 * is asked for its sake. Whoever asks the kernel for something says here what the answer shows beside.
 */
export class Discovered {
  #capabilities: Capabilities;

  /** `current`: what the system's current kernels can report. */
  constructor(current: Capabilities) {
    this.#capabilities = Object.freeze({ ...current });
  }

  /** Plain data, which stays as it is. What is discovered later is in another object. */
  get capabilities(): Capabilities {
    return this.#capabilities;
  }

  /** Takes what the kernel has shown. */
  found(shown: Partial<Capabilities>): void {
    const keys = Object.keys(shown) as (keyof Capabilities)[];
    if (keys.every((key) => shown[key] === this.#capabilities[key])) return;
    this.#capabilities = Object.freeze({ ...this.#capabilities, ...shown });
  }
}
