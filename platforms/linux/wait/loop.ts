/** What waiting by the runtime's event loop takes: loaded when it is tried, because who asks once never waits. */
export { openLoopHandle } from "../../ffi/event_loop.ts";
export { AioQueue } from "./aio.ts";
export { RingQueue } from "./io_uring.ts";
export { Trial } from "./loop_trial.ts";
export { LoopWaiter } from "./loop_waiter.ts";
