import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { readOr } from '../../supervisor/identity.ts';
import { agentVariable } from '../../supervisor/memory.ts';
import { findMembers } from '../../supervisor/process-tree.ts';
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

/** How often one agent of a run may be killed: one that crashes more often than limits.restarts is given up, and rightly. */
const agentKillsMax = 3;
/** By run and agent. */
const agentKills = new Map<string, number>();

/** Kills a process of a run and counts it. Answers false when it had ended before, or is to be spared. */
export function kill(pid: number, role: Role, killed: Killed, run: string): boolean {
  const agent = `${run} ${role === 'agent' ? agentOf(pid) : ''}`;
  const before = role === 'agent' ? (agentKills.get(agent) ?? 0) : 0;
  try {
    if (pid <= 0 || before === agentKillsMax) return false;
    process.kill(pid, 'SIGKILL');
  } catch {
    return false;
  }
  killed[role] = (killed[role] ?? 0) + 1;
  agentKills.set(agent, before + 1);
  return true;
}

/** The name of the agent that a process is. */
function agentOf(pid: number): string {
  const environment = readOr('', () => readFileSync(`/proc/${pid}/environ`, 'latin1'));
  return environment.split('\0').find((entry) => entry.startsWith(`${agentVariable}=`)) ?? '';
}

/** Members of the families that still live after the time they get. */
export async function leftRunning(families: string[]): Promise<string[]> {
  const members = () => families.flatMap((family) => findMembers(family));
  for (let waited = 0; waited < leftMsMax && members().length > 0; waited += 50) await sleep(50);
  return members().map((pid) => `${pid} ${commandOf(pid)}`);
}
