import type { Backend, NetnsHandle } from "./contract/backend.ts";
import { NO_CAPABILITIES } from "./contract/capabilities.ts";
import { UnsupportedError } from "./contract/errors.ts";
import type { SystemNumbers } from "./bsd/systems/layout.ts";
import type { FlagTable } from "./contract/flag_table.ts";
import type { Netns } from "./contract/netns.ts";
import { type BsdPlatform, isPlatform, type Platform, PLATFORMS } from "./contract/platform.ts";
import { runtime, variable } from "./ffi/runtime.ts";
import { flagTables } from "./flags.ts";

/** Makes a backend. It opens nothing yet. */
type MakeBackend = () => Backend;

async function loadLinux(): Promise<MakeBackend> {
  const { LinuxBackend } = await import("./linux/backend.ts");
  return () => new LinuxBackend();
}

async function loadBsd(platform: BsdPlatform): Promise<MakeBackend> {
  const { BsdBackend } = await import("./bsd/backend.ts");
  const numbers = await numbersOf(platform);
  return () => new BsdBackend(numbers);
}

/** The paths are literals: what installs or compiles a program finds the modules by them. */
async function numbersOf(platform: BsdPlatform): Promise<SystemNumbers> {
  switch (platform) {
    case "netbsd":
      return (await import("./bsd/systems/netbsd.ts")).NETBSD;
    case "freebsd":
      return (await import("./bsd/systems/freebsd.ts")).FREEBSD;
    case "openbsd":
      return (await import("./bsd/systems/openbsd.ts")).OPENBSD;
    case "dragonfly":
      return (await import("./bsd/systems/dragonfly.ts")).DRAGONFLY;
    case "darwin":
      return (await import("./bsd/systems/darwin.ts")).DARWIN;
  }
}

/** Loads what a system's backend needs, and nothing of other systems. */
export async function loadBackend(name: string): Promise<MakeBackend> {
  if (!isPlatform(name)) return () => unknownSystem(name);
  return name === "linux" ? await loadLinux() : await loadBsd(name);
}

/** A BSD's runtime may be one that was built for another system, so the environment goes before it. */
const SYSTEM_NAME = variable("NETFLAGS_PLATFORM") ?? runtime().os ?? "unknown";

// The calls are synchronous, so the modules of this machine's system are loaded with this one.
const makeBackend = await loadBackend(SYSTEM_NAME);

let chosen: Backend | undefined;

/** The backend of this machine, made when it is first needed. */
export function currentBackend(): Backend {
  return chosen ??= makeBackend();
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
export function openNetns(netns: Netns | undefined, backend: Backend = currentBackend()): NetnsHandle {
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
function here(backend: Backend): NetnsHandle {
  const nothing = (): void => {};
  return { backend, onGone: nothing, close: () => Promise.resolve(), [Symbol.dispose]: nothing };
}

/** Makes something that lives in a network namespace, and leaves that when it is closed; at once where making it fails. */
export function withNetns<T>(netns: Netns | undefined, make: (handle: NetnsHandle) => T): T {
  const handle = openNetns(netns);
  try {
    return make(handle);
  } catch (error) {
    void handle.close();
    throw error;
  }
}

/** Asks the backend of a network namespace, or of the one that this thread is in. */
export function askIn<T>(netns: Netns | undefined, ask: (backend: Backend) => T): T {
  if (netns === undefined) return ask(currentBackend());
  using handle = openNetns(netns);
  return ask(handle.backend);
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
  return currentBackend().capabilities.platform ?? refuseSystem(SYSTEM_NAME);
}

/**
 * The flags of a system: of the one in use, those of its kernel's version.
 *
 * @throws {InvalidInputError} There is no such platform.
 */
export function flagsOf(platform: Platform): FlagTable {
  const [flags] = flagTables(platform);
  const backend = currentBackend();
  return platform === backend.capabilities.platform ? backend.flags ?? flags : flags;
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
