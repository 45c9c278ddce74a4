import { UnsupportedError } from "../contract/errors.ts";
import type { DescriptorCalls, DescriptorPoller, Polled, Ready, Registration } from "./contract.ts";
import { LoopEntry, notTaken, type ReadableHandle } from "./loop_entry.ts";
import { nodeProcess, type PipeBinding } from "./node_host.ts";

const OPERATION = "wait for interface events";

/** No room: the runtime says that there is something to read, and leaves it where it is. */
const NO_ROOM = new Uint8Array(0);

/** The runtime's handle for pipes, where it is given away. */
function pipeBinding(): PipeBinding {
  let failure: unknown;
  try {
    const binding = nodeProcess().binding?.("pipe_wrap");
    if (binding !== undefined) return binding;
  } catch (error) {
    failure = error; // as with --permission
  }
  throw new UnsupportedError(
    `Cannot ${OPERATION}: this thread may not use the event loop (process.binding): watch on the main thread`,
    { operation: OPERATION, cause: failure },
  );
}

/** A handle for pipes, which owns the descriptor; undefined where the runtime does not take it. */
function openPipe({ Pipe, constants }: PipeBinding, fd: number, answered: () => void): ReadableHandle | undefined {
  const pipe = new Pipe(constants.SOCKET);
  if (pipe.open(fd) !== 0) {
    pipe.close();
    return undefined;
  }
  pipe.useUserBuffer(NO_ROOM);
  pipe.onread = answered;
  let reads = false; // begun twice, it is an error
  return {
    start: () => reads ||= pipe.readStart() === 0,
    stop: () => {
      reads = false;
      pipe.readStop();
    },
    close: (closed) => pipe.close(closed),
  };
}

/**
 * Waits by the handle that Node.js has for pipes, which reads from any descriptor: here, into no room at all. It is no
 * public API. But the runtime knows the handle: at the end of a Worker, whoever ends it, it closes the handle and its
 * descriptor, which is a duplicate.
 */
export class PipePoller implements DescriptorPoller {
  readonly byEventLoop = true;
  readonly #system: DescriptorCalls;

  constructor(system: DescriptorCalls) {
    this.#system = system;
  }

  add(fd: number, ready: Ready, failed: (error: unknown) => void): Polled {
    return this.#add(fd, new LoopEntry(ready, failed, () => this.#system.close(fd)));
  }

  addErrors(): never {
    throw new UnsupportedError(`Cannot ${OPERATION}: a handle for pipes cannot wait for an error alone`, {
      operation: OPERATION,
    });
  }

  addBorrowed(fd: number, ready: Ready, failed: (error: unknown) => void): Registration {
    return this.#add(fd, new LoopEntry(ready, failed, () => {}));
  }

  #add(fd: number, entry: LoopEntry): Polled {
    const binding = pipeBinding();
    const own = this.#system.duplicate(fd);
    const handle = own < 0 ? undefined : openPipe(binding, own, () => entry.answered());
    if (handle === undefined) {
      if (own >= 0) this.#system.close(own);
      throw notTaken();
    }
    entry.begin(handle);
    return entry;
  }
}
