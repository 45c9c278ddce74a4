import type {
  AddressDetails,
  AddressLifetime,
  BondState,
  Cause,
  CauseCode,
  HardwareState,
  InterfaceDetails,
  KnownInterface,
  PortState,
} from "../../../platforms/contract/details.ts";
import type {
  InterfaceAddress,
  InterfaceMedia,
  InterfaceStatus,
  LinkMode,
  LinkState,
  OperState,
  WirelessLink,
  WirelessState,
} from "../../../platforms/contract/status.ts";
import {
  array,
  type Described,
  number,
  object,
  oneOf,
  ref,
  type Schema,
  sometimes,
  text,
  texts,
  whole,
  yesNo,
} from "./words.ts";

/** InterfaceStatus, field by field. */
export const STATUS: Described<InterfaceStatus> = {
  index: whole("The kernel's index. It is reused after an interface is gone"),
  name: text("Its name. A byte that is no UTF-8 is a lone surrogate, \\udc80 to \\udcff, as in Python's PEP 383"),
  altNames: texts("Alternative names (Linux)"),
  type: sometimes(text('The hardware type: "ether", "loopback", "none", ...; a number where it has no usual name')),
  kind: sometimes(text('The kind of a virtual interface (Linux): "veth", "bridge", ...; none of hardware and lo')),
  flags: whole("The flag word: 32 bits on Linux, and as many as the system has elsewhere"),
  flagNames: texts("The names of the bits set in flags, without IFF_"),
  up: yesNo("IFF_UP: somebody wants it up. It does not say that it works"),
  running: yesNo("IFF_RUNNING. On Linux: operational; on the BSDs: the driver has its resources"),
  lowerUp: sometimes(yesNo("IFF_LOWER_UP: the driver signals a carrier (Linux)")),
  dormant: sometimes(yesNo("IFF_DORMANT: the driver itself waits for something (Linux)")),
  operState: sometimes(oneOf<OperState>("RFC 2863 operational state (Linux)", {
    unknown: true,
    notpresent: true,
    down: true,
    lowerlayerdown: true,
    testing: true,
    dormant: true,
    up: true,
  })),
  linkMode: sometimes(oneOf<LinkMode>("Whether a carrier alone makes it operational (Linux)", {
    default: true,
    dormant: true,
    testing: true,
  })),
  carrier: sometimes(yesNo("Whether there is a carrier (Linux). It may be true of an interface that was never up")),
  carrierChanges: sometimes(whole("How often the carrier came or went since the interface was made (Linux)")),
  carrierUps: sometimes(whole("How often the carrier came (Linux)")),
  carrierDowns: sometimes(whole("How often the carrier went (Linux)")),
  linkState: sometimes(
    oneOf<LinkState>("The BSDs' link state", { unknown: true, down: true, up: true }),
  ),
  connected: sometimes(
    yesNo("Whether it really works, by its platform's rule; left out where the kernel tells too little"),
  ),
  mtu: sometimes(whole("The largest payload in bytes")),
  hardwareAddress: sometimes(
    text("The hardware address in lower-case hexadecimal with colons; tunnels have an IP address here"),
  ),
  master: sometimes(text("The name of the interface that it is a port of: bridge, bond, team, VRF (Linux)")),
  masterIndex: sometimes(whole("That interface's index")),
  masterKind: sometimes(text("That interface's kind")),
  parent: sometimes(text("The name of the interface below it: of a VLAN or macvlan; a veth's other end (Linux)")),
  parentIndex: sometimes(whole("That interface's index, in its own network namespace")),
  parentNetnsId: sometimes(whole("The id of the namespace that it is in, where that is another one")),
  addresses: sometimes(array("The addresses; left out where they were not asked for", {
    $ref: "#/$defs/InterfaceAddress",
  })),
  media: sometimes(ref("InterfaceMedia", "The medium in use (BSD)")),
  wireless: sometimes(ref("WirelessState", "What a wireless interface is used for, and its network")),
};

const ADDRESS: Described<InterfaceAddress> = {
  family: oneOf<InterfaceAddress["family"]>("The address family", { inet: true, inet6: true }),
  address: text("The interface's own address; of IPv6 as in RFC 5952"),
  prefixLength: whole("The length of the network's prefix in bits"),
  scope: sometimes(text('How far it is valid: "global", "site", "link", "host", "nowhere", or the kernel\'s number')),
  peer: sometimes(text("The other end's address, where it differs")),
  broadcast: sometimes(text("The broadcast address (IPv4)")),
  label: sometimes(text("The label, where it differs from the interface's name (Linux, IPv4)")),
  flags: texts('The names of its flags, in lower case: "tentative", "permanent", ...'),
};

const LIFETIME: Described<AddressLifetime> = {
  preferred: { description: "Until it is deprecated", anyOf: [{ type: "integer", minimum: 0 }, { const: "forever" }] },
  valid: { description: "Until it is removed", anyOf: [{ type: "integer", minimum: 0 }, { const: "forever" }] },
};

const ADDRESS_DETAILS: Described<AddressDetails> = {
  ...ADDRESS,
  lifetime: sometimes(object("How long it lives, in seconds from when it was asked for (Linux)", LIFETIME)),
};

const HARDWARE: Described<HardwareState> = {
  link: sometimes(yesNo("Whether the driver sees a link")),
  extendedState: sometimes(text('Why there is no link, in the kernel\'s words: "no-cable", "autoneg", ...')),
  extendedSubstate: sometimes(text('More of that: "no-partner-detected", "remote-fault", ...')),
  linkDowns: sometimes(whole("How often the driver saw the physical link go")),
  speed: sometimes(number("The speed in Mb/s")),
  duplex: sometimes(
    oneOf<NonNullable<HardwareState["duplex"]>>("Whether both ends may send at once", { half: true, full: true }),
  ),
  autonegotiation: sometimes(yesNo("Whether speed and duplex are negotiated")),
  port: sometimes(text('The connector: "tp", "fibre", "da", "none", "other", ...')),
};

