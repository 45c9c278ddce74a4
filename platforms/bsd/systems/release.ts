import type { SystemNumbers } from "./layout.ts";

/** A system's numbers as a release has them; of an unknown release, those of the newest. */
export function atRelease(system: SystemNumbers, release: number | undefined): SystemNumbers {
  const older = release === undefined ? undefined : system.older?.find(({ before }) => release < before);
  if (older === undefined) return system;
  const { before: _, ...its } = older;
  return { ...system, ...its };
}
