/** From the import of netflags to the first answer, in ns: in a process that has done nothing else. */
const start = performance.now();
const { list } = await import("../../mod.ts");
const links = list();
console.log(Math.round((performance.now() - start) * 1e6));
if (links.length === 0) throw new Error("no interface");
