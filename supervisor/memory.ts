import { readFileSync } from 'node:fs';
import { addDescendants, familiesByProcess, listProcesses } from './family.ts';
import { readOr, readProcessStat } from './identity.ts';

/** A host and the token of its family. */
export type Household = { pid: number; family: string };

/**
 * What the processes of each household take, in bytes, by the token of its family: each its share of what is shared (PSS)
 * where the kernel tells, else what it holds in memory (RSS). One look at the machine for all of them; Linux only,
 * elsewhere nothing is known.
 */
export function memoryOf(households: Household[]): Map<string, number> {
  if (households.length === 0) return new Map();
  const processes = listProcesses();
  const families = familiesByProcess();
  return new Map(
    households.map(({ pid, family }) => {
      const members = new Set([pid]);
      for (const [member, token] of families) if (token === family) members.add(member);
      addDescendants(processes, members);
      return [family, [...members].reduce((sum, member) => sum + bytesOf(member), 0)];
    }),
  );
}

function bytesOf(pid: number): number {
  const rollup = readOr('', () => readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'));
  const share = /^Pss:\s+(\d+) kB/m.exec(rollup)?.[1];
  return share === undefined ? (readProcessStat(pid)?.residentBytes ?? 0) : Number(share) * 1024;
}
