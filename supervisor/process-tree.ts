import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ProcessStat, readOr, readProcessStat } from './identity.ts';
import { familyNumber, hasLimitMark, limitsOf } from './limit-mark.ts';

/**
 * A family: all processes of one host's life. A member is known by any of three marks:
 * - `VTCODE_FAMILY=<token>` in the environment it was started with;
 * - limits that everything behind the walls inherits and nothing there can change (supervisor/limit-mark.ts, Linux);
 * - being a watched process, or a descendant of any member.
 */
export const familyVariable = 'VTCODE_FAMILY';
/** The second mark, of everything that one pair of hands started, so that it can be found when the hands die. */
export const handsVariable = 'VTCODE_HANDS';

/** Pause between two scans, in milliseconds, while members are still dying. */
const lookAgainMs = 5;
/** Scans in a row that must find no member: a process may have been forking during a scan. */
const emptyLooks = 2;
/** How often one scan checks for processes that started after its beginning. */
const newcomerLooks = 5;
/** After this many milliseconds without success the sweep gives up: the rest cannot be killed (stuck in the kernel). */
const sweepMsMax = 10_000;

/** A process to watch. */
export type Watched = { pid: number; startTime: number };

/**
 * Ends every member of the family with SIGKILL, again and again until none is found. The calling process and its
 * ancestors are spared. Returns how many processes were ended. Used for a clean stop and before taking a run over.
 * `variable` names another mark, for a part of a family. Except on Linux, only watched process groups are ended.
 */
export async function sweepFamily(
  token: string,
  watched: Watched[] = [],
  variable: string = familyVariable,
): Promise<number> {
  if (process.platform !== 'linux') return killGroups(watched);
  const ended = new Set<number>();
  const started = performance.now();
  for (let empty = 0; empty < emptyLooks && performance.now() - started < sweepMsMax; ) {
    const end = (pid: number) => {
      if (killQuietly(pid)) ended.add(pid);
    };
    const members = findMembers(token, watched, variable, end);
    empty = members.length === 0 ? empty + 1 : 0;
    for (const pid of members) end(pid);
    if (empty < emptyLooks) await sleep(lookAgainMs);
  }
  return ended.size;
}

/**
 * Pids of all living members. `found` gets each as soon as its marks are seen: a forking process is gone a moment
 * later.
 */
export function findMembers(
  token: string,
  watched: Watched[] = [],
  variable: string = familyVariable,
  found: (pid: number) => void = () => {},
): number[] {
  const processes: ProcessStat[] = [];
  const members = new Set<number>();
  let spared: Set<number> | undefined;
  const isWatched = (stat: ProcessStat) =>
    watched.some(({ pid, startTime }) => pid === stat.pid && startTime === stat.startTime);
  const isMember = (stat: ProcessStat) =>
    isWatched(stat) || hasMark(stat.pid, variable, token) || hasLimitMark(stat.pid, token);
  const seen = new Set<number>();
  // A process that ends during the scan may have started another one after the list was made.
  for (let looks = 0; looks < newcomerLooks; looks += 1) {
    const newcomers = listProcesses((pid) => !seen.has(pid));
    if (newcomers.length === 0) break;
    for (const { pid } of newcomers) seen.add(pid);
    const living = newcomers.filter(({ state }) => state !== 'Z' && state !== 'X');
    processes.push(...living);
    spared ??= ancestors(living);
    for (const stat of living) {
      if (!isMember(stat)) continue;
      // A spared process still counts as a member here: its descendants are members.
      members.add(stat.pid);
      if (!spared.has(stat.pid)) found(stat.pid);
    }
  }
  addDescendants(processes, members);
  return [...members].filter((pid) => !spared?.has(pid));
}

/** Whether a process was started with `name=value` in its environment. False when that is unreadable. */
export function hasMark(pid: number, name: string, value: string): boolean {
  try {
    return `\0${readFileSync(`/proc/${pid}/environ`, 'latin1')}`.includes(`\0${name}=${value}\0`);
  } catch {
    return false;
  }
}

/** The families that have a member on this machine, each by its number (supervisor/limit-mark.ts). */
export function livingFamilies(): Set<string> {
  const byEnvironment = [...familiesByProcess().values()].map(familyNumber);
  // A zombie keeps its limits, and no environment.
  const living = listProcesses().filter(({ state }) => state !== 'Z');
  return new Set([...byEnvironment, ...living.flatMap(({ pid }) => limitsOf(pid)?.hard ?? [])]);
}

/** The family in which each process was started, by pid, if it can be read. */
export function familiesByProcess(): Map<number, string> {
  const found = new Map<number, string>();
  const mark = new RegExp(`\\0${familyVariable}=([0-9a-f]+)\\0`);
  for (const { pid } of listProcesses()) {
    const token = mark.exec(`\0${readOr('', () => readFileSync(`/proc/${pid}/environ`, 'latin1'))}`)?.[1];
    if (token) found.set(pid, token);
  }
  return found;
}

/** Every process of this machine in /proc, or only the wanted ones. Empty where there is no /proc. */
export function listProcesses(isWanted: (pid: number) => boolean = () => true): ProcessStat[] {
  let names: string[];
  try {
    names = readdirSync('/proc');
  } catch {
    return [];
  }
  const isNumber = /^\d+$/;
  const pids = names.filter((name) => isNumber.test(name)).map(Number);
  return pids.filter(isWanted).flatMap((pid) => readProcessStat(pid) ?? []);
}

/** Adds all children, grandchildren and so on of the members to the set. */
export function addDescendants(processes: ProcessStat[], members: Set<number>): void {
  for (let before = -1; before !== members.size; ) {
    before = members.size;
    for (const stat of processes) if (members.has(stat.parent)) members.add(stat.pid);
  }
}

function ancestors(processes: ProcessStat[]): Set<number> {
  const parents = new Map(processes.map((stat) => [stat.pid, stat.parent]));
  const found = new Set<number>();
  for (let pid = process.pid; pid > 0 && !found.has(pid); pid = parents.get(pid) ?? 0) found.add(pid);
  return found.add(1);
}

/** A watched process leads its group; macOS does not show whether a process number was used again. */
function killGroups(watched: Watched[]): number {
  return watched.filter(({ pid }) => killQuietly(-pid)).length;
}

function killQuietly(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL');
  } catch {
    return false;
  }
}
