import { closeSync, openSync } from 'node:fs';
import { Fault } from '../ipc/fault.ts';
import { familyVariable } from './process-tree.ts';
import { programPath } from './program.ts';
import { rotate } from './raw-output.ts';

/** Marks of the starter's process family and parent: a detached process belongs to neither. */
const kinMarks = [familyVariable, 'VTCODE_PARENT', 'VTCODE_TOOL'];

/**
 * Starts vtcode itself with these arguments as a process that outlives the caller: in a session of its own, without
 * input, and with its outputs in the file `out`. The caller may die at any time, and the new process never waits for
 * it. Resolves with the pid once the process runs. Throws process_failed.
 */
export async function startDetached(order: {
  words: string[];
  environment: Record<string, string>;
  out: string;
  /** Called when it ends while this process lives. */
  onExit?(): void;
}): Promise<number> {
  const { execa } = await import('execa'); // foreground work need not load it
  rotate(order.out);
  // A descriptor, not a file name: a name would make a pipe through this process, which the new one outlives. Any
  // number works; execa's types name the first few.
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
