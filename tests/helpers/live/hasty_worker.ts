/** A Worker that ends in the turn in which it begins to listen, in the way that it is called. */
import { waitFor, watch } from "../../../mod.ts";

const scope = self as unknown as { readonly name: string; postMessage(message: string): void; close(): void };

/** How it listens. */
const WAYS: Readonly<Record<string, () => unknown>> = {
  "a watcher": () => watch(),
  "a watcher of names with poll": () => watch({ names: "eth*", poll: 50, initial: true }),
  "a wait": () => waitFor("no-such-card", "present").catch(() => {}),
};

void WAYS[scope.name]!();
scope.postMessage("open");
scope.close();
