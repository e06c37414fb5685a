import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { findMembers, listProcesses } from '../../supervisor/process-tree.ts';

/** A process as it was seen, so that another one with its number is not taken for it. */
export type Seen = { pid: number; startTime: number };

/** Processes of a family, found by every mark there is, each with its start time. */
export function membersOf(family: string): (Seen & { parent: number })[] {
  const found = new Set(findMembers(family));
  return listProcesses((pid) => found.has(pid));
}

/** How a process was started, or '' when it is gone. */
export function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
  } catch {
    return '';
  }
}

/** Those of the processes that still run. */
export function stillRunning(seen: Seen[]): Seen[] {
  const wanted = new Set(seen.map(({ pid }) => pid));
  const running = new Map(listProcesses((pid) => wanted.has(pid)).map((stat) => [stat.pid, stat]));
  return seen.filter(({ pid, startTime }) => {
    const now = running.get(pid);
    return now !== undefined && now.startTime === startTime && now.state !== 'Z';
  });
}

/** The first pause between two looks and the longest, in milliseconds: a look may cost a process, or all of /proc. */
const pausesMs = { first: 20, longest: 150 };

/** Waits until `holds` is true, at most so long. Looks ever more seldom. Answers whether it became true. */
export async function eventually(holds: () => boolean, msMax: number): Promise<boolean> {
  let pauseMs = pausesMs.first;
  for (const started = Date.now(); Date.now() - started < msMax; await sleep(pauseMs)) {
    if (holds()) return true;
    pauseMs = Math.min(pauseMs * 1.2, pausesMs.longest);
  }
  return holds();
}
