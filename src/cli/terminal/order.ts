import type { InterfaceStatus } from "../../../platforms/contract/status.ts";
import { STATUS_FIELDS } from "../../table/compare.ts";

/** A status, with its fields in the order in which they are documented. */
export function inOrder<T extends InterfaceStatus>(status: T): T {
  return { ...Object.fromEntries(STATUS_FIELDS.map((field) => [field, status[field]])), ...status };
}
