/** Kinds of interfaces that a user may have meant. */
import { closestWord } from "../../../platforms/common/options.ts";
import { list } from "../../query.ts";
import { isGlob } from "../../select/glob.ts";
import { plain, printError } from "../terminal/output.ts";

/** The kinds that Linux's own modules have (`rtnl_link_ops.kind`). Others exist, and so none is refused. */
const KINDS: readonly string[] = [
  ...["amt", "bareudp", "batadv", "bond", "bridge", "can", "dsa", "dummy", "erspan", "geneve", "gre", "gretap", "gtp"],
  ...["hsr", "ifb", "ip6erspan", "ip6gre", "ip6gretap", "ip6tnl", "ipip", "ipoib", "ipvlan", "ipvtap", "lowpan"],
  ...["macsec", "macvlan", "macvtap", "netdevsim", "netkit", "nlmon", "ovpn", "pfcp", "ppp", "rmnet", "sit", "team"],
  ...["tun", "vcan", "veth", "virt_wifi", "vlan", "vrf", "vti", "vti6", "vxcan", "vxlan", "wireguard", "wwan", "xfrm"],
];

function existing(): string[] {
  try {
    return list({ addresses: false }).flatMap(({ kind }) => kind ?? []);
  } catch {
    return []; // what asks next reports it
  }
}

/** The values of `--kind` on a command line. */
function kindsIn(args: readonly string[]): string[] {
  const end = args.includes("--") ? args.indexOf("--") : args.length;
  return args.slice(0, end)
    .flatMap((arg, i) => arg === "--kind" ? args[i + 1] ?? [] : arg.startsWith("--kind=") ? arg.slice(7) : [])
    .flatMap((value) => value.split(","))
    .filter((kind) => kind !== "" && !isGlob(kind));
}

/** Says of kinds that nobody knows which one may have been meant. Nothing is refused: a module may have any kind. */
export function noteKinds(args: readonly string[]): void {
  for (const kind of kindsIn(args).filter((one) => !KINDS.includes(one))) {
    const here = existing();
    const closest = here.includes(kind) ? undefined : closestWord(kind, [...KINDS, ...here]);
    if (closest !== undefined) printError(`No interface is of kind "${plain(kind)}": did you mean "${closest}"?`);
  }
}
