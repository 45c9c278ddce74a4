import { assert, assertEquals } from "@std/assert";
import { list } from "../../../mod.ts";
import { ipBatch, liveTest, sleep } from "../../helpers/live/system.ts";

// Those that stay are left to the namespace's end: deleting so many one by one takes a kernel long.
liveTest("live: listing while interfaces come and go misses none that stays", async () => {
  await ipBatch(Array.from({ length: 400 }, (_, i) => `link add dev s${i} type ifb`));
  let over = false;
  const churn = ipBatch(Array.from({ length: 400 }, (_, i) => `link ${i % 2 ? "del" : "add"} dev churn type ifb`))
    .finally(() => over = true);
  let rounds = 0;
  for (; !over; rounds++) {
    assertEquals(list({ addresses: false }).filter(({ name }) => /^s\d/.test(name)).length, 400);
    await sleep(0);
  }
  await churn;
  assert(rounds > 5);
});
