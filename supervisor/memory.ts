import { readFileSync } from 'node:fs';
import { readOr, readProcessStat } from './identity.ts';
import { addDescendants, familiesByProcess, listProcesses } from './process-tree.ts';

/** A host and the token of its family. */
export type Household = { pid: number; family: string };

/** In bytes: of all processes of a household, and of each of its agents that is a process of its own, by name. */
export type Taken = { bytes: number; agents: Map<string, number> };

/** The mark of a process that is an agent, with the agent's name. */
export const agentVariable = 'VTCODE_AGENT';

/**
 * The memory of the processes of each household, by the token of its family: with each process's share of shared memory
 * (PSS) where the kernel shows it, else its resident memory (RSS). One scan of the machine for all of them; Linux only,
 * elsewhere the result is empty.
 */
export function memoryOf(households: Household[]): Map<string, Taken> {
  if (households.length === 0) return new Map();
  const processes = listProcesses();
  const families = familiesByProcess();
  return new Map(
    households.map(({ pid, family }) => {
      const members = new Set([pid]);
      for (const [member, token] of families) if (token === family) members.add(member);
      addDescendants(processes, members);
      const bytes = new Map([...members].map((member) => [member, bytesOf(member)]));
      const agents = [...bytes].flatMap(([member, taken]) => {
        const name = agentOf(member);
        return name === undefined ? [] : [[name, taken] as const];
      });
      return [family, { bytes: [...bytes.values()].reduce((sum, one) => sum + one, 0), agents: new Map(agents) }];
    }),
  );
}

function agentOf(pid: number): string | undefined {
  const environment = readOr('', () => readFileSync(`/proc/${pid}/environ`, 'utf8'));
  return new RegExp(`\\0${agentVariable}=([^\\0]+)\\0`).exec(`\0${environment}`)?.[1];
}

function bytesOf(pid: number): number {
  const rollup = readOr('', () => readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'));
  const share = /^Pss:\s+(\d+) kB/m.exec(rollup)?.[1];
  return share === undefined ? (readProcessStat(pid)?.residentBytes ?? 0) : Number(share) * 1024;
}
