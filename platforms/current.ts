import type { Backend, Place } from "./contract/backend.ts";
import { NO_CAPABILITIES } from "./contract/capabilities.ts";
import { UnsupportedError } from "./contract/errors.ts";
import type { FlagTable } from "./contract/flag_table.ts";
import type { Netns } from "./contract/netns.ts";
import { isPlatform, type Platform, PLATFORMS } from "./contract/platform.ts";
import { hostOs, variable } from "./ffi/runtime.ts";
import { REGISTRY, systemOf } from "./registry.ts";

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

/**
 * The network namespace of a name, a path or a process; where none is said, the one that this thread is in, for as long
 * as it is.
 *
 * @throws {UnsupportedError} This system has no network namespaces.
 */
export function placeOf(netns: Netns | undefined, backend: Backend = currentBackend()): Place {
  if (netns === undefined) return here(backend);
  if (backend.enter !== undefined) return backend.enter(netns);
  const { platform } = backend.capabilities;
  const why = platform === "linux" ? "a system in memory has one alone" : "only a kernel of Linux has them";
  throw new UnsupportedError(
    `Cannot enter network namespace ${JSON.stringify(netns)} on ${platform ?? "this system"}: ${why}`,
    { operation: "enter a network namespace" },
  );
}

/** This thread's own network namespace, which nothing ends while the thread is in it. */
function here(backend: Backend): Place {
  const nothing = (): void => {};
  return { backend, onGone: nothing, close: () => Promise.resolve(), [Symbol.dispose]: nothing };
}

/** Makes something that lives in a network namespace, and leaves that when it is closed; at once where making it fails. */
export function placeFor<T>(netns: Netns | undefined, make: (place: Place) => T): T {
  const place = placeOf(netns);
  try {
    return make(place);
  } catch (error) {
    void place.close();
    throw error;
  }
}

/** Asks the backend of a network namespace, or of the one that this thread is in. */
export function askIn<T>(netns: Netns | undefined, ask: (backend: Backend) => T): T {
  if (netns === undefined) return ask(currentBackend());
  using place = placeOf(netns);
  return ask(place.backend);
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

/**
 * The flags of a system: of the one in use, those of its kernel's version.
 *
 * @throws {InvalidInputError} There is no such platform.
 */
export function flagsOf(platform: Platform): FlagTable {
  const { flags } = systemOf(platform);
  const backend = currentBackend();
  return platform === backend.capabilities.platform ? backend.flags ?? flags : flags;
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
