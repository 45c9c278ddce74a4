/** What a caller waits for, on this machine's interfaces. In a namespace of its own: unshare -n deno task bench */
import { get, ioctlFlags, list } from "../mod.ts";

const count = list({ addresses: false }).length;

Deno.bench(`list({ addresses: false }) of ${count} interfaces`, () => {
  list({ addresses: false });
});

Deno.bench(`list() of ${count} interfaces, with addresses`, () => {
  list();
});

Deno.bench('get("lo"), with addresses', () => {
  get("lo");
});

Deno.bench('ioctlFlags("lo"): 16 bits', () => {
  ioctlFlags("lo");
});
