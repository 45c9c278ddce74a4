/** README's recipes for a shell, each run as it is printed, on a kernel that has what they speak of. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { commandLine } from "../helpers/netflags.ts";
import { clear, eventually, ip, liveTest } from "./system.ts";

const README = Deno.readTextFileSync(new URL("../../README.md", import.meta.url));

/** The line of a recipe that begins with these words. */
function recipe(begin: string): string {
  const line = README.split("\n").find((line) => line.startsWith(begin));
  assert(line !== undefined, `README has no line "${begin}..."`);
  return line;
}

/** Puts `netflags` on the path of a shell, with these permissions, as `deno install` does. */
function installed(folder: string, ...permissions: string[]): void {
  const words = [Deno.execPath(), ...commandLine(permissions)].map((word) => `'${word}'`).join(" ");
  Deno.writeTextFileSync(`${folder}/netflags`, `#!/bin/sh\nexec ${words} "$@"\n`, { mode: 0o755 });
}

/** What a shell makes of a line. */
async function shell(folder: string, line: string): Promise<{ code: number; out: string; err: string }> {
  const { code, stdout, stderr } = await new Deno.Command("sh", {
    args: ["-c", line],
    env: { PATH: `${folder}:${Deno.env.get("PATH")}` },
  }).output();
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)) as [string, string];
  return { code, out, err };
}

/** eth0 works, eth1 has no carrier. */
function cards(): void {
  ip("link add dev eth0 type veth peer name sw0");
  ip("link add dev eth1 type veth peer name sw1");
  for (const name of ["eth0", "sw0", "eth1"]) ip(`link set ${name} up`);
}

liveTest("live readme: what is asked, waited for and explained is answered as it says", async () => {
  const folder = Deno.makeTempDirSync();
  try {
    cards();
    installed(folder, "--allow-ffi");
    const asked = recipe("netflags wait eth0 connected --timeout 0");
    await eventually(async () => assertEquals((await shell(folder, asked)).code, 0));
    assertEquals((await shell(folder, asked.replace("eth0", "eth1"))).code, 1);

    const waiting = shell(folder, recipe("netflags wait --any"));
    ip("link add dev enp1s0 type veth peer name sw2");
    for (const name of ["enp1s0", "sw2"]) ip(`link set ${name} up`);
    assertEquals((await waiting).code, 0);

    const table = await shell(folder, "netflags list");
    const [heads, ...rows] = table.out.trimEnd().split("\n").map((line) => line.split(/ {2,}/));
    assertEquals(heads, README.split("\n").find((line) => line.startsWith("NAME "))!.split(/ {2,}/));
    assert(rows.some(([name, connected]) => name === "eth1@sw1" && connected === "no"), table.out);
    assertStringIncludes(
      (await shell(folder, "netflags explain eth1")).out,
      README.split("\n").find((line) => line.startsWith("eth1 is not connected"))!,
    );
    const points = await shell(folder, `timeout 5 ${recipe("netflags ap")}`);
    if (points.code !== 124) assertStringIncludes(points.err, "Cannot watch access points");
  } finally {
    clear();
    Deno.removeSync(folder, { recursive: true });
  }
});

liveTest("live readme: the hooks of its recipe run when the interface works and when it is cut off", async () => {
  const folder = Deno.makeTempDirSync();
  const told = `${folder}/told`;
  try {
    cards();
    installed(folder, "--allow-ffi", "--allow-run=sh");
    Deno.writeTextFileSync(`${folder}/logger`, `#!/bin/sh\necho "$@" >> ${told}\n`, { mode: 0o755 });
    const child = new Deno.Command("sh", {
      args: ["-c", `exec ${recipe("netflags run eth0")} >> ${told}`],
      env: { PATH: `${folder}:${Deno.env.get("PATH")}` },
    }).spawn();
    try {
      const says = (text: string) => eventually(() => assertStringIncludes(Deno.readTextFileSync(told), text));
      await says("eth0 works");
      ip("link set sw0 down");
      await says("eth0 is cut off");
    } finally {
      child.kill("SIGTERM");
      await child.status;
    }
  } finally {
    clear();
    Deno.removeSync(folder, { recursive: true });
  }
});
