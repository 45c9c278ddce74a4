/** A Worker that watches, and ends in the way that it is sent. It says first that everything is open. */
import { list, waitFor, watch } from "../../../mod.ts";

interface Scope {
  postMessage(message: string): void;
  close(): void;
  onmessage: ((event: MessageEvent<{ how: string; netns?: string }>) => void) | null;
}
const scope = self as unknown as Scope;

/** What the ways need that are not the Worker's own. */
const WAYS: Readonly<Record<string, (watchers: readonly Disposable[]) => void>> = {
  "self.close()": () => scope.close(),
  "close() and self.close()": (watchers) => {
    for (const watcher of watchers) watcher[Symbol.dispose]();
    scope.close();
  },
  "an error": () => {
    throw new Error("an error of the Worker's own");
  },
  "terminate()": () => {},
};

let watchers: readonly Disposable[] = [];
scope.onmessage = async ({ data: { how, netns } }) => {
  if (watchers.length > 0) return WAYS[how]!(watchers);
  list({ netns });
  const initial = watch({ initial: true, netns });
  watchers = [initial, watch({ addresses: true, netns }), watch({ names: "eth*", poll: 50, netns })];
  waitFor("no-such-card", "present", { netns }).catch(() => {});
  await initial.next();
  scope.postMessage("open");
};
