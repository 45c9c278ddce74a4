/** What a command asks its machine for beside interfaces. A platform leaves out what it has no answer to. */
export interface Host {
  /** Whether this process was started with SIGHUP ignored, as by nohup(1). */
  ignoresHangUp?(): boolean;
  /** Whether a network namespace has this name. */
  hasNetns?(name: string): boolean;
  /** Calls `gone` when nobody reads this process's descriptor any more, until the result is disposed of. */
  onReaderGone?(fd: number, gone: () => void): Disposable;
  /**
   * Calls `ready` whenever this process's descriptor has something to read or has ended, and `failed` if that cannot be
   * waited for any more, until the result is disposed of. Nothing is read meanwhile.
   */
  onReadable?(fd: number, ready: () => void, failed: () => void): Disposable;
  /** Takes each key of a terminal as it comes, without echo, until the result is disposed of. Neither waits for it. */
  takeKeys?(fd: number): Disposable;
}

/**
 * The interface that sysfs shows under a name: this one, one of another network namespace, one whose namespace cannot
 * be found out, or none.
 */
export type SysfsView = "this" | "another" | "unknown" | "none";

/** The flag words of one interface that a system shows elsewhere than in its answer about it. */
export interface OtherWords {
  /** The 16 bits of SIOCGIFFLAGS; undefined if an ioctl cannot take the name. */
  readonly ioctl: number | undefined;
  /** The word of /sys/class/net/NAME/flags; undefined where sysfs does not show this interface. */
  readonly sysfs: number | undefined;
  /** Whose interface sysfs shows. */
  readonly sysfsView: SysfsView;
}
