import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemCall } from '../sandbox/native.ts';
import { systemCallNumber } from '../sandbox/syscalls.ts';
import { addDescendants, listProcesses } from '../supervisor/process-tree.ts';

/** How often memory is looked at, in milliseconds. A look costs 2 to 5 ms of one core: a short run with it is not timed. */
const lookMs = 40;

export type Ran = { ms: number; code: number | null; stdout: string; stderr: string; memoryMb: number };
export type Order = {
  argv: string[];
  environment?: Record<string, string>;
  directory?: string;
  input?: string;
  /** Sample the memory of the whole tree; it takes a little of one core. */
  memory?: boolean;
};

/** A machine counts as quiet when less of it than this was busy in the last moment; a turn waits so long for one. */
const busyMost = 0.1;
const momentMs = 60;
const quietMsMax = 400;

/** Waits for a quiet machine; false when there was none in time. Goals are for an idle machine, others may use it. */
export async function quietMachine(): Promise<boolean> {
  for (let waited = 0; waited < quietMsMax; waited += momentMs) {
    const before = processorTimes();
    await sleep(momentMs);
    const after = processorTimes();
    if (after.all - before.all > 0 && 1 - (after.idle - before.idle) / (after.all - before.all) < busyMost) return true;
  }
  return false;
}

function processorTimes(): { idle: number; all: number } {
  const times = cpus().map((one) => one.times);
  const idle = times.reduce((sum, one) => sum + one.idle, 0);
  return { idle, all: times.reduce((sum, one) => sum + one.idle + one.user + one.sys + one.nice + one.irq, 0) };
}

/**
 * Processor time, in milliseconds, of all processes that this one started and that have ended, with their own. It grows
 * in steps of 10 ms, and a busy machine changes it little. NaN where /proc does not tell.
 */
export function spentByChildren(): number {
  try {
    const fields = readFileSync('/proc/self/stat', 'latin1')
      .replace(/^.*\) /s, '')
      .split(' ');
    return (Number(fields[13]) + Number(fields[14])) * 10;
  } catch {
    return Number.NaN;
  }
}

/**
 * From now on this process adopts the orphans of its children, so that `awaitOrphans` can wait for them and their
 * processor time counts (Linux).
 */
export function adoptOrphans(): void {
  if (process.platform !== 'linux') return;
  const becomeSubreaper = 36; // PR_SET_CHILD_SUBREAPER
  systemCall(systemCallNumber('prctl'), becomeSubreaper, 1);
}

/** Waits for the ends of all adopted processes, but not for processes that we started and that still run (a server). */
export async function awaitOrphans(): Promise<void> {
  if (process.platform !== 'linux') return;
  for (let left = true; left; ) {
    const orphans = listProcesses().filter(({ parent, pid }) => parent === process.pid && !started.has(pid));
    for (const { pid, state } of orphans) if (state === 'Z') systemCall(systemCallNumber('wait4'), pid, 0, 0, 0);
    left = orphans.some(({ state }) => state !== 'Z');
    if (left) await sleep(orphanLookMs);
  }
}

const orphanLookMs = 5;
/** Children that Node waits for: to wait for one of them here would take its end away from Node. */
const started = new Set<number>();

/** Tells that a child was started elsewhere, which is no orphan. */
export function isOurs(pid: number | undefined): void {
  if (pid !== undefined) started.add(pid);
}

/** Runs a program to its end and measures the wall time from before the start to the end of its output. */
export async function run({ argv, environment, directory, input, memory }: Order): Promise<Ran> {
  const [file = '', ...rest] = argv;
  const startedMs = performance.now();
  const child = spawn(file, rest, { env: environment ?? process.env, cwd: directory, stdio: 'pipe' });
  isOurs(child.pid);
  const output: Buffer[] = [];
  const errors: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
  child.stdin.on('error', () => {}); // it may end without reading
  child.stdin.end(input ?? '');
  const { promise, resolve, reject } = Promise.withResolvers<number | null>();
  child.on('error', reject);
  child.on('close', resolve);
  const peak = memory && child.pid ? peakMemory(child.pid, promise) : Promise.resolve(0);
  const code = await promise;
  const ms = performance.now() - startedMs;
  const text = (chunks: Buffer[]) => Buffer.concat(chunks).toString();
  return { ms, code, stdout: text(output), stderr: text(errors), memoryMb: await peak };
}

/** Like `run`; an exit code other than 0 is an error with the program's last words. */
export async function runWell(order: Order): Promise<Ran> {
  const ran = await run(order);
  if (ran.code === 0) return ran;
  throw new Error(`${order.argv.join(' ')} ended with ${ran.code}: ${ran.stderr}${ran.stdout.slice(-800)}`);
}

/** The greatest sum of proportional set sizes of a process and all its descendants until `end` settles, in MiB. */
async function peakMemory(pid: number, end: Promise<unknown>): Promise<number> {
  let ended = false;
  const stop = () => {
    ended = true;
  };
  end.then(stop, stop);
  let peak = 0;
  while (!ended) {
    const members = new Set([pid]);
    addDescendants(listProcesses(), members);
    peak = Math.max(
      peak,
      [...members].map(proportionalMb).reduce((sum, megabytes) => sum + megabytes, 0),
    );
    await sleep(lookMs);
  }
  return peak;
}

/** Pages shared by several processes count once, in shares. Resident size where that may not be read. */
function proportionalMb(pid: number): number {
  try {
    const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1');
    return Number(/^Pss:\s+(\d+)/m.exec(text)?.[1] ?? 0) / 1024;
  } catch {
    return residentMb(pid);
  }
}

function residentMb(pid: number): number {
  try {
    return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? 0) / 1024;
  } catch {
    return 0; // it has ended
  }
}
