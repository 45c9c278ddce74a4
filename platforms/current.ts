import type { Backend } from "./contract/backend.ts";
import { NO_CAPABILITIES } from "./contract/capabilities.ts";
import { UnsupportedError } from "./contract/errors.ts";
import { isPlatform, type Platform, PLATFORMS } from "./contract/platform.ts";
import { hostOs, variable } from "./ffi/runtime.ts";
import { REGISTRY } from "./registry.ts";

let chosen: Backend | undefined;

/** The backend of this machine, made when it is first needed. */
export function currentBackend(): Backend {
  return chosen ??= chooseBackend(systemName());
}

/** Puts another backend in the place of this machine's until the result is disposed of: for tests. */
export function useBackend(backend: Backend): Disposable {
  const before = chosen;
  chosen = backend;
  return { [Symbol.dispose]: () => void (chosen = before) };
}

/** The platform whose backend is in use: whose flags and states are meant where nobody says. Linux's where it is unknown. */
export function usualPlatform(): Platform {
  return currentBackend().capabilities.platform ?? "linux";
}

/**
 * The platform whose backend is in use.
 *
 * @throws {UnsupportedError} netflags does not know this system.
 */
export function knownPlatform(): Platform {
  return currentBackend().capabilities.platform ?? refuseSystem(systemName());
}

/** A BSD's runtime may be one that was built for another system, so the environment goes before it. */
function systemName(): string {
  return variable("NETFLAGS_PLATFORM") ?? hostOs() ?? "unknown";
}

function chooseBackend(name: string): Backend {
  return isPlatform(name) ? REGISTRY[name].backend() : unknownSystem(name);
}

/** What stands for a system that netflags does not know: it can say so. */
function unknownSystem(name: string): Backend {
  const refuse = (): never => refuseSystem(name);
  return { capabilities: NO_CAPABILITIES, list: refuse, get: refuse, setFlags: refuse, subscribe: refuse };
}

function refuseSystem(name: string): never {
  throw new UnsupportedError(
    `Cannot read interfaces on "${name}": netflags knows ${PLATFORMS.join(", ")}`,
    { operation: "read interfaces" },
  );
}
