import { assert } from "@std/assert";
import { list } from "../../mod.ts";
import { assertAsIp, ipBatch, liveTest } from "./system.ts";

// They are left to the namespace's end: deleting so many one by one takes a kernel fifteen seconds.
liveTest("live: 1,000 links are told as ip tells them", async () => {
  await ipBatch(Array.from({ length: 1000 }, (_, i) => `link add dev many${i} type ifb`));
  await ipBatch(Array.from({ length: 300 }, (_, i) => `link set many${3 * i} up`));
  assertAsIp(list({ addresses: false }));
  assert(list().length > 1000);
});
