import type { AnnounceMessage, InterfaceMessage, RouteAddressMessage } from "../../bsd.ts";
import type { FlagInfo } from "../../../platforms/contract/flag_table.ts";
import { type Platform, PLATFORMS } from "../../../platforms/contract/platform.ts";
import type { UndecodedMessage } from "../../../platforms/common/walk.ts";
import type { WirelessMessage, WirelessMessageLink } from "../../../platforms/contract/wireless.ts";
import type { AcknowledgementMessage, AddressMessage, LinkMessage } from "../../linux.ts";
import type { SysfsView } from "../../../platforms/contract/host.ts";
import type { Explanation, FlagExplanation, FlagWords } from "./explanation.ts";
import { STATUS } from "./status.ts";
import {
  array,
  type Described,
  number,
  object,
  oneOf,
  partial,
  ref,
  type Schema,
  sometimes,
  text,
  texts,
  time,
  whole,
  yesNo,
} from "./words.ts";

/** What `flags --json` prints. */
export interface FlagWord {
  readonly platform: Platform;
  readonly flags: number;
  readonly flagNames: readonly string[];
  /** Each flag that is set and has a name. */
  readonly set: readonly FlagInfo[];
}

const WORDS: Described<FlagWords> = {
  full: whole("What netlink tells: all 32 bits; on a BSD, if_flags"),
  ioctl: sometimes(whole("What SIOCGIFFLAGS tells (Linux)")),
  sysfs: sometimes(whole("What sysfs has; left out where it cannot be read, or is of another interface (Linux)")),
};

const FLAG: Described<FlagExplanation> = {
  name: text("The flag's name, without IFF_"),
  full: yesNo("Whether the full word has it"),
  ioctl: sometimes(yesNo("Whether the ioctl's word has it")),
  sysfs: sometimes(yesNo("Whether the word of sysfs has it")),
  setBy: oneOf<FlagExplanation["setBy"]>("Who sets it", { "users": true, "the kernel": true }),
  why: text("Why a word lacks it, or what it means"),
};

const EXPLANATION: Described<Explanation> = {
  name: text("The interface's name"),
  connected: sometimes(yesNo("Whether it works")),
  sentence: text("Why it is connected or not"),
  causes: array("The causes, the last being the root", { $ref: "#/$defs/Cause" }),
  words: object("What each source says of the flags", WORDS),
  sysfs: sometimes(oneOf<SysfsView>("Whose interface sysfs shows by that name", {
    this: true,
    another: true,
    unknown: true,
    none: true,
  })),
  flags: array("Each flag that is set in one of the words", object("What the words say of one flag", FLAG)),
  status: ref("InterfaceDetails", "Everything that is known of it"),
};

const FLAG_INFO: Described<FlagInfo> = {
  name: text("The kernel's name without IFF_"),
  bit: whole("The bit"),
  meaning: text("What it says of an interface"),
  volatile: yesNo("Whether the kernel or the driver sets it, so that what a user writes there is ignored"),
  settable: yesNo("Whether a user may set and clear it"),
};

const FLAG_WORD: Described<FlagWord> = {
  platform: { description: "Whose flags they are", type: "string", enum: PLATFORMS satisfies readonly Platform[] },
  flags: whole("The word"),
  flagNames: texts("The names of the bits set in it; a bit that has none is a number"),
  set: array("Each flag that is set and has a name", object("A flag", FLAG_INFO)),
};

const INDEX = whole("The interface's index");
const ADDRESSES = array("The address; none where it is of another family than IPv4 and IPv6", {
  $ref: "#/$defs/InterfaceAddress",
});

const LINK: Described<LinkMessage> = {
  message: oneOf<LinkMessage["message"]>("The kernel's name of it", { RTM_NEWLINK: true, RTM_DELLINK: true }),
  family: whole("The address family: 0 for the interface itself, 7 for what a bridge says of its port"),
  whole: yesNo("Whether it tells the interface's state"),
  ...partial(STATUS),
  index: INDEX,
  moved: sometimes(ref("InterfaceMove", "Where the interface went, of an RTM_DELLINK that tells a move")),
};

const ADDRESS: Described<AddressMessage> = {
  message: oneOf<AddressMessage["message"]>("The kernel's name of it", { RTM_NEWADDR: true, RTM_DELADDR: true }),
  index: INDEX,
  addresses: ADDRESSES,
};

const ACKNOWLEDGEMENT: Described<AcknowledgementMessage> = {
  message: oneOf<AcknowledgementMessage["message"]>("The kernel's name of it", { NLMSG_ERROR: true, NLMSG_DONE: true }),
  errno: { description: "The error number; 0 is success", type: "integer" },
  text: sometimes(text("The kernel's own words")),
};

const INTERFACE: Described<InterfaceMessage> = {
  message: oneOf<InterfaceMessage["message"]>("The kernel's name of it", { RTM_IFINFO: true, RTM_IFINFO2: true }),
  index: INDEX,
  name: sometimes(text("Its name; a live message has none")),
  flags: whole("The flag word. RUNNING in it is stale"),
  flagNames: texts("The names of the flags set"),
  type: text("The hardware type"),
  linkState: STATUS.linkState,
  mtu: whole("The largest payload in bytes"),
  hardwareAddress: sometimes(text("The hardware address; in a list only")),
};

