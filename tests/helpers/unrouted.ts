import type { Backend } from "../../platforms/contract/backend.ts";
import { LINUX_CAPABILITIES } from "../../platforms/linux/libc/capabilities.ts";

/** A backend whose routes netflags does not know: no platform of today is one. */
export function unroutedBackend(): Backend {
  const none = (): never => {
    throw new Error("asked");
  };
  return { capabilities: LINUX_CAPABILITIES, list: () => [], get: () => undefined, setFlags: none, subscribe: none };
}
