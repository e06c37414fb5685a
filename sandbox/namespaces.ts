import { readFileSync } from 'node:fs';

/** Whether this thread may make namespaces (CAP_SYS_ADMIN is effective). Asked by the host too, which loads no native code for it. */
export function mayMakeNamespaces(): boolean {
  const effective = /^CapEff:\s*([0-9a-f]+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0';
  const systemAdministration = 21n;
  return ((BigInt(`0x${effective}`) >> systemAdministration) & 1n) === 1n;
}
