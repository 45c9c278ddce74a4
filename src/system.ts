import { LinuxBackend } from "../platforms/linux/backend.ts";
import { BsdBackend } from "../platforms/bsd/backend.ts";
import { isBsdPlatform, SYSTEMS } from "../platforms/bsd/systems.ts";
import type { Backend } from "../platforms/contract/backend.ts";
import { variable } from "../platforms/ffi/runtime.ts";
import { UnsupportedError } from "../platforms/contract/errors.ts";
import { hostPlatform, PLATFORMS } from "../platforms/contract/platform.ts";

let chosen: Backend | undefined;

/** The backend of this machine, made when it is first needed. */
export function currentBackend(): Backend {
  return chosen ??= chooseBackend(variable("NETFLAGS_PLATFORM") ?? hostPlatform() ?? Deno.build.os);
}

/** Puts another backend in the place of this machine's until the result is disposed of: for tests. */
export function useBackend(backend: Backend): Disposable {
  const before = chosen;
  chosen = backend;
  return { [Symbol.dispose]: () => void (chosen = before) };
}

function chooseBackend(platform: string): Backend {
  switch (platform) {
    case "linux":
      return new LinuxBackend();
    default:
      if (isBsdPlatform(platform)) return new BsdBackend(SYSTEMS[platform]);
      throw new UnsupportedError(
        `Cannot read interfaces on "${platform}": netflags knows ${PLATFORMS.join(", ")}`,
        { operation: "read interfaces" },
      );
  }
}
