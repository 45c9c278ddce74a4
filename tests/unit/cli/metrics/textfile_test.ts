/** The file of `netflags metrics --textfile`: what it may replace, where it is written, and what is left beside it. */
import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { NetflagsError } from "../../../../mod.ts";
import { checkWriting, writeWhole } from "../../../../src/cli/metrics/textfile.ts";

const LINUX = Deno.build.os === "linux";

function sh(script: string, cwd: string): void {
  const { success, stderr } = new Deno.Command("sh", { args: ["-c", script], cwd }).outputSync();
  assert(success, new TextDecoder().decode(stderr));
}

/** Runs in a folder that is removed afterwards, whatever is mounted in it. */
function inFolder(run: (folder: string) => void): void {
  const folder = Deno.makeTempDirSync();
  try {
    run(folder);
  } finally {
    if (LINUX) new Deno.Command("sh", { args: ["-c", "umount small 2>/dev/null"], cwd: folder }).outputSync();
    Deno.removeSync(folder, { recursive: true });
  }
}

const names = (folder: string): string[] => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();

/** What a path is that a file of metrics must not take the place of, and how it is made. */
const SPECIAL: readonly (readonly [what: string, make: string, needsRoot?: boolean])[] = [
  ["a directory", "mkdir it"],
  ["a FIFO", "mkfifo it"],
  ["a character device", "mknod it c 1 3", true],
  ["a block device", "mknod it b 7 99", true],
  ["a socket", "python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind(\"it\")'"],
];

const ROOT = LINUX && Deno.uid() === 0;

for (const [what, make, needsRoot] of SPECIAL) {
  if (needsRoot && !ROOT) console.error(`SKIPPED: not root on Linux, so ${what} as a file of metrics is not tried`);
  Deno.test({
    name: `textfile: ${what} is refused, directly and through links, and stays`,
    ignore: !LINUX || (needsRoot === true && !ROOT),
    fn: () =>
      inFolder((folder) => {
        sh(`${make} && ln -s it link && ln -s ${folder}/link further`, folder);
        const before = Deno.lstatSync(`${folder}/it`);
        for (const path of [`${folder}/it`, `${folder}/link`, `${folder}/further`]) {
          for (const write of [() => checkWriting(path), () => writeWhole(path, "a 1\n")]) {
            const { message } = assertThrows(write, NetflagsError);
            assertStringIncludes(message, `"${path}"`);
            assertStringIncludes(message, `it is ${what}`);
          }
        }
        const { mode, ino, rdev } = Deno.lstatSync(`${folder}/it`);
        assertEquals([mode, ino, rdev], [before.mode, before.ino, before.rdev]);
        assertEquals(names(folder), ["further", "it", "link"]);
      }),
  });
}

Deno.test({
  name: "textfile: through a link the file is written where the link leads, and the link stays",
  ignore: !LINUX,
  fn: () =>
    inFolder((folder) => {
      sh(
        "mkdir a b && echo old > a/file && ln -s ../a/file b/relative && ln -s $PWD/b/relative absolute && ln -s a/new " +
          "dangling && ln -s b around && mkdir c && ln -s ../around/../a/third c/link",
        folder,
      );
      writeWhole(`${folder}/absolute`, "a 1\n");
      assertEquals(Deno.readTextFileSync(`${folder}/a/file`), "a 1\n");
      writeWhole(`${folder}/around/relative`, "a 2\n");
      assertEquals(Deno.readTextFileSync(`${folder}/a/file`), "a 2\n");
      writeWhole(`${folder}/dangling`, "a 3\n");
      assertEquals(Deno.readTextFileSync(`${folder}/a/new`), "a 3\n");
      writeWhole(`${folder}/c/link`, "a 4\n");
      assertEquals(Deno.readTextFileSync(`${folder}/a/third`), "a 4\n");
      for (const link of ["absolute", "b/relative", "dangling", "around", "c/link"]) {
        assert(Deno.lstatSync(`${folder}/${link}`).isSymlink, link);
      }
      assertEquals(names(`${folder}/a`), ["file", "new", "third"]);
    }),
});

Deno.test({
  name: "textfile: a circle of links, a link into nowhere and a folder that is not there are errors",
  ignore: !LINUX,
  fn: () =>
    inFolder((folder) => {
      sh("ln -s two one && ln -s one two && ln -s none/file lost && echo > file", folder);
      for (const path of ["one", "lost", "none/file", "file/below"]) {
        const { message } = assertThrows(() => writeWhole(`${folder}/${path}`, "a 1\n"), NetflagsError);
        assertStringIncludes(message, `Cannot write "${folder}/${path}"`);
      }
      assertEquals(names(folder), ["file", "lost", "one", "two"]);
    }),
});

Deno.test({
  name: "textfile: on a full disk the old file stays, and nothing is left beside it",
  ignore: !ROOT,
  fn: () =>
    inFolder((folder) => {
      sh("mkdir small && mount -t tmpfs -o size=8k tmpfs small && echo old > small/it", folder);
      const { message } = assertThrows(() => writeWhole(`${folder}/small/it`, "a 1\n".repeat(10_000)), NetflagsError);
      assertStringIncludes(message, "No space left");
      assertEquals([names(`${folder}/small`), Deno.readTextFileSync(`${folder}/small/it`)], [["it"], "old\n"]);
      // No inode, too: root, the file, the link and the temporary file would be four.
      sh("umount small && mount -t tmpfs -o nr_inodes=2 tmpfs small && echo old > small/it", folder);
      assertThrows(() => writeWhole(`${folder}/small/it`, "a 1\n"), NetflagsError);
      assertEquals([names(`${folder}/small`), Deno.readTextFileSync(`${folder}/small/it`)], [["it"], "old\n"]);
    }),
});

Deno.test("textfile: a file is whole or not there, and nothing is left beside it", () =>
  inFolder((folder) => {
    const path = `${folder}/netflags.prom`;
    Deno.writeTextFileSync(`${path}.${Deno.pid}.tmp`, "left behind by a process of this number");
    writeWhole(path, "a 1\n");
    writeWhole(path, "a 2\n");
    assertEquals(names(folder), ["netflags.prom"]);
    assertEquals(Deno.readTextFileSync(path), "a 2\n");
  }));
