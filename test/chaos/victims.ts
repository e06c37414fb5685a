import { setTimeout as sleep } from 'node:timers/promises';
import { findMembers } from '../../supervisor/family.ts';
import { commandOf } from '../support/processes.ts';

/** Who is killed. `child`: what hands have started: a check, a language server, ripgrep. */
export type Role = 'cli' | 'supervise' | 'host' | 'agent' | 'hands' | 'child';
export type Killed = Partial<Record<Role, number>>;

/** A process that carries the run's mark may live this long after its host was killed, in milliseconds. */
export const leftMsMax = 5_000;

/** Of how a victim was started, so many last characters tell what it was. */
export const commandShown = 120;

/** The processes of these families that are neither hosts nor reapers, by what they are. */
export function membersByRole(families: string[], host: number): Map<Role, number[]> {
  const found = new Map<Role, number[]>();
  for (const pid of families.flatMap((family) => findMembers(family))) {
    const command = commandOf(pid);
    if (pid === host || command === '' || /reap\.(js|ts)/.test(command)) continue;
    const isAgent = /agents(\/main)?\.(js|ts) process$/.test(command);
    const role = isAgent ? 'agent' : /(hands\.js|tools\/main\.ts)$/.test(command) ? 'hands' : 'child';
    found.set(role, [...(found.get(role) ?? []), pid]);
  }
  return found;
}

/** Kills a process and counts it. Answers false when it had ended before. */
export function kill(pid: number, role: Role, killed: Killed): boolean {
  try {
    if (pid <= 0) return false;
    process.kill(pid, 'SIGKILL');
  } catch {
    return false;
  }
  killed[role] = (killed[role] ?? 0) + 1;
  return true;
}

/** Members of the families that still live after the time they get. */
export async function leftRunning(families: string[]): Promise<string[]> {
  const members = () => families.flatMap((family) => findMembers(family));
  for (let waited = 0; waited < leftMsMax && members().length > 0; waited += 50) await sleep(50);
  return members().map((pid) => `${pid} ${commandOf(pid)}`);
}
