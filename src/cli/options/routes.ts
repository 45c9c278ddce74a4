import { UnsupportedError } from "../../../platforms/contract/errors.ts";
import { currentBackend } from "../../../platforms/current.ts";

/**
 * Refuses what asks for routes on a system whose routes netflags does not know: nothing would ever be reported.
 *
 * @param what What the user wants, after "Cannot".
 */
export function checkRoutes(what: string): void {
  const { route, capabilities: { platform } } = currentBackend();
  if (route !== undefined || platform === undefined) return;
  throw new UnsupportedError(`Cannot ${what}: netflags does not know the routes of ${platform}`, {
    operation: "read routes",
  });
}
