/** What `explain` advises where a BSD's driver waits for something that is no cable, as kernels of FreeBSD were seen. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { get } from "../../../mod.ts";
import { FakeKernel } from "../../helpers/bsd/kernel.ts";
import { runHere } from "../../helpers/cli/in_process.ts";

/** IFM_ETHER, with IFM_AUTO and with IFM_1000_T | IFM_FDX. */
const AUTOSELECT = { active: 0x20, link: false };
const GIGABIT = { active: 0x100030, link: false };

/** Interfaces that are up as FreeBSD 15.1 made them, with nothing else done to them. */
const BARE = [
  { name: "gif0", type: 240, flags: 0x8011, says: "it has no tunnel", todo: "ifconfig gif0 tunnel" },
  { name: "gre3", type: 131, flags: 0x8011, says: "it has no tunnel", todo: "ifconfig gre3 tunnel" },
  { name: "vlan0", type: 135, flags: 0x8003, says: "it has no parent", todo: "ifconfig vlan0 vlan TAG vlandev PARENT" },
  { name: "tun0", type: 23, flags: 0x8011, says: "no program has opened it", todo: "start the program that opens it" },
  { name: "tap0", flags: 0x8803, media: GIGABIT, says: "no program has opened it", todo: "start the program" },
  // FreeBSD 12 has it running, open or not.
  { name: "tap9", flags: 0x8843, media: AUTOSELECT, says: "no program has opened it", todo: "start the program" },
  {
    name: "lagg0",
    flags: 0x8843,
    media: AUTOSELECT,
    says: "none of its ports has one",
    todo: "ifconfig lagg0 laggport",
  },
] as const;

for (const { name, says, todo, ...fields } of BARE) {
  Deno.test(`bsd remedy: a ${name} that was only made and set up lacks no cable, and explain says what it lacks`, async () => {
    using kernel = new FakeKernel("freebsd");
    const media = "media" in fields ? fields.media : undefined;
    kernel.create(name, { type: 6, ...fields, linkState: 0 });
    if (media !== undefined) kernel.mediaOf.set(name, media);
    assertEquals(get(name)?.connected, false);
    const { stdout } = await runHere(["explain", name]);
    assertStringIncludes(stdout, says);
    assertStringIncludes(stdout, todo);
    assertEquals(stdout.includes("cable"), false, stdout);
  });
}

Deno.test("bsd remedy: each system's ifconfig has its own words for the parent of a vlan", async () => {
  const words = { netbsd: "vlan TAG vlanif PARENT", openbsd: "vnetid TAG parent PARENT", dragonfly: "vlandev PARENT" };
  for (const [platform, text] of Object.entries(words)) {
    using kernel = new FakeKernel(platform as keyof typeof words);
    kernel.create("vlan0", { type: 135, flags: 0x8003, linkState: 0 });
    assertStringIncludes((await runHere(["explain", "vlan0"])).stdout, text, platform);
  }
});

Deno.test("bsd remedy: a card without a cable, and a tap that is open but has none, are told of the cable as ever", async () => {
  using kernel = new FakeKernel("freebsd");
  kernel.create("em0", { type: 6, flags: 0x8843, linkState: 1 });
  kernel.mediaOf.set("em0", GIGABIT);
  kernel.create("wan0", { type: 6, flags: 0x8803, linkState: 1 });
  for (const name of ["em0", "wan0"]) {
    assertStringIncludes((await runHere(["explain", name])).stdout, `plug in the cable of ${name}`);
  }
});
