import { readFileSync } from 'node:fs';

/**
 * A mark that no process can remove: the two limits of realtime processor time (RLIMIT_RTTIME, Linux). All children of
 * a process inherit them, even if they change environment, session or parent; the walls refuse to change them; any
 * process may read them; and they limit nothing, because they are longer than a lifetime. Hands set them before they
 * take an order: the hard limit identifies the family, the soft one the hands.
 */
export type LimitMark = { soft: bigint; hard: bigint };

/** Hard limits lie above all soft ones, as the kernel requires. In microseconds: 73,000 years. */
const hardLeast = 2n ** 61n;

/** The limits for hands: `family` and `hands` are tokens, at least 15 hexadecimal digits long. */
export function limitMark(family: string, hands: string): LimitMark {
  return { soft: numberOf(hands), hard: hardLeast + numberOf(family) };
}

/** The first 60 bits of a token. */
function numberOf(token: string): bigint {
  return BigInt(`0x${token.slice(0, 15)}`);
}

/** Whether a process carries the mark of a family or of hands with this token. */
export function hasLimitMark(pid: number, token: string): boolean {
  const { soft, hard } = limitsOf(pid) ?? {};
  const number = String(numberOf(token));
  return soft === number || hard === familyNumber(token);
}

/** The hard limit of a family's members, in the kernel's notation. */
export function familyNumber(token: string): string {
  return String(hardLeast + numberOf(token));
}

const line = /^Max realtime timeout +(\S+) +(\S+)/m;

/** The two limits of a process as the kernel writes them; undefined when it is gone, or where there is no /proc. */
export function limitsOf(pid: number): { soft: string; hard: string } | undefined {
  try {
    const [, soft, hard] = line.exec(readFileSync(`/proc/${pid}/limits`, 'latin1')) ?? [];
    return soft === undefined || hard === undefined ? undefined : { soft, hard };
  } catch {
    return undefined;
  }
}
