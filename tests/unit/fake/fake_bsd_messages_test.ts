/** Which messages the BSDs' kernel in memory sends of a change, in their order, as running kernels were seen to. */
import { assertEquals } from "@std/assert";
import type { RouteSocket } from "../../../platforms/bsd/libc/route_socket.ts";
import { SYSTEMS } from "../../../platforms/bsd/systems/systems.ts";
import { LOST, NOTHING } from "../../../platforms/common/drain.ts";
import type { BsdPlatform } from "../../../platforms/contract/platform.ts";
import { decodeRoute } from "../../../src/bsd.ts";
import { change, create, wantedOf } from "../../../src/fake/bsd/changes.ts";
import { FakeBsdKernel } from "../../../src/fake/bsd/kernel.ts";
import { type FakeInterface, fakeStatus } from "../../../src/testing.ts";
import { ADDRESS } from "../../helpers/made_up.ts";

/** Every message that waits in a socket. */
function messages(socket: RouteSocket): Uint8Array[] {
  const all: Uint8Array[] = [];
  const buffer = new Uint8Array(4096);
  for (let length; (length = socket.read(buffer)) !== NOTHING;) all.push(buffer.slice(0, length));
  return all;
}

/** A message in a few words: what of it differs from change to change. */
function words(platform: BsdPlatform, bytes: Uint8Array): string {
  const [message] = decodeRoute(bytes, platform);
  if (message === undefined || !("message" in message)) throw new Error("not decoded");
  const more: unknown[] = [];
  if ("flagNames" in message) more.push(`0x${message.flags.toString(16)}`, message.linkState, message.mtu);
  if ("what" in message) more.push(message.name, message.what);
  if ("addresses" in message) {
    more.push(
      ...message.addresses.map(({ address, broadcast, peer, flags }) =>
        [address, broadcast ?? peer, ...flags].join(" ")
      ),
    );
    more.push(...message.addresses.length > 0 ? [] : [message.hardwareAddress]);
  }
  return [message.message, ...more].join(" ");
}

const STEPS: readonly Omit<FakeInterface, "name">[] = [
  {},
  { flags: 0x8843 },
  { flags: 0x8843, linkState: "up" },
  { flags: 0x8943, linkState: "up" },
  { flags: 0x89c3, linkState: "up" },
  { flags: 0x89c3, linkState: "up", mtu: 1400 },
  { flags: 0x89c3, linkState: "up", mtu: 1400, hardwareAddress: "02:00:00:00:00:09" },
  { flags: 0x89c3, linkState: "up", mtu: 1400, hardwareAddress: "02:00:00:00:00:09", addresses: [ADDRESS] },
  {
    flags: 0x89c3,
    linkState: "up",
    mtu: 1400,
    hardwareAddress: "02:00:00:00:00:09",
    addresses: [{ ...ADDRESS, broadcast: "10.0.0.0" }],
  },
  { flags: 0x8982, linkState: "down", mtu: 1400, hardwareAddress: "02:00:00:00:00:09" },
];

const ARRIVAL = "RTM_IFANNOUNCE em0 arrival";
const DEPARTURE = "RTM_IFANNOUNCE em0 departure";
const NEWADDR = "RTM_NEWADDR 10.0.0.1 10.0.0.255";
const ZEROS = "RTM_NEWADDR 10.0.0.1 10.0.0.0";

/** What each step sends, and then the end of the interface, which is down with an address. */
const SENT: Readonly<Record<BsdPlatform, readonly (readonly string[])[]>> = {
  netbsd: [
    [ARRIVAL],
    ["RTM_IFINFO 0x8803 unknown 1500", "RTM_IFINFO 0x8843 unknown 1500"],
    ["RTM_IFINFO 0x8843 up 1500"],
    [],
    ["RTM_IFINFO 0x89c3 up 1500"], // NOARP, from 9.99 on
    [],
    ["RTM_NEWADDR 02:00:00:00:00:09", "RTM_CHGADDR 02:00:00:00:00:09"],
    [NEWADDR], // the filter leaves out the form of NetBSD 7
    [ZEROS],
    ["RTM_IFINFO 0x89c2 up 1400", `${ZEROS} detached`, "RTM_IFINFO 0x8982 down 1400"],
    [
      "RTM_IFINFO 0x8982 down 1400",
      "RTM_IFINFO 0x8982 down 1400",
      "RTM_DELADDR 10.0.0.1 10.0.0.0 detached",
      DEPARTURE,
    ],
  ],
  freebsd: [
    [ARRIVAL],
    ["RTM_IFINFO 0x8843 unknown 1500"],
    ["RTM_IFINFO 0x8843 up 1500"],
    ["RTM_IFINFO 0x8943 up 1500"],
    [],
    ["RTM_IFINFO 0x89c3 up 1400"],
    [],
    [NEWADDR],
    ["RTM_DELADDR 10.0.0.1 10.0.0.255", ZEROS],
    ["RTM_DELADDR 10.0.0.1 10.0.0.0", "RTM_IFINFO 0x89c2 up 1400", "RTM_IFINFO 0x8982 down 1400"], // it stays
    ["RTM_IFINFO 0x208982 down 1400", "RTM_DELADDR 10.0.0.1 10.0.0.0", DEPARTURE],
  ],
  openbsd: [
    [ARRIVAL],
    ["RTM_IFINFO 0x8843 unknown 1500"],
    ["RTM_IFINFO 0x8843 up 1500"],
    ["RTM_IFINFO 0x8943 up 1500"],
    ["RTM_IFINFO 0x89c3 up 1500"],
    ["RTM_IFINFO 0x89c3 up 1400"],
    [],
    [NEWADDR],
    ["RTM_DELADDR 10.0.0.1 10.0.0.255", ZEROS],
    ["RTM_IFINFO 0x89c2 up 1400", "RTM_IFINFO 0x8982 down 1400"],
    ["RTM_DELADDR 10.0.0.1 10.0.0.0", DEPARTURE],
  ],
  dragonfly: [
    [ARRIVAL],
    ["RTM_IFINFO 0x8843 unknown 1500"],
    ["RTM_IFINFO 0x8843 up 1500"],
    ["RTM_IFINFO 0x8943 up 1500"],
    [],
    ["RTM_IFINFO 0x89c3 up 1400"],
    [],
    [NEWADDR],
    ["RTM_DELADDR 10.0.0.1 10.0.0.255", ZEROS],
    ["RTM_IFINFO 0x89c2 up 1400", "RTM_IFINFO 0x8982 down 1400"],
    ["RTM_DELADDR 10.0.0.1 10.0.0.0", DEPARTURE],
  ],
  darwin: [
    [],
    ["RTM_IFINFO 0x8843  1500"],
    [],
    ["RTM_IFINFO 0x8943  1500"],
    [],
    ["RTM_IFINFO 0x89c3  1400"],
    [],
    [NEWADDR],
    ["RTM_DELADDR 10.0.0.1 10.0.0.255", ZEROS],
    ["RTM_IFINFO 0x89c2  1400"],
    ["RTM_DELADDR 10.0.0.1 10.0.0.0"],
  ],
};

