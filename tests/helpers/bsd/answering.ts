/** A BSD kernel in memory whose answers about routes a test writes. */
import { NOTHING } from "../../../platforms/common/drain.ts";
import type { RouteQuestions } from "../../../platforms/bsd/libc/route_socket.ts";
import { SYSTEMS } from "../../../platforms/bsd/systems/systems.ts";
import type { BsdPlatform } from "../../../platforms/contract/platform.ts";
import { Builder, type BuiltRoute } from "../../../src/fake/bsd/builder.ts";
import { ASKER } from "../../../src/fake/bsd/routes.ts";
import { FakeKernel } from "./kernel.ts";

/** The addresses of its em0. */
export const IPS = [{ ip: [192, 0, 2, 2], prefixLength: 24 }];
/** An answer that is right: the default of IPv4. */
export const ANSWER: BuiltRoute = {
  ip: [0, 0, 0, 0],
  prefixLength: 0,
  flags: 0x843,
  index: 1,
  gateway: [192, 0, 2, 1],
  ifa: [192, 0, 2, 2],
};

/** What a kernel queues in answer to a request. */
export type Answers = (request: Uint8Array, right: (route?: Partial<BuiltRoute>) => Uint8Array) => Uint8Array[];

/** A kernel with em0 whose answers are written by the test; `sent` has the requests. */
export function answering(platform: BsdPlatform, answers: Answers) {
  const build = new Builder(SYSTEMS[platform]);
  const sent: Uint8Array[] = [];
  let waits = 0;
  class Kernel extends FakeKernel {
    override ask(): never {
      const queue: Uint8Array[] = [];
      const questions: RouteQuestions = {
        send: (request) => {
          sent.push(request.slice());
          const { seq } = build.question(request);
          const link = { ...this.of("em0") };
          const right = (route: Partial<BuiltRoute> = {}) =>
            build.route("RTM_GET", { ...ANSWER, link, pid: ASKER, seq, ...route });
          queue.push(...answers(request, right));
          return 0;
        },
        read: (buffer) => {
          const message = queue.shift();
          if (message === undefined) return NOTHING;
          buffer.set(message.subarray(0, buffer.length));
          return Math.min(message.length, buffer.length);
        },
        wait: () => (waits++, queue.length > 0),
        close: () => {},
      };
      return questions as never;
    }
  }
  const kernel = new Kernel(platform);
  kernel.create("em0", { flags: 0x8843, ips: IPS });
  return { kernel, sent, waits: () => waits };
}
