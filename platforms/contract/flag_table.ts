/**
 * One flag: its bit, its name without IFF_, who changes it, and what it says. "settable": a user may set and clear it.
 * "volatile": the kernel or the driver sets it, and what a user writes there is ignored.
 */
export type FlagRow = readonly [bit: number, name: string, change: "settable" | "volatile", meaning: string];
