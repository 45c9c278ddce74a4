import { assertEquals, assertThrows } from "@std/assert";
import { get, InvalidInputError, type LinkMode, setFlags, SystemError } from "../../../mod.ts";
import { setLinkMode, setOperState, type SettableOperState } from "../../../src/linux.ts";
import { eventually } from "./system.ts";

/** The whole table of what Linux honours, on one interface that is up and has a carrier. */
export async function checkTransitions(name: string): Promise<void> {
  const state = () => [get(name)?.operState, get(name)?.running, get(name)?.linkMode];
  const start = get(name)!.operState;
  // The mode alone: the state is not worked out anew.
  assertEquals(setLinkMode(name, "dormant").linkMode, "dormant");
  assertEquals(get(name)?.operState, start);
  setOperState(name, "dormant");
  assertEquals(state(), ["dormant", false, "dormant"]);
  assertEquals([get(name)?.lowerUp, get(name)?.dormant], [true, false]); // IFF_DORMANT is the driver's, not the state's
  setOperState(name, "up");
  assertEquals(state(), ["up", true, "dormant"]);
  setOperState(name, "testing");
  assertEquals(get(name)?.running, false);
  // Back to the default mode: out of the state first, in which the kernel would leave it.
  setLinkMode(name, "default");
  assertEquals(state(), ["up", true, "default"]);
  setOperState(name, "dormant");
  setLinkMode(name, "default");
  assertEquals(state(), ["up", true, "default"]);
  assertThrows(() => setOperState(name, "down" as SettableOperState), InvalidInputError, `"down"`);
  assertThrows(() => setLinkMode(name, "9" as LinkMode), InvalidInputError, `"9"`);
  assertEquals(state(), ["up", true, "default"]);
  setFlags(name, { up: false });
  await eventually(() => assertEquals(get(name)?.operState, "down"));
  const kept = assertThrows(() => setOperState(name, "up"), SystemError, "Kernel acknowledged but kept");
  assertEquals(kept.message.includes(`operational state "down" of interface "${name}"`), true);
}
