/** An environment variable, or undefined where it is not set, empty, or --allow-env does not cover it: nobody is asked. */
export function variable(name: string): string | undefined {
  const permission = Deno.permissions.querySync({ name: "env", variable: name });
  return permission.state === "granted" ? Deno.env.get(name) || undefined : undefined;
}
