import { setTimeout as sleep } from 'node:timers/promises';
import { hasNoChildren, reapOrphan } from '../../sandbox/privileges.ts';
import { killGroup } from '../../supervisor/child.ts';
import { type ProcessStat, readProcessStat } from '../../supervisor/identity.ts';
import { addDescendants, hasMark, listProcesses } from '../../supervisor/process-tree.ts';

import { heldBytes, heldBytesExactly } from './held-memory.ts';

/** The mark that every process of one `run` order carries in its environment. */
export const orderVariable = 'VTCODE_ORDER';

/** How often a command's processes are counted, in milliseconds: a short command is never looked at. */
const lookMs = 500;
/** Number of final looks for left processes: a process may fork while we look. */
const looksMax = 50;
const lookAgainMs = 10;

export type Limits = { memoryBytesMax: number; processesMax: number };
type Known = Map<number, number>;

/** Leaders of the orders that are under way in these hands. */
const leaders = new Set<number>();

/**
 * Watches the processes of an order and calls `onExcess` once, with a reason, when they use too much. `stop` ends the
 * watch and answers all processes that were seen (pid → start time), also those that have left the group meanwhile.
 */
export function watchOrder(
  leader: number | undefined,
  order: string,
  limits: Limits,
  onExcess: (reason: string) => void,
): { stop(): Known } {
  const known: Known = new Map();
  const began = leader === undefined ? undefined : readProcessStat(leader)?.startTime;
  if (leader !== undefined && began !== undefined) known.set(leader, began);
  if (leader !== undefined) leaders.add(leader);
  const timer = setInterval(() => {
    const alive = membersOf(order, known, listProcesses());
    const isMuch = heldBytes(alive) > limits.memoryBytesMax;
    const reason = excess(alive.length, isMuch ? heldBytesExactly(alive) : 0, limits);
    if (!reason) return;
    clearInterval(timer);
    onExcess(reason);
  }, lookMs);
  return {
    stop() {
      clearInterval(timer);
      return known;
    },
  };
}

function excess(processes: number, bytes: number, limits: Limits): string | undefined {
  const mebibyte = 1024 * 1024;
  const inMebibytes = (value: number) => `${Math.round(value / mebibyte)} MiB`;
  if (bytes > limits.memoryBytesMax)
    return `killed: it used ${inMebibytes(bytes)} of memory, the limit is ${inMebibytes(limits.memoryBytesMax)}`;
  if (processes > limits.processesMax)
    return `killed: it ran ${processes} processes, the limit is ${limits.processesMax}`;
  return undefined;
}

/**
 * Ends everything an order left running: its group, its marked processes, those seen as its descendants, and strays.
 * Call it once the leader has ended.
 */
export async function endOrder(leader: number | undefined, order: string, known: Known): Promise<void> {
  if (leader !== undefined) killGroup(leader, 'SIGKILL');
  if (leader !== undefined) leaders.delete(leader);
  if (process.platform !== 'linux') return;
  for (let look = 0; look < looksMax; look++) {
    if (hasNoChildren()) return;
    const processes = listProcesses();
    const alive = [...membersOf(order, known, processes), ...strays(processes)];
    if (alive.length === 0) return;
    for (const stat of alive) killProcess(stat.pid);
    await sleep(lookAgainMs);
  }
}

/**
 * Strays: orphans that we adopted and that belong to no known order, for they left their session and wiped their
 * environment. While another order runs they might be its processes, so they wait for its end. Processes of our tools
 * stay in our session and are never taken for strays. Strays that have ended are reaped on the way.
 */
function strays(processes: ProcessStat[]): ProcessStat[] {
  const session = readProcessStat(process.pid)?.session;
  const orphans = processes.filter(
    (stat) => stat.parent === process.pid && stat.session !== session && !leaders.has(stat.session),
  );
  for (const stat of orphans) if (stat.state === 'Z') reapOrphan(stat.pid);
  return leaders.size > 0 ? [] : orphans.filter((stat) => stat.state !== 'Z');
}

/** The living processes of an order; adds them to `known`. A process number that was given away again does not count. */
function membersOf(order: string, known: Known, found: ProcessStat[]): ProcessStat[] {
  const first = Math.min(...known.values());
  const processes = found.filter((stat) => stat.state !== 'Z' && stat.startTime >= first);
  const groups = new Set(known.keys());
  const members = new Set<number>();
  for (const stat of processes) {
    if (stat.pid === process.pid) continue;
    const isKnown = known.get(stat.pid) === stat.startTime;
    if (isKnown || groups.has(stat.group) || hasMark(stat.pid, orderVariable, order)) members.add(stat.pid);
  }
  addDescendants(processes, members);
  const alive = processes.filter((stat) => members.has(stat.pid));
  for (const stat of alive) known.set(stat.pid, stat.startTime);
  return alive;
}

function killProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // The process ended by itself.
  }
}
