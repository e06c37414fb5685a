import { closeSync, copyFileSync, mkdirSync, openSync, renameSync, statSync, truncateSync } from 'node:fs';
import { dirname } from 'node:path';
import { Fault } from '../ipc/fault.ts';
import { familyVariable } from './family.ts';
import { programPath } from './program.ts';

/** How large a file of outputs grows before it is set aside, in bytes, and how many are kept beside the newest. */
const outputBytesMax = 4 * 1024 * 1024;
const outputsKept = 4;

/** Marks of the family and the parent of whoever starts it: a detached process belongs to neither. */
const kinMarks = [familyVariable, 'VTCODE_PARENT', 'VTCODE_TOOL'];

/**
 * Starts vtcode itself with these words as a process that outlives everybody: in a session of its own, with no input, and
 * with its outputs in the file `out`. Whoever started it may die at any time and is never waited for. Resolves with its
 * pid once it runs. Throws process_failed.
 */
export async function startDetached(order: {
  words: string[];
  environment: Record<string, string>;
  out: string;
  /** Told when it ends while this process lives. */
  onExit?(): void;
}): Promise<number> {
  const { execa } = await import('execa'); // who works in the foreground never pays for it
  rotate(order.out);
  // A descriptor, not a file's name: that would be a pipe through this process, which the other one outlives. Any number
  // works; execa's types name the first few.
  const file = openSync(order.out, 'a', 0o600) as 3;
  try {
    const env = Object.fromEntries(Object.entries(order.environment).filter(([name]) => !kinMarks.includes(name)));
    const child = execa(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', programPath('cli'), ...order.words],
      {
        ...{ detached: true, cleanup: false, reject: false, buffer: false },
        ...{ stdin: 'ignore', stdout: file, stderr: file },
        ...{ env, extendEnv: false, cwd: '/' },
      },
    );
    void child.then(() => order.onExit?.());
    if (child.pid === undefined) throw new Fault('process_failed', `vtcode ${order.words[0]} could not be started.`);
    child.nodeChildProcess.unref();
    return child.pid;
  } finally {
    closeSync(file);
  }
}

/** Sets a file of outputs aside when it is full. Its writer need not know: it appends, so an emptied file goes on. */
export function rotate(out: string): void {
  mkdirSync(dirname(out), { recursive: true, mode: 0o700 });
  if ((statSync(out, { throwIfNoEntry: false })?.size ?? 0) < outputBytesMax) return;
  for (let number = outputsKept - 1; number >= 1; number -= 1)
    if (statSync(`${out}.${number}`, { throwIfNoEntry: false })) renameSync(`${out}.${number}`, `${out}.${number + 1}`);
  copyFileSync(out, `${out}.1`);
  truncateSync(out);
}
