import { assert, assertEquals } from "@std/assert";
import { SYSTEMS } from "../../../../platforms/bsd/systems/systems.ts";
import { compiled } from "../../../helpers/compile.ts";

type Tree = { readonly [key: string]: Tree | number | readonly number[] | undefined };

/** What the numbers files say at a path such as `freebsd.0.14.long.mtu`. */
function declared(path: string): Tree | number | readonly number[] | undefined {
  const [platform, ...rest] = path.split(".");
  const system = SYSTEMS[platform as keyof typeof SYSTEMS] as unknown as Tree;
  if (rest[0] === "media" || rest[0] === "ifreq") return rest.reduce<Tree>((at, key) => at[key] as Tree, system);
  const [version, type, ...fields] = rest;
  const layout = (system.layouts as unknown as Tree[])[Number(version)]!;
  const message = (layout.messages as Tree)[type!] as Tree;
  const form = fields[0] === "long"
    ? message.long
    : message.interface ?? message.address ?? message.announce ?? message.route;
  return (form as Tree)[fields.at(-1)!];
}

const printed = Deno.build.os === "linux" ? compiled("bsd/layouts.c") : undefined;

Deno.test({
  name: "layouts: the numbers of each BSD are those that a C compiler gives its structures",
  ignore: printed === undefined,
  fn: () => {
    const lines = printed!.trim().split("\n");
    assert(lines.length > 100);
    for (const line of lines) {
      const [path, at, size] = line.split(" ");
      const found = declared(path!);
      const numbers = Array.isArray(found) ? found as readonly number[] : [found as unknown as number];
      // Where several sizes are known, the first is the compiler's.
      assertEquals(numbers[0], Number(at), path);
      if (size !== "0") assertEquals(numbers[1], Number(size), path);
    }
  },
});
if (printed === undefined) console.error("SKIPPED: no C compiler, so layouts are not held against one");