for (const [platform, sent] of Object.entries(SENT) as [BsdPlatform, (typeof SENT)[BsdPlatform]][]) {
  Deno.test(`fake messages ${platform}: each change sends what its kernel sends, in that order`, () => {
    const numbers = SYSTEMS[platform];
    const kernel = new FakeBsdKernel(numbers, {
      version: { layout: 0, addresses: platform === "netbsd" ? "both" : "new" },
    });
    const socket = kernel.open();
    const told: string[][] = [];
    const read = () => void told.push(messages(socket).map((bytes) => words(platform, bytes)));
    for (const fields of STEPS) {
      const wanted = wantedOf(numbers, fakeStatus({ name: "em0", ...fields }, platform), fields.addresses);
      change(kernel, numbers, kernel.index("em0") || create(kernel, wanted, undefined), wanted);
      read();
    }
    kernel.destroy("em0");
    read();
    assertEquals(told, sent.map((one) => [...one]));
  });

  Deno.test(`fake messages ${platform}: a link-local address has the interface's index in it, and a mask is cut`, () => {
    const kernel = new FakeBsdKernel(SYSTEMS[platform]);
    kernel.create("em0", { index: 0x203 });
    const socket = kernel.open();
    const ip = [0xfe, 0x80, ...new Array<number>(13).fill(0), 1];
    kernel.addAddress("em0", { ip, prefixLength: 64 });
    const [bytes] = messages(socket);
    const hex = bytes!.toHex();
    assertEquals(hex.includes("fe800203" + "0".repeat(22) + "01"), true, hex);
    assertEquals(hex.includes("10ff000000000000" + "f".repeat(16)), true, hex); // 16 bytes of 24
    const [message] = decodeRoute(bytes!, platform);
    const [address] = message !== undefined && "addresses" in message ? message.addresses : [];
    assertEquals([address?.address, address?.prefixLength, address?.broadcast], ["fe80::1", 64, undefined]);
  });

  Deno.test(`fake messages ${platform}: what a driver says moves with a name, and ends with the interface`, () => {
    const kernel = new FakeBsdKernel(SYSTEMS[platform]);
    const media = { active: 0x20, link: true };
    kernel.create("em0");
    kernel.mediaOf.set("em0", media);
    kernel.rename("em0", "wan0");
    assertEquals([kernel.media("wan0")?.media, kernel.media("em0")], [{
      ...media,
      text: kernel.media("wan0")?.media?.text,
    }, undefined]);
    kernel.create("em0");
    assertEquals(kernel.media("em0")?.media, undefined);
    kernel.destroy("wan0");
    kernel.create("wan0");
    assertEquals([kernel.media("wan0")?.media, kernel.index("wan0")], [undefined, 1]);
    kernel.setFlags("wan0", 0x1081);
    assertEquals(kernel.flags("wan0"), 0x98c3); // what is the driver's stays, and RUNNING follows
  });

  Deno.test(`fake messages ${platform}: a full queue keeps the oldest messages, and says so once where that is told`, () => {
    for (const detectsOverflow of [true, false]) {
      const kernel = new FakeBsdKernel(SYSTEMS[platform], { capacity: 2, detectsOverflow });
      const socket = kernel.open();
      kernel.create("em0");
      for (const mtu of [1, 2, 3, 4]) {
        kernel.of("em0").mtu = mtu;
        kernel.tell("em0");
      }
      const buffer = new Uint8Array(4096);
      const lengths = Array.from({ length: 4 }, () => socket.read(buffer)).map((length) => Math.min(length, 1));
      const told = platform === "openbsd" ? 1 : LOST; // RTM_DESYNC is a message
      assertEquals(lengths, [1, 1, detectsOverflow ? told : NOTHING, NOTHING]);
    }
  });
}