const PORT: Described<PortState> = {
  kind: text('The kind of the master: "bond", "bridge", "team", "vrf", ...'),
  state: sometimes(text('Of a bond\'s port "active" or "backup"; of a bridge\'s the state of the spanning tree')),
  miiStatus: sometimes(text('What the bond\'s link monitor says: "up", "going-down", "down", "going-back"')),
  linkFailures: sometimes(whole("How often the bond's link monitor saw it fail")),
  vrfTable: sometimes(whole("The number of the VRF's routing table")),
};

const BOND: Described<BondState> = {
  mode: sometimes(text('"active-backup", "802.3ad", ...; the kernel\'s number where it has no name here')),
  activePort: sometimes(text("The name of the port that is in use, in the modes that use one")),
  activePortIndex: sometimes(whole("That port's index")),
};

const CAUSE: Described<Cause> = {
  code: oneOf<CauseCode>("Why it is not connected, in a word", {
    "down": true,
    "proto-down": true,
    "lower-down": true,
    "peer-down": true,
    "other-namespace": true,
    "no-ports": true,
    "ports-down": true,
    "link-monitor": true,
    "blocked": true,
    "no-carrier": true,
    "not-associated": true,
    "no-access-point": true,
    "dormant": true,
    "testing": true,
    "not-present": true,
    "undecided": true,
    "not-running": true,
  }),
  interfaceName: text("The name of the interface that it is about"),
  netnsId: sometimes(whole("The id of the network namespace that this interface is in, where it is another one")),
  text: text("The same for a person"),
};

const KNOWN: Described<Omit<InterfaceDetails, "causes" | "parentElsewhere">> = {
  ...STATUS,
  addresses: sometimes(array("The addresses", { $ref: "#/$defs/AddressDetails" })),
  protoDown: sometimes(yesNo("Whether a program holds it down (Linux)")),
  protoDownReasons: {
    description: "The numbers of the reasons that it gave",
    type: "array",
    items: { type: "integer" },
  },
  port: sometimes(ref("PortState", "What its master says of it (Linux)")),
  bond: sometimes(ref("BondState", "What it says as a bond (Linux)")),
  vlanId: sometimes(whole("A VLAN's number (Linux)")),
  vrfTable: sometimes(whole("The number of a VRF's own routing table (Linux)")),
  hardware: sometimes(ref("HardwareState", "What its driver says of the hardware (Linux)")),
};

const DETAILS: Described<InterfaceDetails> = {
  ...KNOWN,
  parentElsewhere: sometimes(ref("InterfaceElsewhere", "What is told of the interface below it in another namespace")),
  causes: array("Why it is not connected: each cause with the one behind it, the last being the root", {
    $ref: "#/$defs/Cause",
  }),
};

const MEDIA: Described<InterfaceMedia> = {
  active: whole("The raw word of the medium in use (ifm_active)"),
  link: sometimes(yesNo("Whether the link is there; left out where the driver does not say")),
  text: text("The medium in words, as the ifconfig of the system spells it"),
};

const WIRELESS: Described<WirelessState> = {
  type: sometimes(text('What it is used for: "station", "ap", "monitor", ...')),
  ssid: sometimes(text("The network that it runs or is connected to, as text; bytes that are not UTF-8 become U+FFFD")),
  ssidHex: sometimes(text("The SSID's bytes in hexadecimal", { pattern: "^([0-9a-f]{2}){0,32}$" })),
  frequency: sometimes(number("The channel's frequency in MHz (Linux)")),
  links: sometimes(array("The links of a multi-link device (Linux)", { $ref: "#/$defs/WirelessLink" })),
};

const WIRELESS_LINK: Described<WirelessLink> = {
  mloLinkId: whole("Which link"),
  ssid: sometimes(text("The link's network as text; bytes that are not UTF-8 become U+FFFD")),
  ssidHex: sometimes(text("The SSID's bytes in hexadecimal", { pattern: "^([0-9a-f]{2}){0,32}$" })),
  frequency: sometimes(number("The channel's frequency in MHz")),
  hardwareAddress: sometimes(text("The link's own hardware address: of an access point, its BSSID")),
};

/** What the outputs are made of, by the names that the API gives it. */
export const STATUS_DEFINITIONS: Readonly<Record<string, Schema>> = {
  InterfaceStatus: object("Everything that the kernel tells of one interface. What it cannot tell is left out", STATUS),
  InterfaceAddress: object("An address of an interface", ADDRESS),
  InterfaceMedia: object("What a BSD driver says of its medium", MEDIA),
  WirelessState: object("What is told of a wireless interface", WIRELESS),
  WirelessLink: object("One link of a wireless multi-link device", WIRELESS_LINK),
  InterfaceDetails: object("Everything that is known of one interface, with why it is not connected", DETAILS),
  InterfaceElsewhere: object<KnownInterface>(
    "An interface in another network namespace",
    { ...KNOWN, parentElsewhere: DETAILS.parentElsewhere },
  ),
  AddressDetails: object("An address with its lifetime", ADDRESS_DETAILS),
  HardwareState: object("What a driver says of its hardware", HARDWARE),
  PortState: object("What the master of an interface says of it as its port", PORT),
  BondState: object("What a bond says of itself", BOND),
  Cause: object("One of the causes for which an interface is not connected", CAUSE),
};
