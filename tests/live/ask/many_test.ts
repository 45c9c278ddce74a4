import { assert, assertEquals } from "@std/assert";
import { get, list, waitFor } from "../../../mod.ts";
import { assertAsIp, ip, ipBatch, liveTest } from "../../helpers/live/system.ts";

// They are left to the namespace's end: deleting so many one by one takes a kernel fifteen seconds.
liveTest("live: 1,000 links are told as ip tells them", async () => {
  await ipBatch(Array.from({ length: 1000 }, (_, i) => `link add dev many${i} type ifb`));
  await ipBatch(Array.from({ length: 300 }, (_, i) => `link set many${3 * i} up`));
  assertAsIp(list({ addresses: false }));
  assert(list().length > 1000);
});

liveTest("live: as many alternative names as a kernel takes break nothing", async () => {
  ip("link add dev named0 type ifb");
  const seen = waitFor("named0", (status) => status !== undefined && status.altNames.length >= 490, { timeout: 20000 });
  const names = Array.from({ length: 520 }, (_, i) => `${"x".repeat(120)}${i}`);
  await ipBatch(["link set named0 up", ...names.map((name) => `link property add dev named0 altname ${name}`)]);
  await seen;
  const { altNames } = get("named0")!;
  assert(altNames.length >= 490, `${altNames.length} names`);
  assertEquals(list().find(({ name }) => name === "named0")?.altNames, altNames);
  assertEquals(get(altNames.at(-1)!)?.name, "named0");
});
