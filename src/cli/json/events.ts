import type { AccessPointEvent } from "../../watch/running_points.ts";
import type { InterfaceChange, InterfaceEvent } from "../../table/event.ts";
import { STATUS_FIELDS } from "../../table/compare.ts";
import type { InterfaceMove } from "../../../platforms/contract/status.ts";
import { HOOKS } from "../../steps/hooks.ts";
import { VERSION } from "./version.ts";
import {
  type Described,
  number,
  object,
  oneOf,
  ref,
  type Schema,
  sometimes,
  text,
  texts,
  time,
  whole,
  yesNo,
} from "./words.ts";

/** What each line of events begins with. */
interface Head {
  readonly schema: number;
  readonly time: string;
}

/** What each line of events ends with. */
interface Steady {
  readonly elapsed: number;
  readonly started: string;
}

type Line = Head & Steady;

const HEAD: Described<Head> = {
  schema: { description: "The version of this form. New fields do not change it", const: VERSION },
  time: time("When netflags read of it, by the clock of the system as it was set then"),
};

const STEADY: Described<Steady> = {
  elapsed: number(
    "The time in milliseconds since watching began, by a clock that nobody sets and that goes on during sleep. Where " +
      "`started` is the same, the difference of two is the time between them",
  ),
  started: time("When this run of netflags was started, by the clock of the system as it was set then"),
};

const MOVE: Described<InterfaceMove> = {
  netnsId: { description: "The id that this namespace knows the other one by", type: "integer" },
  index: sometimes(whole("The interface's index there, where the kernel tells it")),
};

type EventLine =
  & Line
  & Omit<InterfaceChange, keyof Line>
  & Pick<InterfaceEvent, "type" | "previous">
  & { readonly moved?: InterfaceMove | undefined };

/** What a hook reads. */
type HookLine = Omit<EventLine, "type"> & {
  readonly hook: string;
  readonly type: InterfaceEvent["type"] | "end";
  readonly missed: number;
};

/** An event, field by field, but for what ends its line. */
const EVENT: Described<Omit<EventLine, keyof Steady>> = {
  ...HEAD,
  type: oneOf<InterfaceEvent["type"]>(
    "present: it was there when watching began; added: it came, or came to belong to what was asked for; changed: its " +
      "state did; removed: it is gone; left: it is there, and belongs no more to what was asked for",
    { present: true, added: true, changed: true, removed: true, left: true },
  ),
  status: ref("InterfaceStatus", "The state after it; of one that was removed the last that was known"),
  previous: sometimes(ref("InterfaceStatus", "The state before it; of changed, removed and left")),
  changed: {
    description:
      "The names of the fields that changed; one that went there and back is among them. What comes names all " +
      "fields that it brings, and what goes all that it takes: those that are not undefined, false, empty or a count of 0",
    type: "array",
    items: { type: "string", enum: STATUS_FIELDS },
  },
  flagsSet: texts("The flags that were set. A flag may be in both lists: it went there and back"),
  flagsCleared: texts("The flags that were cleared"),
  hiddenFlaps: sometimes(whole("How often the carrier came or went without an event that shows it")),
  ssids: texts("The SSIDs of the access points that started since its carrier was last told to change, oldest first"),
  generation: whole("Which life of the index this is: a kernel gives an index again"),
  resync: yesNo("Whether messages were lost, and this was computed from a list of everything"),
  moved: sometimes(ref("InterfaceMove", "Where a removed one went, if it is in another network namespace now")),
};

const { schema: EVENT_SCHEMA, ...EVENT_REST } = EVENT;

const ACCESS_POINT: Described<Line & Omit<AccessPointEvent, keyof Line>> = {
  ...HEAD,
  type: oneOf<AccessPointEvent["type"]>(
    "started: it began to send, or was there at the start; changed: it goes on with another SSID or on another channel; " +
      "stopped: it is no more",
    { started: true, changed: true, stopped: true },
  ),
  index: whole("The interface's index"),
  name: sometimes(text("The interface's name, as far as it is known")),
  ssid: text("The SSID as text; bytes that are not UTF-8 become U+FFFD"),
  ssidHex: text("The SSID's bytes in hexadecimal", { pattern: "^([0-9a-f]{2}){0,32}$" }),
  previousSsid: sometimes(text("The SSID that the interface had before, if one was known")),
  frequency: sometimes(number("The channel's frequency in MHz")),
  previousFrequency: sometimes(number("The frequency that it had before, if one was known")),
  mloLinkId: sometimes(whole("Which link of a multi-link access point")),
  wiphy: sometimes(whole("The radio's number")),
  initial: yesNo("Whether it was there when watching began"),
  status: sometimes(ref("InterfaceStatus", "The interface's state at that time")),
  ...STEADY,
};

/** The lines of events, by their names. */
export const EVENT_DEFINITIONS: Readonly<Record<string, Schema>> = {
  InterfaceEvent: object<EventLine>("A change of one interface", { ...EVENT, ...STEADY }),
  HookEvent: object<HookLine>("What a hook reads from its standard input", {
    schema: EVENT_SCHEMA,
    hook: {
      description: "Which hook it is: the option that gave the command, without on-",
      type: "string",
      enum: [...HOOKS, "while-up", "while-connected"],
    },
    ...EVENT_REST,
    type: oneOf<HookLine["type"]>(
      "As in InterfaceEvent; end: nothing happened, and the hook is run because netflags ends",
      { present: true, added: true, changed: true, removed: true, left: true, end: true },
    ),
    missed: whole("How often what the hook is for came or went since its last hook, without a hook of its own"),
    ...STEADY,
  }),
  AccessPointEvent: object("What happened to an access point", ACCESS_POINT),
  InterfaceMove: object("Where an interface went", MOVE),
};
