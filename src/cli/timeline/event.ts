import { type Happening, hasCarrier, type Linked } from "../../watch/history.ts";
import type { Stamp } from "./course.ts";

/** What a picture needs to know of an interface's state: a status has it all, and so has one that was recorded. */
export interface PictureState extends Linked {
  readonly index: number;
  readonly name: string;
  readonly up: boolean;
  readonly operState: string | undefined;
  readonly wireless: { readonly ssid: string | undefined } | undefined;
}

/** What a picture needs to know of an event. */
export interface PictureEvent extends Omit<Happening, "time" | "elapsed">, Stamp {
  readonly status: PictureState;
  readonly previous: PictureState | undefined;
  readonly generation: number;
}

/** How a state is coloured: connected; up and not connected; not known; administratively down; a mark; anything else. */
export type Tone = "good" | "bad" | "doubtful" | "off" | "mark" | "plain";

/** How a state looks for as long as it lasts. */
export interface Look {
  /** Whether the line is high: of an interface that is not up, what a kernel says of the carrier is not to be trusted. */
  readonly carrier: boolean | undefined;
  readonly tone: Tone;
  /** The administrative state's letter and the operational one's. */
  readonly letters: string;
  readonly ssid: string | undefined;
}

/** A map: a record may hold any word, and an object has words of its own, such as "constructor". */
const OPER_LETTERS: ReadonlyMap<string, string> = new Map([
  ["up", "u"],
  ["down", "d"],
  ["lowerlayerdown", "l"],
  ["dormant", "o"],
  ["testing", "t"],
  ["notpresent", "n"],
]);

/** What the letters mean, in a line. */
export const LETTERS_HELP =
  "U/D up or down by the administrator; u up, d down, l lower layer down, o dormant, ? unknown";

export function lookOf(state: PictureState): Look {
  const oper = OPER_LETTERS.get(state.operState ?? state.linkState ?? "") ?? "?";
  const tone = !state.up
    ? "off"
    : state.connected === true
    ? "good"
    : state.connected === false && oper !== "o"
    ? "bad"
    : "doubtful";
  return {
    carrier: state.up && hasCarrier(state),
    tone,
    letters: (state.up ? "U" : "D") + oper,
    ssid: state.wireless?.ssid || undefined,
  };
}

export function sameLook(a: Look | undefined, b: Look | undefined): boolean {
  return a === b || (a !== undefined && b !== undefined && a.carrier === b.carrier && a.tone === b.tone &&
    a.letters === b.letters && a.ssid === b.ssid);
}
