import { NotPermittedError } from "../../contract/errors.ts";
import { processStatus, statusBits } from "./files.ts";

/** The bit of CAP_NET_ADMIN among the capabilities (include/uapi/linux/capability.h). */
const CAP_NET_ADMIN = 1n << 12n;

/** Whether a process has CAP_NET_ADMIN in its own user namespace, by the text of its /proc/PID/status (proc(5)). */
export function hasNetAdmin(status: string | undefined): boolean {
  return (statusBits(status, "CapEff") & CAP_NET_ADMIN) !== 0n;
}

/**
 * The error to throw for a failed change. If the kernel refused it although this process has the privilege, more
 * privilege would not help: the network namespace belongs to another user namespace, or a policy refuses it.
 */
export function explainRefusal(error: unknown, status: () => string | undefined = processStatus): unknown {
  if (!(error instanceof NotPermittedError) || error.code !== "EPERM" || !hasNetAdmin(status())) return error;
  const { operation, interfaceName: name, code } = error;
  return new NotPermittedError(
    `Cannot ${operation} of interface "${name}": EPERM although this process has CAP_NET_ADMIN: the network namespace ` +
      "belongs to another user namespace, or a security policy refuses it: change it from outside this container or sandbox",
    { operation, interfaceName: name, code, cause: error },
  );
}
