import type { Backend } from "./backend.ts";
import type { Capabilities } from "./capabilities.ts";
import type { FlagTable } from "./flag_table.ts";
import type { Platform } from "./platform.ts";
import type { InterfaceMedia, InterfaceStatus } from "./status.ts";

/** The forms in which a system's messages are captured: as its socket tells them, or as one of its lists has them. */
export type MessageKind = "message" | "dump" | "netlink" | "nl80211";

/** A decoded message, as far as all systems agree: its name or number, or why it cannot be decoded. */
export interface Decoded {
  readonly message?: string | number | undefined;
  readonly error?: string;
}

/** Some of the fields of a status, made up by somebody. What a medium's word says in words, a system knows itself. */
export type MadeUp = Partial<Omit<InterfaceStatus, "media">> & Pick<InterfaceStatus, "index" | "name"> & {
  readonly media?: Omit<InterfaceMedia, "text"> | undefined;
};

/** What netflags knows of a system: a platform fills this in, and the registry lists it. */
export interface System {
  readonly platform: Platform;
  readonly flags: FlagTable;
  /** What its current kernels can tell, as far as that is known without asking one. */
  readonly capabilities: Capabilities;
  /** Decoders of captured bytes. */
  readonly decoders: { readonly [kind in MessageKind]?: (bytes: Uint8Array) => readonly Decoded[] };
  /** Makes what reads this machine's kernel. It opens nothing yet. */
  backend(): Backend;
  /** Works out the fields that follow from others, by this system's rules; what it cannot tell becomes undefined. */
  complete(fields: MadeUp): InterfaceStatus;
  /** Whether an interface stands for a device, by its names, kind and type alone. */
  isPhysical(status: InterfaceStatus): boolean;
}
