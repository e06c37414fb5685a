import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { addDescendants, listProcesses } from '../supervisor/family.ts';

/** How often memory is looked at, in milliseconds. A look costs about 2 ms, so a run with it is not used for time. */
const lookMs = 15;

export type Ran = { ms: number; code: number | null; stdout: string; stderr: string; memoryMb: number };
export type Order = {
  argv: string[];
  environment?: Record<string, string>;
  directory?: string;
  input?: string;
  /** Sample the memory of the whole tree; it takes a little of one core. */
  memory?: boolean;
};

/** Runs a program to its end and measures the wall time from before the start to the end of its output. */
export async function run({ argv, environment, directory, input, memory }: Order): Promise<Ran> {
  const [file = '', ...rest] = argv;
  const started = performance.now();
  const child = spawn(file, rest, { env: environment ?? process.env, cwd: directory, stdio: 'pipe' });
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
  const ms = performance.now() - started;
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
  end.finally(() => {
    ended = true;
  });
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
