import { isoTime } from "../options/time.ts";

/** Date and time of day, to the second. */
export function shortTime(time: number): string {
  return isoTime(time).slice(0, 19).replace("T", " ");
}

/** A length of time, as a person says it. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const seconds = ms / 1000;
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  const [days, hours, minutes] = [
    Math.floor(whole / 86400),
    Math.floor(whole / 3600) % 24,
    Math.floor(whole / 60) % 60,
  ];
  const parts: (readonly [number, string])[] = [[days, "d"], [hours, "h"], [minutes, "min"], [whole % 60, "s"]];
  const first = parts.findIndex(([count]) => count > 0);
  return parts.slice(first, first + 2).filter(([count]) => count > 0).map((part) => part.join(" ")).join(" ");
}

const [SECOND, MINUTE, HOUR, DAY] = [1000, 60_000, 3_600_000, 86_400_000] as const;
/** How far marks on the axis may be apart, in milliseconds. */
const STEPS = [
  ...[1, 2, 5, 10, 15, 30].map((count) => count * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((count) => count * MINUTE),
  ...[1, 2, 3, 6, 12].map((count) => count * HOUR),
  ...[1, 2, 7, 28, 91, 365, 3650].map((count) => count * DAY),
];

/** A mark on the time axis. */
export interface Tick {
  readonly time: number;
  readonly label: string;
}

/** The marks between two times, none nearer to the next than `least` milliseconds, at round times of the day. */
export function ticksOf(from: number, to: number, least: number): Tick[] {
  const step = STEPS.find((one) => one >= least) ?? Math.ceil(least / DAY) * DAY;
  const offset = -new Date(from).getTimezoneOffset() * MINUTE;
  const ticks: Tick[] = [];
  for (let time = Math.ceil((from + offset) / step) * step - offset; time < to; time += step) {
    const text = isoTime(time);
    ticks.push({
      time,
      label: step < MINUTE ? text.slice(11, 19) : step < DAY ? text.slice(11, 16) : text.slice(0, 10),
    });
  }
  return ticks;
}
