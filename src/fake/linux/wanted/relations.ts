import type { FakeFields } from "../../fake.ts";
import { checkNumber } from "../../texts.ts";
import type { Device } from "../device.ts";
import { contradict, type Neighbours } from "./contradict.ts";

/** The interfaces that a status refers to, by name or by index. A master is there; a parent may be gone or elsewhere. */
export function relationsOf(
  before: Device,
  fields: FakeFields,
  others: Neighbours,
): Pick<Device, "master" | "parent" | "parentNetnsId"> {
  const { name, parentNetnsId } = { parentNetnsId: before.parentNetnsId, ...fields };
  if (parentNetnsId !== undefined) checkNumber(parentNetnsId, 0, 31);
  const master = referred(before.master, "master", fields, others);
  const parent = referred(before.parent, "parent", fields, others);
  for (let above = master; above !== undefined; above = others.at(above)?.master) {
    if (above === before.index) {
      contradict(name, `master ${master}`, `index ${above}`, "no interface is its own master");
    }
  }
  if (master !== undefined && others.at(master) === undefined) {
    contradict(name, `masterIndex ${master}`, "the interfaces that there are", "set the master first");
  }
  if (parent === before.index && parentNetnsId === undefined) {
    contradict(name, `parentIndex ${parent}`, `index ${parent}`, "Linux says nothing of a parent that is itself");
  }
  if (parentNetnsId !== undefined && fields.parent !== undefined) {
    contradict(
      name,
      `parent ${JSON.stringify(fields.parent)}`,
      `parentNetnsId ${parentNetnsId}`,
      "an interface of another namespace has no name here; give its parentIndex",
    );
  }
  return { master, parent, parentNetnsId };
}

function referred(
  before: number | undefined,
  field: "master" | "parent",
  fields: FakeFields,
  others: Neighbours,
): number | undefined {
  const index = fields[`${field}Index`];
  const called = fields[field];
  if (index !== undefined) checkNumber(index, 1, 31);
  if (called === undefined) return field in fields || `${field}Index` in fields ? index : before;
  const found = others.find(called);
  if (found === undefined) {
    contradict(fields.name, `${field} ${JSON.stringify(called)}`, "the interfaces that there are", `set it first`);
  }
  if (index !== undefined && index !== found.index) {
    contradict(fields.name, `${field} ${JSON.stringify(called)}`, `${field}Index ${index}`, `it has ${found.index}`);
  }
  return found.index;
}
