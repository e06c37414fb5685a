import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { accessSync, constants, promises, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { HandsPolicy, WallsReport } from '../ipc/hands-protocol.ts';

/** As many writes at once as could go to different threads of the pool (4 unless UV_THREADPOOL_SIZE says more). */
const poolWrites = 8;

/** Folders that may be private behind the walls: a write there proves nothing. */
const perhapsPrivate = ['/tmp', '/var/tmp', '/dev/shm'];

/**
 * A folder that this process could write to before it was restricted and must not write to afterwards.
 * Call it before `restrictProcess`. A refusal there is then the walls' doing, not that of file permissions.
 */
export function chooseOutside(policy: HandsPolicy, candidates: string[]): string {
  const allowed = [policy.workspace, policy.home, policy.temporary, policy.outputs, ...policy.writable];
  const isWithin = (folder: string, paths: string[]) => paths.some((path) => `${folder}/`.startsWith(`${path}/`));
  const places = [dirname(policy.workspace), ...candidates, '/var/lib', '/usr'];
  const outside = places.filter((path) => !isWithin(path, [...allowed, ...perhapsPrivate]));
  return outside.find(isWritable) ?? outside[0] ?? '/';
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** Tries to write outside in the four ways that could get past the walls, all at once. Leaves nothing behind. */
export async function proveWalls(outside: string): Promise<WallsReport['proof']> {
  const unique = randomUUID(); // all hands may be process 1
  const file = (name: string) => join(outside, `.vtcode-walls-${unique}-${name}`);
  const syncWriteRefused = refusedSync(file('sync'));
  const [asyncWriteRefused, workerWriteRefused, childWriteRefused] = await Promise.all([
    refusedAsync(Array.from({ length: poolWrites }, (_, index) => file(`async-${index}`))),
    refusedInWorker(file('worker')),
    refusedInChild(file('child')),
  ]);
  return { syncWriteRefused, asyncWriteRefused, workerWriteRefused, childWriteRefused };
}

function refusedSync(path: string): boolean {
  try {
    writeFileSync(path, '', { flag: 'wx' });
  } catch {
    return true;
  }
  rmSync(path, { force: true });
  return false;
}

async function refusedAsync(paths: string[]): Promise<boolean> {
  const tried = await Promise.allSettled(paths.map((path) => promises.writeFile(path, '', { flag: 'wx' })));
  for (const [index, path] of paths.entries()) if (tried[index]?.status === 'fulfilled') rmSync(path, { force: true });
  return tried.every((attempt) => attempt.status === 'rejected');
}

function refusedInWorker(path: string): Promise<boolean> {
  const source = `const { parentPort, workerData } = require('node:worker_threads');
    try { require('node:fs').writeFileSync(workerData, '', { flag: 'wx' }); parentPort.postMessage('written'); }
    catch { parentPort.postMessage('refused'); }`;
  return new Promise((resolve) => {
    const worker = new Worker(source, { eval: true, workerData: path, execArgv: [], env: {} });
    worker.once('message', (result) => {
      if (result === 'written') rmSync(path, { force: true });
      resolve(result === 'refused');
      void worker.terminate();
    });
    worker.once('error', () => resolve(false));
    worker.once('exit', () => resolve(false));
  });
}

/** How often a child is started again that was killed before it answered, for example for lack of memory. */
const killsMax = 2;

function refusedInChild(path: string, left = killsMax): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn('/bin/sh', ['-c', '(: > "$1") 2>/dev/null && echo written || echo refused', 'sh', path], {
      stdio: ['ignore', 'pipe', 'ignore'],
      env: {},
      cwd: '/',
    });
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    child.once('error', () => resolve(false));
    child.once('close', (_code, signal) => {
      if (said.trim() === 'written') rmSync(path, { force: true });
      if (said === '' && signal === 'SIGKILL' && left > 0) resolve(refusedInChild(path, left - 1));
      else resolve(said.trim() === 'refused');
    });
  });
}
