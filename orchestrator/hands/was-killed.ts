import type { RanReport } from '../../ipc/hands-protocol.ts';

/** How often a check or a set-up command may be started again after it, or hands under it, were killed. */
export const killsMax = 2;

/** Ended by SIGKILL or SIGTERM, also when a shell reports that of its command; but not at its deadline. */
export function wasKilled({ exitCode, signal, timedOut }: RanReport): boolean {
  if (timedOut) return false;
  return signal === 'SIGKILL' || signal === 'SIGTERM' || exitCode === 137 || exitCode === 143;
}
