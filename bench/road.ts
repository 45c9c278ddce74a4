/** Messages of the Linux kernel in memory: what a watcher's own code takes of an event, without the real kernel's part. */
import { clockOf } from "../platforms/common/clock.ts";
import type { Backend } from "../platforms/contract/backend.ts";
import { currentBackend } from "../platforms/current.ts";
import { NetlinkBackend } from "../platforms/linux/backend.ts";
import * as N from "../platforms/linux/wire/numbers.ts";
import { Answers } from "../src/fake/linux/answers.ts";
import { newDevice } from "../src/fake/linux/born.ts";
import type { Device, DeviceAddress } from "../src/fake/linux/device.ts";
import { LinuxKernel } from "../src/fake/linux/kernel.ts";
import { FakeLibc } from "../src/fake/linux/libc.ts";
import { addressMessage, linkMessage } from "../src/fake/linux/messages.ts";

const ADDRESS: DeviceAddress = {
  family: N.AF_INET,
  local: Uint8Array.of(192, 0, 2, 1),
  peer: undefined,
  broadcast: undefined,
  prefixLength: 24,
  scope: N.RT_SCOPE_UNIVERSE,
  flags: 0,
  label: undefined,
};

/** A message about one card, in the kernel's bytes, and the group that it goes to. */
type Message = readonly [group: number, bytes: Uint8Array];

/** A card that loses its carrier and gets it back, another mtu once, and an address that comes and goes. */
function messagesOf({ form, cacheInfo }: LinuxKernel, device: Device): Message[] {
  const link = (fields: Partial<Device>): Message => [
    N.RTNLGRP_LINK,
    linkMessage({ ...device, ...fields }, { type: N.RTM_NEWLINK }, form),
  ];
  const address = (type: number): Message => [
    N.RTNLGRP_IPV4_IFADDR,
    addressMessage(device.index, ADDRESS, { type }, cacheInfo),
  ];
  const up = link({});
  const down = link({ carrier: false, operState: N.IF_OPER_DOWN });
  const longer = link({ mtu: 1400, extra: [...device.extra ?? [], [N.IFLA_AF_SPEC, new Uint8Array(400)]] });
  return [down, up, down, up, longer, up, address(N.RTM_NEWADDR), address(N.RTM_DELADDR)];
}

/**
 * The backend of Linux, on a kernel with one card, and what sends the next message about it. Every message is an event.
 * They are written beforehand, so that writing them is not measured.
 */
export function road(): { readonly backend: Backend; say(): void } {
  const kernel = new LinuxKernel();
  kernel.sockets.manual = true; // the listener is called at once, as by the runtime's event loop
  const device = newDevice(1, { name: "eth0", kind: "veth", type: "ether" });
  Object.assign(device, { flags: device.flags | N.IFF_UP, carrier: true, operState: N.IF_OPER_UP, carrierUps: 1 });
  device.extra = [[N.IFLA_STATS64, new Uint8Array(200)]];
  kernel.register(device);
  const script = messagesOf(kernel, device);
  const answers = new Answers(kernel);
  const libc = new FakeLibc(kernel.sockets, answers);
  const backend = Object.assign(new NetlinkBackend(() => libc), { clock: clockOf(currentBackend()) });
  let at = 0;
  return {
    backend,
    say: () => {
      const [group, bytes] = script[at++ % script.length]!;
      for (const socket of kernel.sockets.all) {
        if (!socket.groups.has(group)) continue;
        socket.receive(bytes);
        socket.wake();
      }
    },
  };
}
