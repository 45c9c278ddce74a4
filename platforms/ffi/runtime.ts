/**
 * What netflags asks of its runtime beside foreign functions: which system it runs on, and its environment. Nothing here
 * is read while a module is loaded, so that decoders and the fake system work in any runtime.
 */

/** Deno's own object; undefined in another runtime. */
export function denoOrNone(): typeof Deno | undefined {
  return (globalThis as { readonly Deno?: typeof Deno }).Deno;
}

/** The system's name as the runtime has it; undefined where it has none. */
export function hostOs(): string | undefined {
  const deno = denoOrNone();
  if (deno !== undefined) return deno.build.os;
  // In Deno, the mere mention of this one loads all that stands behind it, which takes 10 ms.
  return (globalThis as { readonly process?: { readonly platform?: string } }).process?.platform;
}

/** The processor's name as the runtime has it: musl's are the same. */
export function hostArch(): string | undefined {
  return denoOrNone()?.build.arch;
}

/** Whether this thread is a Worker's, the web's or Node's, which ends before the process does. */
export function inWorker(): boolean {
  return "DedicatedWorkerGlobalScope" in globalThis;
}

/** An environment variable, or undefined where it is not set, empty, or --allow-env does not cover it: nobody is asked. */
export function variable(name: string): string | undefined {
  const deno = denoOrNone();
  const granted = deno?.permissions.querySync({ name: "env", variable: name }).state === "granted";
  return granted ? deno?.env.get(name) || undefined : undefined;
}
