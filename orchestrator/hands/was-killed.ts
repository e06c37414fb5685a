import type { RanReport } from '../../ipc/hands-protocol.ts';

/** How often a check, a set-up command, or hands under them, may be killed and begun again. */
export const killsMax = 2;

/** Ended by SIGKILL or SIGTERM, or a shell that says so of what it ran; and not because its time was over. */
export function wasKilled({ exitCode, signal, timedOut }: RanReport): boolean {
  if (timedOut) return false;
  return signal === 'SIGKILL' || signal === 'SIGTERM' || exitCode === 137 || exitCode === 143;
}
