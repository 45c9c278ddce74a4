/** What the options of `netflags ap` make different. */
import { EPERM, FakeLinux } from "../../linux/kernel.ts";
import { NETNS, type OptionCase, type OptionCases, type OtherSystem } from "../options.ts";

let linux: FakeLinux;

/** A kernel with two access points that run. */
function radio(): OtherSystem {
  linux = new FakeLinux();
  for (const name of ["wlan0", "wlan1"]) {
    linux.set(name, { flags: 0x11043, operState: 6, carrier: true });
    linux.startAccessPoint(name, "net");
  }
  const fail = (): void => {
    linux.receiveErrno = EPERM;
    linux.tell(linux.find("wlan0")!);
  };
  return { fail, [Symbol.dispose]: () => linux[Symbol.dispose]() };
}

const FIRST: Pick<OptionCase, "on" | "args"> = { on: radio, args: ["--count", "1"] };
const lines = (text: string): number => text.split("\n").length - 1;

export const ap: OptionCases = {
  count: {
    on: radio,
    args: [],
    value: "1",
    see: ({ stdout }) => lines(stdout),
    without: 2,
    with: 1,
    meanwhile: ({ written, until }) => until(() => lines(written.stdout) === 2),
  },
  time: {
    ...FIRST,
    value: "none",
    see: ({ stdout }) => /^\d\d:\d\d:\d\d/.test(stdout),
    without: true,
    with: false,
  },
  json: { ...FIRST, see: ({ stdout }) => /^\{"schema":/.test(stdout), without: false, with: true },
  netns: {
    args: [],
    ...NETNS,
    meanwhile: async ({ system, given, until }) => {
      if (!given) await until(() => system.subscriptions > 0); // where there is nothing to see, it goes on
    },
  },
};
