import { assertEquals, assertThrows } from "@std/assert";
import { InvalidInputError, NoSuchInterfaceError, SystemError, UnsupportedError } from "../../../mod.ts";
import { setLinkMode, setOperState } from "../../../src/linux.ts";
import { useBackend } from "../../../platforms/current.ts";
import type { Backend, LinkChange } from "../../../platforms/contract/backend.ts";
import { LINUX_CAPABILITIES } from "../../../platforms/linux/libc/capabilities.ts";
import { linkModeSteps } from "../../../src/set_state.ts";
import { type FakeInterface, fakeStatus, FakeSystem } from "../../../src/testing.ts";

const CARD = { name: "eth0", carrier: true, operState: "up" } as const;

/** A kernel that takes of what is sent only this, and notes all of it. */
function kernel(fields: Partial<FakeInterface>, takes: (change: LinkChange) => LinkChange = (change) => change) {
  let state = fakeStatus({ ...CARD, ...fields });
  const sent: LinkChange[] = [];
  const backend = {
    capabilities: LINUX_CAPABILITIES,
    get: (name: string) => name === state.name ? state : undefined,
    setLink: (_name: string, change: LinkChange) => {
      sent.push(change);
      const { operState, linkMode } = takes(change);
      state = { ...state, operState: operState ?? state.operState, linkMode: linkMode ?? state.linkMode };
    },
  } as unknown as Backend;
  return { sent, [Symbol.dispose]: useBackend(backend)[Symbol.dispose] };
}

Deno.test("setOperState: the state is sent and read back; one that the kernel kept is an error", () => {
  using taking = kernel({ operState: "dormant" });
  for (const state of ["up", "testing", "dormant"] as const) assertEquals(setOperState("eth0", state).operState, state);
  assertEquals(taking.sent, [{ operState: "up" }, { operState: "testing" }, { operState: "dormant" }]);
  using _keeping = kernel({ operState: "down", carrier: false }, () => ({}));
  assertThrows(
    () => setOperState("eth0", "up"),
    SystemError,
    `Kernel acknowledged but kept operational state "down" of interface "eth0" where "up" was asked for`,
  );
});

Deno.test("setOperState: what programs may not set, and what is not there, is refused; nothing is sent", () => {
  using taking = kernel({});
  for (const state of ["down", "unknown", "UP", ""]) {
    assertThrows(() => setOperState("eth0", state as "up"), InvalidInputError, `"${state}" of interface "eth0"`);
  }
  assertThrows(() => setLinkMode("eth0", "up" as "default"), InvalidInputError, "give default, dormant, testing");
  assertThrows(() => setLinkMode("eth9", "dormant"), NoSuchInterfaceError, `"eth9"`);
  assertEquals(taking.sent, []);
  assertThrows(() => setOperState("eth9", "up"), NoSuchInterfaceError); // as reading it back says
});

Deno.test("setLinkMode: back to default from a state that waits is by way of up", () => {
  const steps = (mode: "default" | "dormant" | "testing", operState: "up" | "down" | "dormant" | "testing") =>
    linkModeSteps(mode, fakeStatus({ ...CARD, operState }));
  for (const waiting of ["dormant", "testing"] as const) {
    assertEquals(steps("default", waiting), [{ operState: "up" }, { linkMode: "default" }]);
    assertEquals(steps("dormant", waiting), [{ linkMode: "dormant" }]);
  }
  for (const state of ["up", "down"] as const) assertEquals(steps("default", state), [{ linkMode: "default" }]);
  using taking = kernel({ operState: "dormant", linkMode: "dormant" });
  const { operState, linkMode } = setLinkMode("eth0", "default");
  assertEquals([operState, linkMode, taking.sent.length], ["up", "default", 2]);
  using _keeping = kernel({ linkMode: "testing" }, () => ({}));
  assertThrows(() => setLinkMode("eth0", "dormant"), SystemError, `kept link mode "testing" of interface "eth0"`);
});

Deno.test("setOperState, setLinkMode: a system that has none to set says so", () => {
  using system = new FakeSystem({ platform: "netbsd" });
  system.set({ name: "wm0" });
  assertThrows(() => setOperState("wm0", "up"), UnsupportedError, "Cannot set operational state on netbsd");
  assertThrows(() => setLinkMode("wm0", "dormant"), UnsupportedError, "Cannot set link mode on netbsd");
  using _without = new FakeSystem({ setOperState: false });
  assertThrows(() => setOperState("eth0", "up"), UnsupportedError, "only Linux has one");
  const backend = { capabilities: { ...LINUX_CAPABILITIES, platform: undefined } } as unknown as Backend;
  using _unknown = useBackend(backend); // which says that it can, and does not
  assertThrows(() => setOperState("eth0", "up"), UnsupportedError, "on this system");
});

Deno.test("fake system: what Linux does not honour of a state that is set it keeps", () => {
  using system = new FakeSystem();
  system.set({ ...CARD, operState: "dormant", linkMode: "dormant" });
  assertEquals(setOperState("eth0", "up").operState, "up");
  assertEquals(setLinkMode("eth0", "default").linkMode, "default");
  for (const change of [() => system.unplug("eth0"), () => system.down("eth0")]) {
    change();
    assertThrows(() => setOperState("eth0", "up"), SystemError, `kept operational state "down"`);
    assertEquals(setLinkMode("eth0", "dormant").linkMode, "dormant");
  }
});
