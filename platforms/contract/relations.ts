import type { InterfaceStatus } from "./status.ts";

/**
 * Fills in the names of the interfaces that a status points to by index. The kernel tells indexes; names belong to
 * other interfaces and may change. Returns the status itself where its names are right already.
 */
export function nameRelations(
  status: InterfaceStatus,
  nameOf: (index: number) => string | undefined,
): InterfaceStatus {
  if (status.masterIndex === undefined && status.parentIndex === undefined) {
    if (status.master === undefined && status.parent === undefined) return status;
  }
  const master = status.masterIndex === undefined ? undefined : nameOf(status.masterIndex);
  // An index in another namespace says nothing of this one's interfaces.
  const foreign = status.parentIndex === undefined || status.parentNetnsId !== undefined;
  const parent = foreign ? undefined : nameOf(status.parentIndex!);
  return master === status.master && parent === status.parent ? status : { ...status, master, parent };
}
