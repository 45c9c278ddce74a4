import type { Backend } from "./backend.ts";
import type { Capabilities } from "./capabilities.ts";
import type { FlagTable } from "./flag_table.ts";
import type { Platform } from "./platform.ts";
import type { InterfaceMedia, InterfaceStatus } from "./status.ts";

/** The forms of captured messages: from the system's socket, or from one of its lists. */
export type MessageKind = "message" | "dump" | "netlink" | "nl80211";

/** The part of a decoded message that all systems share: its name or number, or why it cannot be decoded. */
export interface Decoded {
  readonly message?: string | number | undefined;
  readonly error?: string;
}

/** Some made-up fields of a status. The system works out the text of a medium's word. */
export type MadeUp = Partial<Omit<InterfaceStatus, "media">> & Pick<InterfaceStatus, "index" | "name"> & {
  readonly media?: Omit<InterfaceMedia, "text"> | undefined;
};

/** What netflags knows about a system. A platform provides it, and the registry lists it. */
export interface System {
  readonly platform: Platform;
  /** The flags of its newest version. */
  readonly flags: FlagTable;
  /** Those of older versions, if they differ. */
  readonly olderFlags: readonly FlagTable[];
  /** What its current kernels can report, as far as this is known without asking one. */
  readonly capabilities: Capabilities;
  /** Decoders of captured bytes. */
  readonly decoders: { readonly [kind in MessageKind]?: (bytes: Uint8Array) => readonly Decoded[] };
  /** Makes the backend for this machine's kernel. It opens nothing yet. */
  backend(): Backend;
  /**
   * Works out the fields that follow from others, by this system's rules. Fields that it cannot report become
   * undefined.
   */
  complete(fields: MadeUp): InterfaceStatus;
  /** Whether an interface stands for a device, by its names, kind and type alone. */
  isPhysical(status: InterfaceStatus): boolean;
}
