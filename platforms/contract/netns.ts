/**
 * A network namespace (Linux): a name as in ip-netns(8), the path of a file (a text with "/"), or the id of a process.
 *
 * @example
 * ```ts
 * import { list, NetflagsError, type Netns } from "@netflags/netflags";
 *
 * const places: Netns[] = ["blue", "/run/netns/blue", 1]; // a name, a path, a process
 * for (const netns of places) {
 *   try {
 *     console.log(netns, list({ netns }).map(({ name }) => name));
 *   } catch (error) {
 *     if (!(error instanceof NetflagsError)) throw error; // there is none, or it needs root
 *   }
 * }
 * ```
 */
export type Netns = string | number;

/** The option of calls that ask one thing. */
export interface NetnsOptions {
  /**
   * The network namespace to ask in. Linux only. It needs root, or CAP_SYS_ADMIN both here and in the user namespace
   * that owns the network namespace. netflags makes its sockets there, and this thread stays in its own namespace. The
   * name is looked up once, at the call. If it later stands for another namespace, the file was removed or the process
   * has ended, watching and waiting end with a {@linkcode SystemError} that says so.
   *
   * @default {undefined} The namespace of this thread.
   */
  readonly netns?: Netns | undefined;
}
