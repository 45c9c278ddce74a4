/**
 * In the place of ifplugd(8) and netplugd(8): it sets an interface up, and runs a program when the cable is plugged in
 * and when it is pulled, as `ifplugd.action NAME up` and `ifplugd.action NAME down`. A cable that is back within five
 * seconds was never away, unless the card is another one. At its end it runs the program with "down", as ifplugd does.
 *
 *     deno add jsr:@netflags/netflags
 *     deno run --allow-ffi --allow-run=/etc/ifplugd/ifplugd.action ifplugd.ts eth0 /etc/ifplugd/ifplugd.action
 *
 * Setting it up needs root or CAP_NET_ADMIN (a BSD: root). SIGINT and SIGTERM end it. Without a program of one's own:
 * `netflags run eth0 --delay-down 5 --on-connected ... --on-disconnected ...`.
 */
import { NoSuchInterfaceError, setFlags, watch } from "@netflags/netflags";

type What = "up" | "down";
/** How long a cable must be in, and how long out, in milliseconds: ifplugd's -u and -d. */
const DELAYS = { up: 0, down: 5000 } as const;

function setUp(name: string): void {
  try {
    setFlags(name, { up: true });
  } catch (error) {
    if (!(error instanceof NoSuchInterfaceError)) throw error; // it is gone again
  }
}

/** Runs until the signal is aborted. `act` is run for one thing after the other, never for two at once. */
export async function ifplugd(name: string, act: (what: What) => Promise<void>, signal: AbortSignal): Promise<void> {
  let [done, seen]: [What, What] = ["down", "down"];
  let last = Promise.resolve();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const become = (what: What): void => {
    if (what === done) return;
    done = what;
    last = last.then(() => act(what)).catch((error) => console.error(`ifplugd: ${what} failed: ${error}`));
  };
  for await (const { type, status: card } of watch({ names: name, initial: true, addresses: false, signal })) {
    // A card that is not up cannot tell whether a cable is in. This one was just made, or just found.
    if ((type === "present" || type === "added") && !card.up) setUp(name);
    const gone = type === "removed" || type === "left";
    const what = !gone && card.connected === true ? "up" : "down";
    if (what === seen && !gone) continue; // another field changed: the delay goes on
    seen = what;
    clearTimeout(timer);
    if (gone) become(what); // a card that comes is another one
    else timer = setTimeout(become, DELAYS[what], what);
  }
  clearTimeout(timer);
  become("down");
  await last;
}

if (import.meta.main) {
  const [name = "eth0", action = "/etc/ifplugd/ifplugd.action"] = Deno.args;
  const end = new AbortController();
  for (const each of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(each, () => end.abort());
  await ifplugd(name, async (what) => {
    const { success, code } = await new Deno.Command(action, { args: [name, what], stdin: "null" }).spawn().status;
    if (!success) console.error(`ifplugd: ${action} ${name} ${what} ended with status ${code}`);
  }, end.signal);
}
