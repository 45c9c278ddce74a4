import { watch } from "../../../mod.ts";

for await (const { status: { name } } of watch({ initial: true })) {
  (self as unknown as Pick<Worker, "postMessage">).postMessage(name);
  break;
}
self.close();
