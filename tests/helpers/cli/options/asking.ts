/** What the options of the commands that ask and set make different. */
import { get } from "../../../../mod.ts";
import { EPERM, FakeLinux } from "../../linux/kernel.ts";
import { bytesOfFixture } from "./captured.ts";
import { namesIn, NETNS, type OptionCases, selecting } from "../options.ts";
import type { Result } from "../netflags.ts";

const isJson = ({ stdout }: Result): boolean => /^[[{]/.test(stdout);
const status = ({ status }: Result): number => status;
const JSON_CASE = { see: isJson, without: false, with: true } as const;

export const list: OptionCases = {
  active: { args: [], see: ({ stdout }) => namesIn(stdout), without: "lo eth0 veth0 tap0", with: "lo eth0" },
  addresses: { args: [], see: ({ stdout }) => / IP\n/.test(stdout), without: false, with: true },
  wide: { args: [], see: ({ stdout }) => /STATE/.test(stdout), without: false, with: true },
  json: { args: [], ...JSON_CASE },
  ...selecting({ args: [], see: ({ stdout }) => namesIn(stdout) }),
  netns: { args: [], ...NETNS },
};

export const show: OptionCases = {
  json: { args: ["eth0"], ...JSON_CASE },
  netns: { args: ["eth0"], ...NETNS },
};

export const route: OptionCases = {
  json: { args: [], ...JSON_CASE },
  netns: { args: [], ...NETNS },
};

export const explain: OptionCases = {
  verbose: { args: ["eth0"], see: ({ stdout }) => /^netlink word /m.test(stdout), without: false, with: true },
  json: { args: ["eth0"], ...JSON_CASE },
  netns: { args: ["eth0"], ...NETNS },
};

export const wait: OptionCases = {
  all: { args: ["eth0", "veth0", "up", "--any"], see: status, without: 0, with: 2 }, // one excludes the other
  any: { args: ["eth0", "veth0", "connected", "--timeout", "0"], see: status, without: 1, with: 0 },
  timeout: {
    args: ["new0", "present"],
    value: "0.01",
    see: status,
    without: 0,
    with: 124,
    meanwhile: async ({ system, given, until }) => {
      if (given) return await until(() => false); // until it ends
      await until(() => system.subscriptions > 0);
      system.set({ name: "new0" });
      await until(() => false);
    },
  },
  // What is waited for is not so, and the error says of which interfaces.
  quiet: {
    args: ["veth0", "connected", "--timeout", "0"],
    see: ({ stderr, status }) => [stderr === "", status],
    without: [false, 1],
    with: [true, 1],
  },
  ...selecting({ args: ["*", "absent", "--timeout", "0"], see: ({ stderr }) => namesIn(stderr) }),
  netns: { args: ["eth0", "up"], ...NETNS },
};

export const set: OptionCases = {
  "link-mode": {
    args: ["eth0", "up"],
    value: "dormant",
    see: () => get("eth0")?.linkMode,
    without: "default",
    with: "dormant",
  },
  "oper-state": {
    args: ["eth0", "up"],
    value: "dormant",
    see: () => get("eth0")?.operState,
    without: "up",
    with: "dormant",
  },
  "dry-run": { args: ["eth0", "down"], see: () => get("eth0")?.up, without: false, with: true },
  quiet: {
    on: () => {
      const linux = new FakeLinux();
      linux.set("eth0", { flags: 0x1003 });
      linux.refused.set(16, EPERM); // NETLINK_GENERIC, for wireless interfaces
      return { fail: () => {}, [Symbol.dispose]: () => linux[Symbol.dispose]() };
    },
    args: ["eth0", "up"],
    see: ({ stderr }) => /it is done without/.test(stderr),
    without: true,
    with: false,
  },
  netns: { args: ["eth0", "up"], ...NETNS },
};

export const flags: OptionCases = {
  platform: {
    args: ["0x800"],
    value: "netbsd",
    see: ({ stdout }) => /<(.*)>/.exec(stdout)?.[1],
    without: "SLAVE",
    with: "SIMPLEX",
  },
  json: { args: ["4163"], ...JSON_CASE },
};

/** A file with a message. */
const captured = (kind: "link" | "wireless", hex = false) => (folder: string): void =>
  Deno.writeFileSync(`${folder}/capture`, bytesOfFixture(kind, hex));

export const decode: OptionCases = {
  platform: {
    args: ["FOLDER/capture"],
    value: "linux",
    before: captured("link"),
    see: ({ stdout, stderr }) => /RTM_NEWLINK|--platform is missing/.exec(stdout + stderr)?.[0],
    without: "--platform is missing",
    with: "RTM_NEWLINK",
  },
  kind: {
    args: ["--platform", "linux", "FOLDER/capture"],
    value: "nl80211",
    before: captured("wireless"),
    see: ({ stdout }) => /NL80211_CMD_\w+/.exec(stdout)?.[0],
    without: undefined,
    with: "NL80211_CMD_SET_INTERFACE",
  },
  format: {
    args: ["--platform", "linux", "FOLDER/capture"],
    value: "binary",
    before: captured("link", true),
    see: status,
    without: 0,
    with: 1,
  },
  json: { args: ["--platform", "linux", "FOLDER/capture"], before: captured("link"), ...JSON_CASE },
};