const ROUTE_ADDRESS: Described<RouteAddressMessage> = {
  message: oneOf<RouteAddressMessage["message"]>("The kernel's name of it", {
    RTM_NEWADDR: true,
    RTM_DELADDR: true,
    RTM_CHGADDR: true,
    RTM_CHGADDRATTR: true,
  }),
  index: INDEX,
  name: sometimes(text("Its name, where the message has it")),
  addresses: ADDRESSES,
  hardwareAddress: sometimes(text("The hardware address, where the message is of one")),
};

const ANNOUNCEMENT: Described<AnnounceMessage> = {
  message: oneOf<AnnounceMessage["message"]>("The kernel's name of it", { RTM_IFANNOUNCE: true }),
  index: INDEX,
  name: text("Its name"),
  what: {
    description: "Whether it came or went; a number where it is neither",
    anyOf: [{ enum: ["arrival", "departure"] }, { type: "integer" }],
  },
};

const WIRELESS_LINK: Described<WirelessMessageLink> = {
  mloLinkId: whole("Which link"),
  ssid: sometimes(text("The link's network as text, where the message names one for it")),
  ssidHex: sometimes(text("Its bytes in hexadecimal")),
  frequency: sometimes(number("The channel's frequency in MHz")),
  width: sometimes(number("The channel's width in MHz")),
  hardwareAddress: sometimes(text("The link's own hardware address")),
};

const WIRELESS: Described<WirelessMessage> = {
  message: {
    description: "The kernel's name of the command, or its number",
    anyOf: [{ type: "string", pattern: "^NL80211_CMD_" }, { type: "integer" }],
  },
  wiphy: sometimes(whole("The radio's number")),
  index: sometimes(INDEX),
  name: sometimes(text("The interface's name")),
  wirelessType: sometimes(text('What it is used for: "station", "ap", "monitor", ...')),
  wdev: sometimes(number("The wireless device's id, which one without an interface has too")),
  ssid: sometimes(text("The network's name as text: bytes that are not UTF-8 become U+FFFD")),
  ssidHex: sometimes(text("Its bytes in hexadecimal")),
  mloLinkId: sometimes(whole("Which link of a multi-link device it is about")),
  frequency: sometimes(number("The channel's frequency in MHz")),
  width: sometimes(number("The channel's width in MHz")),
  mac: sometimes(text("A hardware address: the station's, the access point's, or the interface's own")),
  reason: sometimes(whole("Why something ended (IEEE 802.11 reason code)")),
  status: sometimes(whole("How something went (IEEE 802.11 status code; 0 is success)")),
  links: sometimes(array("The links of a multi-link device", object("A link", WIRELESS_LINK))),
};

const OTHER: Described<{ readonly message: string | number; readonly index?: number }> = {
  message: { description: "The kernel's name of it, or its number", type: ["string", "integer"] },
  index: sometimes(INDEX),
};

/** What stands beside a message that was read from a capture of many. */
interface Beside {
  readonly request?: true;
  readonly time?: string;
}

const CAPTURED: Described<Beside> = {
  request: sometimes({
    description: "Somebody asked the kernel with it; left out of what the kernel says",
    const: true,
  }),
  time: sometimes(time("When it was captured")),
};

/** A message, which may come from such a capture. */
function captured<T>(description: string, fields: Described<T>): Schema {
  return object<T & Beside>(description, { ...fields, ...CAPTURED } as unknown as Described<T & Beside>);
}

const FAMILY: Described<{ readonly message: "CTRL_CMD_NEWFAMILY"; readonly id: number; readonly family: string }> = {
  message: oneOf<"CTRL_CMD_NEWFAMILY">("The kernel's name of it", { CTRL_CMD_NEWFAMILY: true }),
  id: whole("The number of a family of generic netlink, since the last boot"),
  family: text("Its name"),
};

const UNREAD: Described<{ readonly message: string; readonly length: number }> = {
  message: text("Which family of netlink it is of"),
  length: whole("Its bytes"),
};

const UNDECODED: Described<Omit<UndecodedMessage, "message">> = {
  error: text("Why it cannot be decoded"),
  of: sometimes({
    description: "The name or number of the message, where its header is whole",
    type: ["string", "integer"],
  }),
};

/** What commands print that is no event. */
export const OUTPUT_DEFINITIONS: Readonly<Record<string, Schema>> = {
  Explanation: object("Why an interface is connected or not, and what each of its flag words says", EXPLANATION),
  FlagWord: object("A flag word in words", FLAG_WORD),
  DecodedMessage: {
    description: "A message",
    anyOf: [
      captured("A link (Linux, FreeBSD's netlink)", LINK),
      captured("An address (Linux, FreeBSD's netlink)", ADDRESS),
      captured("An acknowledgement, or the end of a list", ACKNOWLEDGEMENT),
      object("An interface (BSD)", INTERFACE),
      object("An address (BSD)", ROUTE_ADDRESS),
      object("An arrival or a departure (BSD)", ANNOUNCEMENT),
      captured("A wireless message (Linux)", WIRELESS),
      captured("A family of generic netlink, in a capture", FAMILY),
      captured("A message of another family, in a capture", UNREAD),
      captured("A message that says nothing of an interface's state", OTHER),
      captured("What cannot be decoded", UNDECODED),
    ],
  },
};
