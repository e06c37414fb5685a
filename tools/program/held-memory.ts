import { readdirSync, readFileSync, readlinkSync, statfsSync, statSync } from 'node:fs';
import type { ProcessStat } from '../../supervisor/identity.ts';

/**
 * The memory that processes hold, in bytes, also where no address of theirs leads to it: memory files (memfd), System V
 * segments, shared memory. Pages that several processes share count once. Linux, without a control group: buffers of
 * sockets are not seen.
 */
export function heldBytes(processes: ProcessStat[]): number {
  const resident = processes.reduce((sum, { residentBytes }) => sum + residentBytes, 0);
  return resident + unmappedBytes(processes);
}

/** The same, exactly: slower, and only of use where the quick sum is too large. */
export function heldBytesExactly(processes: ProcessStat[]): number {
  const own = processes.reduce((sum, stat) => sum + (proportionalBytes(stat.pid) ?? stat.residentBytes), 0);
  return own + unmappedBytes(processes);
}

/** A process's part of its pages, without those of shared memory; undefined: it has ended, or hides them. */
function proportionalBytes(pid: number): number | undefined {
  const text = textOf(`/proc/${pid}/smaps_rollup`);
  const kibibytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? Number.NaN);
  const all = kibibytes('Pss');
  return Number.isNaN(all) ? undefined : (all - (kibibytes('Pss_Shmem') || 0)) * 1024;
}

function unmappedBytes(processes: ProcessStat[]): number {
  // With processes of our own we have segments and shared memory of our own; else commands can use none of either.
  const isApart = process.pid === 1;
  return memoryFileBytes(processes) + (isApart ? segmentBytes() + sharedMemoryBytes() : 0);
}

/** More descriptors are not looked at, so that a look stays short. */
const descriptorsMax = 8_192;

function memoryFileBytes(processes: ProcessStat[]): number {
  const files = new Map<string, number>();
  let left = descriptorsMax;
  for (const { pid } of processes)
    for (const descriptor of namesIn(`/proc/${pid}/fd`)) {
      if (left-- <= 0) return sum(files);
      const path = `/proc/${pid}/fd/${descriptor}`;
      if (!linkOf(path).startsWith('/memfd:')) continue;
      const { dev = 0, ino = 0, blocks = 0 } = statSync(path, { throwIfNoEntry: false }) ?? {};
      files.set(`${dev} ${ino}`, blocks * 512);
    }
  return sum(files);
}

function sum(sizes: Map<string, number>): number {
  return [...sizes.values()].reduce((total, size) => total + size, 0);
}

function segmentBytes(): number {
  const [head = '', ...rows] = textOf('/proc/sysvipc/shm').trim().split('\n');
  const column = head.trim().split(/\s+/).indexOf('rss');
  return rows.reduce((total, row) => total + Number(row.trim().split(/\s+/)[column] ?? 0), 0);
}

function sharedMemoryBytes(): number {
  try {
    const { bsize, blocks, bfree, type } = statfsSync('/dev/shm');
    const temporary = 0x01021994;
    return type === temporary ? (blocks - bfree) * bsize : 0;
  } catch {
    return 0;
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function namesIn(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
